"""What strangers may do is counted for all processes together, forgotten in time, and bounded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madoguchi.domain.ledger.tests.side_by_side import side_by_side
from madoguchi.domain.people import actions
from madoguchi.domain.people.actions import LONGEST_SPAN, use_allowance
from madoguchi.domain.people.allowances import counted_as
from madoguchi.domain.people.models import Allowance
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]
NOW = now()
MINUTE = timedelta(minutes=1)


def may(address: str = "192.0.2.7", *, after_s: float = 0, what: str = "visitor_call") -> bool:
    at = NOW + timedelta(seconds=after_s)
    return use_allowance(what, address, at_most=3, within=MINUTE, at=at)


def test_so_often_and_no_more_until_the_span_is_over() -> None:
    assert [may(after_s=second) for second in range(5)] == [True, True, True, False, False]
    assert not may(after_s=59)
    assert may(after_s=60)
    assert Allowance.objects.get().used == 1


def test_each_address_and_each_deed_has_its_own_count() -> None:
    assert [may() for _ in range(4)][-1] is False
    assert may("192.0.2.8")
    assert may(what="other")


def test_the_other_addresses_of_a_household_are_the_same_caller() -> None:
    for last in range(3):
        assert may(f"2001:db8::{last + 1}")
    assert not may("2001:db8::ffff")
    assert may("2001:db8:0:1::1")


@pytest.mark.parametrize("text", ["", "gate", "1.2.3.4.5", "x" * 500])
def test_what_is_no_address_is_counted_together(text: str) -> None:
    assert counted_as(text) == "unknown"


def test_old_counts_are_forgotten_on_the_way() -> None:
    for last in range(9):
        may(f"192.0.2.{last}")
    may("198.51.100.1", after_s=LONGEST_SPAN.total_seconds())
    assert [one.who for one in Allowance.objects.all()] == ["198.51.100.1"]


def test_the_table_is_bounded_and_who_is_known_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_COUNTED", 4)
    assert [may(f"192.0.2.{last}") for last in range(6)] == [True, True, True, True, False, False]
    assert may("192.0.2.1")
    assert Allowance.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_several_processes_together_let_no_more_through() -> None:
    let_in = side_by_side(*[lambda: [may(), may()]] * 8)
    assert sum(map(sum, let_in)) == 3

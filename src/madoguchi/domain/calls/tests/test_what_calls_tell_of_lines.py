"""Calls prove a line, or speak against it when several met only silence."""

from datetime import timedelta

import pytest

from madoguchi.domain.calls.models import Call, Leg
from madoguchi.domain.calls.queries.lines import SILENCE, tried
from madoguchi.domain.contacts.actions import open_contact
from madoguchi.domain.contacts.models import Contact
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def a_call(minutes_ago: float, *, out: bool, **leg: object) -> None:
    at, call_id = now() - timedelta(minutes=minutes_ago), new_id()
    channel = Contact.Channel.CALL_OUT if out else Contact.Channel.CALL_IN
    call = Call.objects.create(
        id=call_id,
        direction="outbound" if out else "inbound",
        node="node-t",
        trunk_endpoint="line-1",
        phase="arrived",
        phase_since=at,
        arrived_at=at,
        contact=open_contact(client_id=None, channel=channel, at=at, call_id=call_id),
    )
    address = "trunk:line-1" if out else ""
    Leg.objects.create(id=f"x-{new_id()}", call=call, role="customer", address=address, began_at=at, **leg)


def in_vain(minutes_ago: float) -> None:
    gone_at = now() - timedelta(minutes=minutes_ago) + timedelta(seconds=32)
    a_call(minutes_ago, out=True, gone_at=gone_at, cause=SILENCE)


def test_no_call_tells_nothing() -> None:
    told = tried("line-1", now() - timedelta(days=1))
    assert (told.heard_at, told.in_vain_since) == (None, None)


def test_a_call_that_came_in_proves_the_line_and_only_that_one() -> None:
    a_call(5, out=False)
    assert tried("line-1", now() - timedelta(days=1)).heard_at is not None
    assert tried("line-2", now() - timedelta(days=1)).heard_at is None
    assert tried("line-1", now() - timedelta(minutes=1)).heard_at is None


def test_one_call_in_vain_is_chance_and_two_are_not() -> None:
    a_call(9, out=True, rang_at=now())
    in_vain(5)
    assert tried("line-1", now() - timedelta(days=1)).in_vain_since is None
    in_vain(3)
    told = tried("line-1", now() - timedelta(days=1))
    assert told.in_vain_since is not None and told.heard_at is not None
    assert told.heard_at < told.in_vain_since < now() - timedelta(minutes=4)


def test_a_call_that_rings_afterwards_forgives_them() -> None:
    in_vain(5)
    in_vain(3)
    a_call(1, out=True, rang_at=now())
    assert tried("line-1", now() - timedelta(days=1)).in_vain_since is None


def test_a_number_that_is_busy_or_wrong_is_not_the_lines_fault() -> None:
    for cause in (17, 1, 1):
        a_call(2, out=True, gone_at=now(), cause=cause)
    for _ in range(3):
        # A telephone that is switched off: the provider says so, and soon.
        soon = now() - timedelta(minutes=2) + timedelta(seconds=20)
        a_call(2, out=True, gone_at=soon, cause=SILENCE)
    assert tried("line-1", now() - timedelta(days=1)).in_vain_since is None

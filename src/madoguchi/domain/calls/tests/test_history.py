"""The list of calls: what each filter keeps, page after page, and who sees what."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.csv_out import rows_of
from madoguchi.domain.calls.queries.history import Access, CallFilter, calls_of, page_of
from madoguchi.domain.calls.states import Outcome
from madoguchi.domain.calls.tests.a_day import Centre, seconds
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.contacts.models import Contact
from madoguchi.kit.clock import LATEST
from madoguchi.kit.spreadsheets import safe_cell

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ALL = Access(everything=True)


@pytest.fixture
def centre() -> Centre:
    return Centre(NOON)


@pytest.fixture
def answered(centre: Centre) -> Call:
    return centre.answered(NOON - seconds(4000), centre.customers[0], centre.agents[0])


@pytest.fixture
def left(centre: Centre) -> Call:
    return centre.left(NOON - seconds(3000), centre.customers[1])


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ({}, "both"),
        ({"outcomes": "answered"}, "answered"),
        ({"outcomes": "queue_abandon,short_abandon"}, "left"),
        ({"number": "090-1234-5678"}, "answered"),
        ({"number": "0901234"}, "answered"),
        ({"number": "5678"}, "both"),
        ({"number": "９８７６"}, "none"),
        ({"recording": "yes"}, "answered"),
        ({"recording": "no"}, "left"),
        ({"recording": "missing"}, "none"),
        ({"promise": "made"}, "left"),
        ({"promise": "owed"}, "left"),
        ({"promise": "broken"}, "none"),
        ({"since": "2026-11-20", "until": "2026-11-20"}, "both"),
        ({"until": "2026-11-19"}, "none"),
        ({"queued": "1", "within_s": "10"}, "answered"),
        ({"direction": "outbound"}, "none"),
        # What cannot be read asks for nothing: an old link still leads somewhere.
        (
            {"since": "yesterday", "queue_id": "x", "outcomes": "gone", "number": "\0", "within_s": "-1"},
            "both",
        ),
    ],
)
def test_each_filter_keeps_its_calls(answered: Call, left: Call, words: dict[str, str], kept: str) -> None:
    cases.promise_for_lost_call(
        left.pk, client_id=None, contact_id=None, customer_id=None, number="+81312345678", at=NOON
    )
    wanted = {"both": [left, answered], "answered": [answered], "left": [left], "none": []}[kept]
    assert page_of(CallFilter.from_words(words), ALL).calls == wanted


def test_calls_are_found_by_queue_client_operator_and_customer(
    centre: Centre, answered: Call, left: Call
) -> None:
    assert set(calls_of(CallFilter(queue_id=centre.repair.pk))) == {answered, left}
    assert not calls_of(CallFilter(queue_id=centre.orders.pk)).exists()
    assert set(calls_of(CallFilter(client_id=centre.client.pk))) == {answered, left}
    assert list(calls_of(CallFilter(agent_id=centre.agents[0].pk))) == [answered]
    assert list(calls_of(CallFilter(customer_id=centre.customers[1].pk))) == [left]


def test_an_operator_sees_the_calls_they_spoke_in_and_no_others(
    centre: Centre, answered: Call, left: Call
) -> None:
    visit = centre.waiting(100)
    centre.ring(visit, centre.agents[1], NOON - seconds(50), NOON - seconds(30), "missed")
    assert page_of(CallFilter(), Access(centre.agents[0].pk)).calls == [answered]
    assert page_of(CallFilter(), Access(centre.agents[1].pk)).calls == []
    assert page_of(CallFilter(), Access(None)).calls == []


def test_pages_hold_every_call_once_also_of_one_instant(centre: Centre) -> None:
    made = [centre.out_of_hours(NOON - seconds(100 * (place // 3))) for place in range(10)]
    seen: list[Call] = []
    after = ""
    for _turn in range(5):
        page = page_of(CallFilter(), ALL, after=after, size=3)
        seen += page.calls
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == len(made)
    assert [call.arrived_at for call in seen] == sorted((call.arrived_at for call in made), reverse=True)
    assert page_of(CallFilter(), ALL, after="nonsense", size=3).calls == seen[:3]


def test_a_file_holds_the_calls_of_the_filter_and_no_formula(answered: Call, left: Call) -> None:
    Contact.objects.filter(pk=answered.contact_id).update(summary="=HYPERLINK(1)")
    heading, first, second = rows_of(CallFilter(), ALL)
    assert len(heading) == len(first) == len(second)
    assert first[0] == "2026-11-20"
    assert "'=HYPERLINK(1)" in first
    assert first[8:10] == ["8", "180"]
    assert second[-1] == str(left.pk)
    assert len(list(rows_of(CallFilter(outcomes=("answered",)), Access(None)))) == 1


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@given(
    since=st.none() | st.dates(min_value=date(2000, 1, 1), max_value=LATEST),
    outcomes=st.lists(st.sampled_from(Outcome.values), unique=True).map(tuple),
    queue_id=st.none() | st.integers(1, 10**12),
    within_s=st.none() | st.integers(0, 9999),
    ended=st.booleans(),
    promise=st.sampled_from(["", "made", "owed", "broken"]),
)
def test_a_filter_survives_its_address(**fields: Any) -> None:
    wanted = CallFilter(**fields)
    assert CallFilter.from_words(wanted.in_words()) == wanted

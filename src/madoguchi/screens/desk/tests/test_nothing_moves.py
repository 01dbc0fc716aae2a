"""From ring to writing the story keeps its places; what ends by the clock ends by itself."""

from __future__ import annotations

import pytest
from django.utils import translation

from madoguchi.domain.calls.models import Call
from madoguchi.screens.desk import sections
from madoguchi.screens.desk.tests import rows
from madoguchi.screens.desk.tests.rows import Day

pytestmark = [pytest.mark.action, pytest.mark.django_db]

IDENTITY = 'data-do-form="check_identity"'
RESTS = '<fieldset class="row" disabled>'


@pytest.fixture
def cast() -> Day:
    return rows.day()


def story(cast: Day) -> str:
    return str(sections.story(cast.sato.pk)["html"])


def test_greeting_and_identity_have_their_place_from_the_ring_to_the_end_of_the_writing(cast: Day) -> None:
    made = rows.call(cast, customer=cast.hanako)
    rows.ring(cast, made, cast.sato)
    ringing = story(cast)
    rows.answer(cast, made, cast.sato)
    talking = story(cast)
    rows.end(made, cast.sato)
    writing = story(cast)
    for drawn in (ringing, talking, writing):
        assert "desk-greeting" in drawn and IDENTITY in drawn
    assert [RESTS in drawn for drawn in (ringing, talking, writing)] == [True, False, True]


def test_a_call_shows_its_whole_length_and_a_hold_its_own(cast: Day) -> None:
    made = rows.call(cast, customer=cast.hanako)
    rows.ring(cast, made, cast.sato)
    rows.answer(cast, made, cast.sato)
    held = Call.objects.get(pk=made.pk)
    assert held.answered_at is not None
    # Back from a hold: the phase is young, the call is not.
    Call.objects.filter(pk=made.pk).update(phase_since=held.answered_at.replace(year=2030))
    talking = sections.call(cast.sato.pk)["html"]
    assert f'at="{held.answered_at.isoformat()}"' in talking and 'at="2030' not in talking
    Call.objects.filter(pk=made.pk).update(phase="holding")
    with translation.override("ja"):
        holding = sections.call(cast.sato.pk)["html"]
    assert 'soon-after="60" hurt-after="180"' in holding and 'at="2030' in holding
    assert f'at="{held.answered_at.isoformat()}"' in holding.partition("desk-whole")[2]


def test_the_head_of_the_writing_says_what_is_unread_without_a_line_of_its_own(cast: Day) -> None:
    made = rows.call(cast, customer=cast.hanako)
    rows.ring(cast, made, cast.sato)
    rows.answer(cast, made, cast.sato)
    talking = sections.wrap_up(cast.sato.pk)["head"]
    rows.end(made, cast.sato)
    with translation.override("ja"):
        writing = sections.wrap_up(cast.sato.pk)["head"]
    assert "desk-wrap-do" in talking and "data-finishes" not in talking
    assert "data-finishes" in writing and "重要事項 未確認1件" in writing

"""The story tells of a call that nobody answered how it ended, and after which wait."""

from datetime import timedelta

import pytest
from django.utils import translation

from madoguchi.domain.calls.models import Call
from madoguchi.kit.clock import now
from madoguchi.screens.desk import sections
from madoguchi.screens.desk.tests import rows
from madoguchi.screens.desk.tests.rows import Day

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def cast() -> Day:
    made = rows.day()
    missed(made, "queue_abandon")
    return made


def missed(cast: Day, outcome: str) -> Call:
    """A call of the customer's that ended after 44 s in the queue."""
    call = rows.call(cast, customer=cast.hanako)
    call.visits.update(left_at=call.visits.get().enqueued_at + timedelta(seconds=44), left="abandoned")
    Call.objects.filter(pk=call.pk).update(phase="ended", ended_at=now(), outcome=outcome)
    return call


def story_on(cast: Day) -> str:
    call = rows.call(cast, customer=cast.hanako)
    rows.ring(cast, call, cast.sato)
    with translation.override("ja"):
        return str(sections.story(cast.sato.pk)["html"])


def test_a_call_given_up_in_the_queue_is_told_with_its_wait(cast: Day) -> None:
    told = story_on(cast)
    assert "待ち放棄" in told
    assert "0:44" in told
    assert "記録がありません。" not in told


def test_a_call_that_never_came_to_a_queue_has_no_wait(cast: Day) -> None:
    Call.objects.update(outcome="out_of_hours")
    for call in Call.objects.all():
        call.visits.all().delete()
    told = story_on(cast)
    assert "時間外" in told
    assert "待ち時間" not in told


def test_an_answered_call_without_a_word_is_still_told_as_such(cast: Day) -> None:
    Call.objects.update(outcome="answered", answered_at=now(), agent=cast.sato)
    told = story_on(cast)
    assert "記録がありません。" in told
    assert "待ち時間" not in told

"""The sentence for a colleague who is not there: the reason that fits, and when they are back."""

from datetime import UTC, datetime

import pytest

from madoguchi.domain.roster.absence import sentence
from madoguchi.kit.clock import TOKYO

pytestmark = pytest.mark.pure

NOON = datetime(2026, 11, 22, 12, tzinfo=TOKYO)
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=TOKYO)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=TOKYO)


def wall(hour: int, minute: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


def test_somebody_on_a_day_off_is_told_with_their_next_day() -> None:
    said = "本日は休みをいただいております。次は11月24日(火) 9:00から出社いたします。"
    assert sentence("day_off", at=NOON, begins_at=TUESDAY) == said
    assert sentence("gone_home", at=NOON, begins_at=TUESDAY, off="rest") == said
    assert sentence("gone_home", at=NOON, begins_at=TUESDAY, off="off") == said


def test_leave_of_any_kind_sounds_alike_since_the_reason_is_private() -> None:
    kinds = ("rest", "paid", "special", "compensatory", "absent")
    assert len({sentence("gone_home", at=NOON, begins_at=TUESDAY, off=kind) for kind in kinds}) == 1


def test_who_went_home_is_back_tomorrow() -> None:
    said = "本日は退社いたしました。明日は9:00から出社いたします。"
    assert sentence("gone_home", at=wall(18), begins_at=MONDAY, worked_today=True) == said


def test_who_has_not_come_yet_comes_later_today() -> None:
    assert sentence("gone_home", at=wall(10), begins_at=wall(13)) == "本日は13:00から出社いたします。"


def test_who_went_home_after_working_on_a_day_off_went_home() -> None:
    assert sentence("gone_home", at=NOON, off="rest", worked_today=True) == "本日は退社いたしました。"


@pytest.mark.parametrize("presence", ["break", "away"])
def test_a_break_is_being_away_from_the_desk(presence: str) -> None:
    said = "席を外しております。13:00に戻る予定でございます。"
    assert sentence(presence, at=NOON, back_at=wall(13)) == said
    assert "休憩" not in said


def test_a_return_on_another_day_says_the_day() -> None:
    said = "出張いたしております。11月24日(火) 9:00に戻る予定でございます。"
    assert sentence("trip", at=NOON, back_at=TUESDAY) == said


def test_a_return_that_is_past_is_not_said() -> None:
    assert sentence("meeting", at=NOON, back_at=wall(11)) == "会議に出ております。"
    assert sentence("gone_home", at=NOON, begins_at=wall(9), worked_today=True) == "本日は退社いたしました。"


def test_without_a_roster_the_presence_alone_speaks() -> None:
    assert sentence("gone_home", at=NOON) == "本日は退社いたしました。"
    assert sentence("other_work", at=NOON) == "別件に対応しております。"


def test_who_is_there_needs_no_words() -> None:
    assert sentence("available", at=NOON, off="rest", begins_at=TUESDAY) == ""


def test_the_day_is_the_centres_day() -> None:
    late = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    assert sentence("gone_home", at=late, begins_at=MONDAY) == "本日は9:00から出社いたします。"

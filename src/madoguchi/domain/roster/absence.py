"""What is said of a colleague who is not there: the reason that fits the case, and when they are back. Pure.

Said to customers, so it is Japanese whatever the screen's language, and polite. A break is said as being away
from the desk, another matter as such; where they work is not said, and never that somebody is ill. What is
then offered is decided by who was asked before (a supervisor): this says only that, and when.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from madoguchi.kit.clock import business_day, local

_WEEKDAYS = "月火水木金土日"
_REASONS = {
    "other_work": "別件に対応しております。",
    "meeting": "会議に出ております。",
    "training": "研修に出ております。",
    "break": "席を外しております。",
    "away": "席を外しております。",
    "trip": "出張いたしております。",
    "gone_home": "本日は退社いたしました。",
    "day_off": "本日は休みをいただいております。",
}
"""Presence (agents/states.py) → the reason; `available` has none."""


def sentence(
    presence: str,
    *,
    at: datetime,
    back_at: datetime | None = None,
    begins_at: datetime | None = None,
    off: str = "",
    worked_today: bool = False,
) -> str:
    """The sentence for a customer who asks for somebody; empty when they are there to take the call.

    `presence`: what the colleague chose. `back_at`: when they said they are back. `begins_at`: when their
    next shift begins. `off`: kind of today's settled day off, or "off" where a roster gives them no work
    today. `worked_today`: whether a shift of theirs has begun today. What the person chose counts before the
    plan, except that "gone home" before one's shift is not having come yet, and without one is a day off.

    >>> from madoguchi.kit.clock import from_local
    >>> noon, tuesday = from_local(datetime(2026, 11, 22, 12)), from_local(datetime(2026, 11, 24, 9))
    >>> sentence("gone_home", at=noon, begins_at=tuesday, off="rest")
    '本日は休みをいただいております。次は11月24日(火) 9:00から出社いたします。'
    >>> sentence("break", at=noon, back_at=from_local(datetime(2026, 11, 22, 13)))
    '席を外しております。13:00に戻る予定でございます。'
    >>> sentence("available", at=noon)
    ''
    """
    if presence == "available":
        return ""
    home = presence in ("gone_home", "day_off")
    if presence == "gone_home" and off and not worked_today:
        presence = "day_off"
    if presence == "gone_home" and not worked_today and begins_at and _same_day(begins_at, at):
        return f"本日は{_clock(begins_at)}から出社いたします。"
    reason = _REASONS.get(presence, _REASONS["away"])
    when = begins_at if home else back_at
    if when is None or when <= at:
        return reason
    if home:
        return f"{reason}{_next(when, at)}"
    day = "" if _same_day(when, at) else f"{_date(business_day(when))} "
    return f"{reason}{day}{_clock(when)}に戻る予定でございます。"


def _next(when: datetime, at: datetime) -> str:
    tomorrow = business_day(when) == business_day(at) + timedelta(days=1)
    day = "明日は" if tomorrow else f"次は{_date(business_day(when))} "
    return f"{day}{_clock(when)}から出社いたします。"


def _same_day(one: datetime, other: datetime) -> bool:
    return business_day(one) == business_day(other)


def _date(day: date) -> str:
    return f"{day.month}月{day.day}日({_WEEKDAYS[day.weekday()]})"


def _clock(at: datetime) -> str:
    wall = local(at)
    return f"{wall.hour}:{wall.minute:02d}"

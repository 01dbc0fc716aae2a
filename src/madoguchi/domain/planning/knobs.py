"""The knobs of a what-if: their ranges, how they are read, and what turning them costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from madoguchi.domain.planning.errors import KnobRefused, ShiftRefused


@dataclass(frozen=True, slots=True)
class Knob:
    """One slider, in whole numbers.

    A `share` replaces what the centre has, in percent; the others are added to it: people, or percent of a
    time.
    """

    name: str
    low: int
    high: int
    step: int
    share: bool = False


KNOBS = (
    Knob("people", -50, 50, 1),
    Knob("handling", -50, 50, 5),
    Knob("wrap_up", -100, 100, 10),
    Knob("casework", -100, 100, 10),
    Knob("department", -100, 100, 10),
    Knob("call_back", 0, 100, 5, share=True),
    Knob("self_served", 0, 80, 5, share=True),
    Knob("outside", 0, 80, 5, share=True),
)
HALVES = 48
SHIFT = ("since", "until")
"""From and until which half-hour of the day people added are there; missing: from opening, to closing."""
WEEKS = (1, 4)
"""A basis is one day, or the day and the same weekday of the three weeks before it."""
Turned = dict[str, int]
"""Knob → value, in the order of `KNOBS`; what is not turned is not in it."""


def read(values: Mapping[str, str], now: Mapping[str, int] | None = None) -> Turned:
    """What is turned, from texts as a person or an address gives them; empty ones are not turned.

    `now` says which share of a kind the centre has: set to that, a share is not turned.
    Raises KnobRefused for what is no whole number within the range, ShiftRefused for hours that end before
    they begin.
    """
    found: Turned = {}
    for knob in KNOBS:
        value = _whole(knob.name, values.get(knob.name, ""), knob.low, knob.high)
        unturned = (now or {}).get(knob.name, 0) if knob.share else 0
        if value is not None and value != unturned:
            found[knob.name] = value
    if found.get("people", 0) > 0:
        found |= _shift(values)
    return found


def key_of(turned: Mapping[str, int]) -> str:
    """One text for one question: the empty one for the centre as it is.

    >>> key_of({"people": 2, "handling": -10})
    'people=2,handling=-10'
    """
    order = [*(knob.name for knob in KNOBS), *SHIFT]
    return ",".join(f"{name}={turned[name]}" for name in order if name in turned)


def alone(turned: Turned, name: str) -> Turned:
    """One of several cures by itself; people keep their hours."""
    with_it = (name, *SHIFT) if name == "people" else (name,)
    return {each: turned[each] for each in with_it if each in turned}


def days_of(day: date, weeks: int) -> list[date]:
    """The days of a basis, newest first."""
    return [day - timedelta(weeks=back) for back in range(weeks)]


def _shift(values: Mapping[str, str]) -> Turned:
    since = _whole("since", values.get("since", ""), 0, HALVES - 1)
    until = _whole("until", values.get("until", ""), 1, HALVES)
    if since is not None and until is not None and until <= since:
        raise ShiftRefused
    given = (("since", since), ("until", until))
    return {name: value for name, value in given if value is not None}


def _whole(name: str, text: str, low: int, high: int) -> int | None:
    text = text.strip()
    if not text:
        return None
    # Not int() alone: it also takes digits of other scripts, underscores, and numbers a page long.
    digits = text[1:] if text[0] in "+-" else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        raise KnobRefused(knob=name, low=low, high=high)
    value = int(text)
    if not low <= value <= high:
        raise KnobRefused(knob=name, low=low, high=high)
    return value


@dataclass(frozen=True, slots=True)
class Cost:
    """Yen a day."""

    yen: int
    unknown: bool
    """Whether something turned has no price here: shorter handling, for one, is not bought by the hour."""


def cost_of(amounts: Mapping[str, float], turned: Mapping[str, int], prices: Mapping[str, int]) -> Cost:
    """What a day of it costs; below 0 where it saves.

    `amounts` are those of the answer: hours of people added, calls sent outside beyond today's; `prices`
    are the fields of `Prices`. Self-service costs its monthly price when its share is raised.

    >>> prices = {"person_yen_an_hour": 2000, "outside_yen_a_call": 500,
    ...           "self_service_yen_a_month": 105000, "days_a_month": 21}
    >>> cost_of({"person_h": 16.0, "outside_calls": 0.0, "self_service": 1.0}, {"people": 2}, prices)
    Cost(yen=37000, unknown=False)
    """
    yen = amounts.get("person_h", 0.0) * prices["person_yen_an_hour"]
    yen += amounts.get("outside_calls", 0.0) * prices["outside_yen_a_call"]
    yen += amounts.get("self_service", 0.0) * prices["self_service_yen_a_month"] / prices["days_a_month"]
    unpriced = {"handling", "wrap_up", "casework", "department", "call_back"}
    return Cost(round(yen), bool(unpriced & set(turned)))


def yen_a_call(yen: int, saved: float, surely: bool) -> int | None:
    """Yen for each call saved; None where none is surely saved, or where it costs nothing.

    >>> yen_a_call(32_000, 23.0, True), yen_a_call(32_000, 1.0, False), yen_a_call(-4_000, 3.0, True)
    (1391, None, None)
    """
    return round(yen / saved) if surely and saved > 0 and yen > 0 else None

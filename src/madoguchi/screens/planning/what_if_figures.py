"""「もしも」: an answer as rows and drawings, and the table of what was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.forms import model_to_dict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import pgettext

from madoguchi.domain.planning.knobs import Cost, alone, cost_of, yen_a_call
from madoguchi.domain.planning.models import Prices, Supposed
from madoguchi.screens.planning import what_if_words as words

HEIGHT, WIDTH, LEFT, BOTTOM, TOP = 200.0, 720.0, 34.0, 22.0, 10.0
"""Of the picture by half-hour, in the units of its drawing; what its scales take at the left and below."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A mean and its interval on a scale from 0 to 100."""

    mean: float
    low: float
    high: float
    word: str
    within: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure today and if."""

    name: object
    before: Bar
    after: Bar
    difference: str
    within: str
    tone: str
    """good, worse, or empty where chance alone may be the difference."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A cure: what it costs a day, what it saves."""

    cure: str
    cost: str
    how: str
    """What the cost is made of."""
    lost: str
    within: str
    a_call: str
    yen_a_call: int | None
    order: tuple[int, float]
    """For sorting: what saves without costing first, then by yen a call, last what saves nothing for sure."""


def compared(rows: Sequence[Mapping[str, Any]]) -> list[Compared]:
    """Each measure with both bars on one scale: shares from 0 to 100 %, others from 0."""
    found = []
    for row in rows:
        name, unit = words.MEASURES[row["measure"]]
        top = 1.0 if unit == "share" else max(row["before"][2], row["after"][2], 1e-9)
        difference, within = words.change_said(row["difference"], unit)
        found.append(
            Compared(
                name,
                _bar(row["before"], top, unit),
                _bar(row["after"], top, unit),
                difference,
                within,
                _tone(row["measure"], row["difference"]),
            )
        )
    return found


def resembled(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The days beside the days run again."""
    found = []
    for row in rows:
        name, unit = words.MEASURES[row["measure"]]
        said = {key: words.said(float(row[key]), unit) for key in ("past", "mean", "low", "high")}
        found.append({"name": name, "holds": row["holds"], **said})
    return found


def picture(halves: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Calls lost by half-hour, today's bar beside the other, with intervals, as numbers of an SVG."""
    if not halves:
        return None
    top = _round_up(max(max(row["before"][2], row["after"][2]) for row in halves))
    slot = (WIDTH - LEFT) / len(halves)
    bars = [
        _drawn(kind, row[kind], LEFT + (place + shift) * slot, 0.34 * slot, top)
        for place, row in enumerate(halves)
        for kind, shift in (("before", 0.14), ("after", 0.52))
    ]
    return {
        "bars": bars,
        "hours": [
            {"x": round(LEFT + place * slot, 1), "word": f"{int(row['at_s'] // 3600)}"}
            for place, row in enumerate(halves)
            if row["at_s"] % 3600 == 0
        ],
        "lines": [{"y": _y(top * part / 2, top), "word": f"{top * part / 2:g}"} for part in (0, 1, 2)],
        "rows": [
            {
                "at": words.half(int(row["at_s"] // 1800)),
                "arrivals": f"{row['arrivals']:.0f}",
                "before": f"{row['before'][0]:.1f}",
                "after": f"{row['after'][0]:.1f}",
            }
            for row in halves
        ],
    }


def bought(row: Supposed, prices: Prices) -> list[Bought]:
    """What the whole change costs and saves; of several cures each by itself follows."""
    priced = price_list(prices)
    lost = next((each["difference"] for each in row.found["measures"] if each["measure"] == "lost"), None)
    if lost is None or not row.change:
        return []
    amounts = row.found["amounts"]
    whole = _with_other(cost_of(amounts, row.change, priced), row.other_yen)
    found = [buys(words.cure(row.change), whole, lost, _how(amounts, priced, row.other_yen))]
    for part in row.found["parts"]:
        change, amounts = alone(row.change, part["knob"]), part["amounts"]
        cost = cost_of(amounts, change, priced)
        found.append(buys(words.cure(change), cost, part["lost"], _how(amounts, priced)))
    return found


def buys(cure: str, cost: Cost, lost: Sequence[float], how: str = "") -> Bought:
    """A cure with its cost and the calls it saves (`lost`: the change in calls lost and its interval)."""
    surely = lost[2] < 0
    a_call = None if cost.unknown else yen_a_call(cost.yen, -lost[0], surely)
    difference, within = words.change_said(lost, "count")
    if a_call is not None:
        order, said = (1, float(a_call)), words.yen(a_call)
    elif surely and not cost.unknown:
        order, said = (0, float(cost.yen)), pgettext("what if", "at no cost")
    else:
        order, said = (2 if surely else 3, lost[0]), "—"
    priced = (
        pgettext("what if", "no price") if cost.unknown and not cost.yen else words.yen(cost.yen, sign=True)
    )
    if cost.unknown and cost.yen:
        priced = pgettext("what if", "{yen} and more").format(yen=priced)
    calls = pgettext("what if", "{n} calls").format(n=difference)
    return Bought(cure, _priced(cost), how, calls, within, said, a_call, order)


def kept_rows(rows: Sequence[Supposed], prices: Prices) -> list[dict[str, Any]]:
    """The table of what was kept, by yen a call saved."""
    found = [
        {"row": row, "href": address(row.day, row.weeks, row.change), "bought": whole[0]}
        for row in rows
        if (whole := bought(row, prices))
    ]
    return sorted(found, key=lambda each: each["bought"].order)


def address(day: date, weeks: int, change: Mapping[str, int]) -> str:
    """The page with a question, to be passed on."""
    asked: dict[str, str | int] = {"day": day.isoformat(), "weeks": weeks, **change}
    return f"{reverse('planning-what-if')}?{urlencode(asked)}"


def headline(row: Supposed) -> str:
    """What the answer says, in one sentence; nothing of a question without a change."""
    lost = next((each for each in row.found.get("measures", ()) if each["measure"] == "lost"), None)
    if lost is None or not row.change:
        return ""
    difference, within = words.change_said(lost["difference"], "count")
    before, after = (words.said(lost[key][0], "count") for key in ("before", "after"))
    if lost["difference"][1] <= 0 <= lost["difference"][2]:
        ends = pgettext("what if", "no sure difference ({within})")
    else:
        ends = pgettext("what if", "{difference} ({within})")
    sentence = pgettext("what if", "Calls not answered: {before} → {after}. ") + ends
    return sentence.format(before=before, after=after, difference=difference, within=within)


def price_list(prices: Prices) -> dict[str, int]:
    """The prices by their fields."""
    return {
        name: int(value) for name, value in model_to_dict(prices).items() if "yen" in name or "days" in name
    }


def _how(amounts: Mapping[str, float], prices: Mapping[str, int], other_yen: int = 0) -> str:
    said = []
    if amounts.get("person_h"):
        hours = pgettext("what if", "{n} h").format(n=f"{amounts['person_h']:g}".replace("-", words.MINUS))
        said.append(f"{hours} × {words.yen(prices['person_yen_an_hour'])}")
    if amounts.get("outside_calls"):
        calls = pgettext("what if", "{n} calls").format(n=round(amounts["outside_calls"]))
        said.append(f"{calls} × {words.yen(prices['outside_yen_a_call'])}")
    if amounts.get("self_service"):
        days = pgettext("what if", "{n} days").format(n=prices["days_a_month"])
        said.append(f"{words.yen(prices['self_service_yen_a_month'])} ÷ {days}")
    if other_yen:
        said.append(words.yen(other_yen))
    return " + ".join(said)


def _priced(cost: Cost) -> str:
    if cost.unknown and not cost.yen:
        return pgettext("what if", "no price")
    said = words.yen(cost.yen, sign=True)
    return pgettext("what if", "{yen} and more").format(yen=said) if cost.unknown else said


def _with_other(cost: Cost, other_yen: int) -> Cost:
    return Cost(cost.yen + other_yen, cost.unknown and not other_yen)


def _bar(triple: Sequence[float], top: float, unit: str) -> Bar:
    mean, low, high = (round(100 * min(max(value / top, 0.0), 1.0), 2) for value in triple)
    within = f"{words.said(triple[1], unit)}{words.DASH}{words.said(triple[2], unit)}"
    return Bar(mean, low, high, words.said(triple[0], unit), within)


def _tone(measure: str, difference: Sequence[float]) -> str:
    """Which way is better; of occupancy and call backs nobody can say."""
    if measure in ("occupancy", "call_backs") or difference[1] <= 0 <= difference[2]:
        return ""
    more_is_better = measure in ("answer_rate", "service_level_a")
    return "good" if (difference[0] > 0) == more_is_better else "worse"


def _drawn(kind: str, triple: Sequence[float], x: float, width: float, top: float) -> dict[str, Any]:
    mean, low, high = (min(max(value, 0.0), top) for value in triple)
    return {
        "kind": kind,
        "x": round(x, 1),
        "width": round(width, 1),
        "y": _y(mean, top),
        "height": round(HEIGHT - BOTTOM - _y(mean, top), 1),
        "middle": round(x + width / 2, 1),
        "low": _y(low, top),
        "high": _y(high, top),
    }


def _y(value: float, top: float) -> float:
    return round(TOP + (HEIGHT - BOTTOM - TOP) * (1.0 - value / top), 1)


def _round_up(value: float) -> float:
    """The top of a scale: an even number, since its middle is written too."""
    for step in (2, 4, 6, 10, 14, 20, 30, 40, 60, 80, 100, 140, 200, 300, 400, 600, 1_000, 2_000):
        if value <= step:
            return float(step)
    return value

"""The pictures of the forecast: calls with their band, and people needed beside people planned. Plain SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.formats import date_format

from madoguchi.domain.planning.queries.outlook import DayOutlook, Slot

LEFT, TOP, BOTTOM, RIGHT = 44, 14, 26, 20
WIDTH, HEIGHT = 960, 240
_SOME = 0.05


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the grid, or a word below it."""

    at: float
    word: str


@dataclass(frozen=True, slots=True)
class Column:
    """What came in one half-hour, or who is planned in it."""

    x: float
    y: float
    width: float
    height: float
    gap: str = ""
    """short, over or right."""


@dataclass(slots=True)
class Picture:
    """Everything an SVG of half-hours needs; numbers are its own units."""

    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: float = HEIGHT - BOTTOM
    rows: list[Mark] = field(default_factory=list)
    words: list[Mark] = field(default_factory=list)
    borders: list[float] = field(default_factory=list)
    """Between days."""
    band: str = ""
    line: str = ""
    again: str = ""
    columns: list[Column] = field(default_factory=list)
    now: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Which half-hours are drawn: those in which anything happens on any of the days."""

    first: int
    last: int
    """One beyond."""
    days: int

    @property
    def count(self) -> int:
        """Half-hours drawn."""
        return (self.last - self.first) * self.days

    def x(self, day: int, slot: float) -> float:
        """Left edge of a half-hour."""
        place = day * (self.last - self.first) + slot - self.first
        return round(LEFT + (WIDTH - LEFT - RIGHT) * place / max(self.count, 1), 1)


def frame_of(days: Sequence[DayOutlook]) -> Frame | None:
    """The half-hours worth a place; None when there is nothing to draw."""
    busy = [
        place
        for day in days
        for place, slot in enumerate(day.slots)
        if (slot.expected or 0) > _SOME or (slot.came or 0) > 0 or (slot.planned or 0) > 0
    ]
    return Frame(min(busy), max(busy) + 1, len(days)) if busy else None


def calls_of(days: Sequence[DayOutlook], frame: Frame) -> Picture:
    """Calls: what came as columns, the forecast as a line in its band, the corrected rest of today dashed."""
    shown = _shown(days, frame)
    most = max([max(slot.high, slot.came or 0, slot.again or 0) for _, _, slot in shown] + [1.0])
    found = _grid(days, frame, most)
    scale = _Scale(most)
    for day in range(len(days)):
        own = [(place, slot) for number, place, slot in shown if number == day]
        expected = [(place, slot) for place, slot in own if slot.expected is not None]
        found.band += _band(frame, day, expected, scale)
        found.line += _line(
            [(frame.x(day, place + 0.5), scale.y(slot.expected or 0)) for place, slot in expected]
        )
        found.again += _line(
            [
                (frame.x(day, place + 0.5), scale.y(slot.again))
                for place, slot in own
                if slot.again is not None
            ]
        )
        for place, slot in own:
            if slot.came:
                found.columns.append(_column(frame, day, place, slot.came, scale))
    return found


def people_of(days: Sequence[DayOutlook], frame: Frame) -> Picture:
    """People: needed as a stair, planned as columns that say whether they are too few."""
    shown = _shown(days, frame)
    most = max(
        [max(slot.need.scheduled if slot.need else 0, slot.planned or 0) for _, _, slot in shown] + [1.0]
    )
    found = _grid(days, frame, most)
    scale = _Scale(most)
    for day in range(len(days)):
        stair = []
        for number, place, slot in shown:
            if number != day:
                continue
            if slot.need is not None:
                y = scale.y(slot.need.scheduled)
                stair += [(frame.x(day, place), y), (frame.x(day, place + 1), y)]
            if slot.planned:
                found.columns.append(_column(frame, day, place, slot.planned, scale, gap=gap_of(slot)))
        found.line += _line(stair)
    return found


def gap_of(slot: Slot) -> str:
    """In words for shape and colour: short, over, right; empty where nobody is planned or needed."""
    gap = slot.gap
    if gap is None or not (slot.planned or gap):
        return ""
    if gap <= -0.5:
        return "short"
    return "over" if gap >= 1 else "right"


class _Scale:
    def __init__(self, most: float) -> None:
        self.most = _round_up(most)

    def y(self, value: float) -> float:
        room = HEIGHT - BOTTOM - TOP
        return round(HEIGHT - BOTTOM - room * min(value, self.most) / self.most, 1)


def _shown(days: Sequence[DayOutlook], frame: Frame) -> list[tuple[int, int, Slot]]:
    return [
        (number, place, day.slots[place])
        for number, day in enumerate(days)
        for place in range(frame.first, frame.last)
        if place < len(day.slots)
    ]


def _grid(days: Sequence[DayOutlook], frame: Frame, most: float) -> Picture:
    top = _round_up(most)
    scale = _Scale(most)
    steps = 4 if top % 4 == 0 else 5 if top % 5 == 0 else 3 if top % 3 == 0 else 2 if top % 2 == 0 else 1
    found = Picture(
        rows=[Mark(scale.y(top * step / steps), f"{top * step // steps:g}") for step in range(steps + 1)]
    )
    if len(days) == 1:
        starts = days[0].slots[0].minute
        every = 2 if frame.count <= 28 else 4
        for place in range(frame.first, frame.last + 1):
            minute = starts + 30 * place
            if minute % (30 * every) == 0:
                found.words.append(Mark(frame.x(0, place), f"{minute // 60}:{minute % 60:02}"))
        return found
    for number, day in enumerate(days):
        found.words.append(
            Mark(frame.x(number, (frame.first + frame.last) / 2), date_format(day.day, "n/j (D)"))
        )
        if number:
            found.borders.append(frame.x(number, frame.first))
    return found


def _column(frame: Frame, day: int, place: int, value: float, scale: _Scale, *, gap: str = "") -> Column:
    left, right, top = frame.x(day, place), frame.x(day, place + 1), scale.y(value)
    thin = 0.15 * (right - left)
    return Column(
        round(left + thin, 1), top, round(right - left - 2 * thin, 1), round(HEIGHT - BOTTOM - top, 1), gap
    )


def _band(frame: Frame, day: int, slots: Sequence[tuple[int, Slot]], scale: _Scale) -> str:
    if not slots:
        return ""
    there = [(frame.x(day, place + 0.5), scale.y(slot.high)) for place, slot in slots]
    back = [(frame.x(day, place + 0.5), scale.y(slot.low)) for place, slot in reversed(slots)]
    return _line([*there, *back]) + "Z"


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if number else 'M'}{x:g} {y:g}" for number, (x, y) in enumerate(points))


def _round_up(most: float) -> int:
    """The next number that divides well: 1, 2, 3, 4, 5, 6, 8, 10 times a power of ten."""
    power = 10 ** max(0, math.floor(math.log10(max(most, 1.0))))
    for step in (1, 2, 3, 4, 5, 6, 8, 10):
        if step * power >= most:
            return int(step * power)
    return int(10 * power)

"""Numbers for two drawings: the lanes of a call's way, and the waveform of its two voices.

Widths are in thousandths of the whole and go into SVG attributes: the pages' content policy bars styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from madoguchi.domain.calls.queries.way import Stretch, Way

WIDTH = 1000
THINNEST = 2.0
_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
MOST_BARS = 500


@dataclass(frozen=True, slots=True)
class Bar:
    kind: str
    x: float
    width: float
    span: timedelta


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    name: str
    bars: tuple[Bar, ...]


class Drawing:
    """Lanes as bars on one scale; `ticks` are (percent of the width, round time after the beginning)."""

    def __init__(self, way: Way) -> None:
        self._begin = way.begin
        self._whole_s = max((way.end - way.begin).total_seconds(), 1.0)
        self.rows = [Row(each.kind, each.name, tuple(map(self._bar, each.stretches))) for each in way.lanes]
        step_s = next((step for step in _STEPS_S if self._whole_s / step <= 8), _STEPS_S[-1])
        self.ticks = [
            (self._x(way.begin + timedelta(seconds=at_s)) / 10, timedelta(seconds=at_s))
            for at_s in range(0, int(self._whole_s) + 1, step_s)
        ]

    @property
    def kinds(self) -> list[str]:
        """The kinds of bars that occur, for the key."""
        return list(dict.fromkeys(bar.kind for row in self.rows for bar in row.bars))

    def _bar(self, stretch: Stretch) -> Bar:
        x = self._x(stretch.begin)
        width = max(self._x(stretch.end) - x, THINNEST)
        return Bar(stretch.kind, x, round(width, 1), stretch.end - stretch.begin)

    def _x(self, at: datetime) -> float:
        return round(WIDTH * max((at - self._begin).total_seconds(), 0) / self._whole_s, 1)


@dataclass(frozen=True, slots=True)
class Waveform:
    """Two outlines as SVG paths: the customer above the middle line, the operator below."""

    customer: str
    operator: str
    width: int


def waveform(peaks: Sequence[Sequence[float]]) -> Waveform | None:
    """Outlines of stored peaks (two lists of 0–100); None when there is nothing to draw."""
    if len(peaks) != 2 or not peaks[0]:
        return None
    customer, operator = (_thinned(track) for track in peaks)
    return Waveform(_outline(customer, -1), _outline(operator, 1), len(customer))


def _thinned(track: Sequence[float]) -> list[float]:
    """At most `MOST_BARS` peaks, each the loudest of those it stands for."""
    step = max(1, -(-len(track) // MOST_BARS))
    return [max(track[at : at + step]) for at in range(0, len(track), step)]


def _outline(track: Sequence[float], direction: int) -> str:
    return "".join(f"M{at}.5 0V{direction * max(1, min(peak, 100)):.0f}" for at, peak in enumerate(track))

"""When the centre was open in the past, as its calls tell: hours known today say nothing of last year.

A half-hour that is open today and had no call for so long that chance cannot explain it was closed then: its
zeros are no quiet hours, and nothing is learned from them. A silence that still goes on is taken for what is,
unless the hours were changed since (`Calendar.hours_since`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.history import History
from madoguchi.science.staffing.forecast.opening import Opening

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_SURE = 9.2
"""So many calls expected and none seen happens by chance once in ten thousand times."""
_NEIGHBOUR = 0.25
"""A half-hour without any call ever is expected to have at least this much of the next one that has some."""
_WEEK = np.ones(7)


def open_then(history: History, calendar: Calendar, opening: Opening) -> Bools:
    """Day by interval: open by today's hours, and not evidently closed on that day.

    Told in three rounds, so that each knows what the one before found: weekdays that were closed, intervals
    that were closed on all days, intervals of a weekday.
    """
    days = history.days
    found = np.array([opening.of(day) for day in days], dtype=np.bool_).reshape(history.calls.shape)
    evidence = _Evidence(history, calendar)
    evidence.by_weekday(found)
    evidence.by_interval(found)
    for number in range(7):
        evidence.by_interval(found, number)
    return found


class _Evidence:
    """Looks for silences; closes in `found` what they tell."""

    def __init__(self, history: History, calendar: Calendar) -> None:
        days = history.days
        self.calls = history.calls
        self.counted = np.isfinite(history.calls)
        self.counted[[day in calendar.outages for day in days]] = False
        self.weekday = np.array([day.weekday() for day in days])
        since = calendar.hours_since
        # Silences that end before this row do not go on.
        self.until = 0 if since is None else (since - history.first).days

    def by_weekday(self, found: Bools) -> None:
        totals = np.where(found & self.counted, self.calls, 0.0).sum(axis=1)
        beside = np.convolve(totals, _WEEK)[3:-3] - totals
        asked = (found & self.counted).any(axis=1)
        usual = _NEIGHBOUR * totals[asked].sum() / max(beside[asked].sum(), 1e-9)
        for number in range(7):
            rows = np.flatnonzero(asked & (self.weekday == number))
            found[rows[self._silent(rows, totals[rows], beside[rows], usual)]] = False

    def by_interval(self, found: Bools, weekday: int | None = None) -> None:
        of_day = True if weekday is None else self.weekday == weekday
        asked = found & self.counted & np.reshape(of_day, (-1, 1))
        calls = np.where(asked, self.calls, 0.0)
        totals = calls.sum(axis=1)
        shares = calls.sum(axis=0) / np.maximum(asked.T @ totals, 1e-9)
        seen = np.flatnonzero(shares > 0)
        for slot in np.flatnonzero(self._may_be_silent(asked, calls, totals)):
            rows = np.flatnonzero(asked[:, slot])
            beside = totals[rows] - calls[rows, slot]
            near = shares[seen[np.argmin(np.abs(seen - slot))]] if len(seen) else 0.0
            found[rows[self._silent(rows, calls[rows, slot], beside, _NEIGHBOUR * near)], slot] = False

    def _may_be_silent(self, asked: Bools, calls: Floats, totals: Floats) -> Bools:
        """Intervals that are worth the look: all their quiet days together would be too long a silence."""
        beside = np.where(asked, totals[:, None] - calls, 0.0)
        quiet = np.where(calls <= 0, beside, 0.0).sum(axis=0)
        some = calls.sum(axis=0)
        long = quiet * some > _SURE * np.maximum(beside.sum(axis=0) - quiet, 1e-9)
        return np.asarray((long | (some <= 0)) & asked.any(axis=0))

    def _silent(self, rows: NDArray[np.int64], calls: Floats, beside: Floats, otherwise: float) -> Bools:
        """Which of `rows` lie in a silence too long for chance; `beside` says how busy it was besides.

        `otherwise`: calls expected for each call beside where none ever came.
        """
        quiet = calls <= 0
        if not quiet.any():
            return quiet
        edges = np.flatnonzero(np.diff(quiet, prepend=False, append=False))
        began, ended = edges[::2], edges[1::2]
        before = np.concatenate([[0.0], np.cumsum(beside)])
        in_it = before[ended] - before[began]
        elsewhere = before[-1] - in_it
        share = np.where(calls.sum() > 0, calls.sum() / np.maximum(elsewhere, 1e-9), otherwise)
        over = (ended < len(rows)) | (rows[ended - 1] < self.until)
        closed = (in_it * share > _SURE) & over
        marks = np.zeros(len(rows) + 1, dtype=np.int64)
        np.add.at(marks, began[closed], 1)
        np.add.at(marks, ended[closed], -1)
        return np.asarray(np.cumsum(marks)[:-1] > 0)

"""Intervals in and out as CSV, with a progress bar on the error output."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from madoguchi.program.staffing import options, quantities
from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.words import _

Solve = Callable[[dict[str, NDArray[np.float64]]], dict[str, Any]]
_AT_ONCE = 1_000
_READ = {
    "load": quantities.number,
    "arrivals": quantities.rate_per_s,
    "handle": quantities.time_s,
    "service_rate": quantities.rate_per_s,
    "patience": quantities.time_s,
    "places": quantities.number,
    "agents": quantities.number,
}


def answer(given: dict[str, Any], solve: Solve, *, together: bool = False) -> None:
    """Read the intervals, solve them in pieces, write them with the answers beside. Raises Unreadable.

    `together`: the intervals depend on each other, and are solved at once.
    """
    lines = _lines(given["csv_in"])
    if not lines:
        raise Unreadable(_("The file holds no intervals."))
    rows = [_row(number, line, given) for number, line in enumerate(lines, 2)]
    columns = {
        name: np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)
        for name in rows[0]
    }
    pieces = []
    at_once = len(rows) if together else _AT_ONCE
    starts = range(0, len(rows), at_once)
    with click.progressbar(starts, label=_("Intervals"), file=sys.stderr, show_pos=False) as bar:
        for start in bar:
            piece = solve({name: column[start : start + at_once] for name, column in columns.items()})
            count = min(at_once, len(rows) - start)
            pieces += [row_of(piece, index) for index in range(count)]
    _write(given["output"], lines, pieces)


def row_of(found: dict[str, Any], index: int) -> dict[str, Any]:
    """One row of the answers; people are whole."""
    row = {key: plain(values, index) for key, values in found.items()}
    return {
        key: int(value) if key in {"agents", "scheduled"} and value is not None else value
        for key, value in row.items()
    }


def plain(values: Any, index: int) -> Any:
    """One row's value as JSON has it: a number, a list of numbers, or None."""
    if isinstance(values, list):
        found = [plain(one, index) for one in values]
        return None if None in found else found
    value = float(np.atleast_1d(values)[index])
    return None if np.isnan(value) else value


def _lines(name: str) -> list[dict[str, str]]:
    raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable(_("The file is neither UTF-8 nor Shift_JIS."))
    reader = csv.DictReader(io.StringIO(text, newline=""))
    names = [(title or "").strip() for title in reader.fieldnames or []]
    if len(set(names)) < len(names) or "" in names:
        raise Unreadable(_("Every column needs a name of its own in the first line."))
    reader.fieldnames = names
    return [{key: value or "" for key, value in line.items() if key is not None} for line in reader]


def _row(number: int, line: dict[str, str], given: dict[str, Any]) -> dict[str, float | None]:
    """The quantities of one line; what it leaves open is taken from the options."""
    own = {name: _cell(number, name, line[name], given) for name in _READ if line.get(name, "").strip()}
    work = {name: own.get(name) for name in ("load", "arrivals", "handle", "service_rate")}
    for name in work:
        alternative = {"load": "arrivals", "handle": "service_rate", "service_rate": "handle"}.get(name)
        if work[name] is None and not (alternative and alternative in own):
            work[name] = given.get(name)
    try:
        load, handle = options.work(work)
    except Unreadable as error:
        raise Unreadable(_("Line {number}: {trouble}").format(number=number, trouble=error)) from error
    rest = {name: own.get(name, given.get(name)) for name in ("patience", "places", "agents")}
    return {"load": load, "handle": handle, **rest}


def _cell(number: int, name: str, text: str, given: dict[str, Any]) -> float:
    try:
        if name == "arrivals" and "/" not in text:
            return quantities.number(text) / float(given["interval"])
        return float(_READ[name](text))
    except Unreadable as error:
        where = _("Line {number}, column {name}: {trouble}").format(number=number, name=name, trouble=error)
        raise Unreadable(where) from error


def _write(target: str, lines: list[dict[str, str]], pieces: list[dict[str, Any]]) -> None:
    answers: list[dict[str, Any]] = []
    for piece in pieces:
        flat: dict[str, Any] = {}
        for key, value in piece.items():
            many = value if isinstance(value, list) else [value]
            for index, one in enumerate(many, 1):
                flat[key if len(many) == 1 else f"{key}_{index}"] = "" if one is None else one
        answers.append(flat)
    made = list(dict.fromkeys(key for flat in answers for key in flat))
    # What the centre wrote stays as it is written; our figure of that name stands only where it was empty.
    titles = [*lines[0], *(key for key in made if key not in lines[0])]
    with click.open_file(target, "w", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, titles, lineterminator="\n")
        writer.writeheader()
        for line, flat in zip(lines, answers, strict=True):
            writer.writerow({**flat, **{key: value for key, value in line.items() if value.strip()}})

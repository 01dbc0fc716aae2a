"""Intervals in and out as CSV, with a progress bar on the error output."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from madoguchi.program.staffing import options, quantities
from madoguchi.program.staffing.quantities import Exact, Unreadable
from madoguchi.program.staffing.reading import text_of
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing.errors import StaffingError

Rows = dict[str, NDArray[np.float64]]
Solve = Callable[[Rows], dict[str, Any]]
Read = Callable[[str], float]

_AT_ONCE = 1_000
_WORK: dict[str, Read] = {
    "load": quantities.number,
    "arrivals": quantities.rate_per_s,
    "handle": quantities.time_s,
    "service_rate": quantities.rate_per_s,
}
_IN_JAPANESE = {
    "呼量": "load",
    "着信数": "arrivals",
    "入電数": "arrivals",
    "処理時間": "handle",
    "平均処理時間": "handle",
    "平均放棄時間": "patience",
    "人数": "agents",
    "回線数": "lines",
    "待てる人数": "places",
}
"""Headings as Japanese centres write them, beside the names of the options."""
QUEUE: dict[str, Read] = {
    "patience": quantities.time_s,
    "places": quantities.number,
    "agents": quantities.number,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the columns of a model's CSV are."""

    columns: Mapping[str, Read] = field(default_factory=dict)
    """Beside load, arrivals, handle, service_rate; an option of that name fills what a line leaves open."""
    rates: tuple[str, ...] = ()
    """Columns of calls like `arrivals`, each of which becomes a load."""
    needs_work: bool = True
    """False: a load may be what is asked for."""
    together: bool = False
    """The intervals depend on each other, and are solved at once."""
    at_once: int = _AT_ONCE


def answer(given: dict[str, Any], solve: Solve, sheet: Sheet) -> None:
    """Read the intervals, solve them in pieces, write them with the answers beside. Raises Unreadable."""
    lines = lines_of(given["csv_in"])
    columns = columns_of(lines, given, sheet)
    pieces: list[dict[str, Any]] = []
    at_once = len(lines) if sheet.together else sheet.at_once
    starts = range(0, len(lines), at_once)
    with click.progressbar(starts, label=_("Intervals"), file=sys.stderr, show_pos=False) as bar:
        for start in bar:
            part = {name: column[start : start + at_once] for name, column in columns.items()}
            piece = _solved(solve, part, start, alone=not sheet.together)
            pieces += [row_of(piece, index) for index in range(min(at_once, len(lines) - start))]
    _write(given, lines, pieces)


def columns_of(lines: list[dict[str, str]], given: dict[str, Any], sheet: Sheet) -> Rows:
    """The quantities of all lines; NaN where neither line nor option says anything."""
    if not lines:
        raise Unreadable(_("The file holds no intervals."))
    named = {title: _IN_JAPANESE.get(title, title) for title in lines[0]}
    if "calls" in named and "arrivals" not in named.values() and "calls" not in sheet.rates:
        named["calls"] = "arrivals"  # as `staffing forecast` writes them
    readers: dict[str, Read] = {**_WORK, **sheet.columns}
    for name in ("arrivals", *sheet.rates):
        readers[name] = partial(_calls, interval_s=Exact.of(given.get("interval") or 1800.0))
    if sheet.needs_work and not sheet.rates and not _says_work(set(named.values()), given):
        raise Unreadable(
            _("The file has no column load or arrivals; its columns are: {names}.").format(
                names=", ".join(lines[0])
            )
        )
    rows = [_row(number, line, named, (readers, given, sheet)) for number, line in enumerate(lines, 2)]
    return {
        name: np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)
        for name in rows[0]
    }


def one_row(solve: Solve, row: dict[str, float | None]) -> dict[str, Any]:
    """The answer to a row that was typed as options; None is what nobody typed."""
    columns = {name: np.array([math.nan if value is None else float(value)]) for name, value in row.items()}
    return row_of(solve(columns), 0)


def some_of(rows: Rows, which: NDArray[np.intp]) -> Rows:
    """Some of the rows."""
    return {name: column[which] for name, column in rows.items()}


def row_of(found: dict[str, Any], index: int) -> dict[str, Any]:
    """One row of the answers; people are whole."""
    people = {"agents", "scheduled", "least_agents", "least_scheduled"}
    row: dict[str, Any] = {}
    for key, values in found.items():
        if isinstance(values, dict):
            row[key] = {name: row_of(part, index) for name, part in values.items()}
        else:
            value = plain(values, index)
            row[key] = int(value) if key in people and value is not None else value
    return row


def plain(values: Any, index: int) -> Any:
    """One row's value as JSON has it: a number, a list of numbers, or None."""
    if isinstance(values, list):
        found = [plain(one, index) for one in values]
        return None if None in found else found
    column = np.atleast_1d(values)
    if column.dtype.kind in "US":
        return str(column[index])
    return None if np.isnan(column[index]) else float(column[index])


def spread(found: dict[str, Any], which: NDArray[np.intp], count: int) -> dict[str, Any]:
    """Values of some rows among all `count`; none (NaN, or no word) elsewhere."""
    wide: dict[str, Any] = {}
    for key, value in found.items():
        if isinstance(value, dict):
            wide[key] = spread(value, which, count)
            continue
        columns = [_wide(one, which, count) for one in (value if isinstance(value, list) else [value])]
        wide[key] = columns if isinstance(value, list) else columns[0]
    return wide


def _wide(values: Any, which: NDArray[np.intp], count: int) -> NDArray[Any]:
    words = np.asarray(values).dtype.kind == "U"
    column: NDArray[Any] = (
        np.full(count, "", dtype=np.asarray(values).dtype) if words else np.full(count, np.nan)
    )
    column[which] = values
    return column


def _solved(solve: Solve, part: Rows, start: int, *, alone: bool) -> dict[str, Any]:
    """One piece; when something in it cannot be, the first line by which."""
    try:
        return solve(part)
    except (StaffingError, Unreadable) as error:
        count = len(next(iter(part.values())))
        for index in range(count if alone else 0):
            try:
                solve({name: column[index : index + 1] for name, column in part.items()})
            except StaffingError as wrong:
                raise _in_line(start + index + 2, options.in_words(wrong)) from wrong
            except Unreadable as wrong:
                raise _in_line(start + index + 2, str(wrong)) from wrong
        raise error


def _in_line(number: int, trouble: str) -> Unreadable:
    return Unreadable(_("Line {number}: {trouble}").format(number=number, trouble=trouble))


def _says_work(names: set[str], given: dict[str, Any]) -> bool:
    return bool({"load", "arrivals"} & names) or any(
        given.get(name) is not None for name in ("load", "arrivals")
    )


def lines_of(name: str) -> list[dict[str, str]]:
    """The lines of a CSV by the names of its columns; UTF-8 or Shift_JIS."""
    reader = csv.DictReader(io.StringIO(text_of(name), newline=""))
    names = [(title or "").strip() for title in reader.fieldnames or []]
    if len(set(names)) < len(names) or "" in names:
        raise Unreadable(_("Every column needs a name of its own in the first line."))
    reader.fieldnames = names
    return [{key: value or "" for key, value in line.items() if key is not None} for line in reader]


def _row(
    number: int,
    line: dict[str, str],
    named: dict[str, str],
    asked: tuple[dict[str, Read], dict[str, Any], Sheet],
) -> dict[str, float | None]:
    """The quantities of one line; what it leaves open is taken from the options."""
    readers, given, sheet = asked
    own = {
        named[title]: _cell(number, title, readers[named[title]], text)
        for title, text in line.items()
        if named[title] in readers and text.strip()
    }
    work = {name: own.get(name) for name in _WORK}
    for name in work:
        alternative = {"load": "arrivals", "handle": "service_rate", "service_rate": "handle"}.get(name)
        if work[name] is None and not (alternative and alternative in own):
            work[name] = given.get(name)
    try:
        found: dict[str, float | None] = _work(work, own, given, sheet)
    except Unreadable as error:
        raise _in_line(number, str(error)) from error
    # `return` is no name in Python: the option is kept as `returns`.
    option = {"return": "returns"}
    return found | {name: own.get(name, given.get(option.get(name, name))) for name in sheet.columns}


def _work(
    work: dict[str, float | None], own: dict[str, float], given: dict[str, Any], sheet: Sheet
) -> dict[str, float | None]:
    if sheet.rates:
        handle = options.handle_of(work)
        if handle is None:
            raise Unreadable(_("Give --handle or --service-rate."))
        calls = {name: own.get(name, given["rates"].get(name)) for name in sheet.rates}
        missing = [name for name, rate in calls.items() if rate is None]
        if missing:
            raise Unreadable(_("How many calls of the class {name}?").format(name=missing[0]))
        exact = {
            name: Exact.of(rate).exact * Exact.of(handle).exact
            for name, rate in calls.items()
            if rate is not None
        }
        loads: dict[str, float | None] = {name: Exact(load) for name, load in exact.items()}
        loads |= {"handle": handle, "all": Exact(sum(exact.values(), Fraction(0)))}
        return loads
    if not sheet.needs_work and work["load"] is None and work["arrivals"] is None:
        return {"load": None, "handle": options.handle_of(work)}
    load, known = options.work(work)
    return {"load": load, "handle": known}


def _calls(text: str, *, interval_s: Exact) -> float:
    """A bare number counts the calls of one interval."""
    if "/" in text or "／" in text:
        return quantities.rate_per_s(text)
    return Exact(Exact.of(quantities.number(text)).exact / interval_s.exact)


def _cell(number: int, name: str, read: Read, text: str) -> float:
    try:
        return read(text)
    except Unreadable as error:
        where = _("Line {number}, column {name}: {trouble}").format(number=number, name=name, trouble=error)
        raise Unreadable(where) from error


def _write(given: dict[str, Any], lines: list[dict[str, str]], pieces: list[dict[str, Any]]) -> None:
    with click.open_file(given["output"], "w", encoding="utf-8") as stream:
        if given.get("as_json"):
            both = [{**piece, "line": line} for line, piece in zip(lines, pieces, strict=True)]
            json.dump(both, stream, ensure_ascii=False, allow_nan=False)
            stream.write("\n")
            return
        answers = [_flat(piece) for piece in pieces]
        made = list(dict.fromkeys(key for flat in answers for key in flat))
        # What the centre wrote stays as written; our figure of that name stands only where it was empty.
        titles = [*lines[0], *(key for key in made if key not in lines[0])]
        writer = csv.DictWriter(stream, titles, lineterminator="\n")
        writer.writeheader()
        for line, flat in zip(lines, answers, strict=True):
            writer.writerow({**flat, **{key: value for key, value in line.items() if value.strip()}})


def _flat(piece: dict[str, Any]) -> dict[str, Any]:
    """Several times or percentiles as columns _1, _2 …; what belongs to a class as `class.measure`."""
    flat: dict[str, Any] = {}
    for key, value in piece.items():
        if isinstance(value, dict):
            for name, part in value.items():
                flat |= {f"{name}.{column}": one for column, one in _flat(part).items()}
            continue
        many = value if isinstance(value, list) else [value]
        for index, one in enumerate(many, 1):
            flat[key if len(many) == 1 else f"{key}_{index}"] = "" if one is None else one
    return flat

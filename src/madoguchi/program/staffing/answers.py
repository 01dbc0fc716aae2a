"""Answers: keys that never change, for programs as JSON at full precision, for people as a table."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import click

from madoguchi.program.staffing.words import _

SHARES, TIMES, NUMBERS = "share", "time", "number"


def labels() -> dict[str, tuple[str, str]]:
    """Key → how it is read and what people call it, in the order in which they are shown."""
    return {
        "agents": (NUMBERS, _("Agents needed at once")),
        "scheduled": (NUMBERS, _("People on the roster")),
        "least_agents": (NUMBERS, _("Fewest agents that reach the goal")),
        "least_scheduled": (NUMBERS, _("People on the roster for that")),
        "load": (NUMBERS, _("Load (Erlang)")),
        "total_arrivals": ("rate", _("All calls, again and returning ones too (per hour)")),
        "service_level_a": (SHARES, _("Answered in time, of all offered")),
        "service_level_b": (SHARES, _("Answered in time, without short abandons")),
        "service_level_c": (SHARES, _("Answered or gone in time, of all offered")),
        "service_level_d": (SHARES, _("Answered in time, of the answered")),
        "mean_wait": (TIMES, _("Mean wait of all")),
        "mean_wait_served": (TIMES, _("Mean wait of the answered (ASA)")),
        "mean_wait_abandoned": (TIMES, _("Mean wait of those who gave up")),
        "wait_tail": (SHARES, _("Wait longer than that time")),
        "wait_percentile_actual": (TIMES, _("Wait at that percentile")),
        "wait_percentile_offered": (TIMES, _("Wait at that percentile, if nobody gave up")),
        "delay_probability": (SHARES, _("Have to wait at all")),
        "abandon_probability": (SHARES, _("Give up")),
        "blocking": (SHARES, _("Turned away: all lines engaged")),
        "blocking_per_attempt": (SHARES, _("Attempts that meet engaged lines")),
        "occupancy": (SHARES, _("Occupancy of the agents")),
        "mean_queue": (NUMBERS, _("Callers waiting, on average")),
        "mean_in_system": (NUMBERS, _("Callers waiting or talking, on average")),
        "mean_time_in_system": (TIMES, _("Time from arrival to the end")),
        "empty_probability": (SHARES, _("Nobody there at all")),
        "redial_orbit": (NUMBERS, _("People about to call again after giving up")),
        "return_orbit": (NUMBERS, _("People who will call again after an answer")),
        "amplitude": (NUMBERS, _("Amplitude of the load (Erlang)")),
        "lag": (TIMES, _("The load's peak comes later than the calls' by")),
        "method": ("text", _("Method")),
        "error_bound": ("text", _("Relative error, proved to be at most")),
        "error_estimate": ("text", _("Relative error, estimated")),
    }


def as_json(answer: dict[str, Any]) -> str:
    """One object; times in seconds, shares 0–1, rates a second."""
    return json.dumps(answer, ensure_ascii=False, allow_nan=False)


def show(
    answer: dict[str, Any],
    *,
    json_wanted: bool,
    asked: Mapping[str, Any] | None = None,
    renamed: dict[str, str] | None = None,
) -> None:
    """Print one answer; `asked` has the times and percentiles that lists belong to, `renamed` labels."""
    if json_wanted:
        click.echo(as_json(answer))
        return
    rows = []
    for key, (kind, label) in labels().items():
        if key in answer:
            called = (renamed or {}).get(key, label)
            rows += _lines(called, kind, answer[key], _asked(asked, key))
    for name, measures in answer.get("classes", {}).items():
        for key, (kind, label) in labels().items():
            if key in measures:
                rows += _lines(f"{name}: {label}", kind, measures[key], _asked(asked, key))
    width = max((_width(label) for label, _value in rows), default=0)
    for label, value in rows:
        click.echo(f"{label}{' ' * (width - _width(label))}  {value}")


def _lines(label: str, kind: str, value: Any, asked: list[str]) -> list[tuple[str, str]]:
    if not asked:
        return [(label, said(kind, value))]
    values = value if isinstance(value, list) else [value]
    return [(f"{label} ({at})", said(kind, one)) for at, one in zip(asked, values, strict=True)]


def said(kind: str, value: Any) -> str:
    """A value as people read it."""
    if kind == "text":
        return f"{100 * value:.2g} %" if isinstance(value, float) else str(value)
    if kind == "rate":
        return f"{3600 * value:.4g}"
    if kind == SHARES:
        return f"{100 * value:.2f} %" if value == 0 or value >= 5e-5 else f"{100 * value:.3g} %"
    if kind == TIMES:
        if 0 < value < 0.005:
            return f"{value:.3g} s"
        return f"{value:.2f} s" if value < 120 else f"{value:.0f} s ({value / 60:.1f} min)"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.4g}"


def _asked(asked: Mapping[str, Any] | None, key: str) -> list[str]:
    """The times or percentiles that a list of answers belongs to, as they are read."""
    if "percentile" in key:
        return [f"{100 * share:.10g} %" for share in (asked or {}).get("percentile", [])]
    by = "at" if key == "load" else "within" if key.startswith(("service_level", "wait_tail")) else ""
    return [_short(time_s) for time_s in (asked or {}).get(by, [])]


def _short(time_s: float) -> str:
    for unit_s, unit in ((3600.0, "h"), (60.0, "min")):
        if time_s >= 2 * unit_s and (time_s / unit_s).is_integer():
            return f"{time_s / unit_s:g} {unit}"
    return f"{time_s:.10g} s"


def _width(text: str) -> int:
    """Columns of a terminal: a Japanese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)

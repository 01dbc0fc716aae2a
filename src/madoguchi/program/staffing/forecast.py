"""`madoguchi staffing forecast`: how many calls will come, and how good such forecasts have been."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from typing import Any

import click

from madoguchi.program.staffing import options
from madoguchi.program.staffing.quantities import DAY, NUMBER, SHARE, TIME, Unreadable
from madoguchi.program.staffing.reading import text_of
from madoguchi.program.staffing.special_days import EVENT, HOURS, calendar_of
from madoguchi.program.staffing.words import _


@click.command(
    "forecast",
    short_help=_("Calls to come, from a CSV of past counts."),
    help=options.helped(
        _(
            "Calls to come by half-hour, reason and client, from counts of at least three weeks: a CSV with "
            "at (or date and time), calls and, if wanted, reason and client. Holidays and the days around "
            "them, pay days, month ends and 五十日 are known; events are typed in. Tells how good its "
            "forecasts of the past weeks would have been."
        ),
        "forecast --csv calls.csv --output next.csv",
        "forecast --csv calls.csv --days 28 --event 'mailing=2026-12-01..2026-12-03*1.3'",
        "forecast --csv calls.csv --hours mon-fri=9:00-18:00 --hours sat=9:00-12:00",
        "forecast --csv calls.csv --event 'TV=2026-12-01@18:00-20:00*1.8'",
        "forecast --csv calls.csv --today 2026-11-24 --json",
    ),
)
@click.option(
    "--csv",
    "csv_in",
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help=_("Past counts, one interval a line (- is the standard input)."),
)
@click.option(
    "--output", type=click.Path(dir_okay=False, allow_dash=True), default="-", help=_("Where the CSV goes.")
)
@click.option("--interval", type=TIME, default="30min", show_default=True, help=_("Length of an interval."))
@click.option(
    "--days", type=click.IntRange(1, 366), default=14, show_default=True, help=_("So many days ahead.")
)
@click.option("--today", type=DAY, help=_("The lines of this day are this morning: correct its rest."))
@click.option("--hours", type=HOURS, multiple=True, help=_("When it is open; learned where not given."))
@click.option("--open-on-holidays", is_flag=True, help=_("With --hours: holidays are like other days."))
@click.option("--event", type=EVENT, multiple=True, help=_("A campaign or mailing; may be repeated."))
@click.option("--deadline", type=DAY, multiple=True, help=_("People call ahead of it; may be repeated."))
@click.option("--closed", type=DAY, multiple=True, help=_("A day off like a holiday; may be repeated."))
@click.option("--outage", type=DAY, multiple=True, help=_("A past day to learn nothing from."))
@click.option("--pay-day", type=NUMBER, multiple=True, help=_("Day of the month; the default is 25."))
@click.option("--confidence", type=SHARE, default="90%", show_default=True, help=_("Of the intervals."))
@click.option("--back-test/--no-back-test", default=True, help=_("Try it on the past weeks first."))
@click.option("--json", "as_json", is_flag=True, help=_("Answer as JSON, full precision."))
def command(**given: Any) -> None:
    from madoguchi.science.staffing.forecast import groups, sheet
    from madoguchi.science.staffing.forecast.history import History, histories

    with options.refusing():
        minutes, rest = divmod(given["interval"], 60)
        if rest or minutes < 1:
            raise Unreadable(_("--interval is a whole number of minutes that divides a day."))
        parts = histories(sheet.read(text_of(given["csv_in"])), minutes=int(minutes))
        today = given["today"]
        past = {group: history.until(today) if today else history for group, history in parts.items()}
        some: History = next(iter(past.values()))
        if not len(some.calls):
            raise Unreadable(_("No line lies before --today."))
        first = today or some.last + timedelta(days=1)
        calendar = calendar_of(given)
        days = [first + timedelta(days=ahead) for ahead in range(given["days"])]
        learned = groups.learn_all(past, calendar)
        whole, found = learned.forecast(days, confidence=given["confidence"])
        if today:
            whole, found = _corrected(whole, found, parts, today)
        tested = _back_tests(past, calendar, given)
    answer = {"sureness": _plain(whole.sureness), "days": _days(whole)} | tested
    if given["as_json"]:
        click.echo(json.dumps({**answer, "intervals": _intervals(found)}, ensure_ascii=False, indent=2))
        return
    _write(given["output"], _intervals(found))
    _say(answer)


def _corrected(whole: Any, found: dict[Any, Any], parts: dict[Any, Any], today: date) -> tuple[Any, Any]:
    """Today alone, by the morning's lines up to the last interval in which anybody called."""
    import numpy as np

    from madoguchi.science.staffing.forecast.history import total
    from madoguchi.science.staffing.forecast.intraday import reforecast

    every = total(parts)
    row = (today - every.first).days
    if row >= len(every.calls):
        return whole, found
    known = np.flatnonzero(np.nan_to_num(every.calls[row]) > 0)
    until = int(known[-1]) + 1 if len(known) else 0
    groups = {
        group: reforecast(part, today, parts[group].calls[row, :until]) for group, part in found.items()
    }
    return reforecast(whole, today, every.calls[row, :until]), groups


def _back_tests(past: dict[Any, Any], calendar: Any, given: dict[str, Any]) -> dict[str, Any]:
    """How good such forecasts would have been: all calls, and each group where there are several."""
    from madoguchi.science.staffing.forecast.history import total

    found: dict[str, Any] = {}
    if not given["back_test"]:
        return found
    report = _back_test(total(past), calendar, given)
    if report is not None:
        found["back_test"] = _plain(report)
    if report is not None and len(past) > 1:
        groups = {group: _back_test(history, calendar, given) for group, history in sorted(past.items())}
        found["back_test_groups"] = [
            {"reason": group.reason, "client": group.client, **_plain(one)}
            for group, one in groups.items()
            if one is not None
        ]
    return found


def _back_test(history: Any, calendar: Any, given: dict[str, Any]) -> Any:
    from madoguchi.science.staffing.forecast import back_test
    from madoguchi.science.staffing.forecast.errors import TooFewDays

    try:
        return back_test.report(history, calendar, confidence=given["confidence"])
    except TooFewDays:
        # Three weeks are enough for a forecast, but leave no week to try it on.
        return None


def _plain(found: Any) -> dict[str, Any]:
    from dataclasses import asdict

    plain = asdict(found)
    if "origins" in plain:
        plain["origins"] = [day.isoformat() for day in plain["origins"]]
    return plain


def _days(whole: Any) -> list[dict[str, Any]]:
    return [
        {
            "day": day.isoformat(),
            "calls": float(whole.calls[row].sum()),
            "low": float(whole.day_low[row]),
            "high": float(whole.day_high[row]),
        }
        for row, day in enumerate(whole.days)
    ]


def _intervals(found: dict[Any, Any]) -> list[dict[str, Any]]:
    """Intervals in which somebody may call, by group."""
    rows: list[dict[str, Any]] = []
    grouped = any(group.reason or group.client for group in found)
    for group, part in sorted(found.items()):
        named = {"reason": group.reason, "client": group.client} if grouped else {}
        for row, day in enumerate(part.days):
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 — the wall clock of Tokyo
            for slot in part.calls[row].nonzero()[0]:
                at = midnight + timedelta(minutes=int(slot) * part.minutes)
                calls, low, high = (float(one[row, slot]) for one in (part.calls, part.low, part.high))
                rows.append({"at": f"{at:%Y-%m-%d %H:%M}", **named, "calls": calls, "low": low, "high": high})
    return rows


def _write(target: str, rows: list[dict[str, Any]]) -> None:
    with click.open_file(target, "w", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]) if rows else ["at", "calls"], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "calls": f"{row['calls']:.2f}"})


def _say(answer: dict[str, Any]) -> None:
    """How sure it is, on the error output: the CSV stays a CSV."""
    sure = answer["sureness"]
    said = [
        _(
            "Learned from {days} days over {weeks:.0f} weeks; a day is expected to be {error:.1f} % off."
        ).format(days=sure["days"], weeks=sure["weeks"], error=100 * sure["day_error"])
    ]
    if sure["few"]:
        said.append(_("Few weeks: month ends and days around holidays are hardly known yet."))
    report = answer.get("back_test")
    if report is None:
        said.append(_("No back-test: it needs a week with three weeks before it."))
    else:
        said.append(_("Tried on {count} past weeks (WAPE, bias):").format(count=len(report["origins"])))
        labels = {
            "forecast": _("this forecast"),
            "seasonal_naive": _("the week before"),
            "last_twelve": _("mean of the last 12 same weekdays"),
        }
        for key, label in labels.items():
            quality = report[key]
            said.append(f"  {label}: {100 * quality['wape']:.1f} %, {100 * quality['bias']:+.1f} %")
        said.append(
            _("{share:.0f} % of the half-hours lay within their intervals ({wanted:.0f} % wanted).").format(
                share=100 * report["coverage"], wanted=100 * report["confidence"]
            )
        )
    for one in answer.get("back_test_groups", []):
        name = " ".join(filter(None, (one["client"], one["reason"]))) or "–"
        ours, week_before = one["forecast"]["wape"], one["seasonal_naive"]["wape"]
        said.append(f"  {name}: {100 * ours:.1f} % ({labels['seasonal_naive']}: {100 * week_before:.1f} %)")
    click.echo("\n".join(said), err=True)

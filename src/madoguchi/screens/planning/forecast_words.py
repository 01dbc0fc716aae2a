"""What the forecast pages say in whole sentences: how sure it is, what is assumed, why a file is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from madoguchi.domain.planning.models import Forecast
from madoguchi.domain.planning.queries.handling import Basis, Learned

REFUSED: Mapping[str, Promise] = {
    "empty": gettext_lazy("The file is empty."),
    "too_large": gettext_lazy("The file is larger than 20 MB. Please split it by months."),
    "too_many_lines": gettext_lazy("The file has more than 300,000 lines. Please split it by months."),
    "workbook": gettext_lazy("This is an Excel workbook. Please save it as CSV in Excel first."),
    "no_text": gettext_lazy("This is no CSV text in UTF-8 or Shift_JIS."),
    "no_lines": gettext_lazy("The file has titles, but no lines below them."),
    "no_at": gettext_lazy(
        "No column says when. Name one 日時, or two 日付 and 時刻, or write times (9:00, 9:30 …) as titles "
        "of columns."
    ),
    "no_calls": gettext_lazy("No column says how many calls came. Name one 着信数 or 件数."),
    "no_file": gettext_lazy("Please choose a file."),
}
PROBLEMS: Mapping[str, Promise] = {
    "not_a_time": gettext_lazy("“{value}” is no day and time. Example: 2026/11/24 9:30"),
    "not_a_count": gettext_lazy("“{value}” is no number of calls."),
    "not_an_interval": gettext_lazy("{value} does not begin an interval that fits half-hours."),
    "counted_twice": gettext_lazy("{value} stands in the file twice; the first one counts."),
    "no_client": gettext_lazy(
        "There is no client named “{value}”. Correct the name, or add the client in the settings."
    ),
    "not_over": gettext_lazy("{value} is not over yet."),
    "too_old": gettext_lazy("{value} is more than ten years ago."),
    "too_many": gettext_lazy("{value} calls in one interval cannot be."),
}
INTERVALS: Mapping[int, Promise] = {
    0: pgettext_lazy("counts", "a list of calls, one a line: counted by half-hour"),
    60: pgettext_lazy("counts", "counts by the hour: each half-hour gets half"),
    30: pgettext_lazy("counts", "counts by the half-hour"),
}
SHORTER = pgettext_lazy("counts", "counts by {n} minutes: added up to half-hours")


def interval_words(minutes: int) -> str:
    """What the lines of a file were taken for."""
    return str(INTERVALS[minutes]) if minutes in INTERVALS else str(SHORTER).format(n=minutes)


def sureness(forecast: Forecast, client_id: int | None) -> list[str]:
    """How sure a forecast is, most important first."""
    made: Mapping[str, Any] = forecast.made_of
    # Rounded, not cut: nineteen days are nearly three weeks, and nobody calls them two.
    weeks, days = max(1, round(float(made.get("weeks", 0)))), int(made.get("days", 0))
    said = []
    if made.get("few"):
        said.append(
            _(
                "Only about {weeks} weeks of calls are known, so month ends, holidays and pay days are "
                "hardly in it yet. It becomes surer with each week."
            ).format(weeks=weeks)
        )
    said.append(
        _("Learned from {days} days over about {weeks} weeks ({own} of our own, {file} from files).").format(
            days=days, weeks=weeks, own=made.get("own_days", 0), file=made.get("file_days", 0)
        )
    )
    said.append(
        _("A whole day is expected to be about {percent} % off.").format(
            percent=f"{100 * float(made.get('day_error', 0)):.0f}"
        )
    )
    tested = forecast.back_test.get("" if client_id is None else str(client_id)) or forecast.back_test.get("")
    if tested:
        said.append(
            _(
                "Tried on the last {weeks} weeks, half-hours were {ours} % off (WAPE); the same weekday of "
                "the week before as a forecast: {naive} %."
            ).format(
                weeks=tested["weeks"],
                ours=f"{100 * tested['wape']:.1f}",
                naive=f"{100 * tested['naive']:.1f}",
            )
        )
    else:
        said.append(_("It could not be tried on the past yet: that needs a week with three weeks before it."))
    return said


def handling(known: Basis, client_id: int | None) -> str:
    """Mean talk and wrap-up, and where it is from."""
    learned = known.clients.get(client_id or 0, known.everybody) if client_id else known.everybody
    return _source(learned, _("{minutes} (from {calls} calls of the last eight weeks)"))


def patience(known: Basis) -> str:
    """Mean patience, and where it is from."""
    return _source(known.patience, _("{minutes} (from {calls} callers who gave up in the last eight weeks)"))


def _source(learned: Learned, words: str) -> str:
    minutes = duration(learned.seconds)
    if learned.typed:
        return _("{minutes} (as you set it)").format(minutes=minutes)
    if learned.assumed:
        return _("{minutes} (assumed: too few records yet; you can set it)").format(minutes=minutes)
    return words.format(minutes=minutes, calls=f"{learned.calls:,}")


def duration(seconds: float) -> str:
    """4 分 32 秒."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return pgettext("duration", "{s} s").format(s=rest)
    return pgettext("duration", "{m} min {s} s").format(m=minutes, s=rest)

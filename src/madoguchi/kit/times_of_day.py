"""Times of a business day as people write them: 9:00, 26:00, 午後6時半, and lists of periods."""

import re
import unicodedata

from madoguchi.kit.calendar import LATEST_MIN, Period, check_periods


class NotATimeError(ValueError):
    """A text that is no time of day between 0:00 and 48:00. Write it like 9:00 or 26:00."""

    code = "not_a_time"

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:40]!r} is no time of day; write it like 9:00 or 26:00")
        self.text = text


def parse_time(text: str) -> int:
    """Minutes since 00:00 of the business day: "26:00" is 1560.

    Takes full-width digits, 0930, 9時, 9時半, 9時30分, 午前 and 午後, 正午. Raises NotATimeError.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if plain == "正午":
        return 12 * 60
    half = plain[:2] if plain.startswith(_HALVES) else ""
    found = next(filter(None, (form.fullmatch(plain.removeprefix(half)) for form in _FORMS)), None)
    if found is None:
        raise NotATimeError(text)
    hour, minute = int(found[1]), 30 if "半" in found.groups() else int(found[2] or 0)
    if minute > 59 or (half and hour > 12):
        raise NotATimeError(text)
    if half == "午後" and hour < 12:
        hour += 12
    if hour * 60 + minute > LATEST_MIN:
        raise NotATimeError(text)
    return hour * 60 + minute


def format_minutes(minute: int) -> str:
    """As people write it, past midnight with hours from 24 on: 1560 is "26:00", 540 is "9:00"."""
    if not 0 <= minute <= LATEST_MIN:
        raise ValueError(f"{minute} minutes are not within a business day (0 to {LATEST_MIN})")
    return f"{minute // 60}:{minute % 60:02}"


def parse_periods(text: str) -> tuple[Period, ...]:
    """Periods of one day out of a text like "9:00-12:00、13:00〜18:00", in order; none for an empty text.

    Raises NotATimeError for a time that cannot be read, ValueError for periods that overlap or end too early.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    periods = []
    for part in filter(None, re.split(r"[,、;\n]+", plain)):
        ends = re.split(r"[-\u2010-\u2015\u2212\u30fc~\u301c]|から", part.strip().removesuffix("まで"))
        if len(ends) != 2:
            raise NotATimeError(part)
        periods.append(Period(parse_time(ends[0]), parse_time(ends[1])))
    found = tuple(sorted(periods))
    check_periods(found)
    return found


def format_periods(periods: tuple[Period, ...]) -> str:
    """As parse_periods reads it: "9:00–12:00、13:00–18:00"."""
    return "、".join(f"{format_minutes(opens)}–{format_minutes(closes)}" for opens, closes in sorted(periods))


_HALVES = ("午前", "午後")
_FORMS = tuple(
    re.compile(form)
    for form in (r"(\d{1,2}):(\d\d)", r"(\d{1,2})時(?:(\d{1,2})分|(半))?", r"(\d{1,2})(\d\d)")
)

"""Dates of birth as files and people write them, Japanese eras included."""

import re
import unicodedata
from datetime import date

_ERAS = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018,
    "m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018,
}  # fmt: skip
"""Era → the year before its first (元年 is year 1)."""
_ERA_DATE = re.compile(
    r"(明治|大正|昭和|平成|令和|[mtshr])\.?(元|\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?"
)
_PLAIN_DATE = re.compile(
    r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?(?:[ t]00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})"
)


def read_birth_date(text: str) -> date | None:
    """The date, or None when it cannot be one. The order is always year, month, day.

    >>> read_birth_date("昭和55年1月2日"), read_birth_date("1980/1/2") == read_birth_date("S55.1.2")
    (datetime.date(1980, 1, 2), True)
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    era = _ERA_DATE.fullmatch(plain)
    if era:
        year = _ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))
        return _date(year, era[3], era[4])
    found = _PLAIN_DATE.fullmatch(plain)
    if found:
        year_text, month, day = (part for part in found.groups() if part)
        return _date(int(year_text), month, day)
    return None


def _date(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None

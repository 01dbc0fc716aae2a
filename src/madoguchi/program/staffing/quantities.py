"""Quantities and days as people type them: `20s`, `100/30min`, `80%` or `0.8`; full-width signs too."""

import math
import re
import unicodedata
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any, Self

import click

from madoguchi.program.staffing.words import _

UNITS_S = {
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
    "y": Fraction(365 * 86400),
    "ミリ秒": Fraction(1, 1000),
    "秒": Fraction(1),
    "分": Fraction(60),
    "時間": Fraction(3600),
    "日": Fraction(86400),
    "年": Fraction(365 * 86400),
}
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?"
_TIME = re.compile(rf"({_NUMBER})\s*([^\d\s.]*)", re.IGNORECASE)
_RATE = re.compile(rf"({_NUMBER})\s*/\s*({_NUMBER})?\s*([^\d\s.]+)", re.IGNORECASE)
_SHARE = re.compile(rf"({_NUMBER})\s*(%?)", re.IGNORECASE)


class Exact(float):
    """A quantity as typed, beside the float nearest to it.

    120/h of 5 min each are 10 Erlang; multiplied as floats they are a little less, which 10 agents could do.
    """

    exact: Fraction

    def __new__(cls, value: Fraction) -> Self:
        """Raises Unreadable for what no float can hold."""
        try:
            made = super().__new__(cls, value)
        except OverflowError as error:
            raise Unreadable(_("“{text}” is no number.").format(text=value)) from error
        made.exact = value
        return made

    @classmethod
    def of(cls, value: float) -> Self:
        """`value` as it was typed, or as it is."""
        return cls(value.exact if isinstance(value, Exact) else Fraction(value))


class Unreadable(ValueError):
    """A quantity that cannot be understood; the text says what was expected."""


def time_s(text: str) -> float:
    """Seconds; a bare number is seconds.

    >>> time_s("5min"), time_s("20"), time_s("1.5 h")
    (300.0, 20.0, 5400.0)
    """
    found = _TIME.fullmatch(_plain(text))
    unit = UNITS_S.get(found[2] or "s") if found else None
    if found is None or unit is None:
        raise Unreadable(_("“{text}” is no time. Write for instance 20s, 5min, 1.5h.").format(text=text))
    return Exact(Fraction(found[1]) * unit)


def rate_per_s(text: str) -> float:
    """Events a second.

    >>> rate_per_s("20/h") * 3600, rate_per_s("90/30min")
    (20.0, 0.05)
    """
    found = _RATE.fullmatch(_plain(text))
    unit = UNITS_S.get(found[3]) if found else None
    if found is None or unit is None or Fraction(found[2] or 1) <= 0:
        raise Unreadable(_("“{text}” is no rate. Write for instance 100/30min or 20/h.").format(text=text))
    return Exact(Fraction(found[1]) / (Fraction(found[2] or 1) * unit))


def share(text: str) -> float:
    """A share between 0 and 1, typed as percent or as fraction.

    >>> share("80%"), share("0.8")
    (0.8, 0.8)
    """
    found = _SHARE.fullmatch(_plain(text))
    value = float(found[1]) / (100.0 if found[2] else 1.0) if found else math.nan
    if not 0.0 <= value <= 1.0:
        raise Unreadable(_("“{text}” is no share. Write for instance 80% or 0.8.").format(text=text))
    return value


def number(text: str) -> float:
    """A plain number."""
    if re.fullmatch(_NUMBER, _plain(text), re.IGNORECASE) is None:
        raise Unreadable(_("“{text}” is no number.").format(text=text))
    return Exact(Fraction(_plain(text)))


def whole(text: str, *, least: int = 0) -> int:
    """A whole number from `least` on.

    >>> whole("１，２００")
    1200
    """
    found = re.fullmatch(r"[+-]?\d{1,18}", _plain(text))
    if found is None:
        raise Unreadable(_("“{text}” is no whole number.").format(text=text))
    if int(found[0]) < least:
        raise Unreadable(_("“{text}” is too small; it begins at {least}.").format(text=text, least=least))
    return int(found[0])


def day_of(text: str) -> date:
    """A day as typed, with zeros before a single digit or without.

    >>> day_of("2026-11-04"), day_of("2026/11/4")
    (datetime.date(2026, 11, 4), datetime.date(2026, 11, 4))
    """
    plain = text.strip().replace("/", "-")
    try:
        return date.fromisoformat(plain)
    except ValueError:
        parts = plain.split("-")  # 2026-11-4 is not known to ISO 8601
    try:
        return date(*(int(part) for part in parts))
    except (ValueError, TypeError) as error:
        raise Unreadable(_("“{text}” is no day. Write for instance 2026-11-24.").format(text=text)) from error


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().replace(",", "")


class Quantity(click.ParamType[Any]):
    """One of the readers above as a type of option."""

    def __init__(self, name: str, read: Any) -> None:
        self.name = name
        self.read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The quantity as a number in its unit."""
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except Unreadable as error:
            self.fail(str(error), param, ctx)


TIME = Quantity("time", time_s)
RATE = Quantity("rate", rate_per_s)
SHARE = Quantity("share", share)
NUMBER = Quantity("number", number)
DAY = Quantity("YYYY-MM-DD", day_of)
PEOPLE = Quantity("whole number", partial(whole, least=1))
"""People and lines: from one on."""
PLACES = Quantity("whole number", whole)

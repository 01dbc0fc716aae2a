"""Telephone numbers as trunks and people write them, read once and kept three ways: raw, E.164, kind.

The Japanese numbering plan is read by shape (length and leading digits), not by what is assigned today:
a number range opened next month must not turn a customer into a stranger. What a trunk adds or leaves
out is its own `TrunkRules`: one pattern for all trunks has merged strangers elsewhere.
Sources: 電気通信番号計画 (総務省), ITU-T E.164, RFC 3966 (tel), RFC 3261 (sip).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Self
from urllib.parse import unquote

import phonenumbers

RAW_MAX = 128
"""Longest raw text that is kept; no number and no sane SIP user part is longer."""


class Kind(StrEnum):
    """What a number is by the numbering plan."""

    FIXED = "fixed"  # 固定電話 0AB-J, 10 digits
    MOBILE = "mobile"  # 060 070 080 090, 11 digits
    IP = "ip"  # 050, 11 digits; also 電話リレーサービス
    TOLL_FREE = "toll_free"  # 0120 has 10 digits, 0800 has 11
    NAVI_DIAL = "navi_dial"  # 0570, the caller pays
    M2M = "m2m"  # 020: machines and pagers
    PREMIUM = "premium"  # 0990 and the other numbers with charges of their own
    SERVICE = "service"  # 1XY three-digit and #NNNN
    ABROAD = "abroad"
    SHORT = "short"  # extensions and star codes: belongs to one exchange only
    UNKNOWN = "unknown"  # not a number, or not one we can read


class Intent(StrEnum):
    """What the caller wished to be shown of their own number on this one call."""

    HIDE = "hide"  # 184
    SHOW = "show"  # 186


class Bare(StrEnum):
    """How a trunk means digits that begin with neither + nor 0."""

    NATIONAL = "national"  # a short or local number, nothing else
    SIGNIFICANT = "significant"  # a national number whose leading 0 was dropped
    INTERNATIONAL = "international"  # E.164 whose + was dropped


@dataclass(frozen=True, slots=True)
class TrunkRules:
    """How one trunk writes numbers. The defaults fit a carrier that writes them as people do."""

    strip_prefixes: tuple[str, ...] = ()
    """Digits the exchange puts in front; taken off only where a whole number is left (BIZTEL mobile: "8")."""
    bare: Bare = Bare.NATIONAL
    area_code: str = ""
    """Area code with its 0, put before local numbers: "03" makes 1234-5678 a number of Tokyo."""
    zero_zero_is_abroad: bool = True
    """Whether 00 + country code is an international number, where it cannot be a carrier prefix."""
    dial_prefix: str = ""
    """Digits that this trunk wants before every outbound number (an outside line)."""
    dial_e164: bool = False
    """Dial +81… instead of 0…"""
    dial_intent: bool = True
    """Whether this trunk understands 184 and 186 before a number."""

    def __post_init__(self) -> None:
        for digits in (*self.strip_prefixes, self.dial_prefix, self.area_code):
            if digits and not (digits.isascii() and digits.isdigit()):
                raise ValueError(f"{digits!r}: only the digits 0 to 9 may stand in trunk rules")
        if "" in self.strip_prefixes:
            raise ValueError("an empty prefix would strip nothing")
        if self.area_code and not re.fullmatch(r"0[1-9]\d{0,3}", self.area_code):
            raise ValueError(f"{self.area_code!r} is no area code: write it with its 0, like 03 or 0422")

    @classmethod
    def from_stored(cls, stored: Mapping[str, object]) -> Self:
        """The rules kept as JSON with a trunk; {} is the default. Raises ValueError on what is no rule."""
        values = dict(stored)
        unknown = values.keys() - {rule.name for rule in fields(cls)}
        if unknown:
            raise ValueError(f"unknown trunk rules: {', '.join(sorted(unknown))}")
        for name, value in values.items():
            wanted = type(getattr(PLAIN, name))
            if wanted is tuple and isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
                values[name] = tuple(value)
            elif wanted is Bare:
                values[name] = Bare(str(value))
            elif type(value) is not wanted:
                raise ValueError(f"trunk rule {name}: {value!r} will not do")
        return cls(**values)  # type: ignore[arg-type]

    def to_stored(self) -> dict[str, object]:
        """The rules that differ from the default, as JSON can hold them."""
        values = {rule.name: getattr(self, rule.name) for rule in fields(self)}
        changed = {name: value for name, value in values.items() if value != getattr(PLAIN, name)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()}


PLAIN = TrunkRules()


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number as it came and as it was understood."""

    raw: str
    """What was given, at most RAW_MAX characters, made safe to store and to show; never rewritten further."""
    kind: Kind
    e164: str | None = None
    """The number to compare and to search by; None for short, service and unknown numbers."""
    digits: str = ""
    """As dialled inside Japan (0312345678, 110), or +… for abroad; empty when unknown."""
    intent: Intent | None = None
    carrier_prefix: str = ""
    """The 00XY that stood in front of the number."""
    extension: str = ""

    @property
    def is_known(self) -> bool:
        return self.kind is not Kind.UNKNOWN


def parse(text: str | bytes, rules: TrunkRules = PLAIN) -> PhoneNumber:
    """Read a number in whatever form it came; never raises: what cannot be read has the kind UNKNOWN."""
    raw = storable(text)
    bare, extension = _split_extension(user_part(unicodedata.normalize("NFKC", raw)))
    compact = _SEPARATORS.sub("", bare)
    if not _DIALLED.fullmatch(compact):
        return PhoneNumber(raw, Kind.UNKNOWN)
    found = _read(compact, rules)
    return replace(found, raw=raw, extension=extension) if found else PhoneNumber(raw, Kind.UNKNOWN)


def display(number: PhoneNumber | str) -> str:
    """The number hyphenated as people in Japan write it, by the table of area codes.

    Abroad as +1 212-555-0123. Takes stored E.164 too. What is no number comes back as it was given.
    """
    if isinstance(number, str):
        number = parse(number)
    if number.kind is Kind.UNKNOWN:
        return number.raw
    if number.e164 is None:
        return number.digits
    parsed = phonenumbers.parse(number.e164)
    if number.kind is Kind.ABROAD:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    # The library writes a range it has no pattern for without its 0; the digits are always right.
    return shown if shown.replace("-", "") == number.digits else number.digits


def storable(text: str | bytes) -> str:
    """Any header bytes as text that PostgreSQL and a screen can take: no NUL, controls or lone surrogates."""
    # Cut first, so that a megabyte of header costs nothing.
    if isinstance(text, bytes):
        text = text[: RAW_MAX * 4].decode("utf-8", "replace")
    kept = [(c, unicodedata.category(c)) for c in text[:RAW_MAX]]
    return "".join(_REPLACED if kind in _UNSAFE else c for c, kind in kept if kind != "Cf").strip()


def user_part(text: str) -> str:
    """The part of a SIP or tel URI, or of a From header, that names the line."""
    text = text.strip()
    if "<" in text and ">" in text:
        text = text[text.rindex("<") + 1 : text.rindex(">")]
    scheme = _SCHEME.match(text)
    if scheme is None and "@" not in text:
        return text
    text = text[scheme.end() :] if scheme else text
    extension = re.search(r";ext=(\d{1,8})", text)
    user = re.split(r"[@;?]", text, maxsplit=1)[0].partition(":")[0]
    return unquote(user) + (extension.group(0) if extension else "")


# Control, surrogate, private and unassigned. Format characters (Cf) are left out altogether: telephones
# put them round a copied number, and on a screen they turn the direction of writing.
_UNSAFE = frozenset({"Cc", "Cs", "Co", "Cn"})
_REPLACED = "\N{REPLACEMENT CHARACTER}"

_SEPARATORS = re.compile(r"[\s()\[\]{}<>【】〔〕「」・./_~〜\-\u2010-\u2015\u2212\u30fc\u2043\uff5e\ufe63]")
# A + may stand after the prefix of an exchange, which only its trunk rules take off.
_DIALLED = re.compile(r"[0-9]{0,8}\+?[0-9*#]{1,24}")
_SCHEME = re.compile(r"^(?:tel|sips?|phone|電話)\s*[:]?\s*(?=\S)", re.IGNORECASE)
_EXTENSION = re.compile(
    r"\s*[(]?\s*(?:内線|ext(?:ension)?\.?|;ext=|x)\s*[:]?\s*(\d{1,8})\s*[)]?\s*$", re.IGNORECASE
)
_MAIN_LINE = re.compile(r"\s*[(]代表?[)]\s*$")


def _split_extension(text: str) -> tuple[str, str]:
    text = _MAIN_LINE.sub("", text)
    found = _EXTENSION.search(text)
    return (text[: found.start()], found.group(1)) if found else (text, "")


def _read(compact: str, rules: TrunkRules) -> PhoneNumber | None:
    for prefix in sorted(rules.strip_prefixes, key=len, reverse=True):
        rest = compact.removeprefix(prefix)
        # Only what is a whole number by itself may be left: an extension by chance would be a stranger.
        if rest != compact and rest[:1] in ("0", "1", "+"):
            found = _whole(rest, rules)
            if found and found.e164:
                return found
    return _whole(compact, rules) or _short(compact)


def _whole(compact: str, rules: TrunkRules) -> PhoneNumber | None:
    intent = _INTENTS.get(compact[:3])
    if intent and compact[3:4] in ("0", "+"):
        found = _without_intent(compact[3:], rules)
        if found and found.e164:
            return replace(found, intent=intent)
    return _without_intent(compact, rules)


def _without_intent(compact: str, rules: TrunkRules) -> PhoneNumber | None:
    if compact.startswith("+"):
        return _international(compact[1:])
    carrier = _CARRIER.match(compact)
    if carrier:
        found = _national(compact[carrier.end() :])
        if found:
            return replace(found, carrier_prefix=carrier.group())
    if compact.startswith("0"):
        return _national(compact) or _zero_zero(compact, rules)
    return _bare(compact, rules)


def _national(digits: str) -> PhoneNumber | None:
    """A number as dialled inside Japan, beginning with 0; 010 leads abroad."""
    if digits.startswith("010"):
        return _international(digits[3:])
    for shape, kind in _PLAN:
        if shape.fullmatch(digits):
            return PhoneNumber("", kind, "+81" + digits[1:], digits)
    return None


def _international(digits: str) -> PhoneNumber | None:
    if digits.startswith("81"):
        # People write +81 (0)3-…; no Japanese number has a second 0 there.
        return _national("0" + digits[2:].removeprefix("0"))
    if not re.fullmatch(r"[1-9]\d{6,14}", digits):
        return None
    try:
        parsed = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    # Written by the library, which knows where a 0 in brackets, +44 (0)20, belongs to the number (Italy).
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return PhoneNumber("", Kind.ABROAD, e164, e164)


def _zero_zero(digits: str, rules: TrunkRules) -> PhoneNumber | None:
    if rules.zero_zero_is_abroad and digits.startswith("00"):
        return _international(digits[2:])
    return None


def _bare(digits: str, rules: TrunkRules) -> PhoneNumber | None:
    if not digits.isdigit() or len(digits) == 3:
        return None
    if rules.bare is Bare.INTERNATIONAL and len(digits) >= 8:
        return _international(digits)
    if rules.bare is Bare.SIGNIFICANT and len(digits) >= 9:
        return _national("0" + digits)
    # A local number never begins with 0 or 1, and fills what the area code leaves of ten digits.
    if rules.area_code and digits[0] not in "01" and len(rules.area_code + digits) == 10:
        return _national(rules.area_code + digits)
    return None


def _short(compact: str) -> PhoneNumber | None:
    if re.fullmatch(r"1\d\d|#\d{4}", compact):
        return PhoneNumber("", Kind.SERVICE, None, compact)
    if re.fullmatch(r"[1-9*#][0-9*#]{0,7}", compact) and any(c.isdigit() for c in compact):
        return PhoneNumber("", Kind.SHORT, None, compact)
    return None


_INTENTS = {"184": Intent.HIDE, "186": Intent.SHOW}

# 001, 00XY, 002YZ and 0091XY, always followed by the 0 of a national number or by 010. That 0 tells them from
# 00 + country code; 0039 06… alone is both (NTT West and Osaka, or Rome), and is Osaka here.
_CARRIER = re.compile(r"00(?:2\d\d|91\d\d|[3-8]\d|1(?=010))(?=0[1-9])")

# First match wins. 0800 stands before 080, and ranges with charges of their own before the area codes.
_PLAN = tuple(
    (re.compile(shape), kind)
    for shape, kind in (
        (r"0120\d{6}|0800\d{7}", Kind.TOLL_FREE),
        (r"0570\d{6}", Kind.NAVI_DIAL),
        (r"0(?:990|170|180|910)\d{6}", Kind.PREMIUM),
        (r"050\d{8}", Kind.IP),
        (r"0[6789]0\d{8}", Kind.MOBILE),
        (r"020(?:\d{8}|0\d{10})", Kind.M2M),
        # 03-0… and 04-0… are not assigned but stand in every example; 05-0… to 09-0… lack a digit.
        (r"0[1-9][1-9]\d{7}|0[34]0\d{7}", Kind.FIXED),
    )
)

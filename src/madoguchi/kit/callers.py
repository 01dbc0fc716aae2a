"""Who a trunk says is calling: a number, or the reason why there is none.

A caller without a number is a value of its own and matches nobody: it never brings up a customer's history.
Sources: 3GPP TS 24.008 10.5.4.30 (the four causes and their words), RFC 3323, Asterisk `CALLERID(pres)`.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from madoguchi.kit.phone_numbers import (
    PLAIN,
    Intent,
    PhoneNumber,
    TrunkRules,
    parse,
    storable,
    user_part,
)


class NoNumberReason(StrEnum):
    """Why there is no number, by the letters of Japanese number display."""

    WITHHELD = "P"  # 非通知: the caller does not wish it
    PAYPHONE = "C"  # 公衆電話
    OUT_OF_AREA = "O"  # 表示圏外, also S: another service stood in the way
    ERROR = "E"  # 受信エラー: nothing came that can be read


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of the line that calls. Exactly one of `number` and `no_number_reason` is there."""

    raw: str
    """What the trunk gave as the number; empty where the number was sent to us but withheld from display."""
    number: PhoneNumber | None
    no_number_reason: NoNumberReason | None
    display_name: str = ""
    """The name the other side gave itself: shown as such, never taken for an identity."""

    @property
    def e164(self) -> str | None:
        """What customers are looked up by; None when nobody may be looked up."""
        return self.number.e164 if self.number else None


def read_caller(
    number: str | bytes,
    *,
    name: str | bytes = "",
    presentation: str = "",
    rules: TrunkRules = PLAIN,
) -> Caller:
    """Read what a trunk says of the caller; never raises.

    `presentation` is Asterisk's word (`allowed`, `prohib_not_screened`, `unavailable`…), empty if not known.
    """
    raw, shown_name = storable(number), storable(name)
    parsed = parse(number, rules)
    reason = _reason(parsed, shown_name, presentation)
    if reason is None:
        return Caller(raw, parsed, None, shown_name)
    # A carrier may hand us digits that the caller asked to hide: they are not kept at all.
    hidden = any(c.isdigit() for c in raw)
    return Caller("" if hidden else raw, None, reason, "" if hidden or _said(shown_name) else shown_name)


def _reason(parsed: PhoneNumber, name: str, presentation: str) -> NoNumberReason | None:
    """A text that names the reason is more exact than presentation, which knows only hidden and missing."""
    said = _said(name) or _said(parsed.raw.partition("<")[0])
    if parsed.is_known:
        hidden = presentation.startswith("prohib") or parsed.intent is Intent.HIDE
        asked = said in (NoNumberReason.WITHHELD, NoNumberReason.PAYPHONE)
        return (said or NoNumberReason.WITHHELD) if hidden or asked else None
    user = user_part(unicodedata.normalize("NFKC", parsed.raw))
    said = said or _said(user) or _LETTERS.get(user)
    if said:
        return said
    if presentation.startswith("prohib"):
        return NoNumberReason.WITHHELD
    if presentation == "unavailable":
        return NoNumberReason.OUT_OF_AREA
    # Something came that is no number (a SIP user name): kept as an unknown number, so that it can be seen.
    return None if re.search(r"[^\W_]", parsed.raw) else NoNumberReason.ERROR


def _said(text: str) -> NoNumberReason | None:
    return _TEXTS.get(unicodedata.normalize("NFKC", text).strip("\"' ").casefold())


# As number display writes them; only in place of a number, since a name of one letter is a name.
_LETTERS = {
    "P": NoNumberReason.WITHHELD,
    "C": NoNumberReason.PAYPHONE,
    "O": NoNumberReason.OUT_OF_AREA,
    "S": NoNumberReason.OUT_OF_AREA,
    "E": NoNumberReason.ERROR,
}

_TEXTS = {
    text: reason
    for reason, texts in {
        NoNumberReason.WITHHELD: (
            "anonymous", "private", "privacy", "restricted", "withheld", "blocked", "caller id blocked",
            "非通知", "番号非通知", "非通知設定", "通知不可能(非通知)",
        ),
        NoNumberReason.PAYPHONE: ("coin line/payphone", "coin line", "payphone", "公衆電話"),
        NoNumberReason.OUT_OF_AREA: (
            "unavailable", "interaction with other service", "out of area", "not available",
            "表示圏外", "圏外", "通知不可", "通知不可能", "通知圏外", "サービス競合",
        ),
        NoNumberReason.ERROR: ("error", "unknown", "<unknown>", "受信エラー", "不明"),
    }.items()
    for text in texts
}  # fmt: skip

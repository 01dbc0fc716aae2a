"""How a caller is named on the desk."""

from __future__ import annotations

from django.utils.translation import gettext, pgettext

from madoguchi.domain.calls.models import Call
from madoguchi.kit import phone_numbers
from madoguchi.kit.callers import NoNumberReason


def no_number_words(reason: str) -> str:
    """Why a caller has no number, in the words of Japanese number display."""
    words: dict[str, str] = {
        NoNumberReason.WITHHELD: pgettext("caller", "Number withheld"),
        NoNumberReason.PAYPHONE: pgettext("caller", "Payphone"),
        NoNumberReason.OUT_OF_AREA: pgettext("caller", "Number not available"),
        NoNumberReason.ERROR: pgettext("caller", "Number not received"),
    }
    return words.get(reason, words[NoNumberReason.ERROR])


def kind_words(kind: str) -> str:
    """What a number is, where that tells the operator something."""
    return {
        "mobile": pgettext("number kind", "mobile"),
        "fixed": pgettext("number kind", "fixed line"),
        "ip": pgettext("number kind", "IP phone"),
        "toll_free": pgettext("number kind", "toll-free"),
        "navi_dial": pgettext("number kind", "navi dial"),
        "abroad": pgettext("number kind", "abroad"),
        "short": pgettext("number kind", "extension"),
    }.get(kind, "")


def caller_words(call: Call) -> dict[str, str]:
    """The customer's line: how it is written, what it is, and what may be dialled (empty: nothing)."""
    if call.no_number_reason:
        return {"shown": no_number_words(call.no_number_reason), "kind": "", "dials": ""}
    shown = phone_numbers.display(call.customer_e164 or call.caller_raw)
    return {"shown": shown, "kind": kind_words(call.customer_number_kind), "dials": call.customer_e164}


def who(call: Call) -> str:
    """One line for the title, the notification and the lists."""
    if call.customer is not None:
        return gettext("%(name)s (Mr/Ms)") % {"name": str(call.customer)}
    return caller_words(call)["shown"] or gettext("Unknown caller")

"""What a person may dial, and the digits that a trunk is given for it.

The class is decided on the number that is left when every prefix has been taken off, and the digits are put
together anew from it: a carrier prefix or a pause smuggled into the text never reaches the trunk.
"""

from dataclasses import dataclass
from enum import StrEnum

from madoguchi.kit.phone_numbers import PLAIN, Intent, Kind, PhoneNumber, TrunkRules, parse


class DialClass(StrEnum):
    """What a call to this number means for the one who pays and answers for it."""

    DOMESTIC = "domestic"  # fixed, mobile, 050
    TOLL_FREE = "toll_free"
    NAVI_DIAL = "navi_dial"  # 0570: charged by the minute, outside of flat rates
    M2M = "m2m"  # 020: a machine answers
    PREMIUM = "premium"  # 0990, 0170, 0180, …
    SERVICE = "service"  # 1XY and #NNNN
    EMERGENCY = "emergency"  # 110 118 119: the centre's line tells the wrong place
    ABROAD = "abroad"
    INTERNAL = "internal"  # an extension: no trunk's business
    NOT_A_NUMBER = "not_a_number"


ORDINARY = frozenset({DialClass.DOMESTIC, DialClass.TOLL_FREE})
"""What may be dialled until somebody switches on more."""

NEVER_BY_TRUNK = frozenset({DialClass.INTERNAL, DialClass.NOT_A_NUMBER})
"""What no setting can allow: there are no digits to send."""


@dataclass(frozen=True, slots=True)
class Dialable:
    """A text read as something to dial."""

    number: PhoneNumber
    dial_class: DialClass
    digits: str
    """What the trunk gets: digits, or + and digits. Empty when the class is in NEVER_BY_TRUNK."""

    def is_allowed(self, allowed: frozenset[DialClass] = ORDINARY) -> bool:
        """Whether the centre's setting lets this be dialled."""
        return self.dial_class in allowed - NEVER_BY_TRUNK


def dialable(text: str | bytes, rules: TrunkRules = PLAIN) -> Dialable:
    """Read what a person typed or a number on a screen says as something to dial; never raises.

    184 and 186 before the number are sent again where the trunk understands them (`dial_intent`).
    """
    number = parse(text, rules)
    dial_class = class_of(number)
    return Dialable(number, dial_class, "" if dial_class in NEVER_BY_TRUNK else _digits(number, rules))


def class_of(number: PhoneNumber) -> DialClass:
    """The class of a number that was read before."""
    if number.kind is Kind.SERVICE and number.digits in _EMERGENCY:
        return DialClass.EMERGENCY
    return _CLASSES[number.kind]


def _digits(number: PhoneNumber, rules: TrunkRules) -> str:
    if number.e164 is None:
        return rules.dial_prefix + number.digits
    if number.intent and rules.dial_intent:
        # Before 184 and 186 only the national form is understood, and 010 for abroad.
        return rules.dial_prefix + _INTENT_DIGITS[number.intent] + number.digits.replace("+", "010")
    if rules.dial_e164:
        return rules.dial_prefix + number.e164
    return rules.dial_prefix + number.digits.replace("+", "010")


_EMERGENCY = frozenset({"110", "118", "119"})
_INTENT_DIGITS = {Intent.HIDE: "184", Intent.SHOW: "186"}
_CLASSES = {
    Kind.FIXED: DialClass.DOMESTIC,
    Kind.MOBILE: DialClass.DOMESTIC,
    Kind.IP: DialClass.DOMESTIC,
    Kind.TOLL_FREE: DialClass.TOLL_FREE,
    Kind.NAVI_DIAL: DialClass.NAVI_DIAL,
    Kind.M2M: DialClass.M2M,
    Kind.PREMIUM: DialClass.PREMIUM,
    Kind.SERVICE: DialClass.SERVICE,
    Kind.ABROAD: DialClass.ABROAD,
    Kind.SHORT: DialClass.INTERNAL,
    Kind.UNKNOWN: DialClass.NOT_A_NUMBER,
}

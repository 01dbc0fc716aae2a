"""By which line a call goes out, and which numbers may be dialled."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madoguchi.domain.calls.errors import NoTrunk, NumberRefused
from madoguchi.domain.clients.models import Number
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.queries import rules_of
from madoguchi.kit.dialling import ORDINARY, DialClass, dialable


def outbound_trunk(number: Number | None) -> Trunk:
    """The line for calls from our `number`: its own, else any that goes out. Raises `NoTrunk`."""
    usable = Trunk.objects.filter(active=True, outbound=True).order_by("demonstration", "pk")
    own = usable.filter(pk=number.trunk_id).first() if number and number.trunk_id else None
    found = own or usable.first()
    if found is None:
        raise NoTrunk
    return found


def dialable_number(text: str, trunk: Trunk) -> str:
    """The digits to dial on this trunk. Raises `NumberRefused` for what it may not, or cannot, dial."""
    read = dialable(text, rules_of(trunk))
    if not read.is_allowed(_allowed(trunk)):
        raise NumberRefused(number=text, why=_WHY.get(read.dial_class, _("it is not a telephone number")))
    return read.digits


def shown_number(number: Number | None) -> str:
    """Our number as the called person sees it; empty where none of ours is shown."""
    return number.e164.replace("+81", "0", 1) if number else ""


def _allowed(trunk: Trunk) -> frozenset[DialClass]:
    abroad = {DialClass.ABROAD} if trunk.allow_abroad else set()
    charged = {DialClass.PREMIUM, DialClass.NAVI_DIAL, DialClass.SERVICE} if trunk.allow_premium else set()
    return ORDINARY | abroad | charged


_CHARGED = _("numbers that cost extra are switched off for this line")
_WHY = {
    DialClass.ABROAD: _("calls abroad are switched off for this line"),
    DialClass.PREMIUM: _CHARGED,
    DialClass.NAVI_DIAL: _CHARGED,
    DialClass.SERVICE: _CHARGED,
    DialClass.EMERGENCY: _("emergency calls must be made from a telephone whose place is known"),
    DialClass.M2M: _("a machine would answer"),
}

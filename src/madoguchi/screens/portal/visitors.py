"""Whom a visitor may be, and whom they may call."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.domain.clients.models import Number

WITHHELD = "withheld"
STRANGER = "08000009999"
"""A number that no customer of the demonstration has."""


@dataclass(frozen=True)
class Visitor:
    """Somebody to call as. `number` is what the centre sees; WITHHELD shows none."""

    number: str
    name: object
    story: object


# Invented people of the demonstration, by name and number, and not read from the customers: this page
# needs no log-in, and must show nobody real.
VISITORS = (
    Visitor("0301230100", "髙橋 花子", _("Waits for the date of a repair; a promise to her is broken.")),
    Visitor("09000001207", "山田 太郎", _("Calls about a washing machine.")),
    Visitor("09000001228", "松本 さやか", _("“Do not call me back” stands with her important points.")),
    Visitor("0301230139", "和田 絹代", _("Orders by telephone.")),
    Visitor(STRANGER, pgettext_lazy("visitor", "Somebody new"), _("No customer has this number yet.")),
    Visitor(WITHHELD, pgettext_lazy("visitor", "Number withheld"), _("The centre sees no number at all.")),
)


def visitor(number: str) -> Visitor:
    """The person with this number; the first one for a number that is nobody's."""
    return next((one for one in VISITORS if one.number == number), VISITORS[0])


def numbers() -> QuerySet[Number]:
    """What a visitor may call: numbers on the demonstration's own line, and no other."""
    return (
        Number.objects.filter(active=True, trunk__demonstration=True)
        .select_related("client", "hours")
        .order_by("pk")
    )

"""Finding people: by the number that rings, and by what a colleague types into a search field."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q, QuerySet

from madoguchi.domain.customers.models import Customer, ImportantPoint

MOST_ON_ONE_NUMBER = 20
"""A company's main number may belong to hundreds; whom the caller is, they must then say."""


def by_number(client_id: int, e164: str) -> list[Customer]:
    """Who of this client's customers has the number: those who called last first, at most twenty.

    One statement; it stands between the arrival of a call and its first sound.
    """
    if not e164:
        return []
    found = (
        Customer.objects.filter(client_id=client_id, numbers__e164=e164)
        .select_related("company")
        .order_by(F("numbers__last_call_at").desc(nulls_last=True), "pk")
    )
    return list(found[:MOST_ON_ONE_NUMBER])


def points_in_force(customer_id: int, today: date) -> QuerySet[ImportantPoint]:
    """Important points that hold today, the newest first."""
    return ImportantPoint.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today), customer_id=customer_id, withdrawn_at=None
    )

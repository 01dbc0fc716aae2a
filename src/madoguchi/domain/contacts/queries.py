"""The history of a customer, newest first."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from madoguchi.domain.contacts.models import Contact


def history(customer_id: int, *, except_call: UUID | None = None) -> QuerySet[Contact]:
    """All contacts of a customer over all channels; `except_call` leaves out the one under way."""
    rows = Contact.objects.filter(customer_id=customer_id).select_related("reason", "client").order_by("-at")
    return rows.exclude(call_id=except_call) if except_call else rows

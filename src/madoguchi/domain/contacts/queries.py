"""The history of a customer, newest first."""

from __future__ import annotations

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from madoguchi.domain.contacts.models import Contact, Note
from madoguchi.domain.people.models import Account


def notes_of(contact_id: int) -> list[Note]:
    """What each person wrote of a contact, in order; `by_name` is their name."""
    by = Account.objects.filter(pk=OuterRef("account_id")).values("name")
    notes = Note.objects.filter(contact=contact_id).exclude(text="")
    return list(notes.annotate(by_name=Subquery(by)).order_by("began_at", "pk"))


def history(customer_id: int, *, except_call: UUID | None = None) -> QuerySet[Contact]:
    """All contacts of a customer over all channels; `except_call` leaves out the one under way."""
    rows = Contact.objects.filter(customer_id=customer_id).select_related("reason", "client").order_by("-at")
    return rows.exclude(call_id=except_call) if except_call else rows

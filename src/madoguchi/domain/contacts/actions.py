"""Writing the history: a contact opens before anything else is done with it, and is described at its end.

The actions of the `calls` room call these within their own transaction, forty times a second on a
busy floor: each is one statement and announces nothing, since the caller knows whose desk it concerns.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Subquery

from madoguchi.domain.clients.models import Reason
from madoguchi.domain.contacts.models import Contact


def open_contact(
    *,
    client_id: int | None,
    channel: str,
    at: datetime,
    call_id: UUID | None,
    customer_id: int | None = None,
    menu: str = "",
    account_id: int | None = None,
) -> Contact:
    """Write down that somebody made contact, before it is known who or why (law 1).

    Raises IntegrityError for a second contact of one call: a call has one.
    """
    return Contact.objects.create(
        client_id=client_id,
        customer_id=customer_id,
        channel=channel,
        at=at,
        call_id=call_id,
        menu=menu[:80],
        account_id=account_id,
    )


def note_menu(contact_id: int, menu: str, reason_id: int | None = None) -> None:
    """Keep what was chosen in the menu, and the call reason that it stands for, if that still exists."""
    reason = Reason.objects.filter(pk=reason_id or 0).values("pk")[:1]
    Contact.objects.filter(pk=contact_id).update(menu=menu[:80], reason_id=Subquery(reason))


def spoken_by(contact_id: int, account_id: int) -> None:
    """Keep who speaks with the customer; the last to do so stays."""
    Contact.objects.filter(pk=contact_id).update(account_id=account_id)


def link_customer(contact_id: int, customer_id: int | None, *, acting_user: int | None) -> bool:
    """Say whose contact this was; None: nobody we know. False when there is no such contact.

    `acting_user` is not stored here: the call keeps who chose the person (`customer_chosen_by`).
    """
    return Contact.objects.filter(pk=contact_id).update(customer_id=customer_id) == 1


def describe(
    contact_id: int,
    *,
    reason_id: int | None,
    handling: str,
    reception: str,
    marks: Iterable[str],
    summary: str,
    acting_user: int | None = None,
    closed_at: datetime | None = None,
) -> bool:
    """Write what it was about and what became of it; repeats overwrite, so that autosave is harmless.

    `closed_at` is given once, when the wrap-up ends; None leaves it as it is, and so does `acting_user`,
    who is kept as the one that spoke last. False: no such contact.
    """
    fields: dict[str, object] = {
        "reason_id": reason_id,
        "handling": handling,
        "reception": reception,
        "marks": sorted(set(marks)),
        "summary": summary,
    }
    if acting_user is not None:
        fields["account_id"] = acting_user
    if closed_at is not None:
        fields["closed_at"] = closed_at
    return Contact.objects.filter(pk=contact_id).update(**fields) == 1


def close(contact_id: int, at: datetime) -> None:
    """Mark that nothing more is being written about it; the first time stays."""
    Contact.objects.filter(pk=contact_id, closed_at=None).update(closed_at=at)

"""Writing the history: a contact opens before anything else is done with it, and is described at its end.

The actions of the `calls` room call these within their own transaction, forty times a second on a
busy floor: each is one statement (`write_note`: five) and announces nothing, since the caller knows
whose desk it concerns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db import connection
from django.db.models import Subquery

from madoguchi.domain.clients.models import Reason
from madoguchi.domain.contacts.both import with_both
from madoguchi.domain.contacts.models import Contact, Note
from madoguchi.domain.ledger.prepared import Statement, execute
from madoguchi.domain.ledger.shapes import Shape


class Choices(TypedDict, total=False):
    """What is chosen, not written, about a contact."""

    reason_id: int | None
    handling: str
    """A `Handling`, or empty."""
    reception: str
    """A `Reception`, or empty."""
    marks: Sequence[str]
    """`Mark` values; the whole set."""


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
    made = Contact(
        client_id=client_id,
        customer_id=customer_id,
        channel=channel,
        at=at,
        call_id=call_id,
        menu=menu[:80],
        account_id=account_id,
    )
    with connection.cursor() as cursor:
        execute(cursor, _CONTACT.insert(made, "RETURNING id"))
        (made.pk,) = cursor.fetchone()
    return made


_CONTACT = Shape(Contact)


def note_menu(contact_id: int, menu: str, reason_id: int | None = None) -> None:
    """Keep what was chosen in the menu, and the call reason that it stands for, if that still exists."""
    reason = Reason.objects.filter(pk=reason_id or 0).values("pk")[:1]
    Contact.objects.filter(pk=contact_id).update(menu=menu[:80], reason_id=Subquery(reason))


def spoken_by(contact_id: int, account_id: int) -> None:
    """Keep who speaks with the customer; the last to do so stays."""
    with connection.cursor() as cursor:
        execute(cursor, (_SPOKEN_BY, [contact_id, account_id]))


_SPOKEN_BY = Statement("UPDATE contacts_contact SET account_id = $2 WHERE id = $1")


def link_customer(contact_id: int, customer_id: int | None, *, acting_user: int | None) -> bool:
    """Say whose contact this was; None: nobody we know. False when there is no such contact.

    `acting_user` is not stored here: the call keeps who chose the person (`customer_chosen_by`).
    """
    return Contact.objects.filter(pk=contact_id).update(customer_id=customer_id) == 1


@dataclass(frozen=True, slots=True)
class Written:
    """What stands after somebody saved what they wrote."""

    text: str
    version: int
    kept_both: bool
    """The same person had saved in another window meanwhile: `text` holds the words of both."""


def write_note(
    contact_id: int, text: str | None, choices: Choices, *, based_on: int, acting_user: int, at: datetime
) -> Written | None:
    """Keep what a person writes of a contact, as often as they like; None when there is no such contact.

    `text` is the whole of their own note, None leaves it; `based_on` is the version they had before their
    eyes. A note that was changed since keeps its words and gets theirs. Of `choices` only what is named is
    written: the newest choice of anybody stands.
    """
    # One writer of a contact at a time: else two windows read the same version, and one text is lost.
    contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
    if contact is None:
        return None
    note = contact.notes.filter(account_id=acting_user).first()
    note = note or Note(contact=contact, account_id=acting_user, began_at=at)
    meanwhile = note.version != based_on
    wanted = note.text if text is None else with_both(note.text, text) if meanwhile else text
    if wanted != note.text:
        note.text, note.version, note.changed_at = wanted, note.version + 1, at
        note.save()
        contact.summary = _joined(contact)
    if "reason_id" in choices:
        # Through the table: a reason that was deleted meanwhile is none.
        contact.reason = Reason.objects.filter(pk=choices["reason_id"] or 0).first()
    contact.handling = choices.get("handling", contact.handling)
    contact.reception = choices.get("reception", contact.reception)
    contact.marks = sorted(set(choices.get("marks", contact.marks)))
    contact.save(update_fields=["summary", *choices])
    return Written(note.text, note.version, kept_both=text not in {None, wanted})


def _joined(contact: Contact) -> str:
    texts = contact.notes.order_by("began_at", "pk").values_list("text", flat=True)
    return "\n".join(text.strip() for text in texts if text.strip())


def close(contact_id: int, at: datetime) -> None:
    """Mark that nothing more is being written about it; the first time stays."""
    with connection.cursor() as cursor:
        execute(cursor, (_CLOSE, [contact_id, at]))


_CLOSE = Statement("UPDATE contacts_contact SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL")

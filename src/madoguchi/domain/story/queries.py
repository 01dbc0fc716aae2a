"""What the desk shows of a customer at the ring (D6): who, what must not be overlooked, what was promised.

Reads only, and a fixed number of statements however long the history is. The call itself lies above this
room: whoever asks says what is known of it (`Visit`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, prefetch_related_objects

from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.queries import OWED
from madoguchi.domain.cases.states import PromiseStage
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.models import Contact, Note
from madoguchi.domain.customers.models import Customer, CustomerNumber, ImportantPoint, Ownership
from madoguchi.domain.people.models import Account
from madoguchi.domain.story import greeting as greetings
from madoguchi.kit.clock import local

CONTACTS = 8
CANDIDATES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is known of the call whose story is told."""

    contact_id: int | None
    """The contact of this very call: it is no past contact."""
    written: bool = False
    """Whether anybody wrote anything of this very call yet."""
    reader: int | None = None
    """Account of who looks: their own note stands in their form, and not in the story."""
    client: Client | None
    customer_id: int | None = None
    e164: str = ""
    """Empty for short numbers and for callers without one: they match nobody."""
    operator: str
    """The operator's name as said on the telephone."""
    menu: str = ""
    waited_s: float = 0
    outbound: bool = False
    acknowledged: frozenset[int] = frozenset()
    """Important points that this operator confirmed in this call."""


@dataclass(frozen=True, slots=True)
class Point:
    """Something nobody may overlook."""

    id: int
    text: str
    noted_at: datetime
    noted_by: str
    until: date | None
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class PromiseShown:
    """A promise as the story and the lists tell it."""

    id: int
    kind: str
    kind_word: str
    what: str
    due_at: datetime | None
    overdue: bool
    made_at: datetime
    made_by: str
    owner: str
    number: str
    number_repeated: bool
    wished_hours: str
    message: str


@dataclass(frozen=True, slots=True)
class PastContact:
    """One earlier contact."""

    id: int
    call_id: UUID | None
    at: datetime
    channel: str
    channel_word: str
    by: str
    reason: str
    handling: str
    reception: str
    marks: tuple[str, ...]
    summary: str
    promises: tuple[PromiseShown, ...]


@dataclass(frozen=True, slots=True)
class NoteShown:
    """What somebody else wrote of this very call."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the desk draws about the other end of the line."""

    greeting: str
    client: Client | None
    identity_items: tuple[str, ...]
    customer: Customer | None
    numbers: tuple[CustomerNumber, ...]
    candidates: tuple[Customer, ...]
    """Who else, or who at all, is known by this number; empty when it is one person and chosen."""
    points: tuple[Point, ...]
    ownerships: tuple[Ownership, ...]
    promises: tuple[PromiseShown, ...]
    """Owed now, overdue first."""
    contacts: tuple[PastContact, ...]
    notes: tuple[NoteShown, ...]
    """What colleagues who had this call before wrote of it, in order."""

    @property
    def unread(self) -> int:
        """Important points that still wait for this operator's word."""
        return sum(not point.acknowledged for point in self.points)

    @property
    def late(self) -> int:
        return sum(promise.overdue for promise in self.promises)


def story(visit: Visit, *, now: datetime) -> Story:
    """The story of the customer of a call, in at most eight statements; nine when colleagues wrote of it."""
    client, people, notes = visit.client, _people(visit), _notes(visit)
    customer = next((one for one in people if one.pk == visit.customer_id), None)
    points, contacts, promises, ownerships = _of(customer, visit, now)
    named = {one for one in [*(c.account_id for c in contacts), *(p.noted_by for p in points)] if one}
    named |= {note.account_id for note in notes}
    named |= {one for promise in promises for one in (promise.made_by, promise.owner_id) if one}
    names = _names(named)
    shown = [_promise(promise, names) for promise in promises]
    made_in = _made_in(promises, shown)
    return Story(
        greeting=_first_words(client, visit, customer),
        client=client,
        identity_items=tuple(str(item) for item in client.identity_items) if client else (),
        customer=customer,
        numbers=tuple(customer.numbers.all()) if customer else (),
        candidates=tuple(one for one in people if customer is None or one.pk != customer.pk),
        points=tuple(_point(point, names, visit.acknowledged) for point in points),
        ownerships=tuple(ownerships),
        promises=tuple(one for row, one in zip(promises, shown, strict=True) if row.stage in OWED),
        contacts=tuple(_contact(contact, names, made_in) for contact in contacts),
        notes=tuple(NoteShown(names.get(one.account_id, ""), one.changed_at, one.text) for one in notes),
    )


def _notes(visit: Visit) -> list[Note]:
    if not visit.written or visit.contact_id is None:
        return []
    of_others = Note.objects.filter(contact=visit.contact_id).exclude(account_id=visit.reader or 0)
    return list(of_others.exclude(text="").order_by("began_at", "pk"))


def _people(visit: Visit) -> list[Customer]:
    """Everybody of that client with the caller's number, and who was chosen."""
    people: dict[int, Customer] = {}
    if visit.e164:
        # From the number's side: asked from the customers', the planner reads all of them.
        same = CustomerNumber.objects.filter(e164=visit.e164).select_related("customer__company")
        if visit.client is not None:
            # People of two clients never mix: another client's customer on this number is nobody here.
            same = same.filter(customer__client=visit.client)
        newest = same.order_by("-customer__updated_at", "customer_id")[:CANDIDATES]
        people = {number.customer_id: number.customer for number in newest}
    if visit.customer_id and visit.customer_id not in people:
        chosen = Customer.objects.filter(pk=visit.customer_id).select_related("company")
        people |= {one.pk: one for one in chosen}
    found = list(people.values())
    prefetch_related_objects(found, "numbers")
    return found


def _of(
    customer: Customer | None, visit: Visit, now: datetime
) -> tuple[list[ImportantPoint], list[Contact], list[Promise], list[Ownership]]:
    if customer is None:
        return [], [], [], []
    today = local(now).date()
    points = customer.important_points.filter(withdrawn_at__isnull=True)
    contacts = list(
        Contact.objects.filter(customer=customer)
        .exclude(pk=visit.contact_id or 0)
        .select_related("reason__parent")
        .order_by("-at", "-pk")[:CONTACTS]
    )
    told = Q(stage__in=OWED) | Q(contact_id__in=[contact.pk for contact in contacts])
    return (
        list(points.filter(Q(until__isnull=True) | Q(until__gte=today))),
        contacts,
        sorted(customer.promises.filter(told), key=_urgency),
        list(customer.ownerships.select_related("product", "contract_holder").order_by("-bought_on", "pk")),
    )


def _urgency(promise: Promise) -> tuple[bool, bool, datetime]:
    return (promise.stage != PromiseStage.BROKEN, promise.due_at is None, promise.due_at or promise.made_at)


def _names(ids: Collection[int]) -> dict[int, str]:
    return dict(Account.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def _first_words(client: Client | None, visit: Visit, customer: Customer | None) -> str:
    if client is None:
        return ""
    wording = greetings.Wording(
        client.name, client.greeting, client.greeting_after_wait, client.apologise_after_s
    )
    if visit.outbound:
        return greetings.calling(wording, operator=visit.operator, name=customer.name if customer else "")
    return greetings.greeting(wording, operator=visit.operator, menu=visit.menu, waited_s=visit.waited_s)


def _point(point: ImportantPoint, names: Mapping[int, str], acknowledged: frozenset[int]) -> Point:
    by = names.get(point.noted_by or 0, "")
    return Point(point.pk, point.text, point.noted_at, by, point.until, point.pk in acknowledged)


def _promise(promise: Promise, names: Mapping[int, str]) -> PromiseShown:
    return PromiseShown(
        id=promise.pk,
        kind=promise.kind,
        kind_word=promise.get_kind_display(),
        what=promise.what,
        due_at=promise.due_at,
        overdue=promise.stage == PromiseStage.BROKEN,
        made_at=promise.made_at,
        made_by=names.get(promise.made_by or 0, ""),
        owner=names.get(promise.owner_id or 0, ""),
        number=promise.number,
        number_repeated=promise.number_repeated,
        wished_hours=promise.wished_hours,
        message=promise.message,
    )


def _made_in(promises: Sequence[Promise], shown: Sequence[PromiseShown]) -> dict[int, list[PromiseShown]]:
    by_contact: dict[int, list[PromiseShown]] = {}
    for row, one in zip(promises, shown, strict=True):
        if row.contact_id is not None:
            by_contact.setdefault(row.contact_id, []).append(one)
    return by_contact


def _contact(
    contact: Contact, names: Mapping[int, str], made_in: Mapping[int, list[PromiseShown]]
) -> PastContact:
    reason = contact.reason
    path = [reason.parent.name, reason.name] if reason and reason.parent else [reason.name] if reason else []
    return PastContact(
        id=contact.pk,
        call_id=contact.call_id,
        at=contact.at,
        channel=contact.channel,
        channel_word=contact.get_channel_display(),
        by=names.get(contact.account_id or 0, ""),
        reason=" › ".join(path),
        handling=contact.get_handling_display() if contact.handling else "",
        reception=contact.get_reception_display() if contact.reception else "",
        marks=tuple(str(mark) for mark in contact.marks),
        summary=contact.summary,
        promises=tuple(made_in.get(contact.pk, ())),
    )

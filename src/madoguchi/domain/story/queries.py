"""What the desk shows of a customer at the ring (D6): who, what must not be overlooked, what was promised.

Reads only, in one journey however long the history is. The call itself lies above this
room: whoever asks says what is known of it (`Visit`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.queries import OWED
from madoguchi.domain.cases.states import PromiseStage
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.models import Contact, Note
from madoguchi.domain.customers.models import Customer, CustomerNumber, ImportantPoint, Ownership
from madoguchi.domain.people.models import Account
from madoguchi.domain.story import greeting as greetings
from madoguchi.domain.story.journey import Given, Journey
from madoguchi.kit.clock import local

CONTACTS = 8
CANDIDATES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is known of the call whose story is told."""

    contact_id: int | None
    """The contact of this very call: it is no past contact."""
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
    taken_over: bool = False
    """Whether a colleague spoke with the customer before, in this very call."""
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


def _told_by(column: str) -> Subquery:
    """The name of the account in a column that is a plain id."""
    return Subquery(Account.objects.filter(pk=OuterRef(column)).values("name")[:1])


def _same_number() -> QuerySet[CustomerNumber]:
    # From the number's side: asked from the customers', the planner reads all of them. People of two
    # clients never mix: another client's customer on this number is nobody here.
    client = Coalesce(Given("client"), F("customer__client"))
    same = CustomerNumber.objects.filter(e164=Given("e164"), customer__client=client)
    return same.select_related("customer__company").order_by("-customer__updated_at", "customer_id")[
        :CANDIDATES
    ]


def _chosen() -> QuerySet[Customer]:
    return Customer.objects.filter(pk=Given("customer")).select_related("company")


def _numbers() -> QuerySet[CustomerNumber]:
    return CustomerNumber.objects.filter(customer=Given("customer")).order_by("pk")


def _points() -> QuerySet[ImportantPoint]:
    points = ImportantPoint.objects.filter(customer=Given("customer"), withdrawn_at__isnull=True)
    in_force = points.filter(Q(until__isnull=True) | Q(until__gte=Given("today")))
    return in_force.annotate(by_name=_told_by("noted_by"))


def _contacts() -> QuerySet[Contact]:
    past = Contact.objects.filter(customer=Given("customer")).exclude(pk=Given("contact"))
    return past.order_by("-at", "-pk")[:CONTACTS]


def _past() -> QuerySet[Contact]:
    return _contacts().select_related("reason__parent").annotate(by_name=_told_by("account_id"))


def _promises() -> QuerySet[Promise]:
    told = Q(stage__in=OWED) | Q(contact__in=_contacts().values("pk"))
    promises = Promise.objects.filter(told, customer=Given("customer"))
    return promises.annotate(made_by_name=_told_by("made_by"), owner_name=_told_by("owner_id"))


def _ownerships() -> QuerySet[Ownership]:
    owned = Ownership.objects.filter(customer=Given("customer"))
    return owned.select_related("product", "contract_holder").order_by("-bought_on", "pk")


def _notes() -> QuerySet[Note]:
    of_others = Note.objects.filter(contact=Given("contact")).exclude(account_id=Given("reader"))
    written = of_others.exclude(text="").annotate(by_name=_told_by("account_id"))
    return written.order_by("began_at", "pk")


_STORY = Journey(_same_number, _chosen, _numbers, _points, _past, _promises, _ownerships, _notes)


def story(visit: Visit, *, now: datetime) -> Story:
    """The story of the customer of a call, in one journey to the database."""
    client = visit.client
    same, chosen, numbers, points, contacts, promises, ownerships, notes = _STORY.make(
        e164=visit.e164 or None,
        client=client.pk if client else None,
        customer=visit.customer_id,
        contact=visit.contact_id or 0,
        reader=visit.reader or 0,
        today=local(now).date(),
    )
    customer: Customer | None = next(iter(chosen), None)
    promises.sort(key=_urgency)
    shown = [_promise(promise) for promise in promises]
    made_in = _made_in(promises, shown)
    return Story(
        greeting=_first_words(client, visit, customer),
        client=client,
        identity_items=tuple(str(item) for item in client.identity_items) if client else (),
        customer=customer,
        numbers=tuple(numbers),
        candidates=tuple(one.customer for one in same if one.customer_id != visit.customer_id),
        points=tuple(_point(point, visit.acknowledged) for point in points),
        ownerships=tuple(ownerships),
        promises=tuple(one for row, one in zip(promises, shown, strict=True) if row.stage in OWED),
        contacts=tuple(_contact(contact, made_in) for contact in contacts),
        notes=tuple(NoteShown(one.by_name or "", one.changed_at, one.text) for one in notes),
    )


def _urgency(promise: Promise) -> tuple[bool, bool, datetime]:
    return (promise.stage != PromiseStage.BROKEN, promise.due_at is None, promise.due_at or promise.made_at)


def _first_words(client: Client | None, visit: Visit, customer: Customer | None) -> str:
    if client is None:
        return ""
    wording = greetings.Wording(
        client.name, client.greeting, client.greeting_after_wait, client.apologise_after_s
    )
    if visit.taken_over:
        return greetings.taking_over(wording, operator=visit.operator)
    if visit.outbound:
        return greetings.calling(wording, operator=visit.operator, name=customer.name if customer else "")
    return greetings.greeting(wording, operator=visit.operator, menu=visit.menu, waited_s=visit.waited_s)


# Rows of a journey carry the names of accounts beside their fields, which Django's types do not know.


def _point(point: Any, acknowledged: frozenset[int]) -> Point:
    by = point.by_name or ""
    return Point(point.pk, point.text, point.noted_at, by, point.until, point.pk in acknowledged)


def _promise(promise: Any) -> PromiseShown:
    return PromiseShown(
        id=promise.pk,
        kind=promise.kind,
        kind_word=promise.get_kind_display(),
        what=promise.what,
        due_at=promise.due_at,
        overdue=promise.stage == PromiseStage.BROKEN,
        made_at=promise.made_at,
        made_by=promise.made_by_name or "",
        owner=promise.owner_name or "",
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


def _contact(contact: Any, made_in: Mapping[int, list[PromiseShown]]) -> PastContact:
    reason = contact.reason
    path = [reason.parent.name, reason.name] if reason and reason.parent else [reason.name] if reason else []
    return PastContact(
        id=contact.pk,
        call_id=contact.call_id,
        at=contact.at,
        channel=contact.channel,
        channel_word=contact.get_channel_display(),
        by=contact.by_name or "",
        reason=" › ".join(path),
        handling=contact.get_handling_display() if contact.handling else "",
        reception=contact.get_reception_display() if contact.reception else "",
        marks=tuple(str(mark) for mark in contact.marks),
        summary=contact.summary,
        promises=tuple(made_in.get(contact.pk, ())),
    )

"""Finding people: by the number that rings, and by what a colleague types into a search field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import F, Q, QuerySet

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers.models import Customer, CustomerNumber, ImportantPoint
from madoguchi.kit.japanese import query_keys
from madoguchi.kit.phone_numbers import parse

MOST_ON_ONE_NUMBER = 20
"""A company's main number may belong to hundreds; whom the caller is, they must then say."""
MOST_FOUND = 50
FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought: at most `MOST_FOUND`, and whether there were more. All are never counted."""

    customers: list[Customer]
    more: bool

    @property
    def count(self) -> str:
        """As it is shown: 7, or 50+."""
        return f"{len(self.customers)}+" if self.more else str(len(self.customers))


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


def search(text: str, *, client_id: int | None = None, most: int = MOST_FOUND) -> Found:
    """People by name, kana, company, customer number, or part of a telephone number.

    Whoever fits the most exactly comes first: customer number, whole telephone number, beginning of a name,
    any part of a name. A search that fits half of all customers stops at `most`.
    """
    words = text.strip()[:100].replace("\0", "")
    rows = Customer.objects.filter(client_id=client_id) if client_id is not None else Customer.objects.all()
    found: dict[int, None] = {}
    for ids in _ways(words, rows, client_id) if words else ():
        found |= dict.fromkeys(islice(ids, most + 1))
        if len(found) > most:
            break
    wanted = list(found)[: most + 1]
    people = rows.select_related("company", "client").prefetch_related("numbers").in_bulk(wanted[:most])
    return Found([people[pk] for pk in wanted[:most] if pk in people], len(wanted) > most)


def points_in_force(customer_id: int, today: date) -> QuerySet[ImportantPoint]:
    """Important points that hold today, the newest first."""
    return ImportantPoint.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today), customer_id=customer_id, withdrawn_at=None
    )


def _ways(words: str, rows: QuerySet[Customer], client_id: int | None) -> Iterator[Iterable[int]]:
    """Ids by each way of searching, the exact ways first; a way is asked only when it is reached."""
    # The index begins with the client; naming them all lets a search over all clients use it too.
    clients = [client_id] if client_id is not None else list(Client.objects.values_list("pk", flat=True))
    named = rows.filter(client_id__in=clients)
    yield _ids(named.filter(external_id=words))
    number = parse(words)
    numbers = CustomerNumber.objects.all()
    if client_id is not None:
        numbers = numbers.filter(customer__client_id=client_id)
    digits = "".join(character for character in number.digits or words if character.isdecimal())
    if number.e164:
        # A whole number is part of no other: looking for it inside others would cost much and bring nothing.
        yield _customers(numbers.filter(e164=number.e164))
    elif len(digits) >= FEWEST_DIGITS and len(digits) >= sum(map(str.isalnum, words)):
        # 090… is stored as +8190…, so the first 0 of what was typed is left away.
        yield _customers(numbers.filter(e164__contains=digits[1:] if digits.startswith("0") else digits))
        yield _ids(named.filter(external_id__startswith=words))
    keys = query_keys(words)
    if keys:
        yield _ids(_each(rows, [f" {key}" for key in keys]))
        # Shorter parts are in no trigram: the whole table would be read.
        if all(len(key) >= 3 for key in keys):
            yield _ids(_each(rows, keys))


def _each(rows: QuerySet[Customer], parts: Iterable[str]) -> QuerySet[Customer]:
    for part in parts:
        rows = rows.filter(key__contains=part)
    return rows


def _ids(rows: QuerySet[Customer]) -> Iterable[int]:
    return rows.values_list("pk", flat=True)[: MOST_FOUND + 1]


def _customers(rows: QuerySet[CustomerNumber]) -> Iterable[int]:
    return rows.values_list("customer_id", flat=True)[: MOST_FOUND + 1]

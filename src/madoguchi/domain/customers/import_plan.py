"""What an import would do to the customers that are there: reads only, the same for preview and import.

A row is the same person as a customer of this client with the same customer number; else with one of its
telephone numbers and the same name; else, where neither a customer number nor a telephone number is given,
with the very same details. So a file that is imported twice changes nothing the second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from madoguchi.domain.customers.import_file import Row
from madoguchi.domain.customers.models import Customer, CustomerNumber, ImportantPoint
from madoguchi.kit.japanese import name_key

BATCH = 500
PLAIN_FIELDS = (
    "name",
    "name_kana",
    "department",
    "postal_code",
    "address",
    "email",
    "external_id",
    "note",
    "birth_date",
)
T = TypeVar("T")


@dataclass(slots=True)
class Plan:
    """What will happen to each row of a batch."""

    new: list[Row] = field(default_factory=list)
    changed: list[tuple[Customer, Row]] = field(default_factory=list)
    """Customers that are there, and the row that tells something else or more of them."""
    unchanged: int = 0


def plan_batch(client_id: int, batch: list[Row]) -> Plan:
    """Find for each row of a batch whether it is new, changes somebody, or says what we know."""
    made = Plan()
    known = _Known(client_id, batch)
    for row in batch:
        customer = known.same_person(row)
        if customer is None:
            made.new.append(row)
        elif changes_of(customer, row) or known.adds(customer, row):
            made.changed.append((customer, row))
        else:
            made.unchanged += 1
    return made


def changes_of(customer: Customer, row: Row) -> list[str]:
    """Fields in which the row says something, and something else. An empty cell takes nothing away."""
    changed = [name for name in PLAIN_FIELDS if getattr(row, name) not in ("", None, getattr(customer, name))]
    company = customer.company.name if customer.company else ""
    return [*changed, "company"] if row.company not in ("", company) else changed


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def called(row: Row | Customer) -> str:
    """What a person is called, as it is compared: somebody without a name by the kana, or the company."""
    company = row.company if isinstance(row, Row) else (row.company.name if row.company else "")
    return name_key(row.name or row.name_kana or company or "")


class _Known:
    """The customers that a batch of rows could be, read in a few statements."""

    def __init__(self, client_id: int, batch: list[Row]) -> None:
        mine = Customer.objects.filter(client_id=client_id).select_related("company")
        ids = [row.external_id for row in batch if row.external_id]
        self._by_id = {one.external_id: one for one in mine.filter(external_id__in=ids).order_by("-pk")}
        numbers = CustomerNumber.objects.filter(
            customer__client_id=client_id,
            e164__in={number.e164 for row in batch for number in row.numbers if number.e164},
        ).select_related("customer__company")
        one_each = {one.pk: one for one in self._by_id.values()}
        self._by_number: dict[tuple[str, str], Customer] = {}
        for number in numbers.order_by("-customer_id"):
            # One object a person, else a later row would write over what an earlier one changed.
            person = one_each.setdefault(number.customer_id, number.customer)
            self._by_number[number.e164, called(person)] = person
        bare = [row for row in batch if not row.external_id and not row.numbers]
        self._alike = list(mine.filter(name__in={row.name for row in bare}).order_by("pk")) if bare else []
        self._numbers, self._points = self._what_they_have()

    def same_person(self, row: Row) -> Customer | None:
        """The customer that the row tells of."""
        if row.external_id in self._by_id:
            return self._by_id[row.external_id]
        for number in row.numbers:
            found = self._by_number.get((number.e164 or "", called(row)))
            # Two customer numbers are two people, also when they share a name and a telephone.
            if found is not None and (not row.external_id or not found.external_id):
                return found
        if row.external_id or row.numbers:
            return None
        return next((one for one in self._alike if _very_same(one, row)), None)

    def adds(self, customer: Customer, row: Row) -> bool:
        """Whether the row knows a telephone number or an important point that is not with the customer."""
        numbers = {number.e164 for number in row.numbers} - self._numbers[customer.pk]
        return bool(numbers) or bool(row.important and row.important not in self._points[customer.pk])

    def _what_they_have(self) -> tuple[dict[int, set[str | None]], dict[int, set[str]]]:
        people = {one.pk for one in [*self._by_id.values(), *self._by_number.values(), *self._alike]}
        numbers: dict[int, set[str | None]] = defaultdict(set)
        for customer_id, e164 in CustomerNumber.objects.filter(customer_id__in=people).values_list(
            "customer_id", "e164"
        ):
            numbers[customer_id].add(e164)
        points: dict[int, set[str]] = defaultdict(set)
        for customer_id, text in ImportantPoint.objects.filter(customer_id__in=people).values_list(
            "customer_id", "text"
        ):
            points[customer_id].add(text)
        return numbers, points


def _very_same(customer: Customer, row: Row) -> bool:
    company = customer.company.name if customer.company else ""
    told = (row.name, row.name_kana, row.company, row.address, row.email)
    return told == (customer.name, customer.name_kana, company, customer.address, customer.email)

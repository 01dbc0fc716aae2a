"""The only writer of customers, their numbers and their important points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from madoguchi.domain.customers import importing
from madoguchi.domain.customers.errors import (
    DetailsInvalid,
    NamelessCustomer,
    NoSuchCustomer,
    NoSuchPoint,
    NumberUnreadable,
    PointEmpty,
)
from madoguchi.domain.customers.import_file import Row, read
from madoguchi.domain.customers.import_plan import BATCH, PLAIN_FIELDS, batches, changes_of, plan
from madoguchi.domain.customers.models import Company, Customer, CustomerNumber, ImportantPoint
from madoguchi.domain.customers.search_keys import company_key, customer_key
from madoguchi.domain.ledger import actions as ledger
from madoguchi.domain.ledger.changes import applied
from madoguchi.kit.clock import now as clock_now
from madoguchi.kit.phone_numbers import PhoneNumber, parse

DETAILS = (
    "name",
    "name_kana",
    "department",
    "postal_code",
    "address",
    "birth_date",
    "email",
    "external_id",
    "note",
)
"""Fields of a customer that people write."""
_SHOWN_ON_DESKS = ("desks", "story offer call promises")
_SHOWN_ON_FLOOR = ("floor", "waiting people attention")
_IMPORT_LOCK = 4127
"""First half of the advisory lock of imports; the client's id is the second."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in numbers of customers; `left_out` are lines with mistakes."""

    new: int
    changed: int
    unchanged: int
    doubled: int
    left_out: int


@transaction.atomic
def create(
    client_id: int,
    *,
    name: str = "",
    name_kana: str = "",
    numbers: Iterable[str] = (),
    company: str = "",
    acting_user: int | None,
    **details: Any,
) -> Customer:
    """Write down a new customer of a client. A name, a name in kana or a company is enough to begin with.

    Raises NamelessCustomer, NumberUnreadable, DetailsInvalid. The same number may belong to others already.
    Announces nothing to desks: nobody has this person on the screen yet.
    """
    read = [read_number(text) for text in numbers if text.strip()]
    customer = Customer(client_id=client_id, company=_company(company))
    _write(customer, {"name": name.strip(), "name_kana": name_kana.strip()} | details)
    for place, number in enumerate({stored(number): number for number in read}.values()):
        CustomerNumber.objects.create(
            customer=customer, e164=stored(number), raw=number.raw[:40], main=place == 0
        )
    ledger.note("created_customer", "customer", customer.pk, acting_user=acting_user)
    return customer


@transaction.atomic
def change(
    customer_id: int, *, company: str | None = None, acting_user: int | None, **details: Any
) -> Customer:
    """Change what is known of a customer; `company` is its name, '' takes it away, None leaves it.

    What changed from what to what is on record. Announces to every desk, since calls lie above this room.
    """
    customer = _locked(customer_id)
    before = customer.company
    if company is not None:
        customer.company = _company(company)
    changes = _write(customer, details)
    if customer.company != before:
        changes["company"] = [str(before or ""), str(customer.company or "")]
    if changes:
        ledger.note("changed_customer", "customer", customer_id, acting_user=acting_user, changes=changes)
        ledger.announce(_SHOWN_ON_DESKS, _SHOWN_ON_FLOOR)
    return customer


@transaction.atomic
def add_number(
    customer_id: int, text: str, *, label: str = "", main: bool = False, acting_user: int | None
) -> CustomerNumber:
    """Add a telephone number, or give a known one a new label. Raises NumberUnreadable."""
    number = read_number(text)
    customer = _locked(customer_id)
    first = not customer.numbers.exists()
    if main:
        customer.numbers.update(main=False)
    row, new = CustomerNumber.objects.get_or_create(
        customer=customer,
        e164=stored(number),
        defaults={"raw": number.raw[:40], "label": label.strip()[:20], "main": main or first},
    )
    if not new and (label.strip() or main):
        row.label, row.main = label.strip()[:20] or row.label, main or row.main
        row.save(update_fields=["label", "main"])
    ledger.note("added_number", "customer", customer_id, acting_user=acting_user, number=row.pk)
    ledger.announce(_SHOWN_ON_DESKS)
    return row


@transaction.atomic
def remove_number(customer_id: int, number_id: int, *, acting_user: int | None) -> None:
    """Take a number from a customer; calls that came from it keep it."""
    row = CustomerNumber.objects.filter(pk=number_id, customer_id=customer_id).first()
    if row is None:
        return
    ledger.note("removed_number", "customer", customer_id, acting_user=acting_user, number=row.e164)
    row.delete()
    ledger.announce(_SHOWN_ON_DESKS)


@transaction.atomic
def note_important_point(
    customer_id: int, text: str, until: date | None, *, acting_user: int | None
) -> ImportantPoint:
    """Write what nobody who speaks with this customer may overlook; `until` is its last day."""
    words = text.strip()
    if not words or len(words) > 200:
        raise PointEmpty
    customer = _locked(customer_id)
    point = ImportantPoint.objects.create(
        customer=customer, text=words, until=until, noted_at=clock_now(), noted_by=acting_user
    )
    ledger.note("noted_point", "customer", customer_id, acting_user=acting_user, point=point.pk)
    ledger.announce(("desks", "story wrap_up offer"))
    return point


@transaction.atomic
def withdraw_important_point(point_id: int, *, acting_user: int | None) -> None:
    """Let an important point no longer hold; the row stays. Raises NoSuchPoint."""
    point = ImportantPoint.objects.select_for_update().filter(pk=point_id, withdrawn_at=None).first()
    if point is None:
        raise NoSuchPoint
    point.withdrawn_at, point.withdrawn_by = clock_now(), acting_user
    point.save(update_fields=["withdrawn_at", "withdrawn_by"])
    ledger.note("withdrew_point", "customer", point.customer_id, acting_user=acting_user, point=point_id)
    ledger.announce(("desks", "story wrap_up offer"))


def read_number(text: str) -> PhoneNumber:
    """A number that can be stored with a customer. Raises NumberUnreadable."""
    number = parse(text)
    if not number.is_known:
        raise NumberUnreadable(number=text.strip()[:40])
    return number


def stored(number: PhoneNumber) -> str:
    """What is compared with callers: E.164, or for an extension its digits."""
    return number.e164 or number.digits


def _company(name: str) -> Company | None:
    words = name.strip()[:120]
    if not words:
        return None
    known = Company.objects.filter(name=words).order_by("pk").first()
    if known is not None:
        return known
    company = Company(name=words)
    company.key = company_key(company)
    company.save()
    return company


def _write(customer: Customer, details: dict[str, Any]) -> dict[str, list[Any]]:
    strangers = details.keys() - set(DETAILS)
    if strangers:
        raise TypeError(f"a customer has no {', '.join(sorted(strangers))}")
    try:
        changes = applied(customer, details)
    except ValidationError as error:
        named = {name: " ".join(words) for name, words in error.message_dict.items()}
        labels = [str(Customer._meta.get_field(name).verbose_name) for name in named if name != "__all__"]  # type: ignore[union-attr]
        raise DetailsInvalid(names="、".join(labels), fields=named) from error
    if not (customer.name or customer.name_kana or customer.company):
        raise NamelessCustomer
    customer.key = customer_key(customer)
    customer.save()
    return changes


def _locked(customer_id: int) -> Customer:
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer
    return customer


def import_file(client_id: int, token: str, *, acting_user: int | None) -> Imported:
    """Take in a file that was examined: all of its good lines, or with an error none.

    1. A lock of its own per client: two imports at once would both find nobody and both write everybody.
    2. The plan is made anew, since people may have changed since the preview.
    3. New customers, changes, numbers and important points are written in batches.
    4. The file is thrown away; the ledger keeps its SHA-256 and the numbers of lines.

    Raises ImportGone. Repeating it with the same content changes nothing.
    """
    content, digest = importing.kept(client_id, token)
    reading = read(content)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Not the client's row: an exclusive lock there would stop arriving calls.
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_IMPORT_LOCK, client_id])
        made = plan(client_id, reading.rows)
        for batch in batches(made.new, BATCH):
            _insert(client_id, batch, acting_user)
        for changed in batches(made.changed, BATCH):
            _update(changed, acting_user)
        done = Imported(
            len(made.new), len(made.changed), made.unchanged, made.doubled, reading.mistaken_lines
        )
        ledger.note(
            "imported_customers", "client", client_id, acting_user=acting_user, sha256=digest, **asdict(done)
        )
        ledger.announce(_SHOWN_ON_DESKS, _SHOWN_ON_FLOOR)
    importing.forget(token)
    return done


def _insert(client_id: int, rows: list[Row], acting_user: int | None) -> None:
    companies = _companies(rows)
    people = []
    for row in rows:
        customer = Customer(client_id=client_id, company=companies.get(row.company))
        for name in PLAIN_FIELDS:
            setattr(customer, name, getattr(row, name))
        customer.key = customer_key(customer)
        people.append(customer)
    Customer.objects.bulk_create(people)
    _add(zip(people, rows, strict=True), acting_user, new=True)


def _update(changed: list[tuple[Customer, Row]], acting_user: int | None) -> None:
    companies = _companies(row for _customer, row in changed)
    for customer, row in changed:
        for name in changes_of(customer, row):
            setattr(customer, name, companies[row.company] if name == "company" else getattr(row, name))
        customer.key, customer.updated_at = customer_key(customer), clock_now()
    people = list({customer.pk: customer for customer, _row in changed}.values())
    Customer.objects.bulk_update(people, [*PLAIN_FIELDS, "company", "key", "updated_at"], batch_size=200)
    _add(changed, acting_user, new=False)


def _add(people: Iterable[tuple[Customer, Row]], acting_user: int | None, *, new: bool) -> None:
    """Numbers and important points that the customers do not have yet."""
    numbers, points, at = [], [], clock_now()
    pairs = list(people)
    told = ImportantPoint.objects.filter(customer__in=[customer for customer, _row in pairs])
    known = set(told.values_list("customer_id", "text"))
    for customer, row in pairs:
        for place, number in enumerate(row.numbers):
            numbers.append(
                CustomerNumber(
                    customer=customer, e164=number.e164 or "", raw=number.raw[:40], main=new and place == 0
                )
            )
        if row.important and (customer.pk, row.important) not in known:
            points.append(
                ImportantPoint(customer=customer, text=row.important, noted_at=at, noted_by=acting_user)
            )
    CustomerNumber.objects.bulk_create(numbers, ignore_conflicts=True)
    ImportantPoint.objects.bulk_create(points)


def _companies(rows: Iterable[Row]) -> dict[str, Company]:
    """The company of each name, made where there is none."""
    names = {row.company for row in rows if row.company}
    found = {one.name: one for one in Company.objects.filter(name__in=names).order_by("-pk")}
    new = [Company(name=name) for name in sorted(names - found.keys())]
    for company in new:
        company.key = company_key(company)
    Company.objects.bulk_create(new)
    return found | {company.name: company for company in new}

"""People are written down and changed: customers, their numbers and their important points."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from madoguchi.domain.customers.errors import (
    DetailsInvalid,
    NamelessCustomer,
    NoSuchCustomer,
    NoSuchPoint,
    NumberNotWhole,
    NumberUnreadable,
    PointEmpty,
)
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
SHOWN_ON_DESKS = ("desks", "story offer call promises")
SHOWN_ON_FLOOR = ("floor", "waiting people attention")


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

    Raises NamelessCustomer, NumberUnreadable, NumberNotWhole, DetailsInvalid. The same number may belong to
    others already. Announces nothing to desks: nobody has this person on the screen yet.
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
        ledger.announce(SHOWN_ON_DESKS, SHOWN_ON_FLOOR)
    return customer


@transaction.atomic
def add_number(
    customer_id: int, text: str, *, label: str = "", main: bool = False, acting_user: int | None
) -> CustomerNumber:
    """Add a telephone number, or give a known one a new label. Raises NumberUnreadable, NumberNotWhole."""
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
    ledger.announce(SHOWN_ON_DESKS)
    return row


@transaction.atomic
def remove_number(customer_id: int, number_id: int, *, acting_user: int | None) -> None:
    """Take a number from a customer; calls that came from it keep it."""
    row = CustomerNumber.objects.filter(pk=number_id, customer_id=customer_id).first()
    if row is None:
        return
    ledger.note("removed_number", "customer", customer_id, acting_user=acting_user, number=row.e164)
    row.delete()
    ledger.announce(SHOWN_ON_DESKS)


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
    """A number that can be stored with a customer. Raises NumberUnreadable, NumberNotWhole.

    Extensions, 1XY and local numbers mean another line at each exchange: callers never come from them.
    """
    number = parse(text)
    if not number.is_known:
        raise NumberUnreadable(number=text.strip()[:40])
    if number.e164 is None:
        raise NumberNotWhole(number=text.strip()[:40])
    return number


def stored(number: PhoneNumber) -> str:
    """What is compared with callers: E.164."""
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

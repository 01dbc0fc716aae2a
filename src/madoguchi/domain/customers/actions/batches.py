"""A batch of rows of a file becomes customers, in a few statements; the caller holds the lock."""

from __future__ import annotations

from collections.abc import Iterable

from madoguchi.domain.customers.import_file import Row
from madoguchi.domain.customers.import_plan import PLAIN_FIELDS, changes_of
from madoguchi.domain.customers.models import Company, Customer, CustomerNumber, ImportantPoint
from madoguchi.domain.customers.search_keys import company_key, customer_key
from madoguchi.kit.clock import now as clock_now


def insert(client_id: int, rows: list[Row], acting_user: int | None) -> None:
    """Write down people whom nobody knew."""
    if not rows:
        return
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


def update(changed: list[tuple[Customer, Row]], acting_user: int | None) -> None:
    """Write what rows tell of people whom we know. An empty cell takes nothing away."""
    if not changed:
        return
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

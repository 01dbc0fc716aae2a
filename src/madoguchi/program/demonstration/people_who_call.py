"""The demonstration's customers, with what they own and what must not be overlooked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers import actions as customers
from madoguchi.domain.customers.models import (
    Company,
    Customer,
    ImportantPoint,
    Ownership,
    Product,
)
from madoguchi.domain.customers.search_keys import company_key
from madoguchi.program.demonstration.cast import COMPANIES, DEALER, PRODUCTS, Caller, callers

POINTS = {
    0: "ご連絡は平日18時以降に。日中の電話は不可。",
    4: "「折り返し不要」。こちらから電話をしない。",
    9: "耳が遠いため、ゆっくり大きな声で。",
    30: "ご家族が代理でお電話されることがある(委任状あり)。",
}
"""Place in the cast → important point."""


def invite(owners: tuple[Client, Client], chance: Random, today: date) -> list[tuple[Caller, Customer]]:
    """Make the customers, in the order of the cast."""
    products = {
        (place, name): Product.objects.create(client=client, name=name)
        for place, (client, names) in enumerate(zip(owners, PRODUCTS, strict=True))
        for name in names
    }
    for name, kana, is_dealer in COMPANIES:
        company = Company(name=name, name_kana=kana, dealer=is_dealer)
        company.key = company_key(company)
        company.save()
    made = []
    for place, caller in enumerate(callers()):
        customer = customers.create(
            owners[caller.client].pk,
            name=caller.name,
            name_kana=caller.kana,
            numbers=[caller.number],
            company=caller.company,
            acting_user=None,
        )
        if place in POINTS:
            customers.note_important_point(customer.pk, POINTS[place], None, acting_user=None)
        if caller.product:
            _own(customer, products[caller.client, caller.product], chance, today)
        made.append((caller, customer))
    return made


def date_points(account_id: int, at: datetime) -> None:
    """Let the important points have been noted by somebody, days ago."""
    for days, point in enumerate(ImportantPoint.objects.order_by("pk"), start=4):
        ImportantPoint.objects.filter(pk=point.pk).update(
            noted_at=at - timedelta(days=days, hours=days), noted_by=account_id
        )


def _own(customer: Customer, product: Product, chance: Random, today: date) -> None:
    bought = today - timedelta(days=chance.randrange(60, 1800))
    dealer = Company.objects.filter(name=DEALER).first() if chance.random() < 0.3 else None
    Ownership.objects.create(
        customer=customer,
        product=product,
        serial=f"{chance.randrange(10**7):07}",
        bought_on=bought,
        contract="販売店の延長保証" if dealer else "メーカー保証",
        contract_holder=dealer,
        contract_until=bought + timedelta(days=365 * (5 if dealer else 1)),
    )

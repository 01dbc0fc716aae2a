"""One journey gives what its querysets would give one by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.test.utils import CaptureQueriesContext

from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.models import Company, Customer, ImportantPoint
from madoguchi.domain.ledger.tests.side_by_side import side_by_side
from madoguchi.domain.people.models import Account
from madoguchi.domain.story.journey import Given, Journey
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def _customers() -> QuerySet[Customer]:
    return Customer.objects.filter(client=Given("client")).select_related("company").order_by("pk")


def _points() -> QuerySet[ImportantPoint]:
    by = Account.objects.filter(pk=OuterRef("noted_by")).values("name")
    points = ImportantPoint.objects.filter(customer__client=Given("client"), until__gte=Given("today"))
    return points.annotate(by_name=Subquery(by))


def _contacts() -> QuerySet[Contact, tuple[object, ...]]:
    return Contact.objects.filter(customer__client=Given("client")).order_by("pk").values_list("pk", "marks")


JOURNEY = Journey(_customers, _points, _contacts)


@pytest.fixture
def client() -> Client:
    client = Client.objects.create(name="さくら電機")
    shop = Company.objects.create(name="高橋商店")
    for name, company in (("髙橋 花子", shop), ("山田 太郎", None)):
        who = Customer.objects.create(client=client, name=name, company=company)
        Contact.objects.create(client=client, customer=who, channel="call_in", at=now(), marks=["praise"])
    by = Account.objects.create(username="suzuki", name="鈴木 由美")
    for until in (date(2026, 1, 1), date(2030, 1, 1)):
        ImportantPoint.objects.create(
            customer=who, text=f"{until}", until=until, noted_by=by.pk, noted_at=now() - timedelta(days=1)
        )
    return client


def read(client_id: int | None) -> tuple[list[Customer], list[ImportantPoint], list[tuple[object, ...]]]:
    customers, points, contacts = JOURNEY.make(client=client_id, today=date(2026, 11, 22))
    return customers, points, contacts


def test_it_gives_objects_with_their_relations_and_annotations(client: Client) -> None:
    with CaptureQueriesContext(connection) as statements:
        customers, points, contacts = read(client.pk)
        assert [(str(one), one.company and one.company.name) for one in customers] == [
            ("髙橋 花子", "高橋商店"),
            ("山田 太郎", None),
        ]
    assert len(statements) == 1
    assert [(one.text, one.by_name) for one in points] == [("2030-01-01", "鈴木 由美")]  # type: ignore[attr-defined]
    assert [marks for _, marks in contacts] == [["praise"], ["praise"]]


def test_the_values_are_those_of_this_journey_and_not_of_the_one_before(client: Client) -> None:
    other = Client.objects.create(name="みなと商事")
    assert [len(rows) for rows in read(other.pk)] == [0, 0, 0]
    assert [len(rows) for rows in read(client.pk)] == [2, 1, 2]
    assert [len(rows) for rows in read(None)] == [0, 0, 0]


def test_what_is_asked_is_never_read_as_sql(client: Client) -> None:
    by_name = Journey(lambda: Customer.objects.filter(name=Given("name")))
    for name in ("'; DROP TABLE customers_customer; --", "100%", "%s", "\\'"):
        Customer.objects.create(client=client, name=name)
        (found,) = by_name.make(name=name)
        assert [one.name for one in found] == [name]


@pytest.mark.django_db(transaction=True)
def test_several_threads_may_make_the_same_journey_for_the_first_time(client: Client) -> None:
    journey = Journey(_customers, _points, _contacts)

    def make() -> list[int]:
        return [len(one) for one in journey.make(client=client.pk, today=date(2026, 11, 22))]

    assert side_by_side(*[make] * 4) == [[2, 1, 2]] * 4


@pytest.mark.django_db(transaction=True)
def test_the_planner_is_told_for_one_journey_only(client: Client) -> None:
    read(client.pk)
    with connection.cursor() as cursor:
        cursor.execute("SHOW join_collapse_limit")
        assert cursor.fetchone() == ("8",)

"""Who it is, what must not be overlooked, what was promised: in one journey to the database."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from madoguchi.domain.cases.models import Promise
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.models import Customer, CustomerNumber, ImportantPoint
from madoguchi.domain.people.models import Account
from madoguchi.domain.story.queries import CONTACTS, Visit, story
from madoguchi.kit.clock import local, now

pytestmark = [pytest.mark.action, pytest.mark.django_db]
NUMBER = "+819012345678"


@pytest.fixture
def client() -> Client:
    return Client.objects.create(name="さくら電機", identity_items=["お名前"])


@pytest.fixture
def hanako(client: Client) -> Customer:
    return customer(client, "髙橋 花子")


def customer(client: Client, name: str, e164: str = NUMBER) -> Customer:
    made = Customer.objects.create(client=client, name=name)
    CustomerNumber.objects.create(customer=made, e164=e164, raw=e164)
    return made


def visit(client: Client, **known: Any) -> Visit:
    return Visit(**{"contact_id": None, "client": client, "operator": "佐藤", **known})


def contact(who: Customer, at: datetime, **fields: Any) -> Contact:
    return Contact.objects.create(client=who.client, customer=who, channel="call_in", at=at, **fields)


def test_a_long_history_costs_one_journey(
    client: Client, hanako: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    by = Account.objects.create(username="suzuki", name="鈴木 由美")
    for day in range(30):
        told = contact(hanako, now() - timedelta(days=day), account_id=by.pk, summary=f"{day}日前")
        Promise.objects.create(
            kind="do", customer=hanako, contact=told, what="連絡", made_at=now(), made_by=by.pk, stage="kept"
        )
        ImportantPoint.objects.create(customer=hanako, text=f"{day}", noted_at=now(), noted_by=by.pk)
    with django_assert_max_num_queries(1):
        told_story = story(visit(client, customer_id=hanako.pk, e164=NUMBER), now=now())
    assert [one.summary for one in told_story.contacts] == [f"{day}日前" for day in range(CONTACTS)]
    assert told_story.contacts[0].by == "鈴木 由美"
    assert told_story.contacts[0].promises[0].what == "連絡"
    assert told_story.promises == ()


def test_a_caller_without_a_number_matches_nobody(client: Client, hanako: Customer) -> None:
    CustomerNumber.objects.create(customer=hanako, e164="", raw="")
    told = story(visit(client, e164=""), now=now())
    assert told.customer is None
    assert (told.candidates, told.contacts, told.points) == ((), (), ())


def test_several_people_on_one_number_are_to_choose_from(client: Client, hanako: Customer) -> None:
    taro = customer(client, "髙橋 太郎")
    unchosen = story(visit(client, e164=NUMBER), now=now())
    assert {one.pk for one in unchosen.candidates} == {hanako.pk, taro.pk}
    chosen = story(visit(client, e164=NUMBER, customer_id=taro.pk), now=now())
    assert chosen.customer == taro
    assert chosen.candidates == (hanako,)


def test_another_clients_customer_on_the_same_number_is_not_shown(client: Client, hanako: Customer) -> None:
    other = Client.objects.create(name="みなと食品")
    assert story(visit(other, e164=NUMBER), now=now()).candidates == ()


def test_what_is_overdue_stands_first_and_what_was_kept_stands_no_more(
    client: Client, hanako: Customer
) -> None:
    at = now()
    for what, stage, due in (
        ("あとで", "open", at + timedelta(days=2)),
        ("まもなく", "open", at + timedelta(hours=1)),
        ("超過", "broken", at - timedelta(hours=5)),
        ("済み", "kept", at - timedelta(days=1)),
    ):
        Promise.objects.create(
            kind="do", customer=hanako, what=what, made_at=at, due_at=due, stage=stage, client=client
        )
    told = story(visit(client, customer_id=hanako.pk), now=at)
    assert [one.what for one in told.promises] == ["超過", "まもなく", "あとで"]
    assert told.late == 1


def test_a_point_holds_until_its_day_or_its_withdrawal(client: Client, hanako: Customer) -> None:
    at = now()
    today = local(at).date()
    for text, until, withdrawn in (
        ("今日まで", today, None),
        ("昨日まで", today - timedelta(days=1), None),
        ("取り下げ", None, at),
        ("ずっと", None, None),
    ):
        ImportantPoint.objects.create(
            customer=hanako, text=text, noted_at=at, until=until, withdrawn_at=withdrawn
        )
    told = story(visit(client, customer_id=hanako.pk), now=at)
    assert {one.text for one in told.points} == {"今日まで", "ずっと"}
    seen = frozenset(one.id for one in told.points if one.text == "ずっと")
    assert story(visit(client, customer_id=hanako.pk, acknowledged=seen), now=at).unread == 1


def test_the_call_itself_is_no_past_contact(client: Client, hanako: Customer) -> None:
    this = contact(hanako, now())
    earlier = contact(hanako, now() - timedelta(hours=1))
    told = story(visit(client, customer_id=hanako.pk, contact_id=this.pk), now=now())
    assert [one.id for one in told.contacts] == [earlier.pk]

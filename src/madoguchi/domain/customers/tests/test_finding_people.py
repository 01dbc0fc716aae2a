"""People are found by the number that rings, and however a colleague writes their name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers import actions, queries
from madoguchi.domain.customers.models import Customer, CustomerNumber
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]

Make = Callable[..., Customer]


@pytest.fixture
def company() -> Client:
    return Client.objects.create(name="さくら電機")


@pytest.fixture
def hanako(company: Client) -> Customer:
    return actions.create(
        company.pk,
        name="髙橋 花子",
        name_kana="タカハシ ハナコ",
        numbers=["090-1234-5678", "03-1234-5678"],
        company="株式会社さくら商店",
        external_id="A-1001",
        acting_user=None,
    )


@pytest.mark.parametrize(
    "text",
    [
        "高橋", "髙橋花子", "花子", "たかはし", "ﾀｶﾊｼ ﾊﾅｺ", "さくら商店", "(株)さくら商店", "橋花子",
        "09012345678", "０９０−１２３４−５６７８", "+81 90 1234 5678", "5678", "0312", "1234", "A-1001",
    ],
)  # fmt: skip
def test_a_person_is_found_however_it_is_written(hanako: Customer, text: str) -> None:
    assert queries.search(text).customers == [hanako]


@pytest.mark.parametrize("text", ["", "  ", "鈴木", "99", "\0", "%", "_", "'; --", "0" * 200])
def test_what_fits_nobody_finds_nobody(hanako: Customer, text: str) -> None:
    assert queries.search(text) == queries.Found([], False)


def test_a_search_keeps_to_its_client(hanako: Customer) -> None:
    other = Client.objects.create(name="もみじ保険")
    for text in ("高橋", "5678", "A-1001", "090-1234-5678"):
        assert queries.search(text, client_id=other.pk).customers == []
        assert queries.search(text, client_id=hanako.client_id).customers == [hanako]


def test_what_fits_many_is_never_counted_whole(company: Client) -> None:
    for number in range(52):
        actions.create(company.pk, name=f"佐藤 {number}号", acting_user=None)
    found = queries.search("佐藤")
    assert (len(found.customers), found.count) == (50, "50+")


def test_who_has_the_number_is_one_statement_and_the_last_caller_first(
    company: Client, hanako: Customer
) -> None:
    taro = actions.create(company.pk, name="高橋 太郎", numbers=["0312345678"], acting_user=None)
    CustomerNumber.objects.filter(customer=taro).update(last_call_at=now() - timedelta(days=1))
    with CaptureQueriesContext(connection) as statements:
        assert queries.by_number(company.pk, "+81312345678") == [taro, hanako]
    assert len(statements) == 1
    other = Client.objects.create(name="もみじ保険")
    assert queries.by_number(other.pk, "+81312345678") == []
    assert queries.by_number(company.pk, "") == []

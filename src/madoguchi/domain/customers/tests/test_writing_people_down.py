"""People are written down in ten seconds, changed on record, and what matters of them stands apart."""

from datetime import date, timedelta

import pytest

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers import actions, errors, queries
from madoguchi.domain.customers.models import Company, Customer
from madoguchi.domain.ledger.models import Entry
from madoguchi.kit.clock import business_day, now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def company() -> Client:
    return Client.objects.create(name="さくら電機")


@pytest.fixture
def hanako(company: Client) -> Customer:
    return actions.create(company.pk, name="高橋 花子", numbers=["09012345678"], acting_user=3)


def test_a_name_in_kana_is_enough(company: Client) -> None:
    customer = actions.create(company.pk, name_kana="タカハシ", acting_user=3)
    assert str(customer) == "タカハシ"
    assert Entry.objects.get(verb="created_customer").by == 3


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, errors.NamelessCustomer),
        ({"name": "　 "}, errors.NamelessCustomer),
        ({"name": "高橋", "numbers": ["だめ"]}, errors.NumberUnreadable),
        ({"name": "高" * 81}, errors.DetailsInvalid),
        ({"name": "高橋", "email": "no"}, errors.DetailsInvalid),
    ],
)
def test_what_cannot_be_stored_is_refused_and_nothing_is_written(
    company: Client, fields: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        actions.create(company.pk, acting_user=3, **fields)  # type: ignore[arg-type]
    assert not Customer.objects.exists()


def test_a_change_is_on_record_and_found_by_the_new_name(hanako: Customer) -> None:
    actions.change(hanako.pk, name="田中 花子", company="さくら商店", acting_user=3)
    assert queries.search("田中").customers == [hanako]
    assert queries.search("さくら商店").customers == [hanako]
    entry = Entry.objects.get(verb="changed_customer")
    assert entry.detail["changes"] == {"name": ["高橋 花子", "田中 花子"], "company": ["", "さくら商店"]}
    actions.change(hanako.pk, name="田中 花子", acting_user=3)
    assert Entry.objects.filter(verb="changed_customer").count() == 1


def test_a_company_of_that_name_is_used_again(company: Client) -> None:
    for name in ("高橋", "鈴木"):
        actions.create(company.pk, name=name, company="さくら商店", acting_user=None)
    assert Company.objects.count() == 1


def test_numbers_are_kept_as_written_and_as_compared(hanako: Customer) -> None:
    row = actions.add_number(hanako.pk, "０３（１２３４）５６７８", label="会社", main=True, acting_user=3)
    assert (row.e164, row.raw, row.main) == ("+81312345678", "０３（１２３４）５６７８", True)
    assert hanako.numbers.filter(main=True).count() == 1
    actions.add_number(hanako.pk, "03-1234-5678", label="実家", acting_user=3)
    assert hanako.numbers.get(e164="+81312345678").label == "実家"
    actions.remove_number(hanako.pk, row.pk, acting_user=3)
    assert hanako.numbers.count() == 1


def test_an_important_point_holds_until_its_day_or_until_withdrawn(hanako: Customer) -> None:
    today = business_day(now())
    past = actions.note_important_point(
        hanako.pk, "旧住所に送らない", today - timedelta(days=1), acting_user=3
    )
    holds = actions.note_important_point(hanako.pk, " ご連絡は18時以降 ", None, acting_user=3)
    assert holds.text == "ご連絡は18時以降"
    assert list(queries.points_in_force(hanako.pk, today)) == [holds]
    actions.withdraw_important_point(holds.pk, acting_user=4)
    assert not queries.points_in_force(hanako.pk, today).exists()
    with pytest.raises(errors.NoSuchPoint):
        actions.withdraw_important_point(holds.pk, acting_user=4)
    assert past.until < today  # type: ignore[operator]


@pytest.mark.parametrize("text", ["", "  ", "あ" * 201])
def test_an_important_point_says_something_short(hanako: Customer, text: str) -> None:
    with pytest.raises(errors.PointEmpty):
        actions.note_important_point(hanako.pk, text, date(2030, 1, 1), acting_user=3)


def test_nobody_is_changed_who_is_not_there() -> None:
    with pytest.raises(errors.NoSuchCustomer):
        actions.change(1, name="x", acting_user=None)


@pytest.mark.parametrize("text", ["1", "20269999", "1234-5678", "内線 1234", "110", "#7119"])
def test_a_number_that_no_caller_can_come_from_is_refused_with_what_to_write(
    hanako: Customer, text: str
) -> None:
    with pytest.raises((errors.NumberNotWhole, errors.NumberUnreadable)) as refused:
        actions.add_number(hanako.pk, text, acting_user=3)
    assert text in refused.value.shown()
    assert hanako.numbers.count() == 1


def test_digits_without_an_area_code_are_told_to_be_incomplete(hanako: Customer) -> None:
    with pytest.raises(errors.NumberNotWhole):
        actions.add_number(hanako.pk, "20269999", acting_user=3)

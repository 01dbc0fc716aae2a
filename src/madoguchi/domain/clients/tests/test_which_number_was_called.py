"""A called number is found by the rules of the trunk it came by, and its hours in one more query."""

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from madoguchi.domain.clients import queries
from madoguchi.domain.clients.models import Client, Hours, Number, SpecialDay
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.calendar import Reason
from madoguchi.kit.clock import TOKYO

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def number() -> Number:
    client = Client.objects.create(name="さくら電機")
    hours = Hours.objects.create(name="平日")
    for weekday in range(5):
        hours.periods.create(weekday=weekday, opens_min=9 * 60, closes_min=12 * 60)
        hours.periods.create(weekday=weekday, opens_min=13 * 60, closes_min=26 * 60)
    SpecialDay.objects.create(hours=hours, date="2026-11-26", name="創立記念日")
    return Number.objects.create(e164="+81312345678", label="修理", client=client, hours=hours)


def test_a_number_is_found_however_the_trunk_writes_it(number: Number) -> None:
    trunk = Trunk.objects.create(
        name="A", endpoint="t-a", host="sip.example", number_rules={"bare": "significant"}
    )
    assert queries.number_for("312345678", trunk) == number
    assert queries.number_for("03-1234-5678", None) == number
    assert queries.number_for("sip:+81312345678@example;user=phone", None) == number
    assert queries.number_for("312345678", None) is None


def test_a_trunk_with_one_number_need_not_say_which(number: Number) -> None:
    trunk = Trunk.objects.create(name="A", endpoint="t-a", host="sip.example")
    assert queries.number_for("login-name", trunk) is None
    Number.objects.update(trunk=trunk)
    assert queries.number_for("login-name", trunk) == number
    # A readable number that is not ours is nobody's, whatever the trunk has.
    assert queries.number_for("0399999999", trunk) is None


def test_of_a_block_of_numbers_the_dialled_one_is_found_wherever_the_provider_writes_it(
    number: Number,
) -> None:
    main = Number.objects.create(e164="+81312340000", label="代表", client=number.client)
    trunk = Trunk.objects.create(name="A", endpoint="t-a", host="sip.example", login="0312340000")
    own = "0312340000"

    def called(raw: str, **headers: str) -> Number | None:
        return queries.number_for(
            raw, trunk, {name.replace("_", "-"): text for name, text in headers.items()}
        )

    assert called(own) == main
    assert called(own, P_Called_Party_ID="<sip:0312345678@provider.example>") == number
    assert called(own, To='"x" <sip:0312345678@provider.example>;tag=1') == number
    assert called("0312345678", To="<sip:0570000000@provider.example>") == number
    # What is none of ours leads back to the address that was called.
    assert called(own, P_Called_Party_ID="<sip:0399999999@provider.example>") == main
    assert called("0399999999", To="<sip:0399999999@provider.example>") is None


def test_a_number_out_of_use_is_none_of_ours(number: Number) -> None:
    Number.objects.update(active=False)
    assert queries.number_for("0312345678", None) is None


def test_number_and_hours_cost_three_queries_once_and_then_one(
    number: Number, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    queries.forget_hours(number.hours_id or 0)
    at = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
    with django_assert_num_queries(3):
        found = queries.number_for("0312345678", None)
        assert found and queries.opening(found, at).is_open
    with django_assert_num_queries(1):
        found = queries.number_for("0312345678", None)
        assert found and queries.opening(found, at).is_open


def test_lunch_midnight_and_a_day_of_the_companys_own_are_seen(number: Number) -> None:
    def at(day: int, hour: int) -> tuple[bool, str]:
        opening = queries.opening(number, datetime(2026, 11, day, hour, 30, tzinfo=TOKYO))
        return opening.is_open, opening.reason

    assert at(24, 12) == (False, Reason.BREAK)
    assert at(25, 1) == (True, Reason.USUAL_HOURS)
    assert at(23, 10) == (False, Reason.HOLIDAY)
    assert at(26, 10) == (False, Reason.COMPANY_DAY)

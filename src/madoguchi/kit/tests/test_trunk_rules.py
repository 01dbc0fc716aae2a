"""Each trunk writes numbers in its own way, and only its own rules are used on them."""

import json

import pytest

from madoguchi.kit.phone_numbers import Bare, Kind, TrunkRules, parse

pytestmark = pytest.mark.pure


def test_a_prefix_of_the_exchange_comes_off_a_whole_number() -> None:
    rules = TrunkRules(strip_prefixes=("8",))
    assert parse("809012345678", rules).e164 == "+819012345678"
    assert parse("8+819012345678", rules).e164 == "+819012345678"


def test_a_prefix_stays_where_no_whole_number_is_left() -> None:
    rules = TrunkRules(strip_prefixes=("8", "0"))
    assert parse("8001", rules).digits == "8001"
    assert parse("0312345678", rules).e164 == "+81312345678"
    assert parse("08012345678", rules).e164 == "+818012345678"


def test_the_longest_prefix_is_tried_first() -> None:
    rules = TrunkRules(strip_prefixes=("9", "99"))
    assert parse("990312345678", rules).e164 == "+81312345678"


def test_an_outside_line_of_zero_is_not_taken_for_a_number_abroad() -> None:
    assert parse("00312345678", TrunkRules(strip_prefixes=("0",))).e164 == "+81312345678"


def test_the_rules_of_one_trunk_do_not_reach_another() -> None:
    assert parse("809012345678").kind is Kind.UNKNOWN


def test_a_dropped_plus_is_put_back_only_where_the_trunk_drops_it() -> None:
    rules = TrunkRules(bare=Bare.INTERNATIONAL)
    assert parse("81312345678", rules).e164 == "+81312345678"
    assert parse("12125550123", rules).e164 == "+12125550123"
    assert parse("0312345678", rules).e164 == "+81312345678"


def test_a_dropped_zero_is_put_back_only_where_the_trunk_drops_it() -> None:
    rules = TrunkRules(bare=Bare.SIGNIFICANT)
    assert parse("312345678", rules).e164 == "+81312345678"
    assert parse("9012345678", rules).e164 == "+819012345678"
    assert parse("0312345678", rules).e164 == "+81312345678"


@pytest.mark.parametrize(
    ("area_code", "local", "e164"),
    [
        ("03", "5234-5678", "+81352345678"),
        ("0422", "51-5131", "+81422515131"),
        ("04992", "2-1111", "+81499221111"),
    ],
)
def test_a_local_number_gets_the_area_code_of_its_trunk(area_code: str, local: str, e164: str) -> None:
    assert parse(local, TrunkRules(area_code=area_code)).e164 == e164


@pytest.mark.parametrize("text", ["110", "119", "1001", "123-4567", "5234-567"])
def test_service_and_short_numbers_are_no_local_numbers(text: str) -> None:
    assert parse(text, TrunkRules(area_code="03")).e164 is None


@pytest.mark.parametrize("wrong", [{"area_code": "3"}, {"area_code": "0a"}, {"strip_prefixes": ("",)},
                                   {"strip_prefixes": ("8-",)}, {"dial_prefix": "0,"}])  # fmt: skip
def test_rules_that_cannot_work_are_refused_when_they_are_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"digits|prefix|area code"):
        TrunkRules(**wrong)  # type: ignore[arg-type]


def test_stored_rules_are_read_back_as_they_were() -> None:
    rules = TrunkRules(strip_prefixes=("8",), bare=Bare.SIGNIFICANT, area_code="03", dial_e164=True)
    assert TrunkRules.from_stored(json.loads(json.dumps(rules.to_stored()))) == rules
    assert TrunkRules.from_stored({}) == TrunkRules()
    assert TrunkRules().to_stored() == {}


@pytest.mark.parametrize(
    "stored",
    [
        {"strip_prefixes": "8"},
        {"strip_prefixes": [8]},
        {"bare": "sideways"},
        {"area_code": 3},
        {"dial_e164": 1},
        {"new": 1},
    ],
)
def test_stored_rules_that_cannot_be_are_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"trunk rule|Bare"):
        TrunkRules.from_stored(stored)

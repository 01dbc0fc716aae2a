import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit.dialling import NEVER_BY_TRUNK, DialClass, class_of, dialable
from madoguchi.kit.phone_numbers import Kind, PhoneNumber, TrunkRules

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "dial_class", "digits"),
    [
        ("03-1234-5678", DialClass.DOMESTIC, "0312345678"),
        ("+81 90-1234-5678", DialClass.DOMESTIC, "09012345678"),
        ("050-1234-5678", DialClass.DOMESTIC, "05012345678"),
        ("0120-123-456", DialClass.TOLL_FREE, "0120123456"),
        ("0570-012-345", DialClass.NAVI_DIAL, "0570012345"),
        ("020-1234-5678", DialClass.M2M, "02012345678"),
        ("0990-123-456", DialClass.PREMIUM, "0990123456"),
        ("0170-123-456", DialClass.PREMIUM, "0170123456"),
        ("117", DialClass.SERVICE, "117"),
        ("110", DialClass.EMERGENCY, "110"),
        ("118", DialClass.EMERGENCY, "118"),
        ("119", DialClass.EMERGENCY, "119"),
        ("+1 212 555 0123", DialClass.ABROAD, "01012125550123"),
        ("1001", DialClass.INTERNAL, ""),
        ("hello", DialClass.NOT_A_NUMBER, ""),
    ],
)
def test_each_number_has_its_class_and_its_digits(text: str, dial_class: DialClass, digits: str) -> None:
    found = dialable(text)
    assert (found.dial_class, found.digits) == (dial_class, digits)


def test_only_ordinary_calls_are_allowed_until_more_is_switched_on() -> None:
    assert dialable("03-1234-5678").is_allowed()
    assert not dialable("+1 212 555 0123").is_allowed()
    assert not dialable("0990-123-456").is_allowed()
    assert not dialable("110").is_allowed()
    assert dialable("110").is_allowed(frozenset({DialClass.EMERGENCY}))


def test_what_has_no_digits_is_never_allowed() -> None:
    assert not dialable("hello").is_allowed(frozenset(DialClass))
    assert not dialable("1001").is_allowed(frozenset(DialClass))


@pytest.mark.parametrize(
    "text", ["0033-010-1-212-555-0123", "184-010-1-212-555-0123", "0012125550123", "001-010-1-212-555-0123"]
)
def test_no_prefix_hides_that_a_call_goes_abroad(text: str) -> None:
    assert dialable(text).dial_class is DialClass.ABROAD


def test_no_prefix_hides_a_premium_number() -> None:
    for text in ("0033-0990-123-456", "184 0990 123 456", "+81 990 123 456", "tel:0990123456;ext=1"):
        assert dialable(text).dial_class is DialClass.PREMIUM


def test_a_carrier_prefix_never_reaches_the_trunk() -> None:
    assert dialable("0033-03-1234-5678").digits == "0312345678"


def test_the_trunk_gets_numbers_in_its_own_form() -> None:
    assert dialable("0312345678", TrunkRules(dial_e164=True)).digits == "+81312345678"
    assert dialable("0312345678", TrunkRules(dial_prefix="0")).digits == "00312345678"
    assert dialable("5234-5678", TrunkRules(area_code="03")).digits == "0352345678"
    assert dialable("+12125550123", TrunkRules(dial_e164=True)).digits == "+12125550123"


def test_the_wish_to_hide_is_dialled_where_the_trunk_understands_it() -> None:
    assert dialable("184-03-1234-5678").digits == "1840312345678"
    assert dialable("186-03-1234-5678", TrunkRules(dial_e164=True)).digits == "1860312345678"
    assert dialable("184-03-1234-5678", TrunkRules(dial_intent=False)).digits == "0312345678"


@given(st.text(max_size=60) | st.text("0123456789+*#,;w@-() ", max_size=30))
def test_a_trunk_never_gets_anything_but_digits(text: str) -> None:
    found = dialable(text)
    assert re.fullmatch(r"\+?[0-9]*|#\d{4}", found.digits)
    assert (found.digits == "") == (found.dial_class in NEVER_BY_TRUNK)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_number_has_a_class(kind: Kind) -> None:
    assert class_of(PhoneNumber("", kind)) in DialClass

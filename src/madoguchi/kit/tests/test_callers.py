import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit.callers import NoNumberReason, read_caller

pytestmark = pytest.mark.pure

P, C, O, E = (  # noqa: E741 - the letters of number display
    NoNumberReason.WITHHELD,
    NoNumberReason.PAYPHONE,
    NoNumberReason.OUT_OF_AREA,
    NoNumberReason.ERROR,
)


@pytest.mark.parametrize(
    ("number", "name", "presentation", "reason"),
    [
        ("anonymous", "", "", P),
        ("Anonymous", "Anonymous", "prohib_not_screened", P),
        ("sip:anonymous@anonymous.invalid", "", "", P),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', "", "", P),
        ("", "", "prohib", P),
        ("", "非通知", "", P),
        ("Private", "", "", P),
        ("P", "", "", P),
        ("Ｐ", "", "", P),
        ("anonymous", "Coin line/payphone", "prohib", C),
        ('"Coin line/payphone" <sip:anonymous@anonymous.invalid>', "", "", C),
        ("公衆電話", "", "", C),
        ("C", "", "", C),
        ("Unavailable", "", "", O),
        ("", "", "unavailable", O),
        ("anonymous", "Interaction with other service", "", O),
        ("表示圏外", "", "", O),
        ("O", "", "", O),
        ("S", "", "", O),
        ("E", "", "", E),
        ("", "", "", E),
        ("", "", "allowed", E),
        ("\x00\x01", "", "", E),
        ("受信エラー", "", "", E),
    ],
)
def test_a_caller_without_a_number_has_a_reason(
    number: str, name: str, presentation: str, reason: NoNumberReason
) -> None:
    caller = read_caller(number, name=name, presentation=presentation)
    assert (caller.number, caller.no_number_reason, caller.e164) == (None, reason, None)


@pytest.mark.parametrize(
    "presentation", ["", "allowed", "allowed_passed_screen", "allowed_failed_screen", "unavailable"]
)
def test_a_number_that_may_be_shown_is_the_caller(presentation: str) -> None:
    caller = read_caller("0312345678", name="ヤマダ", presentation=presentation)
    assert (caller.e164, caller.no_number_reason, caller.display_name) == ("+81312345678", None, "ヤマダ")


@pytest.mark.parametrize(
    ("number", "name", "presentation"),
    [
        ("0312345678", "", "prohib_passed_screen"),
        ("0312345678", "Anonymous", "allowed"),
        ("184-0312345678", "", ""),
        ("0312345678", "03-1234-5678", "prohib"),
    ],
)
def test_digits_that_the_caller_hid_are_not_kept(number: str, name: str, presentation: str) -> None:
    caller = read_caller(number, name=name, presentation=presentation)
    assert caller.no_number_reason is P
    assert caller.e164 is None
    assert "1234" not in repr(caller)


@pytest.mark.parametrize("name", ["C", "P", "E", "Unavailable", "Unknown"])
def test_a_name_that_reads_like_a_reason_does_not_take_the_number_away(name: str) -> None:
    assert read_caller("0312345678", name=name).e164 == "+81312345678"


def test_a_sip_user_name_is_seen_but_matches_nobody() -> None:
    caller = read_caller("visitor-7")
    assert (caller.raw, caller.e164, caller.no_number_reason) == ("visitor-7", None, None)


@given(
    st.text(max_size=60) | st.binary(max_size=60),
    st.text(max_size=30),
    st.sampled_from(["", "prohib", "allowed"]),
)
def test_every_caller_has_a_number_or_a_reason_and_never_both(
    number: str | bytes, name: str, presentation: str
) -> None:
    caller = read_caller(number, name=name, presentation=presentation)
    assert (caller.number is None) == (caller.no_number_reason is not None)

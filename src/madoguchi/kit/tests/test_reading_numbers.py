import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit.phone_numbers import RAW_MAX, Bare, Intent, Kind, TrunkRules, parse

pytestmark = pytest.mark.pure

TOKYO = "+81312345678"


@pytest.mark.parametrize(
    "text",
    [
        "0312345678",
        "03-1234-5678",
        "(03) 1234-5678",
        "０３－１２３４－５６７８",
        "０３（１２３４）５６７８",
        "03ー1234ー5678",  # the long vowel of the kana keyboard
        "03ｰ1234ｰ5678",
        "03‐1234–5678",
        "03−1234−5678",
        "03/1234/5678",
        "03.1234.5678",
        "03　1234　5678",
        "\u202a03-1234-5678\u202c",  # as a telephone copies it
        "03-1234\u200b-5678",
        "+81312345678",
        "+81-3-1234-5678",
        "＋８１ ３ 1234 5678",
        "+81 (0)3-1234-5678",
        "0081 3 1234 5678",
        "010-81-3-1234-5678",
        "tel:+81-3-1234-5678",
        "TEL：03-1234-5678",
        "電話 03-1234-5678",
        "sip:0312345678@203.0.113.7;user=phone",
        "sips:+81312345678@example.com",
        '"窓口" <sip:%2B81312345678@203.0.113.7:5060>;tag=1',
        "sip:0312345678:secret@203.0.113.7",
        "0312345678@203.0.113.7",
        "03-1234-5678（代）",
        "03-1234-5678(代表)",
        "0033-03-1234-5678",
        "184 03-1234-5678",
        b"03-1234-5678",
    ],
)
def test_one_number_in_every_form_is_one_number(text: str | bytes) -> None:
    assert parse(text).e164 == TOKYO
    assert parse(text).kind is Kind.FIXED
    assert parse(text).digits == "0312345678"


@pytest.mark.parametrize(
    ("text", "kind", "e164"),
    [
        ("06-6123-4567", Kind.FIXED, "+81661234567"),
        ("04992-1-2345", Kind.FIXED, "+81499212345"),
        ("03-0000-0000", Kind.FIXED, "+81300000000"),
        ("060-1234-5678", Kind.MOBILE, "+816012345678"),
        ("070-1234-5678", Kind.MOBILE, "+817012345678"),
        ("080-1234-5678", Kind.MOBILE, "+818012345678"),
        ("090-1234-5678", Kind.MOBILE, "+819012345678"),
        ("050-1234-5678", Kind.IP, "+815012345678"),
        ("0120-123-456", Kind.TOLL_FREE, "+81120123456"),
        ("0800-123-4567", Kind.TOLL_FREE, "+818001234567"),
        ("0570-012-345", Kind.NAVI_DIAL, "+81570012345"),
        ("0990-123-456", Kind.PREMIUM, "+81990123456"),
        ("0170-123-456", Kind.PREMIUM, "+81170123456"),
        ("0180-993-000", Kind.PREMIUM, "+81180993000"),
        ("020-1234-5678", Kind.M2M, "+812012345678"),
        ("0200-1234567890", Kind.M2M, "+812001234567890"),
        ("110", Kind.SERVICE, None),
        ("#9110", Kind.SERVICE, None),
        ("+1 212-555-0123", Kind.ABROAD, "+12125550123"),
        ("010 1 212 555 0123", Kind.ABROAD, "+12125550123"),
        ("001 010 1 212 555 0123", Kind.ABROAD, "+12125550123"),
        ("+44 (0)20 7946 0018", Kind.ABROAD, "+442079460018"),
        ("+39 06 1234 5678", Kind.ABROAD, "+390612345678"),
        ("1001", Kind.SHORT, None),
        ("*70", Kind.SHORT, None),
    ],
)
def test_every_kind_of_the_plan_is_told_apart(text: str, kind: Kind, e164: str | None) -> None:
    assert (parse(text).kind, parse(text).e164) == (kind, e164)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "alice",
        "sip:alice@example.com",
        "03-1234-567",  # a digit is missing
        "090-1234-567",
        "0900-123-456",
        "012-0123-4567",  # 0120 has ten digits, not eleven
        "0800-123-456",
        "0312345678,,1",
        "0312345678p1",
        "03-1234-5678 03-1234-5679",
        "+81 80 0123 4567 8",
        "+999 123 4567",
        "+",
        "*#*#",
        "٠٣١٢٣٤٥٦٧٨",  # digits, but of no telephone here
        "0" * 30,
        "81312345678",  # no trunk said that it drops the +
        "312345678",
    ],
)
def test_what_is_no_number_is_unknown_and_keeps_its_text(text: str) -> None:
    number = parse(text)
    assert number.kind is Kind.UNKNOWN
    assert number.e164 is None
    assert number.digits == ""
    assert number.raw == text.strip()


def test_184_and_186_are_kept_as_what_the_caller_wished() -> None:
    assert parse("184-090-1234-5678").intent is Intent.HIDE
    assert parse("186 0120-123-456").intent is Intent.SHOW
    assert parse("090-1234-5678").intent is None


def test_a_number_abroad_that_begins_like_184_is_no_wish_to_hide() -> None:
    number = parse("+1 849 123 4567")
    assert (number.intent, number.e164) == (None, "+18491234567")
    number = parse("18402345678", TrunkRules(bare=Bare.INTERNATIONAL))
    assert (number.intent, number.e164) == (None, "+18402345678")


def test_a_carrier_prefix_is_kept_beside_the_number() -> None:
    assert parse("0033 03-1234-5678").carrier_prefix == "0033"
    assert parse("009130-010-1-212-555-0123").carrier_prefix == "009130"
    assert parse("001-010-1-212-555-0123").carrier_prefix == "001"


def test_zero_zero_before_a_country_code_is_a_number_abroad_unless_the_trunk_says_no() -> None:
    assert parse("0012125550123").e164 == "+12125550123"
    assert parse("0012125550123", TrunkRules(zero_zero_is_abroad=False)).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    "text", ["03-1234-5678 内線123", "03-1234-5678 ext. 123", "tel:+81-3-1234-5678;ext=123"]
)
def test_an_extension_stays_beside_the_number(text: str) -> None:
    assert (parse(text).e164, parse(text).extension) == (TOKYO, "123")


@pytest.mark.parametrize(
    "hostile", [b"\xff\xfe\x00\x0103", b"\x00" * 5000, "\udcff\ud800", "a" * 1_000_000, "🙂" * 300]
)
def test_hostile_bytes_become_text_that_can_be_stored(hostile: str | bytes) -> None:
    raw = parse(hostile).raw
    assert len(raw) <= RAW_MAX
    assert "\x00" not in raw
    raw.encode("utf-8")


@given(
    st.one_of(
        st.text(max_size=200), st.binary(max_size=200), st.text("0123456789+-*#()184xsip:@;<> ", max_size=40)
    )
)
def test_reading_never_fails_and_reads_its_own_answer_the_same(text: str | bytes) -> None:
    number = parse(text)
    number.raw.encode("utf-8")
    assert (number.kind is Kind.UNKNOWN) == (number.digits == "")
    if number.e164:
        again = parse(number.e164)
        assert (again.e164, again.kind, again.digits) == (number.e164, number.kind, number.digits)
        assert parse(number.digits).e164 == number.e164


@given(st.from_regex(r"0[1-9][1-9]\d{7}|0[6-9]0[1-9]\d{7}", fullmatch=True), st.data())
def test_separators_never_change_a_number(digits: str, data: st.DataObject) -> None:
    marks = data.draw(
        st.lists(st.sampled_from(["", "-", " ", "ー", "−", "(", ")"]), min_size=11, max_size=11)
    )
    digits = "".join(c for c in digits if c.isascii())
    text = "".join(d + m for d, m in zip(digits, marks, strict=False))
    assert parse(text).e164 == parse(digits).e164

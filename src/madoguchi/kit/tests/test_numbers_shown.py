import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit.phone_numbers import display, parse

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "shown",
    [
        "03-1234-5678",
        "06-6123-4567",
        "045-123-4567",
        "011-234-5678",
        "0422-51-5131",
        "04992-2-1111",
        "0123-45-6789",
        "090-1234-5678",
        "080-1234-5678",
        "070-1234-5678",
        "060-1234-5678",
        "050-1234-5678",
        "0120-123-456",
        "0800-123-4567",
        "0570-012-345",
        "0990-123-456",
        "020-1234-5678",
        "03-0000-0000",
        "090-0000-0000",
        "110",
        "#9110",
        "1001",
        "+1 212-555-0123",
        "+44 20 7946 0018",
    ],
)
def test_numbers_are_hyphenated_as_people_write_them(shown: str) -> None:
    assert display(shown.replace("-", "")) == shown
    assert display(parse(shown)) == shown


def test_a_stored_number_is_shown_as_at_home() -> None:
    assert display("+81422515131") == "0422-51-5131"


def test_what_is_no_number_is_shown_as_it_came() -> None:
    assert display("visitor") == "visitor"
    assert display("") == ""


@given(st.from_regex(r"\A0(?!10)[1-9][0-9]{8,9}\Z"))
def test_showing_a_number_never_changes_it(digits: str) -> None:
    assert parse(display(digits)).e164 == parse(digits).e164
    assert display(digits).replace("-", "") == digits

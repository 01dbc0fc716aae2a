"""Two texts become one without losing a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.domain.contacts.both import with_both

pytestmark = pytest.mark.pure
TEXTS = st.text("あい\n")


@given(st.text("あい\n"), st.text("あい\n"))
def test_every_line_of_both_texts_is_there(standing: str, other: str) -> None:
    both = with_both(standing, other).splitlines()
    for line in [*standing.splitlines(), *other.splitlines()]:
        assert any(kept.startswith(line) for kept in both), (standing, other)


@given(TEXTS, TEXTS)
def test_what_was_put_together_once_stays_as_it_is(standing: str, other: str) -> None:
    both = with_both(standing, other)
    assert with_both(both, other) == both
    assert with_both(both, standing) == both

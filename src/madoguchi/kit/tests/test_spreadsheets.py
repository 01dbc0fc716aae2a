"""Cells of spreadsheets: harmless, and the same when they come back."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit import spreadsheets
from madoguchi.kit.spreadsheets import plain_cell, safe_cell, shift_jis

pytestmark = pytest.mark.pure


def test_the_worked_examples_are_right() -> None:
    result = doctest.testmod(spreadsheets)
    assert (result.attempted, result.failed) == (3, 0)


@given(st.text(alphabet="=+-@'＝＋ab\t "))
def test_no_cell_begins_as_a_formula_and_none_is_changed_by_going_out_and_in(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "＝", "＋"))
    # A text that itself begins with an apostrophe and a sign is the one that cannot be told apart.
    assert plain_cell(cell) == text or text.startswith("'")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_becomes_shift_jis_of_as_many_signs(text: str) -> None:
    assert len(shift_jis(text).decode("cp932")) == len(text)


def test_signs_that_two_tables_number_differently_are_kept() -> None:
    assert shift_jis("10〜20−5—").decode("cp932") == "10～20－5―"

"""What callers hear that nobody has typed."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.domain.prompts import built_in
from madoguchi.domain.prompts.built_in import (
    LANGUAGES,
    MAX_POSITION_SPOKEN,
    BuiltIn,
    all_announcements,
    sentence,
    while_waiting,
)
from madoguchi.science.voice.errors import UnspeakableCharacters
from madoguchi.science.voice.speech import check_speakable

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", list(BuiltIn))
def test_every_sentence_has_words_in_every_language(key: BuiltIn, language: str) -> None:
    words = sentence(key, language, 3)
    assert words
    assert "{" not in words


@pytest.mark.parametrize("key", list(BuiltIn))
def test_every_japanese_sentence_can_be_spoken(key: BuiltIn) -> None:
    words = sentence(key, "ja", 3)
    check_speakable(words)
    with pytest.raises(UnspeakableCharacters):
        check_speakable(f"{words}😀")


def test_a_sentence_with_a_gap_needs_its_number() -> None:
    with pytest.raises(ValueError, match="needs a number"):
        sentence(BuiltIn.POSITION)
    assert "3番目" in sentence(BuiltIn.POSITION, number=3)
    assert "30番目" in sentence(BuiltIn.POSITION, number=4_000)


def test_a_language_we_do_not_speak_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        sentence(BuiltIn.FAREWELL, "fr")


@pytest.mark.parametrize(
    ("position", "wait_s", "said"),
    [
        (1, None, [("next_in_line", None)]),
        (0, None, [("next_in_line", None)]),
        (2, 0, [("position", 2), ("short_wait", None)]),
        (2, 59, [("position", 2), ("short_wait", None)]),
        (2, 60, [("position", 2), ("expected_wait", 1)]),
        (2, 61, [("position", 2), ("expected_wait", 2)]),
        (9, 601, [("position", 9), ("expected_wait", 15)]),
        (9, 3_600, [("position", 9), ("expected_wait", 60)]),
        (9, 3_601, [("position", 9), ("long_wait", None)]),
        (31, float("nan"), [("many_waiting", None)]),
        (31, -5, [("many_waiting", None)]),
    ],
)
def test_a_waiting_caller_hears_place_and_time(
    position: int, wait_s: float | None, said: list[tuple[str, int | None]]
) -> None:
    assert [(one.key.value, one.number) for one in while_waiting(position, wait_s)] == said


@given(st.integers(-5, 500), st.one_of(st.none(), st.floats(0, 20_000)))
def test_whatever_a_caller_may_hear_is_spoken_ahead(position: int, wait_s: float | None) -> None:
    assert set(while_waiting(position, wait_s)) <= set(all_announcements())


@given(st.floats(60, 3_600))
def test_a_caller_is_never_promised_less_than_expected(wait_s: float) -> None:
    said = while_waiting(2, wait_s)[1]
    assert said.number is not None
    assert wait_s <= said.number * 60 <= wait_s + 300


def test_every_place_up_to_the_limit_has_its_sentence() -> None:
    places = [one.number for one in all_announcements() if one.key is BuiltIn.POSITION]
    assert places == list(range(2, MAX_POSITION_SPOKEN + 1))


def test_the_examples_in_the_documentation_are_true() -> None:
    results = doctest.testmod(built_in)
    assert results.attempted > 0
    assert results.failed == 0

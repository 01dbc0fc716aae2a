"""How written text is read: decided by rules, before the voice sees it."""

import doctest
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.science.voice import reading, sound
from madoguchi.science.voice.reading import breaths, spelled_out, unspeakable_in

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("03-1234-5678", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチ"),
        ("(03)1234-5678", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチ"),
        ("+81-3-1234-5678", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチ"),
        ("０１２０−１２３−４５６", "ゼロイチニーゼロの、イチニーサンの、ヨンゴーロク"),
        ("03ー1234ー5678", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチ"),
        ("0120-123-456", "ゼロイチニーゼロの、イチニーサンの、ヨンゴーロク"),
        ("09012345678", "ゼロキューゼロイチ、ニーサンヨンゴー、ロクナナハチ"),
        ("番号は12345です", "番号はイチニーサンヨンゴーです"),
        ("10,000円", "10,000円"),
        ("123456円", "123456円"),
        ("3番", "3番"),
        ("0.5秒", "0.5秒"),
        ("8分", "ハップン"),
        ("18分", "10ハップン"),
        ("9:00~17:30", "9時から17時30分"),
        ("2026/11/21", "2026年11月21日"),
        ("#を", "シャープを"),
        ("*を", "コメジルシを"),
        ("ｶﾀｶﾅ", "カタカナ"),
        ("「はい」", "、はい、"),
    ],
)
def test_text_is_read_as_people_say_it(written: str, read: str) -> None:
    assert spelled_out(written) == read


def test_a_long_text_is_spoken_breath_by_breath() -> None:
    pieces = breaths("はい。いいえ！" + "あいうえお、" * 40)
    assert pieces[:2] == ["はい。", "いいえ!"]
    assert all(len(piece) <= 80 for piece in pieces)
    assert "".join(pieces[2:]) == "あいうえお、" * 40


def test_a_sentence_without_commas_is_cut_by_force() -> None:
    assert [len(piece) for piece in breaths("か" * 200)] == [80, 80, 40]


@pytest.mark.parametrize(
    ("text", "found"), [("やあ😀", ("😀", 2)), ("Привет", ("П", 0)), ("あ\0", ("\0", 1))]
)
def test_a_sign_that_would_be_left_out_is_found(text: str, found: tuple[str, int]) -> None:
    assert unspeakable_in(text) == found


@pytest.mark.parametrize(
    "text", ["お電話、ありがとう。", "ABC 123!?", "￥100〜％", "〒100", "々〆ヶ", "①㈱", "１２３\n"]
)
def test_ordinary_text_has_no_such_sign(text: str) -> None:
    assert unspeakable_in(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_rules(text: str) -> None:
    for piece in breaths(text):
        assert any(character.isalnum() for character in piece)


@given(st.text(alphabet="0123456789-() 円分番:/.,+", max_size=25))
def test_no_heap_of_figures_breaks_the_rules(text: str) -> None:
    # What no voice can say has become a pause, whatever stood around it.
    assert not set("/:()") & set(spelled_out(text))


@pytest.mark.parametrize("module", [reading, sound])
def test_the_examples_in_the_documentation_are_true(module: ModuleType) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0

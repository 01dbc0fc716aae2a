"""What the operator says first."""

import doctest

import pytest

from madoguchi.domain.story import greeting as room
from madoguchi.domain.story.greeting import Wording, calling, greeting, taking_over

pytestmark = pytest.mark.pure

WORDING = Wording(
    "さくら電機",
    "お電話ありがとうございます。{client}{menu}、{operator}でございます。",
    "大変お待たせいたしました。{client}{menu}、{operator}でございます。",
    20,
)


def test_the_examples_hold() -> None:
    assert doctest.testmod(room).failed == 0


def test_a_wait_is_apologised_for_from_the_limit_on() -> None:
    assert greeting(WORDING, operator="佐藤", menu="修理窓口", waited_s=19.9).startswith("お電話ありがとう")
    assert (
        greeting(WORDING, operator="佐藤", menu="修理窓口", waited_s=20)
        == "大変お待たせいたしました。さくら電機 修理窓口、佐藤でございます。"
    )


def test_without_a_menu_choice_no_gap_is_left() -> None:
    assert greeting(WORDING, operator="佐藤").endswith("。さくら電機、佐藤でございます。")


def test_a_template_with_stray_braces_still_greets() -> None:
    odd = Wording("さくら電機", "{client} {0} {unknown} {", "x", 20)
    assert greeting(odd, operator="佐藤") == "さくら電機 {0} {unknown} {"


def test_a_call_that_we_make_names_the_customer() -> None:
    assert calling(WORDING, operator="佐藤", name="髙橋 花子").endswith(
        "髙橋 花子様のお電話でよろしいでしょうか。"
    )
    assert "様" not in calling(WORDING, operator="佐藤")


def test_who_was_handed_on_is_told_that_somebody_else_speaks() -> None:
    assert (
        taking_over(WORDING, operator="田中")
        == "お待たせいたしました。お電話代わりました。さくら電機の田中でございます。"
    )

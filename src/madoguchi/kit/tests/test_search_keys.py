import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit.japanese import index_key, is_kana, kana_key, name_key, query_keys
from madoguchi.kit.kanji_variants import CANONICAL

pytestmark = pytest.mark.pure

ALIKE = [
    # width and kind of kana
    ("ヤマダ", "やまだ", "ﾔﾏﾀﾞ", "ヤマダ ", "やまた"),
    ("ＡＢＣ商会", "abc商会", "Abc 商会"),
    ("ヤマダ タロウ", "ヤマダ・タロウ", "ﾔﾏﾀﾞ･ﾀﾛｳ", "やまだたろう", "ヤマダ　タロー"),
    # voiced marks
    ("なかじま", "なかしま", "ナカジマ"),
    ("やまざき", "やまさき"),
    ("みかづき", "みかずき"),
    ("いしばし", "いしはし"),
    # small kana
    ("きょうこ", "きようこ", "キョーコ"),
    ("はっとり", "はつとり"),
    ("みつヶ丘", "みつケ丘", "みつけ丘"),
    # long vowels
    ("おおの", "おうの", "オーノ"),
    ("ゆうこ", "ユーコ", "ゆうーこ"),
    ("けいこ", "ケーコ", "けえこ"),
    ("しいな", "シーナ"),
    ("マーヤ", "まあや"),
    ("ジョージ", "ジョ―ジ", "ジョウジ"),
    # sounds
    ("ヴィオラ", "びおら"),
    ("ヴェルディ", "ベルディ"),
    ("カヲル", "かおる"),
    # repetition
    ("佐々木", "佐佐木"),
    ("いすゞ", "いすず", "イスズ"),
    # variants of kanji
    ("髙橋", "高橋"),
    ("山﨑", "山崎", "山嵜"),
    ("斉藤", "斎藤", "齋藤", "齊藤"),
    ("渡辺", "渡邊", "渡邉", "渡邉\U000e0101"),
    ("𠮷田", "吉田"),
    ("濱田", "浜田"),
    ("大澤", "大沢"),
    ("葛󠄀城", "葛城"),
    # legal forms
    (
        "株式会社山田商店",
        "(株)山田商店",
        "（株）山田商店",
        "㈱山田商店",
        "山田商店㈱",
        "山田商店 株式会社",
        "山田 商店",
    ),
    ("有限会社さくら", "㈲さくら", "さくら(有)"),
    ("合同会社みどり", "みどり合同会社"),
    ("医療法人社団みなと会", "みなと会"),
    ("特定非営利活動法人ひかり", "NPO法人ひかり", "ひかり"),
    ("カ)ヤマダ", "ヤマダ(カ", "カブシキガイシャヤマダ", "カブシキガイシャ ヤマダ", "ヤマダ"),
    ("山田株式会社 東京支店", "(株)山田 東京支店", "山田東京支店"),
    ("José", "jose", "JOSÉ"),
]


@pytest.mark.parametrize("group", ALIKE, ids=lambda group: group[0])
def test_what_is_taken_for_the_same_has_one_key(group: tuple[str, ...]) -> None:
    assert len({name_key(text) for text in group}) == 1
    assert name_key(group[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("山田", "山本"),
        ("やまだ", "やまもと"),
        ("高橋", "高梨"),
        ("田中", "中田"),
        ("さとう", "かとう"),
        ("かんだ", "かだ"),
        ("株式会社", "有限会社"),
    ],
)
def test_what_is_told_apart_keeps_two_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_reading_keeps_nothing_but_kana() -> None:
    assert kana_key("ヤマダ（山田） Taro 3") == kana_key("やまだ")
    assert kana_key("山田") == ""


@pytest.mark.parametrize("text", ["", "  ", "・", "★", "()", "\u3099", "\U000e0101", "ー"])
def test_marks_alone_have_no_key(text: str) -> None:
    assert name_key(text) == ""
    assert query_keys(text) == ()
    assert index_key(text) == ""


@pytest.mark.parametrize(
    "query",
    [
        "近藤",
        "海",
        "近藤海",
        "海 近藤",
        "こんどう",
        "うみ",
        "コンドウ ウミ",
        "こんどううみ",
        "コンドー",
        "近藤 うみ",
        "㈱港",
        "港水産",
        "水産",
    ],
)
def test_a_customer_is_found_by_any_of_their_words(query: str) -> None:
    stored = index_key("近藤 海", "コンドウ ウミ", "株式会社 港水産")
    keys = query_keys(query)
    assert keys
    assert all(key in stored for key in keys)


def test_a_customer_is_not_found_by_a_stranger_s_word() -> None:
    stored = index_key("近藤 海", "コンドウ ウミ")
    assert not all(key in stored for key in query_keys("近藤 空"))


@pytest.mark.parametrize(
    "text", ["ヤマダ", "やまだ", "ﾔﾏﾀﾞ ﾀﾛｳ", "ジョン・スミス", "ゔ", "いすゞ", "ヤマダ　タロー"]
)
def test_readings_are_kana(text: str) -> None:
    assert is_kana(text)


@pytest.mark.parametrize(
    "text", ["", " ", "山田", "ヤマダ太郎", "Yamada", "ヤマダ1", "・", "ー", "ヤマダ\n<b>"]
)
def test_what_is_no_reading_is_no_kana(text: str) -> None:
    assert not is_kana(text)


def test_no_kanji_stands_in_two_rows() -> None:
    for variant, canonical in CANONICAL.items():
        assert ord(canonical) not in CANONICAL
        assert chr(variant) != canonical
        assert unicodedata.normalize("NFKC", canonical) == canonical


japanese = st.text("あいうえおかがきょゆーっンヴぢづアカガ・ 　々ゝ株式会社()㈱高髙﨑邉ABCé1", max_size=20)


@given(st.one_of(st.text(max_size=40), japanese))
def test_a_key_is_letters_and_digits_without_marks(text: str) -> None:
    key = name_key(text)
    assert all(unicodedata.category(c)[0] in "LN" for c in key)
    assert "ー" not in key
    assert not any("ァ" <= c <= "ヺ" for c in key)


@given(japanese)
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    assert all(key in index_key(text) for key in query_keys(text))


@given(st.text("あいうえおかきくけこがぎぐんアカサ", max_size=12))
def test_hiragana_and_katakana_have_one_key(text: str) -> None:
    katakana = "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)
    assert name_key(text) == name_key(katakana) == kana_key(text)


@given(st.text("あいうえおかきくけこんアカサ高山", max_size=12), st.integers(0, 12))
def test_spaces_never_change_a_key(text: str, at: int) -> None:
    assert name_key(text[:at] + " " + text[at:]) == name_key(text)

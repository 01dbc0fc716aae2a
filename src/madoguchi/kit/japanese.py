"""Search keys of Japanese names and companies: what sounds or looks alike becomes the same.

A key is an index only: what a customer wrote is stored and shown as they wrote it, and keys are compared
with keys. They fold more than a reader would (なかじま and なかしま, おおの and おの): on the telephone a
name is heard, and one row too many in a list does less harm than a customer not found.
"""

import re
import unicodedata

from madoguchi.kit.kanji_variants import CANONICAL


def name_key(text: str) -> str:
    """The key of a name as a whole: 株式会社 髙橋・商店, (株)高橋商店 and 高橋商店㈱ have the same.

    Spaces, marks and legal forms are left out; kana folded as in `kana_key`; kanji to one of their variants.
    Empty when the text has neither letters nor digits.
    """
    return _fold(" ".join(_words(text)))


def kana_key(text: str) -> str:
    """The key of a reading: hiragana only, everything else in the text is left out.

    Folded are: width, ひら and カタ, small kana, voiced marks, long vowels (ー, and a vowel that only draws
    out the one before it), ぢづ to じず, を to お, ヴ to ブ.
    """
    return "".join(c for c in name_key(text) if "ぁ" <= c <= "ゖ")


def index_key(*texts: str) -> str:
    """What is stored to be searched in: the keys of each text and of each of its words, parted by spaces.

    The words stand beside the whole because folding works across them: うみ cannot be found in the
    folded こんどううみ, but beside it. Each begins after a space or at the start: a trigram index finds
    names of two characters by `LIKE 'key%' OR LIKE '% key%'`, but not by `LIKE '%key%'` (tried).
    """
    keys: dict[str, None] = {}
    for text in texts:
        for part in (text, *_words(text)):
            keys[name_key(part)] = None
    return " ".join(filter(None, keys))


def query_keys(text: str) -> tuple[str, ...]:
    """The keys of the words of a search: each must occur somewhere in an `index_key`.

    Empty where there is nothing to search by, which matches nobody.
    """
    return tuple(dict.fromkeys(filter(None, map(name_key, _words(text)))))


def is_kana(text: str) -> bool:
    """Whether a text can be a reading (フリガナ): kana of either kind and width, with spaces, ・ and ー."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return bool(_KANA_TEXT.fullmatch(plain)) and any(_KANA_LETTER.match(c) for c in plain)


def _words(text: str) -> list[str]:
    plain = _BRACKETED.sub(" ", unicodedata.normalize("NFKC", text))
    words = [_without_form(word) for word in _GAPS.split(plain)]
    kept = [word for word in words if word]
    # A company may be called by nothing but a legal form; then that is its name.
    return kept or [word for word in _GAPS.split(unicodedata.normalize("NFKC", text)) if word]


def _without_form(word: str) -> str:
    """The word without 株式会社 and the like at its ends (医療法人社団… has two)."""
    before = None
    while before != word:
        before, word = word, _FORM_AT_AN_END.sub("", word)
    return word


def _fold(text: str) -> str:
    text = _repeated(text.casefold()).translate(CANONICAL)
    hiragana = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)
    hiragana = _VU.sub(lambda found: _VU_ROW[found.group(1)], hiragana).translate(_SOUNDS_LIKE)
    # Decomposed, the voiced marks, accents of Latin letters and variation selectors of kanji are marks (Mn).
    bare = "".join(c for c in unicodedata.normalize("NFKD", hiragana) if unicodedata.category(c)[0] in "LN")
    return _drawn_out(bare.translate(_LARGE).replace("ー", "")).translate(CANONICAL)


def _repeated(text: str) -> str:
    """佐々木 as 佐佐木, いすゞ as いすず (the voiced mark falls away later anyway)."""
    out: list[str] = []
    for c in text:
        out.append(out[-1] if c in "々〻ゝゞヽヾ" and out else c)
    return "".join(out)


def _drawn_out(text: str) -> str:
    """Leave out a vowel that only draws out the one before it: こうの こおの この, けいこ けえこ."""
    out: list[str] = []
    row = ""
    for c in text:
        if c not in _DRAWS.get(row, ""):
            out.append(c)
            row = _ROW_OF.get(c, "")
    return "".join(out)


_GAPS = re.compile(r"[\s・･,、/]+")
_KANA_TEXT = re.compile(r"[ぁ-ゖァ-ヺー・\s゛゜\u3099\u309aゝゞヽヾ]+")
_KANA_LETTER = re.compile(r"[ぁ-ゖァ-ヺ]")

# NFKC has made (株) of ㈱. カ) and the like are the way of bank transfers.
_BRACKETED = re.compile(r"\((?:株|有|同|名|資|社|財|医|学|福|宗|特非|独|カ|ユ|ド|メ|シ)\)")
_FORMS = (
    "株式会社|有限会社|合同会社|合名会社|合資会社|相互会社|(?:一般|公益|特定非営利活動|医療|学校|宗教|社会福祉|独立行政)?法人|"
    "(?:一般|公益)?(?:社団|財団)法人|社団|財団|npo法人|NPO法人|カブシキ[ガカ]イシャ|ユウゲン[ガカ]イシャ|ゴウドウ[ガカ]イシャ|"
    "かぶしき[がか]いしゃ|ゆうげん[がか]いしゃ|ごうどう[がか]いしゃ"
)
_FORM_AT_AN_END = re.compile(rf"^(?:{_FORMS}|[株有カユド]\))|(?:{_FORMS}|\([株有カユド])$")

_VU = re.compile("ゔ([ぁぃぇぉ]?)")
_VU_ROW = {"": "ぶ", "ぁ": "ば", "ぃ": "び", "ぇ": "べ", "ぉ": "ぼ"}
_SOUNDS_LIKE = str.maketrans("ぢづを" + "ゐゑ", "じずお" + "いえ")
_LARGE = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")

_ROWS = {
    "a": "あかさたなはまやらわ",
    "i": "いきしちにひみり",
    "u": "うくすつぬふむゆる",
    "e": "えけせてねへめれ",
    "o": "おこそとのほもよろ",
}
_ROW_OF = {kana: row for row, kanas in _ROWS.items() for kana in kanas}
_DRAWS = {"a": "あ", "i": "い", "u": "う", "e": "えい", "o": "おう"}

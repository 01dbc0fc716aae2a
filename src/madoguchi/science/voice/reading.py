"""How a written text is to be read aloud: numbers, signs, and where to breathe."""

import re
import unicodedata
from collections.abc import Iterator

MAX_TEXT_CHARACTERS = 600
_MAX_BREATH_CHARACTERS = 80

# Telephone numbers as people write them in Japan: 03-1234-5678, (03)1234-5678, 09012345678, +81 3 1234 5678,
# 0120-123-456, 0570…, and the short ones (110, 171) only where 番 does not make them something else.
_TELEPHONE = re.compile(
    r"(?<![\d.,])(?:\+81[\s-]?\(?|\(?0)\d{1,4}\)?[\s-]?\d{1,4}[\s-]?\d{3,4}(?![\d.,]?\d)(?!\s*円)"
)
# The dashes that Japanese input methods put between figures, the long-vowel sign among them.
_DASH = re.compile(r"(?<=\d)[−‐‑‒–—―ー](?=\d)")
# A code, a customer number, a post code: five figures and more without a thousands comma.
_LONG_NUMBER = re.compile(r"(?<![\d.,])\d{5,}(?![\d,]*[.,]?\d)(?!\s*(?:円|人|件|個|名|万|億))")
_DIGIT_WORDS = dict(
    zip(
        "0123456789",
        ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー"),
        strict=True,
    )
)

# What the dictionary reads otherwise than an announcer would.
_READINGS = (
    (re.compile(r"(?<!\d)((?:19|20)\d\d)[/.](\d{1,2})[/.](\d{1,2})(?!\d)"), r"\1年\2月\3日"),
    (re.compile(r"(?<!\d)([01]?\d|2[0-9]):00(?!\d)"), r"\g<1>時"),
    (re.compile(r"(?<!\d)([01]?\d|2[0-9]):([0-5]\d)(?!\d)"), r"\g<1>時\g<2>分"),
    (re.compile(r"(?<!\d)8分(?!の)"), "ハップン"),
    (re.compile(r"(?<!\d)([1-9])8分(?!の)"), r"\g<1>0ハップン"),
    (re.compile(r"[#♯]"), "シャープ"),
    (re.compile(r"[*※✱]"), "コメジルシ"),
    (re.compile(r"&"), "アンド"),
    (re.compile(r"〒"), "郵便番号"),
    (re.compile(r"(?<=[\w))])\s*[~〜]\s*(?=\w)"), "から"),
    (re.compile(r"[~〜]"), " "),
    (re.compile(r"""["'«»<>_|^`\\]"""), " "),
)
_PAUSES = re.compile(r"[・…—–:;/\t()\[\]{}「」『』【】〈〉《》“”‘’]+")
_SENTENCE = re.compile(r"[^。!?\n]+[。!?]*")


def breaths(text: str) -> list[str]:
    """The text as it is to be spoken, cut into pieces of one breath each.

    >>> breaths("番号は03-1234-5678です。")
    ['番号はゼロサンの、イチニーサンヨンの、ゴーロクナナハチです。']
    """
    prepared = spelled_out(text)
    pieces: list[str] = []
    for sentence in _SENTENCE.findall(prepared):
        pieces.extend(_short_enough(sentence.strip()))
    return [piece for piece in pieces if any(character.isalnum() for character in piece)]


def spelled_out(text: str) -> str:
    """The text with telephone numbers and long numbers figure by figure, and signs as words."""
    folded = unicodedata.normalize("NFKC", text)
    folded = _DASH.sub("-", folded)
    folded = _TELEPHONE.sub(lambda found: _telephone_words(found.group()), folded)
    folded = _LONG_NUMBER.sub(lambda found: _digit_words(found.group()), folded)
    for pattern, reading in _READINGS:
        folded = pattern.sub(reading, folded)
    return _PAUSES.sub("、", folded)


def _telephone_words(number: str) -> str:
    """Figure by figure, 「の」 between the groups, as operators read numbers back."""
    national = re.sub(r"^\+81[\s-]?\(?0?", "0", number)
    groups = [group for group in re.split(r"\D+", national) if group]
    return "の、".join(_digit_words(group) for group in groups)


def _digit_words(digits: str) -> str:
    if len(digits) <= 5:
        return "".join(_DIGIT_WORDS[digit] for digit in digits)
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return "、".join("".join(_DIGIT_WORDS[digit] for digit in group) for group in groups)


def _short_enough(sentence: str) -> Iterator[str]:
    """Cut a sentence at its commas, and where there are none by force: the synthesiser's cost and its
    danger of running away both grow with the length of a piece."""
    current = ""
    for clause in re.findall(r"[^、,]+[、,]*", sentence):
        for part in (
            clause[at : at + _MAX_BREATH_CHARACTERS] for at in range(0, len(clause), _MAX_BREATH_CHARACTERS)
        ):
            if current and len(current) + len(part) > _MAX_BREATH_CHARACTERS:
                yield current
                current = ""
            current += part
    if current:
        yield current


def unspeakable_in(text: str) -> tuple[str, int] | None:
    """The first sign that would be left out in silence, with its position; None when all can be read.

    Punctuation is silent by nature and passes. Letters of other scripts and pictures do not.
    """
    for position, character in enumerate(text):
        if character.isascii() and (character.isprintable() or character in "\t\n\r"):
            continue
        folded = unicodedata.normalize("NFKC", character)
        if not all(_is_readable(part) for part in folded):
            return character, position
    return None


def _is_readable(character: str) -> bool:
    category = unicodedata.category(character)
    if category[0] == "L":
        name = unicodedata.name(character, "")
        return name.startswith(
            ("HIRAGANA", "KATAKANA", "CJK", "FULLWIDTH", "HALFWIDTH", "LATIN", "IDEOGRAPHIC")
        )
    return category[0] in "NPZM" or category in ("Sm", "Sc", "Sk") or character in "〒♯※℃℡〜"

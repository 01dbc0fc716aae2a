"""Text for a spreadsheet and out of one: no cell becomes a formula, no sign is lost without a trace."""

from __future__ import annotations

import codecs

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
GETA = "〓"
"""What Japanese printers set for a sign that the case does not hold."""


def safe_cell(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run: = + - @ and their wide forms.

    >>> safe_cell("=HYPERLINK(1)"), safe_cell("高橋")
    ("'=HYPERLINK(1)", '高橋')
    """
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was given.

    >>> plain_cell("'=HYPERLINK(1)"), plain_cell("高橋"), plain_cell("'s Gravenhage")
    ('=HYPERLINK(1)', '高橋', "'s Gravenhage")
    """
    return text[1:] if text.startswith("'") and text[1:].startswith(_STARTS_A_FORMULA) else text


def shift_jis(text: str) -> bytes:
    """Windows' Shift_JIS (CP932); what it has no sign for becomes 〓, so that its loss is seen.

    >>> shift_jis("髙橋 ①～").decode("cp932"), shift_jis("🎍").decode("cp932")
    ('髙橋 ①～', '〓')
    """
    return text.translate(_OTHER_SIGNS).encode("cp932", "madoguchi.geta")


# The same signs under two code points: Apple and Unicode's tables choose the one, Microsoft's the other.
_OTHER_SIGNS = str.maketrans("〜−‖—¢£¬", "～－∥―￠￡￢")


def _geta(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return GETA * (error.end - error.start), error.end


codecs.register_error("madoguchi.geta", _geta)

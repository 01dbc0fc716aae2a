"""Files of every office are read, and what is no text is never taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit.text_files import decoded

pytestmark = pytest.mark.pure

WORDS = "日時,着信数\n2026-11-24 9:00,12\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_the_same_words_in_every_encoding(encoding: str) -> None:
    assert decoded(WORDS.encode(encoding)) == WORDS


@pytest.mark.parametrize(
    "raw",
    [b"\x80\xff\x00", b"PK\x03\x04\x14\x00", b"\xff\xfea", b"\xef\xbb\xbf\xff"],
    ids=["bytes", "a workbook", "half a letter", "a mark that lies"],
)
def test_what_is_no_text_of_these_is_none(raw: bytes) -> None:
    assert decoded(raw) is None


@given(st.binary(max_size=200))
def test_it_never_fails_and_never_gives_a_nul(raw: bytes) -> None:
    assert "\0" not in (decoded(raw) or "")

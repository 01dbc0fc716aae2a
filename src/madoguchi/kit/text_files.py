"""Text as Japanese offices save it: in UTF-8, in Shift_JIS, or in the “Unicode text” of Excel."""

from __future__ import annotations

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decoded(raw: bytes) -> str | None:
    """The text of a file, without the mark at its beginning; None where it is no text in any of them.

    >>> decoded("着信数".encode("cp932")), decoded("着信数".encode("utf-16")), decoded(b"PK\\x03\\x04\\0")
    ('着信数', '着信数', None)
    """
    named = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), None)
    # The strict one first: what is Shift_JIS is hardly ever UTF-8 too, while cp932 takes much that is UTF-8.
    for encoding in [named] if named else ["utf-8", "cp932"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None

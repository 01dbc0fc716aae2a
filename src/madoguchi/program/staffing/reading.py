"""The files of a planner: what Excel saves in Japan, or what another command wrote."""

import sys
from pathlib import Path

from madoguchi.kit.text_files import decoded
from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.words import _


def text_of(name: str) -> str:
    """The text of a file in UTF-8, with or without its mark, or Shift_JIS; - is the standard input.

    Raises Unreadable.
    """
    raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    text = decoded(raw)
    if text is None:
        raise Unreadable(_("The file is neither UTF-8 nor Shift_JIS."))
    return text

"""What a docstring shows of a function is what the function gives."""

import doctest
import importlib
from pathlib import Path

import pytest

import madoguchi

pytestmark = pytest.mark.pure

_TOP = Path(madoguchi.__file__).parent
# Science tries its own, where they are slow enough to be asked for apart.
_SHOWING = sorted(
    ".".join(file.relative_to(_TOP.parent).with_suffix("").parts)
    for file in _TOP.rglob("*.py")
    if "science" not in file.parts and ">>> " in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", _SHOWING)
def test_a_module_does_what_it_shows(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0

"""The pictures of the guide to staffing say what the formulas say."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.pure

DOCS = Path(__file__).resolve().parents[1]
WORDS = re.compile(r">([^<]+)</text>")


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_staffing", DOCS / "draw_staffing.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["people", "busy", "loop", "waits", "day"])
def test_a_picture_drawn_again_says_the_same(name: str) -> None:
    kept = (DOCS / "pictures" / f"staffing-{name}.svg").read_text()
    drawn = drawing().DRAW[f"staffing-{name}"]()
    ElementTree.fromstring(drawn)
    assert WORDS.findall(drawn) == WORDS.findall(kept)
    assert drawn.count("<") == kept.count("<")


def test_every_picture_stands_in_the_guide() -> None:
    guide = (DOCS / "guides" / "staffing.md").read_text()
    for name in drawing().DRAW:
        assert f"../pictures/{name}.svg" in guide

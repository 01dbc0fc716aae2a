"""The pictures of the guide to staffing say what the formulas say."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.pure

DOCS = Path(__file__).resolve().parents[1]
WORDS = re.compile(r">([^<]+)</text>")


@pytest.mark.parametrize("name", ["people", "busy", "loop", "waits", "day"])
def test_a_picture_drawn_again_says_the_same(name: str, script: Callable[[str], ModuleType]) -> None:
    kept = (DOCS / "pictures" / f"staffing-{name}.svg").read_text()
    drawn = script("draw_staffing").DRAW[f"staffing-{name}"]()
    ElementTree.fromstring(drawn)
    assert WORDS.findall(drawn) == WORDS.findall(kept)
    assert drawn.count("<") == kept.count("<")


def test_every_picture_stands_in_the_guide(script: Callable[[str], ModuleType]) -> None:
    guide = (DOCS / "guides" / "staffing.md").read_text()
    for name in script("draw_staffing").DRAW:
        assert f"../pictures/{name}.svg" in guide

"""The examples in the docstrings are right, and each public function has one."""

import doctest
import importlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

HERE = Path(__file__).parents[1]
MODULES = [
    f"madoguchi.science.staffing.{'.'.join(file.relative_to(HERE).with_suffix('').parts)}"
    for file in sorted(HERE.rglob("*.py"))
    if "tests" not in file.parts and ">>>" in file.read_text()
]


@pytest.mark.parametrize("name", MODULES)
def test_the_worked_examples_are_right(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0

"""The worked examples in the docstrings hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from madoguchi.science.staffing import simulation

pytestmark = pytest.mark.pure

MODULES = [found.name for found in pkgutil.iter_modules(simulation.__path__) if found.name != "tests"]


@pytest.mark.parametrize("name", MODULES)
def test_the_worked_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"{simulation.__name__}.{name}")).failed == 0


def test_there_are_worked_examples() -> None:
    finder = doctest.DocTestFinder()
    modules = [importlib.import_module(f"{simulation.__name__}.{name}") for name in MODULES]
    assert sum(len(test.examples) for module in modules for test in finder.find(module)) >= 10

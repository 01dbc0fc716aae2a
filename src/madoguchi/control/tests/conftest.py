"""The same cast as the calls room's, for control; and no thread of a test goes on into the next one."""

from collections.abc import Iterator

import pytest

from madoguchi.control import pool
from madoguchi.domain.calls.tests.conftest import Centre, centre

__all__ = ["Centre", "centre"]


@pytest.fixture(autouse=True)
def whole_actions() -> Iterator[None]:
    """An action whose test no longer waits for it writes on, just when the tables are emptied."""
    yield
    pool.shut()

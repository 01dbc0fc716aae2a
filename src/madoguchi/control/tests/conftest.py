"""The same cast as the calls room's, for control."""

from madoguchi.domain.calls.tests.conftest import Centre, centre

__all__ = ["Centre", "centre"]

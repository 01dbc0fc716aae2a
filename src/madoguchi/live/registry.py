"""What each page shows, section by section: screens register, `stream` asks.

A section is a named part of a page whose whole state is one JSON dict. It is computed anew whenever a
doorbell names it, and sent only when it differs from what the page has. So a state must depend on rows
alone: running clocks are given as the moment they count from, never as seconds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page and how its state is found."""

    page: str
    name: str
    compute: Callable[..., State]
    takes: int
    """How many arguments `compute` has: 0 when the state is the same for all who look at the page."""
    shared: Callable[[], Any] | None = None
    """Read once for all streams of a process and handed to `compute` after the viewer's id."""
    urgent: bool = True
    """Whether the viewer waits for it; what nobody waits for is sent after what is urgent."""


_sections: dict[str, dict[str, Section]] = {}


def section(
    page: str, name: str, *, shared: Callable[[], Any] | None = None, urgent: bool = True
) -> Callable[[Callable[..., State]], Callable[..., State]]:
    """Register a function as a section of a page.

    The function is called with the viewer's id (an agent's on the desk, an account's elsewhere), followed by
    what `shared` read if given; one without parameters is computed once for all viewers of a language.
    Of a change, `urgent` sections are sent first and together; the others follow in a message of their own.
    """

    def register(compute: Callable[..., State]) -> Callable[..., State]:
        takes = len(inspect.signature(compute).parameters)
        if (takes != 2) if shared else (takes > 1):
            raise TypeError(
                f"{compute.__qualname__} takes nothing, the viewer's id, or that and what is shared"
            )
        _sections.setdefault(page, {})[name] = Section(page, name, compute, takes, shared, urgent)
        return compute

    return register


def sections_of(page: str) -> dict[str, Section]:
    """All sections of a page by name, in the order of registration."""
    return dict(_sections.get(page, {}))

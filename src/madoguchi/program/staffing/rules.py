"""Rules and refusals of shifts, in the language of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing.shifts.errors import RulesClash, WrongShift
from madoguchi.science.staffing.shifts.rules import Rule


def said(rule: Rule) -> str:
    """A rule by its name, with the person or shift and the day."""
    return _(rule.message).format(**rule.fields())


@contextmanager
def in_words() -> Iterator[None]:
    """Name what clashes, and why a shift is impossible, in the language of the terminal."""
    try:
        yield
    except RulesClash as error:
        if not error.clash:
            raise
        rules = "\n".join(f"- {said(rule)}" for rule in error.clash)
        raise Unreadable(_("No roster keeps all of these rules:") + f"\n{rules}") from error
    except WrongShift as error:
        data = {**error.data, "why": _(str(error.data["why"]))}
        raise Unreadable(_(str(error.message)).format(**data)) from error

"""Rules and refusals of shifts, in the language of the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing.shifts.errors import RulesClash, WrongShift
from madoguchi.science.staffing.shifts.rules import MORE, Rule, bundled, fields_of


def said(rule: Rule) -> str:
    """A rule by its name, with the person or shift and the day."""
    return _(rule.message).format(**rule.fields())


def listed(rules: Sequence[Rule], least: bool) -> str:
    """Rules that clash, a line each; what holds of many people or days in one line."""
    lines = [f"- {_(some[0].message).format(**fields_of(some, _(MORE)))}" for some in bundled(rules)]
    if not least:
        lines.append(_("Fewer of them may clash already: that was not decided in time."))
    return "\n".join(lines)


@contextmanager
def in_words() -> Iterator[None]:
    """Name what clashes, and why a shift is impossible, in the language of the terminal."""
    try:
        yield
    except RulesClash as error:
        if error.covering:
            told = "\n".join(f"- {_(rule.message).format(**rule.fields())}" for rule in error.covering)
            raise Unreadable(_("No shifts keep all of these rules:") + f"\n{told}") from error
        rules = listed(error.clash, error.least)
        raise Unreadable(_("No roster keeps all of these rules:") + f"\n{rules}") from error
    except WrongShift as error:
        data = {**error.data, "why": _(str(error.data["why"]))}
        raise Unreadable(_(str(error.message)).format(**data)) from error

"""One cell of the grid, person × day: as a value, as the token that a page carries, as people write it.

A token says all that a cell can be: `` (nothing), `off:paid`, `3` (shift type at its usual hours),
`3@540-1020-720-780` (other hours, then its breaks).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from madoguchi.domain.roster.models import DayOff, Roster, Shift, ShiftType
from madoguchi.domain.roster.states import OffKind

NOTHING = ""
_TOKEN = re.compile(r"(\d{1,9})(?:@(\d{1,4}(?:-\d{1,4}){1,9}))?")

OFF_MARKS = {
    OffKind.REST: "休",
    OffKind.PAID: "有給",
    OffKind.SPECIAL: "特休",
    OffKind.COMPENSATORY: "代休",
    OffKind.ABSENT: "欠勤",
}
"""How a day off is written in a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A shift, a day off, or nothing."""

    shift_type_id: int | None = None
    hours: tuple[int, int] | None = None
    """None: those of the type."""
    breaks: tuple[tuple[int, int], ...] = ()
    """Only with `hours`, or as `cell_of` fills them in."""
    off: str = ""

    @property
    def token(self) -> str:
        """As a page carries it."""
        if self.off:
            return f"off:{self.off}"
        if self.shift_type_id is None:
            return NOTHING
        if self.hours is None:
            return str(self.shift_type_id)
        numbers = [*self.hours, *(edge for pair in self.breaks for edge in pair)]
        return f"{self.shift_type_id}@{'-'.join(map(str, numbers))}"


def read(token: str) -> Cell | None:
    """The cell that a token says; None where it says none.

    >>> read("3@540-1020-720-780")
    Cell(shift_type_id=3, hours=(540, 1020), breaks=((720, 780),), off='')
    >>> read("off:paid").off, read("") == Cell(), read("off:never"), read("3@540")
    ('paid', True, None, None)
    """
    if token == NOTHING:
        return Cell()
    if token.startswith("off:"):
        return Cell(off=token[4:]) if token[4:] in OffKind.values else None
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    if found[2] is None:
        return Cell(int(found[1]))
    numbers = [int(part) for part in found[2].split("-")]
    if len(numbers) % 2:
        return None
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    return Cell(int(found[1]), pairs[0], tuple(pairs[1:]))


def cell_of(one: ShiftType) -> Cell:
    """A way to work with its hours, and its break where it begins first."""
    first = one.break_from_min
    breaks = ((first, first + one.break_min),) if one.break_min else ()
    return Cell(one.pk, (one.begin_min, one.end_min), breaks)


def as_cell(row: Shift) -> Cell:
    """A stored shift; where its break lies within the usual hours does not make it another cell."""
    one = row.shift_type
    usual = (one.begin_min, one.end_min, one.break_min)
    rest = sum(end - begin for begin, end in row.breaks)
    if (row.begin_min, row.end_min, rest) == usual:
        return Cell(row.shift_type_id)
    breaks = tuple((int(begin), int(end)) for begin, end in row.breaks)
    return Cell(row.shift_type_id, (row.begin_min, row.end_min), breaks)


def token_of(roster: Roster, account_id: int, day: date) -> str:
    """The cell as it stands; a shift on a settled day off is a shift."""
    row = (
        Shift.objects.filter(roster=roster, account_id=account_id, day=day)
        .select_related("shift_type")
        .first()
    )
    if row is not None:
        return as_cell(row).token
    kind = DayOff.objects.filter(account_id=account_id, day=day).values_list("kind", flat=True).first()
    return f"off:{kind}" if kind else NOTHING


def clock(minute: int) -> str:
    """Minutes since midnight as people read them; after midnight on.

    >>> clock(510), clock(1500)
    ('8:30', '25:00')
    """
    return f"{minute // 60}:{minute % 60:02d}"

"""People × days as a page or a file shows them: shifts, days off, wishes, and how evenly all is spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet

from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.actions.editing import SUBJECT
from madoguchi.domain.roster.cells import OFF_MARKS, as_cell, clock
from madoguchi.domain.roster.models import DayOff, Roster, Shift, Term, Wish
from madoguchi.domain.roster.states import WORKED_BY, OffKind, RosterStage

FAIR_DAYS = 28
"""Hours, nights and weekends are compared over so many days, up to the last one shown."""
SLOTS = 48
_NIGHT_BEGINS_MIN, _NIGHT_ENDS_MIN = 1320, 300


@dataclass(slots=True)
class Square:
    """One person on one day."""

    day: date
    roster_id: int | None
    """None: no roster has the day."""
    shift: Shift | None = None
    off: str = ""
    """Kind of a settled day off."""
    wish: Wish | None = None

    @property
    def token(self) -> str:
        """As `cells` writes it."""
        if self.shift is not None:
            return as_cell(self.shift).token
        return f"off:{self.off}" if self.off else ""

    @property
    def hours(self) -> str:
        """Of the shift: 8:00–17:00."""
        return f"{clock(self.shift.begin_min)}–{clock(self.shift.end_min)}" if self.shift else ""

    @property
    def tone(self) -> int:
        """One of six colours; shifts that begin after each other differ."""
        return self.shift.shift_type_id % 6 if self.shift else 0

    @property
    def off_mark(self) -> str:
        """In a cell: 休, 有給."""
        return OFF_MARKS[OffKind(self.off)] if self.off else ""

    @property
    def off_words(self) -> str:
        """In a sentence."""
        return str(OffKind(self.off).label) if self.off else ""

    @property
    def other_hours(self) -> bool:
        """Whether the shift's hours are not those of its type."""
        return self.shift is not None and "@" in self.token

    @property
    def wish_kept(self) -> bool | None:
        """None: nothing was wished, or no roster has the day."""
        if self.wish is None or self.roster_id is None:
            return None
        worked = self.shift.shift_type_id if self.shift else None
        return self.wish.shift_type_id == worked


@dataclass(slots=True)
class Line:
    """One person's days, and what they worked in the last `FAIR_DAYS` days."""

    account: Account
    contract: str
    squares: list[Square]
    minutes: int = 0
    nights: int = 0
    weekends: int = 0
    wishes: int = 0
    wishes_kept: int = 0

    @property
    def hours(self) -> float:
        """Paid hours."""
        return self.minutes / 60


@dataclass(slots=True)
class Sheet:
    """Some days of everybody who works, or worked, in them."""

    days: list[date]
    rosters: list[Roster]
    lines: list[Line]
    planned: dict[date, list[float]] = field(default_factory=dict)
    """People on duty by half-hour of the day, breaks left out."""
    required: dict[date, list[float]] = field(default_factory=dict)

    def roster_on(self, day: date) -> Roster | None:
        """The roster that has a day."""
        return next((one for one in self.rosters if one.first <= day <= one.last), None)


def sheet_of(first: date, last: date, *, drafts: bool) -> Sheet:
    """The days from `first` to `last`; without `drafts`, as colleagues may see it.

    That is what people work by, without wishes, and days off without their kind: whether somebody is on leave
    or ill is nobody else's business.
    """
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    rosters = list(_rosters(drafts).filter(first__lte=last, last__gte=first))
    made = Sheet(days, rosters, [])
    since = last - timedelta(days=FAIR_DAYS - 1)
    shifts = Shift.objects.filter(roster__in=_rosters(drafts), day__range=(min(since, first), last))
    rows = list(shifts.select_related("shift_type"))
    shown = {(row.account_id, row.day): row for row in rows if first <= row.day}
    made.lines = _lines(made, shown)
    if not drafts:
        _hide(made.lines)
    _count(made.lines, [row for row in rows if row.day >= since])
    made.planned = {day: [0.0] * SLOTS for day in days}
    before = Shift.objects.filter(
        roster__in=_rosters(drafts), day=first - timedelta(days=1), end_min__gt=1440
    )
    for row in [*shown.values(), *before]:
        _add(made.planned, row)
    for roster in rosters:
        for day in days:
            if roster.first <= day <= roster.last and str(day) in roster.required:
                made.required[day] = [float(many) for many in roster.required[str(day)]]
    return made


def changes_of(roster_id: int, account_id: int, day: date) -> list[Transition]:
    """What became of one cell, newest first."""
    key = f"{roster_id}:{account_id}:{day}"
    return list(Transition.objects.filter(subject=SUBJECT, subject_id=key).order_by("-at", "-pk")[:20])


def _rosters(drafts: bool) -> QuerySet[Roster]:
    if drafts:
        return Roster.objects.exclude(stage=RosterStage.DISCARDED)
    return Roster.objects.filter(stage__in=WORKED_BY)


def _lines(made: Sheet, shown: Mapping[tuple[int, date], Shift]) -> list[Line]:
    days = (made.days[0], made.days[-1])
    off = {
        (who, day): kind
        for who, day, kind in DayOff.objects.filter(day__range=days).values_list("account_id", "day", "kind")
    }
    wishes = {
        (wish.account_id, wish.day): wish
        for wish in Wish.objects.filter(day__range=days).select_related("shift_type")
    }
    contracts = dict(Term.objects.filter(account__is_active=True).values_list("account_id", "contract__name"))
    people = Account.objects.filter(pk__in={*contracts, *(who for who, _ in shown)})
    of_day = {day: made.roster_on(day) for day in made.days}
    found = []
    for person in people.order_by("role", "name_kana", "pk"):
        squares = []
        for day in made.days:
            roster, key = of_day[day], (person.pk, day)
            number = roster.pk if roster else None
            squares.append(Square(day, number, shown.get(key), off.get(key, ""), wishes.get(key)))
        line = Line(person, contracts.get(person.pk, ""), squares)
        line.wishes = sum(one.wish_kept is not None for one in squares)
        line.wishes_kept = sum(one.wish_kept is True for one in squares)
        found.append(line)
    return found


def _hide(lines: Sequence[Line]) -> None:
    for square in (square for line in lines for square in line.squares):
        square.wish = None
        square.off = OffKind.REST if square.off else ""


def _count(lines: Sequence[Line], rows: Iterable[Shift]) -> None:
    minutes: Counter[int] = Counter()
    nights: Counter[int] = Counter()
    weekends: Counter[int] = Counter()
    for row in rows:
        rest = sum(end - begin for begin, end in row.breaks)
        minutes[row.account_id] += row.end_min - row.begin_min - rest
        nights[row.account_id] += row.begin_min < _NIGHT_ENDS_MIN or row.end_min > _NIGHT_BEGINS_MIN
        weekends[row.account_id] += row.day.weekday() >= 5
    for line in lines:
        who = line.account.pk
        line.minutes, line.nights, line.weekends = minutes[who], nights[who], weekends[who]


def _add(planned: dict[date, list[float]], row: Shift) -> None:
    """Adds a shift to the half-hours that it covers, of its own day and the next."""
    for at in range(row.begin_min // 30, -(-row.end_min // 30)):
        begin, end = 30 * at, 30 * at + 30
        worked = min(end, row.end_min) - max(begin, row.begin_min)
        for first, last in row.breaks:
            worked -= max(0, min(end, last) - max(begin, first))
        day = row.day + timedelta(days=at // SLOTS)
        if day in planned:
            planned[day][at % SLOTS] += max(0, worked) / 30

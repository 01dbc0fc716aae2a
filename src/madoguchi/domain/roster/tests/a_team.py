"""A small team with contracts and ways to work, and a week of theirs: for the tests of rosters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.utils import translation

from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.actions import arranging, making
from madoguchi.domain.roster.cells import cell_of
from madoguchi.domain.roster.models import Contract, Roster, ShiftType
from madoguchi.kit.clock import business_day_start

SUNDAY = date(2026, 11, 22)
NAMES = ("佐藤 恵", "鈴木 健太", "田中 美咲", "伊藤 翔")


def day(number: int) -> date:
    """A day of the week that begins on SUNDAY."""
    return SUNDAY + timedelta(days=number)


def at(on: date, hour: float) -> datetime:
    """An hour of a day at the centre, as UTC."""
    return business_day_start(on) + timedelta(hours=hour)


def account(name: str, role: str = "operator") -> Account:
    return Account.objects.create(username=f"{role}-{name}", name=name, role=role)


class Team:
    """Four people under one contract; 早番 8–17 and 遅番 13–22, breaks of an hour."""

    def __init__(self) -> None:
        # A test before may have spoken another language.
        translation.activate("ja")
        self.people = [account(name) for name in NAMES]
        self.leader = account("小林 由美", "supervisor")
        self.early = shift_type("早番", "早", 8, 17, 12)
        self.late = shift_type("遅番", "遅", 13, 22, 17)
        self.contract = arranging.set_contract(None, {"name": "フルタイム"}, acting_user=None)
        for person in self.people:
            arranging.set_term(person.pk, self.contract.pk, acting_user=None)

    def draft(self, worked: Mapping[int, Sequence[int]], what: ShiftType | None = None) -> Roster:
        """A draft of the week: place of the person → numbers of the days at work."""
        roster = making.open_roster(day(0), day(6), acting_user=self.leader.pk)
        one = what or self.early
        making.place_shifts(
            roster,
            [
                (self.people[who].pk, day(number), one.pk, cell_of(one).breaks)
                for who, days in worked.items()
                for number in days
            ],
        )
        return roster

    def published(self, worked: Mapping[int, Sequence[int]], what: ShiftType | None = None) -> Roster:
        roster = self.draft(worked, what)
        making.publish(roster.pk, {}, acting_user=self.leader.pk)
        roster.refresh_from_db()
        return roster


def shift_type(name: str, mark: str, begins: int, ends: int, rest_at: int) -> ShiftType:
    values = {
        "name": name,
        "mark": mark,
        "begin_min": 60 * begins,
        "end_min": 60 * ends,
        "break_from_min": 60 * rest_at,
        "break_until_min": 60 * rest_at + 60,
    }
    return arranging.set_shift_type(None, values, acting_user=None)


def contract(name: str, **values: float) -> Contract:
    return arranging.set_contract(None, {"name": name, **values}, acting_user=None)

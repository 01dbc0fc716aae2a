"""What a roster is made of besides itself: skills of the people, and the people that the calls need."""

from __future__ import annotations

from datetime import date

from madoguchi.domain.agents.models import AgentSkill
from madoguchi.domain.planning.queries.required import required
from madoguchi.domain.roster.on_paper import Able
from madoguchi.domain.roster.sheet import Sheet, sheet_of
from madoguchi.kit.clock import local

SLOTS = 48


def able() -> Able:
    """Account → ids of the skills that they have, at whatever level."""
    found: dict[int, set[int]] = {}
    for account_id, skill_id in AgentSkill.objects.values_list("agent__account_id", "skill_id"):
        found.setdefault(account_id, set()).add(skill_id)
    return {account_id: frozenset(skills) for account_id, skills in found.items()}


def required_of(first: date, last: date) -> dict[str, list[float]]:
    """Day → people on duty that each of its half-hours needs, by the newest forecast; empty without one.

    Days are those of the calendar: what a business day counts after midnight stands at the next one.
    """
    found: dict[str, list[float]] = {}
    for each in required(first, last):
        wall = local(each.begins)
        if first <= wall.date() <= last:
            line = found.setdefault(wall.date().isoformat(), [0.0] * SLOTS)
            line[wall.hour * 2 + wall.minute // 30] = float(each.scheduled)
    return found if any(any(line) for line in found.values()) else {}


def sheet_with_need(first: date, last: date, *, drafts: bool) -> Sheet:
    """The roster of some days; a day whose roster was made without a need shows the newest forecast's."""
    sheet = sheet_of(first, last, drafts=drafts)
    if any(day not in sheet.required for day in sheet.days):
        newest = required_of(first, last)
        for day in sheet.days:
            if day not in sheet.required and day.isoformat() in newest:
                sheet.required[day] = newest[day.isoformat()]
    return sheet

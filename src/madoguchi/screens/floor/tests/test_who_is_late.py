"""Who should be at work by the roster and is not, stands among the people and not in the fold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.queries.floor import PersonNow
from madoguchi.domain.calls.tests.a_day import Centre
from madoguchi.domain.roster.queries import Planned, Standing
from madoguchi.kit.clock import business_day, local, now
from madoguchi.screens.floor import sections
from madoguchi.screens.floor.late import late_since
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOW = now()


def shift(account_id: int, begin: timedelta, end: timedelta) -> Planned:
    lunch = (NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    return Planned(account_id, business_day(NOW), "早番", "早", NOW + begin, NOW + end, (lunch,))


def person(presence: str, since: timedelta, activity: str = "idle") -> PersonNow:
    agent = Agent(account_id=1, presence=presence, presence_since=NOW + since, activity=activity)
    return PersonNow(agent, None, (), 0)


@pytest.mark.parametrize(
    ("who", "begin", "end", "late"),
    [
        (person("gone_home", -timedelta(hours=14)), -1, 8, True),
        (person("day_off", -timedelta(hours=14)), -1, 8, True),
        (person("gone_home", -timedelta(hours=14)), 1, 9, False),
        (person("gone_home", -timedelta(hours=14)), -9, -1, False),
        (person("gone_home", -timedelta(minutes=5)), -4, 4, False),
        (person("break", -timedelta(hours=14)), -1, 8, False),
        (person("gone_home", -timedelta(hours=14), "wrap_up"), -1, 8, False),
    ],
    ids=["at home", "off by mistake", "not yet", "over", "left early", "on a break", "still writing"],
)
def test_late_is_who_has_not_come_since_the_shift_began(
    who: PersonNow, begin: int, end: int, late: bool
) -> None:
    today = shift(1, timedelta(hours=begin), timedelta(hours=end))
    plans = {1: Standing(True, today, "", None)}
    assert late_since(who, plans, NOW) == (today.begin if late else None)


def test_without_a_roster_nobody_is_late() -> None:
    who = person("gone_home", -timedelta(hours=14))
    assert late_since(who, {1: Standing(False, None, "", None)}, NOW) is None
    assert late_since(who, {}, NOW) is None


def test_the_floor_names_who_is_missing_and_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    centre = Centre(NOW)
    missing = centre.agents[0]
    Agent.objects.update(presence="gone_home", presence_since=NOW - timedelta(hours=14))
    today = shift(missing.account_id, -timedelta(hours=1), timedelta(hours=7))

    def standing(account_ids: Iterable[int], at: datetime) -> dict[int, Standing]:
        mine = {missing.account_id: Standing(True, today, "", None)}
        return {one: mine.get(one, Standing(True, None, "off", None)) for one in account_ids}

    monkeypatch.setattr(sections, "standing", standing)
    monkeypatch.setattr("madoguchi.screens.floor.views.standing", standing)
    with translation.override("ja"):
        drawn = sections.people()["html"]
    shown, _, folded = drawn.partition("<details")
    assert missing.account.name in shown and missing.account.name not in folded
    begin = f"{local(today.begin):%-H:%M}"
    assert "未出勤 <b>1</b>" in shown and f"{begin}から" in shown
    assert folded.count("本日休み") == len(centre.agents) - 1
    told = browser_of(centre.supervisor).get(f"/floor/people/{missing.pk}/").content.decode()
    lunch, end = (f"{local(at):%-H:%M}" for at in (today.breaks[0][0], today.end))
    assert f"<b>早番</b> {begin}–{end}" in told and f"{lunch}–" in told

"""Where the roster shows beside the planner's page: floor, list of colleagues, settings, presence."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from madoguchi.domain.agents.actions import choose_presence, create_agent
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.people.models import Account
from madoguchi.domain.roster import queries
from madoguchi.domain.roster.actions import making
from madoguchi.domain.roster.tests.a_team import Team
from madoguchi.kit.clock import business_day, business_day_start, now
from madoguchi.screens.floor.sections import people
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]


class Today:
    """A team whose roster of ten days from today is published; hours are set so that noon is always now."""

    def __init__(self) -> None:
        self.team = Team()
        self.day = business_day(now())
        minute = int((now() - business_day_start(self.day)).total_seconds() // 60)
        self.roster = making.open_roster(self.day, self.day + timedelta(days=9), acting_user=None)
        self.minute = minute
        self.agents = [create_agent(person.pk, acting_user=None) for person in self.team.people]

    def works(self, who: int, day: date, begin: int, end: int, breaks: list[list[int]] | None = None) -> None:
        self.roster.shifts.create(
            account=self.team.people[who],
            day=day,
            shift_type=self.team.early,
            begin_min=begin,
            end_min=end,
            breaks=breaks or [],
        )

    def publish(self) -> None:
        self.roster.stage = "published"
        self.roster.save()


@pytest.fixture
def today() -> Today:
    translation.activate("ja")
    return Today()


def page(person: Account, path: str) -> str:
    opened = browser_of(person)
    answer = opened.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_floor_says_who_is_off_and_who_has_not_come(today: Today) -> None:
    today.works(1, today.day, 0, 1500)
    today.publish()
    # Home since the evening before: who went home during the shift has left early, and is not missed.
    Agent.objects.update(presence_since=business_day_start(today.day) - timedelta(hours=6))
    html = people()["html"]
    assert html.count("本日休み") == 3
    assert "未出勤 <b>1</b>" in html
    assert "0:00から" in html
    assert Agent.objects.filter(presence="gone_home").count() == 4, "the chosen presence stays"


def test_the_floor_is_silent_without_a_roster_and_about_who_is_there(today: Today) -> None:
    assert "本日休み" not in people()["html"]
    today.publish()
    for agent in today.agents:
        choose_presence(agent.pk, "available", acting_user=None)
    assert "本日休み" not in people()["html"]


def test_colleagues_to_transfer_to_come_with_the_words_for_the_customer(today: Today) -> None:
    tomorrow = today.day + timedelta(days=1)
    today.works(1, tomorrow, 540, 1080)
    today.publish()
    text = page(today.team.people[0], "/desk/people")
    assert "「本日は休みをいただいております。明日は9:00から出社いたします。」" in text
    choose_presence(today.agents[1].pk, "available", acting_user=None)
    assert "明日は9:00" not in page(today.team.people[0], "/desk/people")


def test_a_break_is_expected_to_end_when_the_roster_says(today: Today) -> None:
    begin, end = max(0, today.minute - 60), today.minute + 120
    rest = [[max(begin, today.minute - 5), today.minute + 40]]
    today.works(0, today.day, begin, end, rest)
    today.publish()
    choose_presence(today.agents[0].pk, "break", acting_user=None)
    ends = business_day_start(today.day) + timedelta(minutes=today.minute + 40)
    assert Agent.objects.get(pk=today.agents[0].pk).expected_back_at == ends
    said = now() + timedelta(minutes=3)
    choose_presence(today.agents[0].pk, "break", expected_back_at=said, acting_user=None)
    assert Agent.objects.get(pk=today.agents[0].pk).expected_back_at == said
    choose_presence(today.agents[0].pk, "meeting", acting_user=None)
    assert Agent.objects.get(pk=today.agents[0].pk).expected_back_at is None


def test_outside_a_planned_break_nothing_is_guessed(today: Today) -> None:
    today.publish()
    choose_presence(today.agents[0].pk, "break", acting_user=None)
    assert Agent.objects.get(pk=today.agents[0].pk).expected_back_at is None


def test_ones_settings_show_the_shifts_of_the_week_and_the_next_break(today: Today) -> None:
    later = today.day + timedelta(days=2)
    today.works(0, later, 540, 1080, [[720, 780]])
    assert "1週間以内に公開済みのシフトはありません" in page(today.team.people[0], "/desk/settings/")
    today.publish()
    text = page(today.team.people[0], "/desk/settings/")
    assert "9:00–18:00" in text
    assert "次の休憩" in text
    assert "12:00–13:00" in text


@pytest.mark.parametrize(
    ("presence", "hour", "words"),
    [
        ("gone_home", 8, "本日は9:00から出社いたします。"),
        ("break", 12.5, "席を外しております。13:00に戻る予定でございます。"),
        ("gone_home", 20, "本日は退社いたしました。明日は9:00から出社いたします。"),
        ("available", 12.5, ""),
    ],
)
def test_the_words_for_an_absence_fit_the_hour(today: Today, presence: str, hour: float, words: str) -> None:
    day = today.day + timedelta(days=1)
    for offset in (0, 1):
        today.works(0, day + timedelta(days=offset), 540, 1080, [[720, 780]])
    today.publish()
    at: datetime = business_day_start(day) + timedelta(hours=hour)
    own = today.team.people[0].pk
    assert queries.absence_words(presence, queries.standing([own], at)[own], at) == words


def test_who_has_not_come_yet_is_away_from_the_desk(today: Today) -> None:
    today.works(1, today.day, 0, 1500)
    today.publish()
    before = business_day_start(today.day) - timedelta(hours=6)
    Agent.objects.filter(pk=today.agents[1].pk).update(presence_since=before)
    text = page(today.team.people[0], "/desk/people")
    assert "「席を外しております。」" in text
    assert "退社いたしました" not in text

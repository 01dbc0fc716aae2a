"""「予測と必要人数」: who may open it, what it says before, while and after there is a forecast."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client as Browser

from madoguchi.domain.calls.tests.a_day import account
from madoguchi.domain.clients.models import Client
from madoguchi.domain.planning import jobs
from madoguchi.domain.planning.actions import forecasting as actions
from madoguchi.domain.planning.actions import preparing
from madoguchi.domain.planning.models import CountFile, Forecast, PlanningEvent, StaffingGoal, Volume
from madoguchi.domain.planning.queries.outlook import DayOutlook, Outlook, Slot, outlook
from madoguchi.domain.planning.queries.required import Interval, required
from madoguchi.domain.planning.tests.planted_weeks import client, plant, today, usual
from madoguchi.kit.clock import now
from madoguchi.science.staffing.shifts.people import sunday_of
from madoguchi.screens.parts.tests.logged_in import browser_of
from madoguchi.screens.planning import forecast, forecast_words
from madoguchi.screens.planning.forecast_drawing import gap_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]

PAGE = "/planning/forecast/"


@pytest.fixture
def planner() -> Browser:
    """Of the supervisor."""
    return browser_of(account("sv", "山田 隆", role="supervisor"))


def shown(planner: Browser, path: str = PAGE) -> str:
    answer = planner.get(path)
    assert answer.status_code == 200
    page = str(answer.content.decode())
    assert "style=" not in page
    return page


def with_forecast(weeks: int = 4) -> Client:
    """A client with some weeks of calls, and their forecast."""
    whose = client("さくら電機")
    since = today() - timedelta(weeks=weeks)
    plant(whose, since, today(), reasons=("配送", "返品"))
    preparing.set_goal({"own_since": since}, acting_user=None)
    jobs.forecast(actions.ask_forecast(acting_user=None).pk)
    return whose


def last_months_csv() -> str:
    lines = ["日時,着信数"]
    for back in range(42, 0, -1):
        day = today() - timedelta(days=back)
        for slot in range(18, 36):
            lines.append(f"{day:%Y/%m/%d} {slot // 2}:{30 * (slot % 2):02},{round(3 * usual(day, slot))}")
    return "\n".join(lines)


def test_operators_may_not_open_it_and_planning_leads_to_it(planner: Browser) -> None:
    operator = browser_of(account("op", "佐藤"))
    paths = ("", "csv", "goal", "events", "counts")
    assert {operator.get(PAGE + path).status_code for path in paths} == {403}
    assert operator.post(f"{PAGE}make").status_code == 403
    assert planner.get("/planning/")["Location"] == PAGE


def test_without_any_calls_it_says_what_to_do(planner: Browser) -> None:
    page = shown(planner)
    assert "CSVを取り込む" in page
    assert "3週間待つ" in page
    assert planner.get(f"{PAGE}csv").status_code == 302


def test_from_last_months_file_to_next_weeks_staff(planner: Browser) -> None:
    whose = client("さくら電機")
    brought = planner.post(
        f"{PAGE}counts",
        {"client": whose.pk, "file": io.BytesIO(last_months_csv().encode("cp932"))},
    )
    looked = shown(planner, brought["Location"])
    assert "30分ごとの件数" in looked
    assert not Volume.objects.exists(), "nothing counts before the yes"
    planner.post(f"{brought['Location']}/answer", {"answer": "yes"})
    meanwhile = shown(planner)
    assert "予測を作成しています" in meanwhile
    assert "3週間待つ" not in meanwhile, "nobody is told to bring what is there"
    assert 'hx-trigger="every 2s"' in meanwhile
    jobs.forecast(Forecast.objects.get().pk)
    sunday = sunday_of(today()) + timedelta(days=7)
    page = shown(planner, f"{PAGE}?week={sunday + timedelta(days=3)}")
    assert f"?day={sunday}" in page
    assert f"?day={sunday + timedelta(days=6)}" in page
    assert "hx-trigger" not in page
    assert "週間分の記録しかないため" in page
    answer = planner.get(f"{PAGE}csv?week={sunday}")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert len(rows) == 1 + 7 * 48
    needed = {f"{row[0]} {row[1]}": int(row[7]) for row in rows[1:]}
    assert sum(needed.values()) == sum(
        each.scheduled for each in required(sunday, sunday + timedelta(days=6))
    )
    assert max(needed.values()) >= 4


def test_a_forecast_that_is_ready_while_its_page_is_drawn_is_waited_for(
    planner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_forecast()
    asked = actions.ask_forecast(acting_user=None).pk
    drawn = outlook

    def drawn_too_early(*days: date, **narrowed: Any) -> Outlook:
        found = drawn(*days, **narrowed)
        jobs.forecast(asked)
        return found

    monkeypatch.setattr(forecast, "outlook", drawn_too_early)
    assert 'hx-trigger="every 2s"' in shown(planner), "else the old one would stay as the last word"


def test_days_beyond_the_forecast_are_not_called_quiet(planner: Browser) -> None:
    with_forecast()
    far = shown(planner, f"{PAGE}?week={today() + timedelta(days=100)}")
    assert "予測はこの期間まで届いていません" in far
    assert "見込みはありません" not in far


@pytest.mark.parametrize(("weeks", "said"), [(0.4, "約1週間"), (2.71, "約3週間"), (4.2, "約4週間")])
def test_weeks_are_said_as_people_count_them(weeks: float, said: str) -> None:
    made = Forecast(made_of={"weeks": weeks, "days": 19, "few": True}, back_test={})
    sentences = forecast_words.sureness(made, None)
    assert said in sentences[0]
    assert said in sentences[1]


@pytest.mark.parametrize(
    ("planned", "needed", "said"),
    [(0.0, 0, ""), (1.0, 0, "over"), (2.0, 2, "right"), (1.0, 2, "short"), (None, 2, "")],
)
def test_enough_is_said_only_where_somebody_is_needed_or_there(
    planned: float | None, needed: int, said: str
) -> None:
    at = now()
    need = Interval(at, at, 1.0, low=0, high=2, handle_s=240.0, people=needed, scheduled=needed)
    slot = Slot(at, 540, need=need, planned=planned)
    assert gap_of(slot) == said


def test_who_comes_again_is_told_beside_the_calls() -> None:
    slot = Slot(now(), 0, expected=9.0, redials=1.5, chasers=1.0, came=8.0, came_chasers=3.0)
    day = DayOutlook(today(), now(), [slot, slot], expected=18.0)
    told = render_to_string("planning/forecast_day_words.html", {"day": day})
    assert "かけ直しが3件、回答の催促が2件の見込み" in told
    assert "かけ直しは0件、催促は6件でした" in told
    assert "かけ直し・催促 5" in render_to_string("planning/forecast_again.html", {"again": day.called_again})
    assert "催促" not in render_to_string("planning/forecast_again.html", {"again": 0.4})


def test_a_week_and_a_day_of_the_past_open_into_their_calls(planner: Browser) -> None:
    with_forecast()
    day = today() - timedelta(days=1)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    page = shown(planner, f"{PAGE}?day={day}")
    links = re.findall(r'href="(/reports/calls/?\?[^"]*from_min[^"]*|[^"]*from_min=[^"]*)">(\d+)</a>', page)
    assert links
    address, number = links[0]
    calls = shown(planner, address.replace("&amp;", "&"))
    assert f"{number}件" in calls
    week = shown(planner, f"{PAGE}?week={day}")
    assert f"day={day}" in week


def test_reasons_narrow_the_calls_and_hide_the_staff(planner: Browser) -> None:
    with_forecast()
    page = shown(planner, f"{PAGE}?reason=配送")
    assert "用件の記録がない着信は" in page
    assert "必要な延べ時間" not in page
    assert "必要な延べ時間" in shown(planner, f"{PAGE}?reason=他社の用件"), (
        "one that nobody has narrows nothing"
    )


def test_the_goal_is_stored_and_what_cannot_be_is_refused(planner: Browser) -> None:
    values = {
        "answer_percent": 90, "within_s": 15, "max_occupancy_percent": 80, "shrinkage_percent": 20,
        "least_people": 2, "handle_s": 400, "patience_s": "", "own_since": "",
    }  # fmt: skip
    assert planner.post(f"{PAGE}goal", values).status_code == 302
    assert StaffingGoal.objects.get().answer_percent == 90
    for name, wrong in (("answer_percent", "100"), ("shrinkage_percent", "-1"), ("handle_s", "x")):
        assert planner.post(f"{PAGE}goal", values | {name: wrong}).status_code == 422
    assert "6分40秒（設定値）" in shown(planner, f"{PAGE}goal")


def test_events_are_typed_in_with_parts_of_days(planner: Browser) -> None:
    values = {
        "kind": "campaign",
        "name": "テレビ通販",
        "first": "2026-12-01",
        "from_time": "18:30",
        "to_time": "25:30",
        "percent": "50",
    }
    assert planner.post(f"{PAGE}events", values).status_code == 302
    event = PlanningEvent.objects.get()
    assert (event.from_min, event.to_min, event.last, event.before_days) == (1110, 1530, event.first, 0)
    assert "18:30–25:30" in shown(planner, f"{PAGE}events")
    planner.post(f"{PAGE}events/{event.pk}", values | {"kind": "deadline", "from_time": "", "to_time": ""})
    event.refresh_from_db()
    assert (event.kind, event.from_min, event.before_days) == ("deadline", None, 5)
    planner.post(f"{PAGE}events/{event.pk}/delete")
    assert not PlanningEvent.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"last": "2026-11-30"},
        {"from_time": "nine", "to_time": "ten"},
        {"from_time": "18:30"},
        {"from_time": "18:30", "to_time": "18:00"},
        {"percent": "-100"},
        {"kind": "x"},
        {"first": "0001-01-01"},
        {"client": "99999"},
    ],
)
def test_events_that_cannot_be_are_refused_in_words(planner: Browser, wrong: dict[str, str]) -> None:
    values = {"kind": "campaign", "name": "DM", "first": "2026-12-01", "percent": "50"}
    assert planner.post(f"{PAGE}events", values | wrong).status_code == 422
    assert not PlanningEvent.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空です"),
        (b"PK\x03\x04xxxx", "Excel"),
        ("日時,ごうけい\n".encode(), "データの行がありません"),
        ("あ,い\n1,2\n".encode(), "日時の列がありません"),
        (b"\xff\xfe\x00", "CSVとして読めません"),
        ("日時,着信数\n".encode(), "データの行がありません"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(planner: Browser, content: bytes, words: str) -> None:
    file = io.BytesIO(content)
    file.name = "x.csv"
    answer = planner.post(f"{PAGE}counts", {"file": file})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page or "ファイルを選んでください" in page
    assert not CountFile.objects.exists()


def test_lines_that_cannot_be_used_are_told_and_a_file_is_taken_once(planner: Browser) -> None:
    client("さくら電機")
    day = today() - timedelta(days=9)
    lines = (f"{day} 9:00,3,さくら電機", f"{day} 9:00,4,さくら電機", f"{day} 9:10,3,", "いつか,1,",
             f"{day} 9:30,x,", f"{day} 9:30,2,だれか", f"{today()} 9:30,2,")  # fmt: skip
    text = "\n".join(("日時,着信数,クライアント", *lines))
    brought = planner.post(f"{PAGE}counts", {"file": io.BytesIO(text.encode())})
    page = shown(planner, brought["Location"])
    for words in ("2回あります", "登録されていません", "まだ終わっていない", "日時として", "件数として"):
        assert words in page, words
    for _ in range(2):
        planner.post(f"{brought['Location']}/answer", {"answer": "yes"})
    assert CountFile.objects.get().calls == 6
    assert Forecast.objects.count() == 1
    planner.post(f"{brought['Location']}/answer", {"answer": "no"})
    assert not Volume.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "week=x",
        "day=0001-01-01",
        "day=9999-12-31",
        "day=2199-12-31",
        "client=-1",
        "client=9" * 9,
        "reason=%00",
        "client=99999999&reason=x",
    ],
)
def test_any_address_opens_the_page(planner: Browser, query: str) -> None:
    assert "予測と必要人数" in shown(planner, f"{PAGE}?{query}")


def test_asking_twice_sends_one_worker(planner: Browser) -> None:
    planner.post(f"{PAGE}make")
    planner.post(f"{PAGE}make")
    assert Forecast.objects.count() == 1
    jobs.forecast(Forecast.objects.get().pk)
    page = shown(planner)
    assert "もう一度確認する" in page

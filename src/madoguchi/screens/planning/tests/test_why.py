"""「なぜ応答できなかったか」: who may ask, what each stage says, and that its numbers add up."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from madoguchi.domain.calls.tests.a_day import Centre, account, seconds
from madoguchi.domain.planning.actions import explaining as actions
from madoguchi.domain.planning.explaining import Explained
from madoguchi.domain.planning.models import CauseReport
from madoguchi.domain.planning.states import Refusal
from madoguchi.kit.clock import business_day, business_day_start, now
from madoguchi.science.staffing.simulation.causes import CHANCE
from madoguchi.science.staffing.simulation.norm import Cause
from madoguchi.screens.parts.tests.logged_in import browser_of
from madoguchi.screens.planning.why import bars_of, sentence_of, whole
from madoguchi.screens.planning.why_words import CAUSES, REFUSALS

pytestmark = [pytest.mark.action, pytest.mark.django_db]

ADDRESS = "/planning/why/"
YESTERDAY = business_day(now()) - timedelta(days=1)
SHARES = {"wrap_up": 0.624, "planned_staff": 0.213, "chance": 0.118, "casework": 0.041, "adherence": 0.004}
BOOKINGS = [
    {"cause": name, "share": share, "low": max(0.0, share - 0.05), "high": share + 0.05}
    for name, share in SHARES.items()
]
LIKE = [
    {"measure": "lost", "past": 12, "mean": 12.4, "low": 7.0, "high": 17.8, "holds": True},
    {"measure": "answer_rate", "past": 0.9, "mean": 0.89, "low": 0.84, "high": 0.94, "holds": True},
    {"measure": "mean_wait_served", "past": 30.0, "mean": 44.0, "low": 32.0, "high": 52.0, "holds": False},
]
DONE = Explained(112, 12, bookings=BOOKINGS, reproduced=LIKE)


@pytest.fixture
def centre() -> Centre:
    """Twelve calls lost yesterday, of 112."""
    made = Centre(now())
    noon = business_day_start(YESTERDAY) + timedelta(hours=12)
    for number in range(12):
        made.left(noon + seconds(60 * number))
    for number in range(100):
        made.out_of_hours(noon + seconds(30 * number))
    return made


def shown(centre: Centre, path: str = ADDRESS) -> str:
    answer = browser_of(centre.supervisor).get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_operators_and_quality_checkers_may_not_open_it(centre: Centre) -> None:
    for role in ("operator", "quality"):
        opened = browser_of(account(role, role, role=role))
        assert opened.get(ADDRESS).status_code == 403
        assert opened.post(f"{ADDRESS}ask", {"day": YESTERDAY.isoformat()}).status_code == 403
    assert browser_of(account("ad", "管理", role="administrator")).get(ADDRESS).status_code == 200


def test_a_day_not_asked_about_says_how_many_were_lost_and_offers_to_find_out(centre: Centre) -> None:
    page = shown(centre)
    assert "着信 112件のうち 12件に応答できませんでした" in page
    assert "原因を調べる" in page
    assert "style=" not in page


def test_a_day_without_calls_is_said_in_words_not_in_noughts(centre: Centre) -> None:
    quiet = shown(centre, f"{ADDRESS}?day={YESTERDAY - timedelta(days=200)}")
    assert "着信がありませんでした" in quiet
    assert "0件" not in quiet.split('id="why"')[1]


def test_asking_sends_a_worker_and_the_page_waits_for_it(centre: Centre) -> None:
    opened = browser_of(centre.supervisor)
    answer = opened.post(f"{ADDRESS}ask", {"day": YESTERDAY.isoformat()})
    assert answer.status_code == 302
    page = shown(centre, answer["Location"])
    assert 'hx-trigger="every 500ms"' in page
    assert CauseReport.objects.get().by == centre.supervisor.pk
    actions.answer(CauseReport.objects.get().pk, DONE)
    assert "hx-trigger" not in shown(centre, answer["Location"])


def test_today_cannot_be_asked_about(centre: Centre) -> None:
    opened = browser_of(centre.supervisor)
    opened.post(f"{ADDRESS}ask", {"day": business_day(now()).isoformat()})
    assert not CauseReport.objects.exists()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_report_says_a_sentence_first_then_causes_that_add_up(centre: Centre, language: str) -> None:
    centre.supervisor.language = language
    centre.supervisor.save()
    actions.answer(actions.ask_why(YESTERDAY, acting_user=None).pk, DONE)
    page = shown(centre)
    rows = re.findall(r'<td class="num"><b>(\d+)%</b>', page)
    assert sum(map(int, rows)) == 100
    if language == "ja":
        assert "約7件（62%）は「後処理の長さ」、約3件（21%）は「人員の不足」によるものです。" in page
        assert "違いがある" in page, "a measure that is not reproduced is said to differ"


def test_a_report_older_than_the_records_says_so(centre: Centre) -> None:
    actions.answer(actions.ask_why(YESTERDAY, acting_user=None).pk, Explained(112, 9, bookings=BOOKINGS))
    assert "この日の記録がその後変わりました" in shown(centre)


@pytest.mark.parametrize("refusal", list(Refusal))
def test_a_refusal_says_why_and_names_no_cause(centre: Centre, refusal: Refusal) -> None:
    actions.answer(actions.ask_why(YESTERDAY, acting_user=None).pk, Explained(112, 12, refusal))
    page = shown(centre)
    assert refusal in REFUSALS
    assert 'data-tone="soon"' in page
    assert "why-share" not in page


def test_a_broken_off_report_says_what_to_do(centre: Centre) -> None:
    report = actions.ask_why(YESTERDAY, acting_user=None)
    CauseReport.objects.update(tries=actions.MOST_TRIES, beat_at=now() - 2 * actions.STALE_AFTER)
    actions.carry_on()
    assert "システム管理者" in shown(centre)
    report.refresh_from_db()
    assert report.stage == "failed"


@pytest.mark.parametrize("day", ["", "x", "9999-12-31", "0001-01-01", "2026-02-30"])
def test_any_day_in_the_address_opens_the_page(centre: Centre, day: str) -> None:
    assert "なぜ応答できなかったか" in shown(centre, f"{ADDRESS}?day={day}")


def test_whole_numbers_add_up_and_chance_alone_is_no_cause() -> None:
    assert whole(list(SHARES.values()), 12) == [7, 3, 1, 1, 0]
    assert sum(bar.calls for bar in bars_of(BOOKINGS, 57)) == 57
    by_chance = [{"cause": "chance", "share": 1.0, "low": 0.9, "high": 1.0}]
    assert "about" not in sentence_of(bars_of(by_chance, 20))


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == {*Cause, CHANCE}

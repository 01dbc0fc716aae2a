"""「もしも」: who may ask, what each stage shows, what hostile input gets, and no need of a script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.domain.calls.tests.a_day import Centre, account
from madoguchi.domain.planning.actions import supposing as actions
from madoguchi.domain.planning.basis import Found
from madoguchi.domain.planning.knobs import KNOBS, Cost
from madoguchi.domain.planning.models import Prices, Supposed
from madoguchi.domain.planning.states import Unfit
from madoguchi.kit.clock import business_day, now
from madoguchi.screens.parts.tests.logged_in import browser_of
from madoguchi.screens.planning import what_if_words as words
from madoguchi.screens.planning.what_if_figures import buys, picture

pytestmark = [pytest.mark.action, pytest.mark.django_db]

ADDRESS = "/planning/what-if/"
YESTERDAY = business_day(now()) - timedelta(days=1)
FRAGMENT = {"X-What-If": "1"}


def found(lost_after: float = 104.0, **more: Any) -> Found:
    """Twelve people, 127 of 999 calls lost; with a change 104 ± 5."""
    less = lost_after - 127.0
    rows = [
        ("answer_rate", [0.873, 0.865, 0.88], [0.896, 0.89, 0.902], [0.023, 0.018, 0.028]),
        ("lost", [127.0, 119.0, 135.0], [lost_after, 97.0, 111.0], [less, less - 5, less + 5]),
        ("mean_wait", [61.0, 57.0, 66.0], [44.0, 40.0, 48.0], [-17.0, -20.0, -14.0]),
    ]
    measures = [
        {"measure": name, "before": before, "after": after, "difference": difference}
        for name, before, after, difference in rows
    ]
    past = [{"measure": "lost", "past": 130, "mean": 127.0, "low": 90.0, "high": 160.0, "holds": True}]
    fields: dict[str, Any] = {
        "version": "v", "days": [YESTERDAY.isoformat()], "runs": 40, "people": 12, "arrivals": 999.0,
        "opens_s": 32_400.0, "closes_s": 61_200.0, "past": past, "measures": measures,
        "now": {"call_back": 0, "self_served": 0, "outside": 0}, "inert": ["department"],
        "halves": [
            {"at_s": 32_400.0 + 1_800 * n, "arrivals": 60.0, "before": [9.0, 7.0, 11.0], "after": [6, 4, 8]}
            for n in range(16)
        ],
        "amounts": {"person_h": 16.0, "outside_calls": 0.0, "self_service": 0.0},
    }  # fmt: skip
    return Found(**(fields | more))


@pytest.fixture
def centre(monkeypatch: pytest.MonkeyPatch) -> Centre:
    """A supervisor, and a basis that a worker has learned."""
    monkeypatch.setattr(actions, "records_version", lambda day, weeks: "v")
    made = Centre(now())
    actions.answer(actions.ask(YESTERDAY, 1, {}, acting_user=None).pk, found(127.0))
    return made


def shown(centre: Centre, query: str = "", status: int = 200) -> str:
    path = query if query.startswith("/") else f"{ADDRESS}?day={YESTERDAY}{query}"
    answer = browser_of(centre.supervisor).get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


def asked(centre: Centre, **values: object) -> Any:
    return browser_of(centre.supervisor).post(f"{ADDRESS}ask", {"day": YESTERDAY, "weeks": 1, **values})


def answered(centre: Centre, more: Found | None = None, **change: int) -> Supposed:
    row = actions.ask(YESTERDAY, 1, change, acting_user=centre.supervisor.pk)
    actions.answer(row.pk, more or found())
    row.refresh_from_db()
    return row


def test_operators_and_quality_checkers_may_not_open_it(centre: Centre) -> None:
    row = answered(centre, people=2)
    for name in ("operator", "quality"):
        opened = browser_of(account(name, name, role=name))
        assert opened.get(ADDRESS).status_code == 403
        assert opened.get(f"{ADDRESS}answer/{row.pk}").status_code == 403
        for verb in ("ask", "prices", f"keep/{row.pk}", f"let-go/{row.pk}"):
            assert opened.post(f"{ADDRESS}{verb}", {"day": YESTERDAY}).status_code == 403
    assert browser_of(account("ad", "管理", role="administrator")).get(ADDRESS).status_code == 200


def test_a_day_not_learned_yet_is_offered_and_learned_by_a_button(centre: Centre) -> None:
    Supposed.objects.all().delete()
    assert "この日を学ぶ" in shown(centre)
    answer = asked(centre)
    assert answer.status_code == 302
    page = shown(centre, answer["Location"])
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_the_basis_says_what_was_learned_and_the_sliders_what_they_turn(centre: Centre) -> None:
    page = shown(centre)
    assert "9:00–17:00・12人・待ち列への着信 999件" in page
    for knob in KNOBS:
        assert f'name="{knob.name}"' in page
        assert str(words.KNOBS[knob.name].name) in page
    assert page.count('type="range"') == len(KNOBS)
    assert page.count(str(words.INERT)) == 1, "only other departments are not in the records"
    assert 'min="-11"' in page, "somebody has to stay"
    assert "style=" not in page


def test_without_a_script_the_form_leads_to_the_answer(centre: Centre) -> None:
    answer = asked(centre, people="2", handling="0")
    assert answer["Location"] == f"{ADDRESS}?day={YESTERDAY}&weeks=1&people=2"
    assert '<noscript><meta http-equiv="refresh"' in shown(centre, answer["Location"])
    actions.answer(Supposed.objects.get(key="people=2").pk, found())
    page = shown(centre, answer["Location"])
    assert "失う電話 127件 → 104件：−23件（−18〜−28）" in page
    assert "http-equiv" not in page
    assert "87.3%" in page
    assert "86.5%–88.0%" in page
    assert "+2.3ポイント" in page


def test_what_a_cure_costs_and_buys_is_said(centre: Centre) -> None:
    answered(centre, people=2)
    page = shown(centre, "&people=2")
    for said in (
        "人数 +2人",
        "+32,000円",
        "16時間 × 2,000円",
        "−23件",
        "−18〜−28",
        "1,391円",
        "価格は例です",
    ):
        assert said in page


def test_of_several_cures_each_is_told_by_itself(centre: Centre) -> None:
    parts = [
        {"knob": "people", "value": 2, "lost": [-20, -24, -16], "amounts": {"person_h": 16.0}},
        {"knob": "handling", "value": -10, "lost": [-9, -13, -5], "amounts": {"person_h": 0.0}},
    ]
    answered(centre, found(parts=parts), people=2, handling=-10)
    page = shown(centre, "&people=2&handling=-10")
    assert "人数 +2人、処理時間 −10%" in page
    assert "+32,000円＋価格なしの分" in page
    assert "足しても合いません" in page
    assert page.count("価格なし<") == 1


def test_the_script_gets_the_answers_part_only(centre: Centre) -> None:
    opened = browser_of(centre.supervisor)
    first = opened.post(f"{ADDRESS}ask", {"day": YESTERDAY, "weeks": 1, "people": 2}, headers=FRAGMENT)
    part = first.content.decode()
    assert "<html" not in part
    assert 'data-stage="working"' in part
    poll = re.search(r'data-poll="([^"]+)"', part)
    assert poll
    actions.answer(Supposed.objects.get(key="people=2").pk, found())
    later = opened.get(poll[1], headers=FRAGMENT).content.decode()
    assert 'data-stage="done"' in later
    assert f'data-link="{ADDRESS}?day={YESTERDAY}&amp;weeks=1&amp;people=2"' in later


@pytest.mark.parametrize(
    "values",
    [{"people": "NaN"}, {"people": "51"}, {"handling": "1e3"}, {"outside": "-5"}, {"self_served": "2.5"}]
    + [{"weeks": "3"}, {"weeks": "x"}, {"day": "2999-01-01"}, {"day": "x"}, {"people": "9" * 4_400}]
    + [{"people": "2", "since": "40", "until": "20"}, {"people": "2", "since": "99"}, {"people": "２"}],
)
def test_hostile_input_gets_a_clear_error_and_sends_nobody(centre: Centre, values: dict[str, str]) -> None:
    opened, before = browser_of(centre.supervisor), Supposed.objects.count()
    data = {"day": str(YESTERDAY), "weeks": "1"} | values
    part = opened.post(f"{ADDRESS}ask", data, headers=FRAGMENT)
    assert part.status_code == 422
    assert 'role="alert"' in part.content.decode()
    page = opened.post(f"{ADDRESS}ask", data)
    assert (page.status_code, 'role="alert"' in page.content.decode()) == (422, True)
    assert opened.get(ADDRESS, data).status_code == 422
    assert Supposed.objects.count() == before


def test_a_number_beyond_its_slider_is_named(centre: Centre) -> None:
    page = asked(centre, people="51").content.decode()
    assert "人数: -50 から 50 までの整数を入れてください。" in page


@pytest.mark.parametrize("number", [0, 10**9, 10**30])
def test_foreign_numbers_are_not_found(centre: Centre, number: int) -> None:
    opened = browser_of(centre.supervisor)
    assert opened.get(f"{ADDRESS}answer/{number}").status_code == 404
    assert opened.post(f"{ADDRESS}keep/{number}", {"name": "x"}).status_code == 404
    assert opened.post(f"{ADDRESS}let-go/{number}").status_code == 404


@pytest.mark.parametrize("refusal", list(Unfit))
def test_an_unfit_day_says_why_and_shows_no_sliders(centre: Centre, refusal: Unfit) -> None:
    Supposed.objects.all().delete()
    actions.answer(actions.ask(YESTERDAY, 1, {}, acting_user=None).pk, found(refusal=refusal))
    page = shown(centre)
    assert str(words.UNFIT[refusal]) in page
    assert "what-if-board>" not in page
    assert "もう一度" in page


def test_a_change_that_leaves_nobody_is_refused_in_words(centre: Centre) -> None:
    answered(centre, found(refusal="too_few_people"), people=-40)
    assert str(words.UNFIT["too_few_people"]) in shown(centre, "&people=-40")


def test_a_broken_off_question_says_what_to_do(centre: Centre) -> None:
    actions.ask(YESTERDAY, 1, {"people": 2}, acting_user=None)
    Supposed.objects.update(tries=actions.MOST_TRIES, beat_at=now() - 2 * actions.STALE_AFTER)
    actions.carry_on()
    assert "システム管理者" in shown(centre, "&people=2")


def test_a_link_to_a_question_nobody_asked_says_so(centre: Centre) -> None:
    page = shown(centre, "&people=4")
    assert "まだ計算していません" in page
    assert 'data-stage="unasked"' in page
    assert not Supposed.objects.exclude(key="").exists(), "to look is not to ask"


def test_keeping_puts_it_into_a_table_by_the_cost_of_a_call_saved(centre: Centre) -> None:
    opened = browser_of(centre.supervisor)
    dear, cheap = answered(centre, people=2), answered(centre, found(60.0), people=3)
    free, unpriced = answered(centre, found(amounts={}), call_back=20), answered(centre, handling=-10)
    for row, name in ((dear, "高い"), (cheap, "安い"), (unpriced, "短く")):
        answer = opened.post(f"{ADDRESS}keep/{row.pk}", {"name": name, "other_yen": ""})
        assert answer.status_code == 302
    opened.post(f"{ADDRESS}keep/{free.pk}", {"name": "折り返し", "other_yen": "1,200"})
    names = re.findall(r'<tr><td><a href="[^"]+">([^<]+)</a>', shown(centre))
    assert names == ["折り返し", "安い", "高い", "短く"]
    opened.post(f"{ADDRESS}let-go/{dear.pk}")
    assert "高い" not in shown(centre)


@pytest.mark.parametrize("data", [{"name": ""}, {"name": "x" * 61}, {"name": "x", "other_yen": "NaN"}])
def test_what_cannot_be_kept_says_why(centre: Centre, data: dict[str, str]) -> None:
    row = answered(centre, people=2)
    opened = browser_of(centre.supervisor)
    page = opened.post(f"{ADDRESS}keep/{row.pk}", data, follow=True).content.decode()
    assert "ください。" in page
    assert not Supposed.objects.exclude(name="").exists()


def test_prices_are_the_centres_own_once_given(centre: Centre) -> None:
    answered(centre, people=2)
    opened = browser_of(centre.supervisor)
    data = {"person_yen_an_hour": "2,500", "outside_yen_a_call": "0", "self_service_yen_a_month": "0"}
    given = {"day": YESTERDAY, "weeks": "1", "people": "2", "days_a_month": "20"}
    page = opened.post(f"{ADDRESS}prices", data | given, follow=True).content.decode()
    assert "+40,000円" in page
    assert "価格は例です" not in page
    wrong = opened.post(f"{ADDRESS}prices", data | {"days_a_month": "NaN"}, follow=True)
    assert "円の整数" in wrong.content.decode()
    assert Prices.objects.get().days_a_month == 20


def test_a_cure_by_chance_has_no_price_a_call() -> None:
    assert buys("", Cost(32_000, False), [-2.0, -9.0, 5.0]).yen_a_call is None
    assert buys("", Cost(32_000, False), [-2.0, -9.0, 5.0]).within == "+5〜−9"


def test_the_picture_holds_every_bar_within_it() -> None:
    drawn = picture(found().halves)
    assert drawn
    assert len(drawn["bars"]) == 32
    assert all(0 <= bar["y"] <= bar["y"] + bar["height"] <= 178.1 for bar in drawn["bars"])
    assert drawn["lines"][-1]["word"] == "14"
    assert picture([]) is None


def test_in_english_too(centre: Centre) -> None:
    centre.supervisor.language = "en"
    centre.supervisor.save()
    answered(centre, people=2)
    page = shown(centre, "&people=2")
    assert "Calls not answered: 127 → 104. −23 (−18〜−28)" in page

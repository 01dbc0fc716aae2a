"""A day with a planted trouble, written down as rows, is run again and its lost calls are booked to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.conf import settings
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.planning.actions import explaining as actions
from madoguchi.domain.planning.errors import DayNotOver
from madoguchi.domain.planning.explaining import Explained, booked, explain, or_else
from madoguchi.domain.planning.jobs import explain as explain_job
from madoguchi.domain.planning.models import CauseReport
from madoguchi.domain.planning.states import REPORT, ReportEvent, ReportStage
from madoguchi.domain.planning.tests.a_planted_day import DAY, plant_a_day, planted_centre
from madoguchi.kit.clock import business_day, now
from madoguchi.science.staffing import compiled
from madoguchi.science.staffing.simulation.causes import CHANCE, Booking
from madoguchi.science.staffing.simulation.estimates import Estimate
from madoguchi.science.staffing.simulation.flat import OUTCOME

pytestmark = [pytest.mark.action, pytest.mark.django_db]
FOUND = Explained(100, 20, bookings=[{"cause": "wrap_up", "share": 1.0, "low": 0.9, "high": 1.0}])


def shares(found: Explained) -> dict[str, float]:
    return {row["cause"]: row["share"] for row in found.bookings}


def test_a_trouble_that_seems_to_have_saved_calls_counts_as_chance_with_its_interval() -> None:
    seen = {
        "wrap_up": Estimate(0.8, 0.7, 0.9, 12),
        "adherence": Estimate(-0.05, -0.08, -0.02, 12),
        CHANCE: Estimate(0.25, 0.2, 0.3, 12),
    }
    hours: dict[str, tuple[float, ...]] = dict.fromkeys(seen, (1.0,))
    rows = {row["cause"]: row for row in booked(Booking(Estimate(20, 18, 22, 12), {}, seen, hours))}
    assert {name: row["share"] for name, row in rows.items()} == pytest.approx(
        {"wrap_up": 0.8, "adherence": 0.0, CHANCE: 0.2}
    )
    assert all(0 <= row["low"] <= row["share"] <= row["high"] <= 1 for row in rows.values()), rows
    assert (rows[CHANCE]["low"], rows[CHANCE]["high"]) == pytest.approx((0.15, 0.25))


def test_long_wrap_up_is_found_again() -> None:
    plant_a_day(planted_centre(wrap_up_s=170.0))
    found = explain(DAY)
    assert not found.refusal, found.reproduced
    assert found.lost >= 100
    assert max(shares(found), key=lambda name: shares(found)[name]) == "wrap_up", shares(found)
    assert sum(shares(found).values()) == pytest.approx(1.0)
    assert all(
        9 <= since < until <= 17 for since, until in (row["hours"] for row in found.bookings if row["hours"])
    )
    lost = next(row for row in found.reproduced if row["measure"] == "lost")
    assert lost["past"] == found.lost
    assert explain(DAY) == found, "the same records, the same answer"


def test_callers_of_engaged_lines_are_booked_although_no_record_of_them_is_there() -> None:
    run = plant_a_day(replace(planted_centre(), lines=8))
    true = int((run.calls["outcome"] == OUTCOME["blocked"]).sum())
    found = explain(DAY)
    assert true > 100
    assert found.engaged == pytest.approx(true, rel=0.25)
    assert shares(found)["lines"] > 0.8, shares(found)


def test_a_day_without_calls_is_refused_in_words() -> None:
    assert explain(DAY) == Explained(0, 0, "few_lost")


def test_asking_sends_one_worker_and_asking_again_while_it_works_none() -> None:
    report = actions.ask_why(DAY, acting_user=None)
    assert actions.ask_why(DAY, acting_user=None) == report
    assert jobs() == 1
    actions.answer(report.pk, FOUND)
    assert actions.ask_why(DAY, acting_user=None).stage == ReportStage.WORKING
    assert jobs() == 2
    steps = Transition.objects.filter(subject="cause_report").order_by("pk").values_list("new", flat=True)
    assert list(steps) == ["working", "done", "working"]


def test_an_answer_is_kept_and_a_second_one_changes_nothing() -> None:
    report = actions.ask_why(DAY, acting_user=None)
    actions.answer(report.pk, FOUND)
    actions.answer(report.pk, replace(FOUND, lost=3))
    report.refresh_from_db()
    assert (report.stage, report.lost, report.bookings) == ("done", 20, FOUND.bookings)


def test_a_refusal_is_kept_with_its_reason() -> None:
    report = actions.ask_why(DAY, acting_user=None)
    actions.answer(report.pk, Explained(9, 1, "few_lost"))
    report.refresh_from_db()
    assert (report.stage, report.refusal) == ("refused", "few_lost")


def test_the_job_writes_down_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where machine code is kept is one setting of a process: this one's other tests keep theirs.
    monkeypatch.setattr(compiled, "_kept", [])
    report = actions.ask_why(DAY, acting_user=None)
    explain_job(report.pk)
    report.refresh_from_db()
    assert (report.stage, report.refusal) == ("refused", "few_lost")
    assert compiled._kept == [settings.INSTALLATION.home / "compiled"]


def test_a_day_that_is_not_over_is_refused() -> None:
    with pytest.raises(DayNotOver):
        actions.ask_why(business_day(now()), acting_user=None)


def test_a_dead_worker_is_followed_by_others_and_at_last_said_to_have_failed() -> None:
    report = actions.ask_why(date(2026, 11, 19), acting_user=None)
    assert actions.carry_on() == 0, "it may still be at it"
    for sent in (1, 1, 1, 0):
        CauseReport.objects.update(beat_at=now() - actions.STALE_AFTER - timedelta(seconds=1))
        assert actions.carry_on() == sent
    report.refresh_from_db()
    assert report.stage == ReportStage.FAILED


def test_every_event_leads_somewhere() -> None:
    assert {event for _, event, _ in REPORT.arrows()} == set(ReportEvent)
    assert {new for *_, new in REPORT.arrows()} == set(ReportStage)


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="planning.explain").count()


def test_intervals_hold_what_is_so_if_fewer_or_more_call_again() -> None:
    def rows(lines: float, spread: float) -> list[dict[str, object]]:
        shares = {"lines": lines, CHANCE: 1.0 - lines}
        return [
            {"cause": name, "share": share, "low": share - spread, "high": share + spread}
            for name, share in shares.items()
        ]

    found = or_else(or_else(rows(0.75, 0.0625), rows(0.5, 0.125)), rows(0.78125, 0.0))
    assert [(row["share"], row["low"], row["high"]) for row in found] == [
        (0.75, 0.375, 0.8125),
        (0.25, 0.1875, 0.625),
    ]

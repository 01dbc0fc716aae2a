"""Asking what if: who sends a worker when, what is dropped, what is kept, and what a knob takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.domain.calls.tests.a_day import Centre as Cast
from madoguchi.domain.ledger.models import Entry, Transition
from madoguchi.domain.planning.actions import supposing as actions
from madoguchi.domain.planning.basis import Found
from madoguchi.domain.planning.errors import (
    BasisRefused,
    DayNotOver,
    KnobRefused,
    NameRefused,
    NotAnswered,
    ShiftRefused,
    TooManyKept,
    YenRefused,
)
from madoguchi.domain.planning.jobs import suppose as suppose_job
from madoguchi.domain.planning.knobs import KNOBS, alone, cost_of, key_of, read
from madoguchi.domain.planning.models import Prices, Supposed
from madoguchi.domain.planning.queries import supposed
from madoguchi.domain.planning.queries.supposed import last_full_day, prices, records_version
from madoguchi.domain.planning.supposing import forget
from madoguchi.domain.planning.tests.a_planted_day import DAY, plant_a_day, planted_centre
from madoguchi.kit.clock import business_day, business_day_start, now
from madoguchi.science.staffing import compiled

pytestmark = [pytest.mark.action, pytest.mark.django_db]
ANN, BEN = 1, 2


def found(**more: object) -> Found:
    return replace(Found(version=records_version(DAY, 1), people=3), **more)  # type: ignore[arg-type]


def jobs() -> int:
    """Orders for the rows that are there: those of other tests may have stayed."""
    rows = list(Supposed.objects.values_list("pk", flat=True))
    return ProcrastinateJob.objects.filter(task_name="planning.suppose", args__supposed_id__in=rows).count()


def test_a_question_is_worked_out_once_and_then_known_at_once() -> None:
    row = actions.ask(DAY, 1, {"people": 2}, acting_user=ANN)
    assert (row.stage, row.key) == ("working", "people=2")
    assert actions.ask(DAY, 1, {"people": 2}, acting_user=ANN) == row
    assert jobs() == 1
    actions.answer(row.pk, found())
    assert actions.ask(DAY, 1, {"people": 2}, acting_user=BEN).stage == "done"
    assert jobs() == 1
    actions.answer(row.pk, found(people=9))
    row.refresh_from_db()
    assert row.found["people"] == 3, "the second of two workers changes nothing"
    steps = Transition.objects.filter(subject="supposed").order_by("pk").values_list("new", flat=True)
    assert list(steps) == ["working", "done"]


def test_other_records_are_asked_about_anew() -> None:
    row = actions.ask(DAY, 1, {"people": 2}, acting_user=ANN)
    actions.answer(row.pk, found())
    Cast(now()).left(business_day_start(DAY) + timedelta(hours=12))
    assert actions.ask(DAY, 1, {"people": 2}, acting_user=ANN).stage == "working"
    assert jobs() == 2


def test_who_moves_on_drops_the_question_before_but_nobody_elses() -> None:
    first = actions.ask(DAY, 1, {"people": 1}, acting_user=ANN)
    bens = actions.ask(DAY, 1, {"people": 5}, acting_user=BEN)
    both = actions.ask(DAY, 1, {"people": 3}, acting_user=BEN)
    actions.ask(DAY, 1, {"people": 3}, acting_user=ANN)
    actions.ask(DAY, 1, {"people": 2}, acting_user=ANN)
    stages = {row.key: row.stage for row in Supposed.objects.all()}
    assert stages == {"people=1": "working", "people=5": "dropped", "people=3": "working"} | {
        "people=2": "working"
    } | {"people=1": "dropped"}
    assert (both.pk, bens.pk) != (first.pk, first.pk)
    suppose_job(first.pk)
    first.refresh_from_db()
    assert (first.stage, first.found) == ("dropped", {}), "no worker troubles with it"
    assert actions.ask(DAY, 1, {"people": 1}, acting_user=ANN).stage == "working"


def test_an_answer_to_what_was_dropped_meanwhile_is_kept_all_the_same() -> None:
    first = actions.ask(DAY, 1, {"people": 1}, acting_user=ANN)
    actions.ask(DAY, 1, {"people": 2}, acting_user=ANN)
    actions.answer(first.pk, found())
    first.refresh_from_db()
    assert first.stage == "done"


def test_the_basis_itself_is_never_dropped() -> None:
    basis = actions.ask(DAY, 1, {}, acting_user=ANN)
    actions.ask(DAY, 1, {"people": 2}, acting_user=ANN)
    basis.refresh_from_db()
    assert (basis.key, basis.stage) == ("", "working")


def test_a_dead_worker_is_followed_by_others_and_at_last_said_to_have_failed() -> None:
    row = actions.ask(DAY, 1, {"people": 2}, acting_user=ANN)
    assert actions.carry_on() == 0, "it may still be at it"
    for sent in (1, 1, 1, 0):
        Supposed.objects.update(beat_at=now() - actions.STALE_AFTER - timedelta(seconds=1))
        assert actions.carry_on() == sent
    row.refresh_from_db()
    assert row.stage == "failed"
    assert actions.ask(DAY, 1, {"people": 2}, acting_user=ANN).tries == 0


def test_what_nobody_keeps_is_forgotten_after_a_week() -> None:
    for people in (1, 2):
        row = actions.ask(DAY, 1, {"people": people}, acting_user=ANN)
        actions.answer(row.pk, found())
    actions.keep(row.pk, "増員", 0, acting_user=ANN)
    Supposed.objects.update(made_at=now() - actions.FORGET_AFTER - timedelta(hours=1))
    actions.carry_on()
    assert list(Supposed.objects.values_list("key", flat=True)) == ["people=2"]


def test_keeping_needs_an_answer_and_a_name_and_is_written_down() -> None:
    row = actions.ask(DAY, 1, {"people": 2}, acting_user=ANN)
    with pytest.raises(NotAnswered):
        actions.keep(row.pk, "増員", 0, acting_user=ANN)
    actions.answer(row.pk, found())
    for name in ("", "  ", "x" * 61, "a\x00b"):
        with pytest.raises(NameRefused):
            actions.keep(row.pk, name, 0, acting_user=ANN)
    with pytest.raises(YenRefused):
        actions.keep(row.pk, "増員", 10**9, acting_user=ANN)
    actions.keep(row.pk, " 二人  増員 ", 500, acting_user=ANN)
    row.refresh_from_db()
    assert (row.name, row.other_yen, row.kept_by) == ("二人 増員", 500, ANN)
    actions.let_go(row.pk, acting_user=BEN)
    actions.let_go(row.pk, acting_user=BEN)
    assert not Supposed.objects.exclude(name="").exists()
    assert list(Entry.objects.values_list("verb", flat=True).order_by("pk")) == [
        "kept_what_if",
        "let_go_what_if",
    ]
    with pytest.raises(Supposed.DoesNotExist):
        actions.keep(10**9, "x", 0, acting_user=ANN)


def test_the_table_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_KEPT", 1)
    for people in (1, 2):
        row = actions.ask(DAY, 1, {"people": people}, acting_user=ANN)
        actions.answer(row.pk, found())
        if people == 1:
            actions.keep(row.pk, "一", 0, acting_user=ANN)
            actions.keep(row.pk, "いち", 0, acting_user=ANN)
    with pytest.raises(TooManyKept):
        actions.keep(row.pk, "二", 0, acting_user=ANN)


def test_a_day_that_is_not_over_and_an_odd_span_are_refused() -> None:
    with pytest.raises(DayNotOver):
        actions.ask(business_day(now()), 1, {}, acting_user=ANN)
    with pytest.raises(BasisRefused):
        actions.ask(DAY, 60, {}, acting_user=ANN)


def test_prices_are_examples_until_somebody_gives_them() -> None:
    assert prices().changed_at is None
    given = {"person_yen_an_hour": 2_500, "days_a_month": 30}
    actions.set_prices(given, acting_user=ANN)
    actions.set_prices(given, acting_user=ANN)
    assert (prices().person_yen_an_hour, prices().outside_yen_a_call) == (2_500, 500)
    assert Prices.objects.count() == 1
    for wrong in ({"person_yen_an_hour": -1}, {"days_a_month": 0}, {"outside_yen_a_call": 10**9}):
        with pytest.raises(YenRefused):
            actions.set_prices(wrong, acting_user=ANN)


@pytest.mark.parametrize(
    "text", ["NaN", "1e9", "1.5", "51", "-51", "１", "2_0", "9" * 5_000, "--1", "+", "x"]
)
def test_a_knob_takes_whole_numbers_within_its_range(text: str) -> None:
    with pytest.raises(KnobRefused):
        read({"people": text})


def test_what_is_not_turned_is_not_in_the_question() -> None:
    assert read({"people": "0", "handling": "", "wrap_up": "+0", "other": "5"}) == {}
    assert read({"people": "+2", "handling": "-10"}) == {"people": 2, "handling": -10}
    assert read({"self_served": "12"}, {"self_served": 12}) == {}
    assert read({"self_served": "0"}, {"self_served": 12}) == {"self_served": 0}
    assert read({"people": "2", "since": "20", "until": "24"}) == {"people": 2, "since": 20, "until": 24}
    assert read({"people": "2", "since": "20", "until": ""}) == {"people": 2, "since": 20}
    assert read({"people": "-2", "since": "24", "until": "20"}) == {"people": -2}
    with pytest.raises(ShiftRefused):
        read({"people": "2", "since": "24", "until": "20"})


def test_the_longest_question_has_room() -> None:
    longest = {knob.name: knob.low or knob.high for knob in KNOBS} | {"since": 10, "until": 40}
    assert len(key_of(longest)) <= 200
    assert alone(longest, "people") == {"people": -50, "since": 10, "until": 40}
    assert alone(longest, "outside") == {"outside": 80}


def test_a_cost_is_of_what_is_added_and_says_what_it_does_not_know() -> None:
    given = {"person_yen_an_hour": 2_000, "outside_yen_a_call": 500} | {
        "self_service_yen_a_month": 105_000, "days_a_month": 21,
    }  # fmt: skip
    assert cost_of({"person_h": -8.0}, {"people": -1}, given).yen == -16_000
    assert cost_of({"outside_calls": 40.0}, {"outside": 10}, given).yen == 20_000
    assert cost_of({"self_service": 1.0}, {"self_served": 10}, given).yen == 5_000
    assert cost_of({}, {"handling": -10}, given).unknown


def test_the_last_full_day_is_taken() -> None:
    assert last_full_day(DAY) == DAY
    plant_a_day(planted_centre(people=6))
    assert last_full_day(DAY + timedelta(days=1)) == DAY


def test_the_job_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where machine code is kept is one setting of a process: this one's other tests keep theirs.
    monkeypatch.setattr(compiled, "_kept", [])
    forget()
    plant_a_day(planted_centre(wrap_up_s=60.0, people=11))
    row = actions.ask(DAY, 1, {"people": 2, "handling": -10}, acting_user=ANN)
    suppose_job(row.pk)
    suppose_job(row.pk)
    suppose_job(10**9)
    row.refresh_from_db()
    assert (row.stage, row.refusal) == ("done", "")
    lost = next(each for each in row.found["measures"] if each["measure"] == "lost")
    assert lost["difference"][2] < 0
    assert [part["knob"] for part in row.found["parts"]] == ["people", "handling"]
    assert compiled._kept == [settings.INSTALLATION.home / "compiled"]


def test_another_roster_makes_an_old_answer_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    begins = business_day_start(DAY) + timedelta(hours=9)
    before = supposed.records_version(DAY, 1)
    assert supposed.records_version(DAY, 1) == before
    shifts = {1: ((begins, begins + timedelta(hours=8)),)}
    monkeypatch.setattr(supposed, "planned_stretches", lambda day: shifts)
    assert supposed.records_version(DAY, 1) != before

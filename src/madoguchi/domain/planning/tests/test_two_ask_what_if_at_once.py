"""Several people who ask what if at one moment: one row and one worker a question, each their own answer."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.domain.ledger.tests.side_by_side import side_by_side
from madoguchi.domain.planning.actions import supposing as actions
from madoguchi.domain.planning.basis import Found
from madoguchi.domain.planning.models import Supposed
from madoguchi.domain.planning.supposing import forget, suppose
from madoguchi.domain.planning.tests.a_planted_day import DAY, plant_a_day, planted_centre

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]
PEOPLE = 6


def jobs() -> int:
    """Orders for the rows that are there: those of other tests may have stayed."""
    rows = list(Supposed.objects.values_list("pk", flat=True))
    return ProcrastinateJob.objects.filter(task_name="planning.suppose", args__supposed_id__in=rows).count()


def test_one_question_of_several_is_one_row_and_one_job() -> None:
    side_by_side(*(lambda by=by: actions.ask(DAY, 1, {"people": 2}, acting_user=by) for by in range(PEOPLE)))
    row = Supposed.objects.get()
    assert (row.stage, row.by, jobs()) == ("working", None, 1)


def test_each_others_questions_are_not_dropped() -> None:
    side_by_side(
        *(lambda by=by: actions.ask(DAY, 1, {"people": by + 1}, acting_user=by) for by in range(PEOPLE))
    )
    assert set(Supposed.objects.values_list("stage", flat=True)) == {"working"}
    assert jobs() == PEOPLE


def test_two_workers_with_one_answer_write_it_once() -> None:
    row = actions.ask(DAY, 1, {"people": 2}, acting_user=1)
    side_by_side(*(lambda n=n: actions.answer(row.pk, Found(people=n)) for n in range(PEOPLE)))
    row.refresh_from_db()
    assert row.stage == "done"
    side_by_side(*(lambda: actions.keep(row.pk, "x", 0, acting_user=1) for _ in range(PEOPLE)))
    assert Supposed.objects.get().name == "x"


def test_one_worker_simulates_for_several_and_tells_each_the_same_as_alone() -> None:
    plant_a_day(planted_centre(wrap_up_s=60.0, people=11))
    forget()
    questions = [{"people": 2}, {"people": 2}, {"handling": -10}, {"people": 2, "handling": -10}]
    at_once = side_by_side(*(lambda turned=turned: suppose(DAY, 1, turned) for turned in questions))
    forget()
    alone = [suppose(DAY, 1, turned) for turned in questions]
    assert [json.dumps(asdict(found)) for found in at_once] == [json.dumps(asdict(found)) for found in alone]
    forget()

"""The demonstration fills a new database once, with a past that keeps the house's laws."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Count
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from madoguchi.domain.calls.invariants import violations
from madoguchi.domain.calls.models import Call, Offer, QueueVisit
from madoguchi.domain.calls.states import Outcome
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.customers.models import Customer
from madoguchi.domain.flows.queries import findings_of, published_version
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.planning.explaining import explain
from madoguchi.domain.planning.queries.reports import lost_by_day
from madoguchi.kit.clock import business_day, now
from madoguchi.program import demonstration

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[tuple[str, str, str]]]:
    """Three weeks are played once; each test sees them, and what it changes itself is undone after it."""
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with quick, django_db_blocker.unblock(), transaction.atomic():
        yield demonstration.seed()
        transaction.set_rollback(True)


@pytest.fixture
def log_ins(seeded: list[tuple[str, str, str]], db: None) -> list[tuple[str, str, str]]:
    return seeded


def test_everybody_can_log_in_and_the_second_time_nothing_is_made(
    log_ins: list[tuple[str, str, str]],
) -> None:
    assert len(log_ins) == 9
    for _role, name, password in log_ins:
        assert authenticate(username=name, password=password) is not None
    assert demonstration.seed() == []
    assert Account.objects.count() == 9


def test_the_past_is_alive(log_ins: object) -> None:
    assert Customer.objects.count() == 41
    assert 600 < Call.objects.count() < 3000
    kinds = set(Call.objects.values_list("outcome", flat=True))
    assert {Outcome.ANSWERED, Outcome.OUT_OF_HOURS, Outcome.QUEUE_ABANDON, Outcome.SHORT_ABANDON} <= kinds
    assert set(Promise.objects.values_list("stage", flat=True)) >= {"broken", "kept", "kept_late"}


def test_a_day_of_the_last_week_lost_calls_whose_causes_can_be_told(log_ins: object) -> None:
    yesterday = business_day(now()) - timedelta(days=1)
    worst = max(lost_by_day(yesterday, 7), key=lambda each: each.lost)
    found = explain(worst.day)
    assert (found.refusal, found.lost) == ("", worst.lost)
    assert sum(row["share"] for row in found.bookings) == pytest.approx(1.0)


def test_every_flow_that_a_number_leads_to_has_nothing_against_it(log_ins: object) -> None:
    from madoguchi.domain.clients.models import Number

    for number in Number.objects.all():
        version = published_version(number.flow_id or 0)
        assert version is not None
        assert findings_of(version.graph) == []


def test_nobody_does_two_things_at_once_in_the_past(log_ins: object) -> None:
    steps = Transition.objects.filter(subject="activity").order_by("subject_id", "at", "id")
    before: dict[str, str] = {}
    for step in steps:
        assert before.get(step.subject_id, "idle") == step.old, step
        before[step.subject_id] = step.new
    assert set(before.values()) == {"idle"}


def test_callers_of_a_queue_were_taken_in_the_order_they_came(log_ins: object) -> None:
    missed = Offer.objects.filter(stage="missed").values("visit")
    taken = QueueVisit.objects.filter(left="taken").exclude(pk__in=missed).order_by("queue", "enqueued_at")
    last: dict[int, object] = {}
    for visit in taken:
        assert visit.left_at is not None
        assert visit.queue_id not in last or last[visit.queue_id] <= visit.left_at  # type: ignore[operator]
        last[visit.queue_id] = visit.left_at


def test_the_past_breaks_none_of_the_houses_laws(log_ins: object) -> None:
    at = now()
    assert [str(one) for one in violations(at - timedelta(days=30), at)] == []
    answered = Call.objects.filter(outcome=Outcome.ANSWERED).annotate(kept=Count("recordings"))
    assert set(answered.values_list("kept", flat=True)) == {1}


def test_opening_the_centre_takes_every_access_away(log_ins: list[tuple[str, str, str]]) -> None:
    assert demonstration.remove() == 9
    assert not Account.objects.filter(is_active=True).exists()
    assert Account.objects.filter(role=Role.ADMINISTRATOR).exists()
    assert all(authenticate(username=name, password=password) is None for _role, name, password in log_ins)

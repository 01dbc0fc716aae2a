"""What is seen of lines is written when it changes, told to the floor, and forgotten with its address."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.trunks import actions
from madoguchi.domain.trunks.health import Health, Tried
from madoguchi.domain.trunks.models import Trunk, TrunkWatch
from madoguchi.domain.trunks.probe import Finding, Report
from madoguchi.domain.trunks.queries import dead_lines, explain_watch
from madoguchi.switch.lines import LineSeen

pytestmark = [pytest.mark.action, pytest.mark.django_db]

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
def trunk() -> Trunk:
    line = {"name": "ひかり電話", "host": "sip.example.jp", "login": "0312345678", "secret": "s3cret"}
    return actions.create_trunk(line, acting_user=None)


def seen(trunk: Trunk, minutes: float, tried: Tried | None = None, **facts: bool) -> list[int]:
    at = START + timedelta(minutes=minutes)
    calls = {trunk.endpoint: tried} if tried else {}
    return actions.lines_seen({trunk.endpoint: LineSeen(**facts)}, calls, at=at)


def watch(trunk: Trunk) -> TrunkWatch:
    return TrunkWatch.objects.get(trunk=trunk)


def test_a_lost_registration_is_dead_from_when_it_was_lost_and_asked_about_now_and_then(trunk: Trunk) -> None:
    assert seen(trunk, 0, registered=True) == []
    assert watch(trunk).health == Health.WORKS
    assert seen(trunk, 10, registered=False) == []
    assert watch(trunk).health == Health.WORKS
    assert seen(trunk, 11, registered=False) == [trunk.pk]
    assert [(one.trunk, one.since) for one in dead_lines()] == [(trunk, START + timedelta(minutes=10))]
    at = START + timedelta(minutes=11)
    actions.line_explained(trunk.pk, Report(Finding.WRONG_PASSWORD, "192.0.2.1", "401 Unauthorized"), at=at)
    assert "401 Unauthorized" in explain_watch(watch(trunk))
    assert seen(trunk, 12, registered=False) == []
    assert seen(trunk, 16.5, registered=False) == [trunk.pk]
    assert seen(trunk, 17, registered=True) == []
    assert dead_lines() == []
    assert "401" not in explain_watch(watch(trunk))
    steps = Transition.objects.filter(subject="line").order_by("id").values_list("old", "new")
    assert list(steps) == [("unknown", "works"), ("works", "dead"), ("dead", "works")]


def test_what_stays_the_same_is_not_written_again(trunk: Trunk, django_assert_num_queries: object) -> None:
    seen(trunk, 0, registered=True, answers=True)
    # The rows are read, inside a transaction's savepoint.
    with django_assert_num_queries(3):  # type: ignore[operator]
        seen(trunk, 1, registered=True, answers=True)


def test_calls_speak_for_a_line_that_answers_nothing(trunk: Trunk) -> None:
    seen(trunk, 0, answers=False)
    assert watch(trunk).health == Health.UNKNOWN
    seen(trunk, 1, Tried(heard_at=START), answers=False)
    assert watch(trunk).health == Health.WORKS
    assert "通話はつながって" in explain_watch(watch(trunk))
    seen(trunk, 2, Tried(heard_at=START, in_vain_since=START + timedelta(seconds=90)), answers=False)
    assert watch(trunk).health == Health.DEAD
    assert watch(trunk).since == START + timedelta(seconds=90)


def test_a_host_that_does_not_exist_is_dead_though_it_never_answered(trunk: Trunk) -> None:
    assert seen(trunk, 0, answers=False) == [trunk.pk]
    actions.line_explained(trunk.pk, Report(Finding.NO_SUCH_HOST), at=START)
    assert seen(trunk, 1, answers=False) == []
    assert watch(trunk).health == Health.DEAD
    assert "ホスト名が見つかりません" in explain_watch(watch(trunk))
    # As long as nobody looks again nothing changes; once the name is there, it is an unknown line again.
    assert seen(trunk, 6, answers=False) == [trunk.pk]
    actions.line_explained(trunk.pk, Report(Finding.NO_ANSWER, "192.0.2.1"), at=START + timedelta(minutes=6))
    seen(trunk, 7, answers=False)
    assert watch(trunk).health == Health.UNKNOWN


def test_another_address_is_another_line(trunk: Trunk) -> None:
    seen(trunk, 0, answers=True)
    actions.change_trunk(trunk.pk, {"channels": 8}, acting_user=None)
    assert watch(trunk).has_answered
    actions.change_trunk(trunk.pk, {"host": "sip2.example.jp"}, acting_user=None)
    assert not TrunkWatch.objects.exists()
    seen(trunk, 1, answers=False)
    seen(trunk, 5, answers=False)
    assert watch(trunk).health == Health.UNKNOWN


def test_a_line_out_of_use_is_not_counted_among_the_dead(trunk: Trunk) -> None:
    seen(trunk, 0, registered=False)
    seen(trunk, 1, registered=False)
    assert len(dead_lines()) == 1
    actions.change_trunk(trunk.pk, {"active": False}, acting_user=None)
    assert dead_lines() == []


@pytest.mark.parametrize(
    "facts", [{"registered": True}, {"answers": True}, {"answers": False}, {"registered": False}]
)
def test_every_health_has_its_words(trunk: Trunk, facts: dict[str, Any]) -> None:
    seen(trunk, 0, **facts)
    seen(trunk, 5, **facts)
    assert len(explain_watch(watch(trunk))) > 10

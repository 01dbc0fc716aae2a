"""A desk that fell silent while its telephone still counts as registered: nobody is rung there."""

from datetime import timedelta

import pytest

from madoguchi.domain.agents.models import DESK_SILENT_AFTER, Agent
from madoguchi.domain.calls import floor_plan
from madoguchi.domain.calls.queries.floor import people_now, queues_now
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.kit.clock import now
from madoguchi.science.routing.choose import choose
from madoguchi.science.routing.model import Reason

pytestmark = [pytest.mark.action, pytest.mark.django_db]

A_MOMENT = timedelta(seconds=1)


def last_heard(agent: Agent, ago: timedelta) -> None:
    Agent.objects.filter(pk=agent.pk).update(desk_beat_at=now() - ago)


def offered(centre: Centre) -> set[int]:
    """Who would be rung for a caller who waits."""
    plan = floor_plan.read()
    return {agent_id for pair in choose(now(), plan.visits, plan.agents).pairs for agent_id in pair.agent_ids}


def alone_free(centre: Centre, free: Agent) -> None:
    Agent.objects.exclude(pk=free.pk).update(presence="meeting")


def test_a_closed_lid_is_passed_over_and_the_reason_is_told(centre: Centre) -> None:
    centre.waiting()
    last_heard(centre.sato, DESK_SILENT_AFTER + A_MOMENT)
    last_heard(centre.tanaka, timedelta())
    alone_free(centre, centre.sato)
    plan = floor_plan.read()
    decision = choose(now(), plan.visits, plan.agents)
    assert decision.pairs == ()
    assert decision.rejections[0].counts[Reason.PHONE_UNREACHABLE] == 1


def test_a_few_beats_missed_are_no_silence(centre: Centre) -> None:
    centre.waiting()
    last_heard(centre.sato, DESK_SILENT_AFTER - A_MOMENT)
    last_heard(centre.tanaka, timedelta())
    alone_free(centre, centre.sato)
    assert offered(centre) == {centre.sato.pk}


def test_with_the_web_away_everybody_is_silent_and_can_be_rung(centre: Centre) -> None:
    centre.waiting()
    for agent in (centre.sato, centre.tanaka):
        last_heard(agent, timedelta(minutes=5))
    alone_free(centre, centre.sato)
    assert offered(centre) == {centre.sato.pk}


def test_a_desk_phone_needs_no_beating_desk(centre: Centre) -> None:
    centre.waiting()
    Agent.objects.filter(pk=centre.sato.pk).update(phone=Agent.Phone.DESK)
    last_heard(centre.sato, timedelta(hours=1))
    last_heard(centre.tanaka, timedelta())
    alone_free(centre, centre.sato)
    assert offered(centre) == {centre.sato.pk}


def test_the_floor_says_so_and_counts_nobody_free(centre: Centre) -> None:
    last_heard(centre.sato, DESK_SILENT_AFTER + A_MOMENT)
    last_heard(centre.tanaka, timedelta())
    alone_free(centre, centre.sato)
    needs = {person.agent.pk: person.needs for person in people_now(now())}
    assert needs[centre.sato.pk] == ("desk_silent",)
    assert [queue.free for queue in queues_now(now()) if queue.queue == centre.queue] == [0]

"""Control keeps what no call changes; whoever changes it rings, and the next call meets what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from madoguchi.control import doorbell
from madoguchi.domain.agents.actions import choose_phone, set_skill
from madoguchi.domain.agents.models import Skill
from madoguchi.domain.agents.queries import at_the_phone
from madoguchi.domain.calls import floor_plan
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.clients.actions import change_client, change_number
from madoguchi.domain.clients.models import Number
from madoguchi.domain.clients.queries import number_for, recording_days
from madoguchi.domain.flows import actions as flows
from madoguchi.domain.flows.queries import version_for_calls
from madoguchi.domain.ledger import kept
from madoguchi.domain.ledger.actions import CONTROL_CHANNEL
from madoguchi.domain.queues.actions import change_queue, set_members, set_requirements
from madoguchi.domain.queues.queries import open_queue
from madoguchi.domain.trunks.actions import change_trunk
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.queries import by_endpoint

pytestmark = [pytest.mark.action, pytest.mark.django_db]

BELLS: dict[str, Callable[[], None]] = {"settings": kept.forget, "configuration": kept.forget}
"""As the controller hangs them up (`controller.forever`)."""


@pytest.fixture(autouse=True)
def keeping() -> Iterator[None]:
    kept.keep_from_now_on()
    yield
    kept.keep_nothing()


@contextmanager
def hearing() -> Iterator[None]:
    """Control's ear: what is announced to it rings the bells afterwards."""
    heard: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        for channel, payloads in pairwise(params or ()):
            if channel == CONTROL_CHANNEL:
                heard.extend(payloads)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield
    for payload in heard:
        doorbell._ring(payload, BELLS)


def people(centre: Centre) -> dict[int, tuple[dict[int, int], dict[int, int]]]:
    return {agent.id: (dict(agent.queues), dict(agent.skills)) for agent in floor_plan.read().agents}


def test_a_number_that_is_given_up(centre: Centre) -> None:
    number = Number.objects.get()
    assert number_for(number.e164, None) == number
    with hearing():
        change_number(number.pk, {"active": False}, acting_user=None)
    assert number_for(number.e164, None) is None


def test_another_wish_about_recordings(centre: Centre) -> None:
    client = Number.objects.get().client
    before = recording_days(client.pk)
    with hearing():
        change_client(client.pk, {"recording_days": 7}, acting_user=None)
    assert (before, recording_days(client.pk)) == (client.recording_days, 7)


def test_a_flow_that_is_published_anew(centre: Centre) -> None:
    number = Number.objects.get()
    assert number.flow_id is not None
    before = version_for_calls(number.flow_id)
    flows.start_draft(number.flow_id, acting_user=None)
    with hearing():
        flows.publish(number.flow_id, acting_user=None)
    after = version_for_calls(number.flow_id)
    assert before is not None
    assert after is not None
    assert after.number == before.number + 1


def test_a_trunk_that_writes_numbers_in_another_way(centre: Centre) -> None:
    trunk = Trunk.objects.get()
    before = by_endpoint(trunk.endpoint)
    with hearing():
        change_trunk(trunk.pk, {"name": "another line"}, acting_user=None)
    after = by_endpoint(trunk.endpoint)
    assert (before and before.name, after and after.name) == (trunk.name, "another line")


def test_a_queue_that_is_closed(centre: Centre) -> None:
    assert open_queue(centre.queue.pk) == centre.queue
    with hearing():
        change_queue(centre.queue.pk, {"active": False}, acting_user=None)
    assert open_queue(centre.queue.pk) is None


def test_who_serves_a_queue_who_can_what_and_what_is_asked(centre: Centre) -> None:
    skill = Skill.objects.create(name="English")
    centre.waiting()
    assert people(centre)[centre.sato.pk][0]
    with hearing():
        set_members(centre.queue.pk, {centre.suzuki.pk: 2}, acting_user=None)
    assert people(centre)[centre.sato.pk][0] == {}
    with hearing():
        set_skill(centre.suzuki.pk, skill.pk, 4, acting_user=None)
    assert people(centre)[centre.suzuki.pk] == ({centre.queue.pk: 2}, {skill.pk: 4})
    with hearing():
        set_requirements(centre.queue.pk, {skill.pk: 3}, acting_user=None)
    (visit,) = floor_plan.read().visits
    assert dict(visit.queue.requires) == {skill.pk: 3}


def test_another_telephone(centre: Centre) -> None:
    assert at_the_phone(centre.sato.pk).phone == "browser"
    with hearing():
        choose_phone(centre.sato.pk, "desk", acting_user=None)
    assert at_the_phone(centre.sato.pk).phone == "desk"

"""Queues, the skills they ask for and the people who serve them."""

import uuid

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Activity, Presence
from madoguchi.domain.clients.models import Client
from madoguchi.domain.people.models import Account
from madoguchi.domain.queues import actions
from madoguchi.domain.queues.errors import StillOnThePhone
from madoguchi.domain.queues.models import Membership, Queue, Requirement

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def queue() -> Queue:
    client = Client.objects.create(name="さくら電機")
    return actions.create_queue({"name": "修理", "client": client}, acting_user=1)


def sato(queue: Queue) -> Agent:
    skill = actions.create_skill("冷蔵庫", acting_user=1)
    account, _password = actions.take_on(
        {"username": "sato", "name": "佐藤 恵"},
        at_the_phone=True,
        skills={skill.pk: 4},
        queue_ids=[queue.pk],
        acting_user=1,
    )
    return Agent.objects.get(account=account)


def test_taking_a_person_on_gives_them_phone_skills_and_queues(queue: Queue) -> None:
    agent = sato(queue)
    assert agent.agentskill_set.get().level == 4
    assert Membership.objects.get().rank == 1
    assert agent.presence == Presence.GONE_HOME


def test_a_queue_asks_for_exactly_the_skills_that_were_set(queue: Queue) -> None:
    cold, hot = (actions.create_skill(name, acting_user=1) for name in ("冷蔵庫", "給湯器"))
    actions.set_requirements(queue.pk, {cold.pk: 2, hot.pk: 9}, acting_user=1)
    actions.set_requirements(queue.pk, {hot.pk: 9}, acting_user=1)
    assert list(Requirement.objects.values_list("skill", "min_level")) == [(hot.pk, 5)]


def test_a_rank_stays_when_the_queues_of_a_person_are_set_again(queue: Queue) -> None:
    agent = sato(queue)
    actions.set_members(queue.pk, {agent.pk: 2}, acting_user=1)
    actions.set_queues_of(agent.pk, [queue.pk], acting_user=1)
    assert Membership.objects.get().rank == 2
    actions.set_members(queue.pk, {}, acting_user=1)
    assert not Membership.objects.exists()


def test_somebody_on_a_call_is_not_let_go_until_it_is_over(queue: Queue) -> None:
    agent = sato(queue)
    Agent.objects.update(activity=Activity.TALKING, activity_call_id=uuid.uuid4())
    with pytest.raises(StillOnThePhone):
        actions.let_go(agent.account_id, acting_user=1)
    assert Account.objects.get(pk=agent.account_id).is_active
    Agent.objects.update(activity=Activity.IDLE, activity_call_id=None)
    actions.let_go(agent.account_id, acting_user=1)
    assert not Account.objects.get(pk=agent.account_id).is_active
    assert not Membership.objects.exists()

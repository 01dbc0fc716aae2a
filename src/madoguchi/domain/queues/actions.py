"""The only writer of queues, and of what takes a person on and lets them go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from madoguchi.domain.agents.actions import choose_presence, create_agent, set_skill
from madoguchi.domain.agents.models import Agent, Skill
from madoguchi.domain.agents.states import Activity, Presence
from madoguchi.domain.ledger.actions import announce, note
from madoguchi.domain.ledger.changes import applied
from madoguchi.domain.people.actions import create_account, deactivate
from madoguchi.domain.people.models import Account
from madoguchi.domain.queues.errors import StillOnThePhone
from madoguchi.domain.queues.models import Membership, Queue, Requirement

HEARD_BY = (("control", "settings match"), ("floor", "queues people"), ("desks", "waiting"))


@transaction.atomic
def create_queue(values: Mapping[str, Any], *, acting_user: int | None) -> Queue:
    """Open a queue; `values` are fields of `Queue`. Raises ValidationError."""
    return _store(Queue(), values, "created_queue", acting_user)


@transaction.atomic
def change_queue(queue_id: int, values: Mapping[str, Any], *, acting_user: int | None) -> Queue:
    """Change a queue; callers who wait in it keep their places. Raises ValidationError."""
    return _store(Queue.objects.select_for_update().get(pk=queue_id), values, "changed_queue", acting_user)


@transaction.atomic
def set_requirements(queue_id: int, levels: Mapping[int, int], *, acting_user: int | None) -> None:
    """Say which skills (id → lowest level 1–5) a queue asks for; skills not named are not asked for."""
    Requirement.objects.filter(queue_id=queue_id).exclude(skill_id__in=levels).delete()
    for skill_id, level in levels.items():
        Requirement.objects.update_or_create(
            queue_id=queue_id, skill_id=skill_id, defaults={"min_level": min(max(level, 1), 5)}
        )
    note("set_requirements", "queue", queue_id, acting_user=acting_user, levels=dict(levels))
    announce(*HEARD_BY)


@transaction.atomic
def set_members(queue_id: int, ranks: Mapping[int, int], *, acting_user: int | None) -> None:
    """Say who (agent id → rank, 1 asked first) serves a queue; people not named no longer do."""
    Membership.objects.filter(queue_id=queue_id).exclude(agent_id__in=ranks).delete()
    for agent_id, rank in ranks.items():
        Membership.objects.update_or_create(
            queue_id=queue_id, agent_id=agent_id, defaults={"rank": min(max(rank, 1), 9)}
        )
    note("set_members", "queue", queue_id, acting_user=acting_user, ranks=dict(ranks))
    announce(*HEARD_BY)


@transaction.atomic
def set_queues_of(agent_id: int, queue_ids: Iterable[int], *, acting_user: int | None) -> None:
    """Say which queues a person serves; a rank they already have stays."""
    wanted = set(queue_ids)
    Membership.objects.filter(agent_id=agent_id).exclude(queue_id__in=wanted).delete()
    known = set(Membership.objects.filter(agent_id=agent_id).values_list("queue_id", flat=True))
    new = sorted(wanted - known)
    Membership.objects.bulk_create(Membership(agent_id=agent_id, queue_id=queue_id) for queue_id in new)
    note("set_queues", "agent", agent_id, acting_user=acting_user, queues=sorted(wanted))
    announce(*HEARD_BY)


@transaction.atomic
def create_skill(name: str, *, acting_user: int | None) -> Skill:
    """Add a skill that queues may ask for. Raises ValidationError."""
    skill = Skill()
    applied(skill, {"name": name.strip()})
    skill.save()
    note("created_skill", "skill", skill.pk, acting_user=acting_user, name=skill.name)
    return skill


@transaction.atomic
def rename_skill(skill_id: int, name: str, *, acting_user: int | None) -> Skill:
    """Give a skill another name. Raises ValidationError."""
    skill = Skill.objects.get(pk=skill_id)
    changes = applied(skill, {"name": name.strip()})
    skill.save()
    note("renamed_skill", "skill", skill_id, acting_user=acting_user, changes=changes)
    return skill


@transaction.atomic
def remove_skill(skill_id: int, *, acting_user: int | None) -> None:
    """Delete a skill; queues no longer ask for it and nobody has it."""
    skill = Skill.objects.get(pk=skill_id)
    note("removed_skill", "skill", skill_id, acting_user=acting_user, name=skill.name)
    skill.delete()
    announce(*HEARD_BY)


@transaction.atomic
def take_on(
    values: Mapping[str, Any],
    *,
    at_the_phone: bool,
    skills: Mapping[int, int] | None = None,
    queue_ids: Iterable[int] = (),
    acting_user: int | None,
) -> tuple[Account, str]:
    """Take a person on: account, place at the phone, skills (id → level) and queues, all or nothing.

    Returns the account and its first password, to be shown once. Raises ValidationError.
    """
    account, password = create_account(values, acting_user=acting_user)
    if at_the_phone:
        agent = create_agent(account.pk, acting_user=acting_user)
        for skill_id, level in (skills or {}).items():
            set_skill(agent.pk, skill_id, level, acting_user=acting_user)
        set_queues_of(agent.pk, queue_ids, acting_user=acting_user)
    return account, password


@transaction.atomic
def let_go(account_id: int, *, even_the_last: bool = False, acting_user: int | None) -> None:
    """End a person's access and take them out of every queue; their history stays.

    `even_the_last` ends the last administrator too. Raises StillOnThePhone, and what
    `people.actions.deactivate` raises.
    """
    agent = Agent.objects.select_for_update(of=("self",)).filter(account_id=account_id).first()
    if agent is not None:
        if agent.activity != Activity.IDLE:
            raise StillOnThePhone(name=str(agent))
        choose_presence(agent.pk, Presence.GONE_HOME, acting_user=acting_user)
        set_queues_of(agent.pk, (), acting_user=acting_user)
    deactivate(account_id, even_the_last=even_the_last, acting_user=acting_user)


def _store(queue: Queue, values: Mapping[str, Any], verb: str, acting_user: int | None) -> Queue:
    changes = applied(queue, values)
    queue.save()
    note(verb, "queue", queue.pk, acting_user=acting_user, changes=changes)
    announce(*HEARD_BY)
    if "music" in changes:
        announce(("control", "configuration"))
    return queue

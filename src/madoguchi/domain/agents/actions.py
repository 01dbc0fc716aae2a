"""The only writer of people at the phone."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from madoguchi.domain.agents.errors import MatterMissing, UnknownPresence
from madoguchi.domain.agents.models import Agent, AgentSkill
from madoguchi.domain.agents.states import ACTIVITY, Activity, ActivityEvent, Matter, Presence
from madoguchi.domain.ledger.actions import announce, note, step, write
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.ledger.prepared import Statement, execute
from madoguchi.domain.roster.queries import ON_BREAK, break_ends_at
from madoguchi.domain.switchboard.sealing import opens, seal
from madoguchi.kit.clock import now

LOOK_AGAIN = {
    Activity.RINGING: timedelta(seconds=90),
    Activity.DIALLING: timedelta(seconds=120),
    Activity.TALKING: timedelta(minutes=5),
    Activity.HOLDING: timedelta(minutes=5),
    Activity.WRAP_UP: timedelta(minutes=5),
}
"""After so long in an activity the reconciler compares it with calls and legs; a talk may of course go on."""


@transaction.atomic
def create_agent(account_id: int, *, acting_user: int | None, phone: str = Agent.Phone.BROWSER) -> Agent:
    """Give an account a place at the phone, with random credentials, gone home at first."""
    at = now()
    agent = Agent.objects.create(
        account_id=account_id,
        endpoint=f"op-{secrets.token_hex(8)}",
        sip_secret_sealed=seal(secrets.token_urlsafe(24)),
        phone=phone,
        presence_since=at,
        activity_since=at,
        idle_since=at,
    )
    write([step("presence", agent.pk, "", agent.presence, event="created", at=at, by=acting_user)])
    announce(("control", "configuration"), ("floor", "people"))
    return agent


@transaction.atomic
def rotate_secret(agent_id: int, *, acting_user: int | None) -> None:
    """Make the phone's password anew; the old one ends with the next registration."""
    Agent.objects.filter(pk=agent_id).update(sip_secret_sealed=seal(secrets.token_urlsafe(24)))
    note("rotated_phone_secret", "agent", agent_id, acting_user=acting_user)
    announce(("control", "configuration"), (f"agent:{agent_id}", "me"))


@transaction.atomic
def reseal(*, forget: bool) -> tuple[int, int]:
    """Seal every telephone's password with the newest key; how many were sealed, and how many made anew.

    One that cannot be read is replaced with `forget`; else SealBroken is raised.
    """
    sealed = renewed = 0
    for agent in Agent.objects.select_for_update().order_by("pk"):
        lost = forget and not opens(agent.sip_secret_sealed)
        text = secrets.token_urlsafe(24) if lost else agent.sip_secret
        agent.sip_secret_sealed = seal(text)
        agent.save(update_fields=["sip_secret_sealed"])
        sealed, renewed = sealed + (not lost), renewed + lost
        if lost:
            note("rotated_phone_secret", "agent", agent.pk, acting_user=None)
    announce(("control", "configuration"))
    return sealed, renewed


@transaction.atomic
def choose_phone(agent_id: int, phone: str, *, acting_user: int | None) -> None:
    """Let a person answer by browser or by a desk phone. The registration of the other kind ends."""
    Agent.objects.filter(pk=agent_id).update(phone=Agent.Phone(phone), phone_reachable=False)
    note("chose_phone", "agent", agent_id, acting_user=acting_user, phone=phone)
    announce(("control", "configuration"), (f"agent:{agent_id}", "me"), ("floor", "people"))


@transaction.atomic
def choose_presence(
    agent_id: int,
    presence: str,
    *,
    acting_user: int | None,
    matter: str = "",
    call_id: UUID | None = None,
    expected_back_at: datetime | None = None,
) -> None:
    """Change what a person says of themselves; never touches the activity.

    Coming back to `available` ends a cooling-off. Who goes on a break without saying until when is expected
    back when the roster's break ends. Raises `UnknownPresence`, and `MatterMissing` when
    `other_work` does not say what for.
    """
    if presence not in Presence.values or (matter and matter not in Matter.values):
        raise UnknownPresence
    if presence == Presence.OTHER_WORK and not matter:
        raise MatterMissing
    other = presence == Presence.OTHER_WORK
    agent = Agent.objects.select_for_update(of=("self",)).get(pk=agent_id)
    at, old = now(), agent.presence
    if expected_back_at is None and presence in ON_BREAK:
        expected_back_at = break_ends_at(agent.account_id, at)
    agent.presence, agent.presence_since = presence, at
    agent.matter = matter if other else ""
    agent.matter_call_id = call_id if other else None
    agent.expected_back_at = None if presence == Presence.AVAILABLE else expected_back_at
    if presence == Presence.AVAILABLE:
        agent.cooling_off_until, agent.cooling_off_reason = None, ""
        if agent.activity == Activity.IDLE:
            agent.idle_since = at
    agent.save()
    cause = {"matter": agent.matter, "call": str(call_id) if agent.matter_call_id else None}
    write([step("presence", agent_id, old, presence, event="chose", at=at, by=acting_user, cause=cause)])
    announce((f"agent:{agent_id}", "me"), ("floor", "people"), ("control", "match"))


@transaction.atomic
def lift_cooling_off(agent_id: int, *, acting_user: int | None) -> None:
    """Let a person be rung again before the pause is over."""
    changed = Agent.objects.filter(pk=agent_id, cooling_off_until__isnull=False).update(
        cooling_off_until=None, cooling_off_reason=""
    )
    if changed:
        note("lifted_cooling_off", "agent", agent_id, acting_user=acting_user)
        announce((f"agent:{agent_id}", "me"), ("floor", "people"), ("control", "match"))


@transaction.atomic
def phone_came_or_went(endpoint: str, reachable: bool) -> int | None:
    """Take in what the switch says of a registration. Returns the agent's id when it changed anything."""
    changed = Agent.objects.filter(endpoint=endpoint).exclude(phone_reachable=reachable)
    agent_id = changed.values_list("pk", flat=True).first()
    if agent_id is not None:
        changed.update(phone_reachable=reachable)
        announce((f"agent:{agent_id}", "me"), ("floor", "people"), ("control", "match"))
    return agent_id


@transaction.atomic
def take_desk(agent_id: int, token: UUID, *, acting_user: int | None) -> None:
    """Make this browser tab the one desk of the person; any other one notices at its next beat."""
    Agent.objects.filter(pk=agent_id).update(desk_token=token, desk_beat_at=now())
    note("took_desk", "agent", agent_id, acting_user=acting_user)
    announce((f"agent:{agent_id}", "me"))


def beat(agent_id: int, token: UUID, *, microphone_ok: bool, phone_registered: bool) -> bool:
    """Note that a desk is alive. False: another desk took over, or none was taken.

    `phone_registered` is what the browser believes; the switch's own word decides reachability.
    """
    mine = Agent.objects.filter(pk=agent_id, desk_token=token)
    return bool(mine.update(desk_beat_at=now(), microphone_ok=microphone_ok and phone_registered))


@transaction.atomic
def set_skill(agent_id: int, skill_id: int, level: int | None, *, acting_user: int | None) -> None:
    """Give a person a skill at a level 1–5, or take it away (None)."""
    if level is None:
        AgentSkill.objects.filter(agent_id=agent_id, skill_id=skill_id).delete()
    else:
        AgentSkill.objects.update_or_create(
            agent_id=agent_id, skill_id=skill_id, defaults={"level": min(max(level, 1), 5)}
        )
    note("set_skill", "agent", agent_id, acting_user=acting_user, skill=skill_id, level=level)
    announce(("control", "settings match"))


def reserve(agent_ids: list[int], call_id: UUID, *, at: datetime, forced: bool = False) -> list[int]:
    """Take idle people for a call; returns those who were really free, in the order given.

    A guarded update, so that of two takers one gets nobody. `forced` skips presence and cooling-off, for a
    colleague who is asked by name; idle and reachable they must be all the same.
    Joins the caller's transaction; the caller writes the transitions (`offered_steps`).
    """
    told = [at, call_id, at + LOOK_AGAIN[Activity.RINGING], agent_ids]
    with connection.cursor() as cursor:
        execute(cursor, (_RESERVE_BY_NAME if forced else _RESERVE, told))
        taken = {row[0] for row in cursor.fetchall()}
    return [agent_id for agent_id in agent_ids if agent_id in taken]


_TAKE = """
UPDATE agents_agent
SET activity = 'ringing', activity_since = $1, activity_call_id = $2, activity_due_at = $3
WHERE id IN (SELECT id FROM agents_agent WHERE id = ANY($4) AND activity = 'idle' AND phone_reachable {only})
RETURNING id
"""
# The matcher passes over whose row is just being written; who is asked by name is waited for.
_RESERVE = Statement(
    _TAKE.format(
        only="AND presence = 'available' AND (cooling_off_until IS NULL OR cooling_off_until <= $1)"
        " ORDER BY id FOR UPDATE SKIP LOCKED"
    )
)
_RESERVE_BY_NAME = Statement(_TAKE.format(only="ORDER BY id FOR UPDATE"))


def move(
    agent_id: int, event: ActivityEvent, call_id: UUID, *, at: datetime, by: int | None = None
) -> Transition | None:
    """Move a person's activity on, as part of what happens to a call; joins its transaction.

    Returns the transition for the caller to write, or None when the person is no longer with that call
    (somebody or something was first), which is no error.
    """
    olds = [old for old in Activity if ACTIVITY.allows(old, event)]
    # Whatever it is moved from, an event leads to one activity: so one guarded statement does.
    (new,) = {Activity(ACTIVITY.next_state(old, event)) for old in olds}
    idle = new == Activity.IDLE
    # A ring that led to nothing does not send a person to the end of the line.
    ends_work = idle and event != ActivityEvent.OFFER_ENDED
    told = [
        agent_id,
        [str(old) for old in olds],
        str(new),
        at,
        call_id,
        None if idle else call_id,
        None if idle else at + LOOK_AGAIN[new],
        ends_work,
    ]
    with connection.cursor() as cursor:
        execute(cursor, (_MOVE, told))
        moved = cursor.fetchone()
    if moved is None:
        return None
    return step("activity", agent_id, moved[0], new, event=event, at=at, by=by, call_id=call_id)


_MOVE = Statement(
    """
UPDATE agents_agent a
SET activity = $3, activity_since = $4, activity_call_id = $6, activity_due_at = $7,
    idle_since = CASE WHEN $8 THEN $4 ELSE a.idle_since END
FROM (SELECT id, activity FROM agents_agent WHERE id = $1 FOR UPDATE) before
WHERE a.id = before.id AND before.activity = ANY($2)
  AND (a.activity_call_id IS NULL OR a.activity_call_id = $5)
RETURNING before.activity
"""
)


def cool_off(agent_id: int, reason: str, until: datetime) -> None:
    """Pause the ringing at somebody who did not take a call; joins the caller's transaction."""
    Agent.objects.filter(pk=agent_id).update(cooling_off_until=until, cooling_off_reason=reason)

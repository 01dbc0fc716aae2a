"""The floor as the matcher sees it: who waits, who could come. Two statements, whatever the size."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from madoguchi.domain.agents.models import DESK_SILENT_AFTER, AgentSkill
from madoguchi.domain.ledger import kept
from madoguchi.domain.ledger.prepared import Statement, execute
from madoguchi.domain.queues.models import Membership, Queue, Requirement
from madoguchi.science.routing.model import Agent, Order, QueueRule, Visit

# So many of each queue, not of all: a queue that nobody serves must not hide the others.
_VISITS = Statement("""
SELECT id, queue_id, priority, enqueued_at, named_agent_id, named_until, tried
FROM (SELECT v.*, row_number() OVER (PARTITION BY v.queue_id
                                     ORDER BY v.priority DESC, v.enqueued_at, v.id) AS place
      FROM calls_queuevisit v JOIN calls_call c ON c.id = v.call_id AND c.phase = 'waiting'
      WHERE v.left_at IS NULL) v
WHERE place <= 500
""")
_AGENTS = Statement("""
SELECT a.id, a.presence = 'available', a.activity = 'idle',
       -- As Agent.desk_is_silent says it.
       a.phone_reachable AND (a.phone = 'desk' OR a.desk_beat_at IS NULL
                              OR newest.beat_at - a.desk_beat_at <= $1), a.idle_since,
       a.cooling_off_until,
       -- Until the switch says that the last leg is gone, her phone would be rung while it is busy.
       a.id IN (SELECT o.agent_id FROM calls_offer o WHERE o.stage = 'open')
           OR a.id IN (SELECT l.agent_id FROM calls_leg l WHERE l.gone_at IS NULL AND l.agent_id IS NOT NULL)
FROM agents_agent a JOIN people_account p ON p.id = a.account_id,
     (SELECT max(desk_beat_at) AS beat_at FROM agents_agent) newest
WHERE p.is_active AND a.presence NOT IN ('gone_home', 'day_off')
""")


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """Who waits and rings nowhere, and everybody who is here."""

    visits: tuple[Visit, ...]
    agents: tuple[Agent, ...]


@dataclass(frozen=True, slots=True)
class _Duties:
    """What the office says: the queues' rules, who serves which (rank), who can what (level)."""

    rules: dict[int, QueueRule] = field(default_factory=dict)
    queues: dict[int, dict[int, int]] = field(default_factory=dict)
    skills: dict[int, dict[int, int]] = field(default_factory=dict)


def read() -> FloorPlan:
    """Read the floor. People are read only when somebody waits."""
    with connection.cursor() as cursor:
        execute(cursor, (_VISITS, ()))
        waiting = cursor.fetchall()
        if not waiting:
            return FloorPlan((), ())
        execute(cursor, (_AGENTS, (DESK_SILENT_AFTER,)))
        people = cursor.fetchall()
    duties = _duties()
    if any(row[1] not in duties.rules for row in waiting):
        # A queue so new that its doorbell is on the way.
        kept.forget()
        duties = _duties()
    agents = tuple(_agent(row, duties) for row in people)
    return FloorPlan(_without_forgiven(tuple(_visit(row, duties) for row in waiting), agents), agents)


def _without_forgiven(visits: tuple[Visit, ...], agents: tuple[Agent, ...]) -> tuple[Visit, ...]:
    """Forget the missed rings of people whose pause was lifted: the very call may come to them again.

    Each missed ring begins a pause; only the person ("I am back") or a supervisor takes it away again.
    """
    if not any(visit.tried for visit in visits):
        return visits
    back = {agent.id for agent in agents if agent.cooling_off_until is None}
    return tuple(
        replace(visit, tried={one: at for one, at in visit.tried.items() if one not in back})
        if not back.isdisjoint(visit.tried)
        else visit
        for visit in visits
    )


@kept.kept
def _duties() -> _Duties:
    duties, asked = _Duties(), dict[int, dict[int, int]]()
    for queue_id, skill_id, level in Requirement.objects.values_list("queue_id", "skill_id", "min_level"):
        asked.setdefault(queue_id, {})[skill_id] = level
    for queue_id, order, pause_s in Queue.objects.values_list("pk", "order", "cooling_off_s"):
        duties.rules[queue_id] = QueueRule(
            queue_id, Order(order), asked.get(queue_id, {}), retry_after_s=float(pause_s)
        )
    for agent_id, queue_id, rank in Membership.objects.values_list("agent_id", "queue_id", "rank"):
        duties.queues.setdefault(agent_id, {})[queue_id] = rank
    for agent_id, skill_id, level in AgentSkill.objects.values_list("agent_id", "skill_id", "level"):
        duties.skills.setdefault(agent_id, {})[skill_id] = level
    return duties


def _visit(row: tuple[Any, ...], duties: _Duties) -> Visit:
    return Visit(
        id=row[0],
        queue=duties.rules[row[1]],
        priority=row[2],
        enqueued_at=row[3],
        preferred_agent_id=row[4],
        preferred_until=row[5],
        tried={int(key): datetime.fromisoformat(value) for key, value in _plain(row[6]).items()},
    )


def _agent(row: tuple[Any, ...], duties: _Duties) -> Agent:
    return Agent(
        id=row[0],
        receivable=row[1],
        idle=row[2],
        reachable=row[3],
        idle_since=row[4],
        cooling_off_until=row[5],
        queues=duties.queues.get(row[0], {}),
        skills=duties.skills.get(row[0], {}),
        reserved=row[6],
    )


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return plain

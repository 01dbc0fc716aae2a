"""The floor as the matcher sees it: who waits, who could come. Two statements, whatever the size."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from madoguchi.science.routing.model import Agent, Order, QueueRule, Visit

# So many of each queue, not of all: a queue that nobody serves must not hide the others.
_VISITS = """
SELECT v.id, v.queue_id, v.priority, v.enqueued_at, v.named_agent_id, v.named_until, v.tried, q."order",
       coalesce((SELECT jsonb_object_agg(r.skill_id, r.min_level) FROM queues_requirement r
                 WHERE r.queue_id = q.id), '{}'::jsonb), q.cooling_off_s
FROM (SELECT v.*, row_number() OVER (PARTITION BY v.queue_id
                                     ORDER BY v.priority DESC, v.enqueued_at, v.id) AS place
      FROM calls_queuevisit v JOIN calls_call c ON c.id = v.call_id AND c.phase = 'waiting'
      WHERE v.left_at IS NULL) v
JOIN queues_queue q ON q.id = v.queue_id
WHERE v.place <= 500
"""
_AGENTS = """
SELECT a.id, a.presence = 'available', a.activity = 'idle', a.phone_reachable, a.idle_since,
       a.cooling_off_until,
       coalesce((SELECT jsonb_object_agg(m.queue_id, m.rank) FROM queues_membership m
                 WHERE m.agent_id = a.id), '{}'::jsonb),
       coalesce((SELECT jsonb_object_agg(s.skill_id, s.level) FROM agents_agentskill s
                 WHERE s.agent_id = a.id), '{}'::jsonb),
       -- Until the switch says that the last leg is gone, her phone would be rung while it is busy.
       EXISTS (SELECT 1 FROM calls_offer o WHERE o.agent_id = a.id AND o.stage = 'open')
           OR a.id IN (SELECT l.agent_id FROM calls_leg l WHERE l.gone_at IS NULL AND l.agent_id IS NOT NULL)
FROM agents_agent a JOIN people_account p ON p.id = a.account_id
WHERE p.is_active AND a.presence NOT IN ('gone_home', 'day_off')
"""


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """Who waits and rings nowhere, and everybody who is here."""

    visits: tuple[Visit, ...]
    agents: tuple[Agent, ...]


def read() -> FloorPlan:
    """Read the floor. People are read only when somebody waits."""
    with connection.cursor() as cursor:
        cursor.execute(_VISITS)
        rules: dict[int, QueueRule] = {}
        visits = tuple(_visit(row, rules) for row in cursor.fetchall())
        if not visits:
            return FloorPlan((), ())
        cursor.execute(_AGENTS)
        agents = tuple(_agent(row) for row in cursor.fetchall())
        return FloorPlan(_without_forgiven(visits, agents), agents)


def _without_forgiven(visits: tuple[Visit, ...], agents: tuple[Agent, ...]) -> tuple[Visit, ...]:
    """Forget the missed rings of people whose pause was lifted: the very call may come to them again.

    Each missed ring begins a pause; only the person ("I am back") or a supervisor takes it away again.
    """
    back = {agent.id for agent in agents if agent.cooling_off_until is None}
    return tuple(
        replace(visit, tried={one: at for one, at in visit.tried.items() if one not in back})
        if not back.isdisjoint(visit.tried)
        else visit
        for visit in visits
    )


def _visit(row: tuple[Any, ...], rules: dict[int, QueueRule]) -> Visit:
    queue_id = row[1]
    if queue_id not in rules:
        rules[queue_id] = QueueRule(queue_id, Order(row[7]), _whole(row[8]), retry_after_s=float(row[9]))
    return Visit(
        id=row[0],
        queue=rules[queue_id],
        priority=row[2],
        enqueued_at=row[3],
        preferred_agent_id=row[4],
        preferred_until=row[5],
        tried={int(key): datetime.fromisoformat(value) for key, value in _plain(row[6]).items()},
    )


def _agent(row: tuple[Any, ...]) -> Agent:
    return Agent(
        id=row[0],
        receivable=row[1],
        idle=row[2],
        reachable=row[3],
        idle_since=row[4],
        cooling_off_until=row[5],
        queues=_whole(row[6]),
        skills=_whole(row[7]),
        reserved=row[8],
    )


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return plain


def _whole(value: Any) -> dict[int, int]:
    return {int(key): int(level) for key, level in _plain(value).items()}

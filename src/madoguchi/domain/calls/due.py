"""What time alone has made due: read by control several times a second, each by a partial index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from madoguchi.domain.ledger.prepared import Statement, execute

_DUE = Statement(
    """
SELECT 'call', id::text FROM calls_call WHERE step_due_at <= $1
UNION ALL SELECT 'offer', id::text FROM calls_offer WHERE stage = 'open' AND rings_until <= $1
UNION ALL SELECT 'wrap_up', id::text FROM calls_wrapup WHERE ended_at IS NULL AND due_at <= $1
UNION ALL SELECT 'named', id::text FROM calls_queuevisit WHERE left_at IS NULL AND named_until <= $1
UNION ALL SELECT 'leave', v.id::text FROM calls_queuevisit v JOIN calls_call c ON c.id = v.call_id
    WHERE v.left_at IS NULL AND v.leave_by <= $1 AND c.phase = 'waiting'
UNION ALL SELECT 'announce', v.id::text FROM calls_queuevisit v JOIN calls_call c ON c.id = v.call_id
    WHERE v.left_at IS NULL AND v.announce_at <= $1 AND c.phase = 'waiting'
UNION ALL SELECT 'restore', c.id::text FROM calls_call c JOIN agents_agent a ON a.id = c.agent_id
    WHERE c.phase = 'restoring' AND a.phone_reachable
      AND NOT EXISTS (SELECT 1 FROM calls_offer o WHERE o.call_id = c.id
                      AND (o.stage = 'open'
                           OR o.purpose = 'restore' AND o.ended_at > $1 - interval '1 second'))
UNION ALL SELECT 'activity', a.id::text FROM agents_agent a WHERE a.activity_due_at <= $1
"""
)


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come."""

    kind: str
    """call, offer, wrap_up, named, leave, announce, restore or activity."""
    id: str

    @property
    def uuid(self) -> UUID:
        """The id of a row that has a UUID."""
        return UUID(self.id)


def due(now: datetime) -> list[Due]:
    """Everything that is due at `now`, in no order."""
    with connection.cursor() as cursor:
        execute(cursor, (_DUE, [now]))
        return [Due(kind, row_id) for kind, row_id in cursor.fetchall()]

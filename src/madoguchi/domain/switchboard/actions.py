"""The only writer of leases, nodes and commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.timezone import now as clock_now

from madoguchi.domain.switchboard.models import Command, Node
from madoguchi.switch import port

EXPIRY = timedelta(seconds=10)
"""Later than this a command is not sent: the state that demanded it has moved on."""


def command(node: str, call_id: UUID, what: port.Command, *, at: datetime) -> Command:
    """Make an unsaved command row; `issue` stores several in one statement."""
    return Command(
        node=node,
        call_id=call_id,
        kind=type(what).__name__,
        fields=asdict(what),
        issued_at=at,
        expires_at=at + EXPIRY,
    )


def issue(commands: Iterable[Command]) -> None:
    """Store commands in the order in which they are to be sent. Joins the caller's transaction."""
    Command.objects.bulk_create(list(commands))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A command that nobody but us will send."""

    id: int
    call_id: UUID
    command: port.Command
    expired: bool = False
    """Too late to be sent: whatever it should have begun will not begin."""


_CLAIM = """
WITH mine AS (
    SELECT id FROM switchboard_command
    WHERE node = %(node)s AND stage = 'new'
      AND EXISTS (SELECT 1 FROM switchboard_lease
                  WHERE name = %(lease)s AND holder = %(holder)s AND expires_at > clock_timestamp())
    ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
UPDATE switchboard_command c
SET stage = CASE WHEN c.expires_at > clock_timestamp() THEN 'sending' ELSE 'expired' END
FROM mine WHERE c.id = mine.id
RETURNING c.id, c.call_id, c.kind, c.fields, c.stage
"""


def claim(node: str, holder: UUID) -> list[Claimed]:
    """Take the new commands of a node for sending, oldest first; those that are too late are marked so.

    Gives nothing to a holder whose lease is over: of two controllers only one ever sends a command, and a
    dial that was claimed is never sent again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"node": node, "lease": f"node:{node}", "holder": holder})
        rows = sorted(cursor.fetchall(), key=lambda row: row[0])
    return [
        Claimed(row[0], row[1], _to_port(row[2], row[3]), expired=row[4] != Command.Stage.SENDING)
        for row in rows
    ]


def _to_port(kind: str, fields: str | dict[str, Any]) -> port.Command:
    told = json.loads(fields) if isinstance(fields, str) else fields
    made: type[port.Command] = getattr(port, kind)
    return made(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})


def finish(results: Mapping[int, tuple[str, str]]) -> None:
    """Note how commands ended: id → (stage, reason). In one statement, since there are many."""
    if not results:
        return
    ids = list(results)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE switchboard_command c SET stage = r.stage, reason = r.reason, finished_at = %s"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS r(id, stage, reason) WHERE c.id = r.id",
            [clock_now(), ids, [results[i][0] for i in ids], [results[i][1][:200] for i in ids]],
        )


def take_lease(name: str, holder: UUID, *, for_s: float) -> int | None:
    """Take or renew the right called `name`; returns its epoch, or None while another holds it.

    One statement, by the database's clock: free or expired → a new epoch; ours → the same epoch, longer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO switchboard_lease AS l (name, holder, epoch, expires_at)
            VALUES (%s, %s, 1, clock_timestamp() + make_interval(secs => %s))
            ON CONFLICT (name) DO UPDATE SET
                epoch = CASE WHEN l.holder = excluded.holder AND l.expires_at > clock_timestamp()
                             THEN l.epoch ELSE l.epoch + 1 END,
                holder = excluded.holder, expires_at = excluded.expires_at
            WHERE l.holder = excluded.holder OR l.expires_at <= clock_timestamp()
            RETURNING epoch
            """,
            [name, holder, for_s],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def drop_lease(name: str, holder: UUID) -> None:
    """Give a right back, so that the next holder need not wait for its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE switchboard_lease SET expires_at = clock_timestamp() WHERE name = %s AND holder = %s",
            [name, holder],
        )


def node_seen(
    name: str, *, connected: bool, booted_at: datetime | None = None, seen_at: datetime | None = None
) -> None:
    """Note what is known of a switch."""
    fields: dict[str, object] = {"connected": connected}
    if booted_at is not None:
        fields["booted_at"] = booted_at
    if seen_at is not None:
        fields["seen_at"] = seen_at
    Node.objects.update_or_create(name=name, defaults=fields)

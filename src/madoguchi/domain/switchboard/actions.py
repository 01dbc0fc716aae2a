"""The only writer of leases, nodes and commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
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


def to_port(row: Command) -> port.Command:
    """The command of a row, as the switch's port knows it."""
    fields: dict[str, object] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.fields.items()
    }
    kind: type[port.Command] = getattr(port, row.kind)
    return kind(**fields)


def mark_sending(command_ids: list[int]) -> list[int]:
    """Claim commands for sending; returns those that were still new. A dial is sent only if claimed."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE switchboard_command SET stage = 'sending'"
            " WHERE id = ANY(%s) AND stage = 'new' RETURNING id",
            [command_ids],
        )
        return [row[0] for row in cursor.fetchall()]


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

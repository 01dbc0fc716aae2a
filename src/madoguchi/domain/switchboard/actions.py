"""The only writer of leases, nodes and commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, transaction
from django.utils.timezone import now as clock_now

from madoguchi.domain.ledger.prepared import Statement, execute
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


_COLUMNS = "node, call_id, kind, fields, issued_at, expires_at"
_ROWS = """
FROM jsonb_to_recordset($1::jsonb) AS r(node text, call_id uuid, kind text, fields jsonb,
                                        issued_at timestamptz, expires_at timestamptz)
"""
_INTO = f"INSERT INTO switchboard_command ({_COLUMNS}, stage, reason) SELECT {_COLUMNS}"
_ISSUE = Statement(f"{_INTO}, 'new', '' {_ROWS}")
# What the call demanded before, and nobody has claimed, must be sent before: then these wait behind it.
_ISSUE_CLAIMED = Statement(
    f"""
{_INTO}, CASE WHEN ours THEN 'sending' ELSE 'new' END, '' {_ROWS}, (
    SELECT EXISTS (SELECT 1 FROM switchboard_lease
                   WHERE name = $2 AND holder = $3 AND expires_at > clock_timestamp())
       AND NOT EXISTS (SELECT 1 FROM switchboard_command WHERE call_id = $4 AND stage = 'new') AS ours) lease
RETURNING id, stage
"""  # noqa: S608
)


class Hand(Protocol):
    """What holds a switch in this process: it need not be told of commands by way of the database."""

    node: str
    holder: UUID

    def may_send(self) -> bool:
        """Whether commands may leave now; otherwise they wait in the database."""

    def expect(self, ids: Sequence[int]) -> None:
        """These are claimed for it by a transaction whose end is not known yet."""

    def take(self, claimed: Sequence[Claimed]) -> None:
        """The transaction is committed: send these; if there are none, look for them in the database."""


_hands: dict[str, Hand] = {}


def take_in_hand(hand: Hand) -> None:
    """From now on commands to this node that our own process commits are claimed as they are written."""
    _hands[hand.node] = hand


def let_go_of(hand: Hand) -> None:
    """The end of `take_in_hand`."""
    if _hands.get(hand.node) is hand:
        del _hands[hand.node]


class Issuing:
    """Commands of one call, in order, as a step of a journey; joins the caller's transaction.

    After commit they go to whoever holds the switch: directly when that is this process, which then claims
    them in the same statement (under its lease, as `claim` does), otherwise by the doorbell.
    """

    def __init__(self, node: str, call_id: UUID, commands: Sequence[port.Command], *, at: datetime) -> None:
        self._call_id, self._commands = call_id, commands
        hand = _hands.get(node)
        self._hand = hand if hand is not None and hand.may_send() else None
        moments = {"issued_at": at, "expires_at": at + EXPIRY}
        rows = [
            {"node": node, "call_id": call_id, "kind": type(what).__name__, "fields": asdict(what), **moments}
            for what in commands
        ]
        values = json.dumps(rows, default=str)
        self.step: tuple[Statement, list[Any]] = (_ISSUE, [values])
        if self._hand is not None:
            self.step = (_ISSUE_CLAIMED, [values, f"node:{node}", self._hand.holder, call_id])

    @property
    def needs_doorbell(self) -> bool:
        """Whether somebody must be told by `control` `commands`."""
        return self._hand is None

    def written(self, answer: Sequence[tuple[Any, ...]]) -> None:
        """Take in the step's answer."""
        hand = self._hand
        if hand is None:
            return
        told = zip(answer, self._commands, strict=True)
        claimed = [Claimed(row[0], self._call_id, what) for row, what in told if row[1] == "sending"]
        hand.expect([one.id for one in claimed])
        transaction.on_commit(lambda: hand.take(claimed))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A command that nobody but us will send."""

    id: int
    call_id: UUID
    command: port.Command
    expired: bool = False
    """Too late to be sent: whatever it should have begun will not begin."""


_CLAIM = Statement("""
WITH mine AS (
    SELECT id FROM switchboard_command
    WHERE node = $1 AND stage = 'new'
      AND EXISTS (SELECT 1 FROM switchboard_lease
                  WHERE name = $2 AND holder = $3 AND expires_at > clock_timestamp())
    ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
UPDATE switchboard_command c
SET stage = CASE WHEN c.expires_at > clock_timestamp() THEN 'sending' ELSE 'expired' END
FROM mine WHERE c.id = mine.id
RETURNING c.id, c.call_id, c.kind, c.fields, c.stage
""")


def claim(node: str, holder: UUID) -> list[Claimed]:
    """Take the new commands of a node for sending, oldest first; those that are too late are marked so.

    Gives nothing to a holder whose lease is over: of two controllers only one ever sends a command, and a
    dial that was claimed is never sent again.
    """
    with connection.cursor() as cursor:
        execute(cursor, (_CLAIM, [node, f"node:{node}", holder]))
        rows = sorted(cursor.fetchall(), key=lambda row: row[0])
    return [
        Claimed(row[0], row[1], _to_port(row[2], row[3]), expired=row[4] != Command.Stage.SENDING)
        for row in rows
    ]


_UNSURE = Statement("""
SELECT id, call_id, kind, fields, expires_at > clock_timestamp() FROM switchboard_command
WHERE id = ANY($1::bigint[]) AND stage = 'sending'
  AND EXISTS (SELECT 1 FROM switchboard_lease
              WHERE name = $2 AND holder = $3 AND expires_at > clock_timestamp())
ORDER BY id
""")


def written_after_all(node: str, holder: UUID, ids: Sequence[int]) -> list[Claimed]:
    """Of commands whose transaction's end we did not hear, those that it committed."""
    with connection.cursor() as cursor:
        execute(cursor, (_UNSURE, [list(ids), f"node:{node}", holder]))
        rows = cursor.fetchall()
    return [Claimed(row[0], row[1], _to_port(row[2], row[3]), expired=not row[4]) for row in rows]


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
        stages, reasons = [results[i][0] for i in ids], [results[i][1][:200] for i in ids]
        execute(cursor, (_FINISH, [clock_now(), ids, stages, reasons]))


_FINISH = Statement("""
UPDATE switchboard_command c SET stage = r.stage, reason = r.reason, finished_at = $1
FROM unnest($2::bigint[], $3::text[], $4::text[]) AS r(id, stage, reason) WHERE c.id = r.id
""")


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

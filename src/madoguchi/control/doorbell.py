"""Hearing what others committed: PostgreSQL's notifications for control."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import structlog
from django.db import connection
from psycopg.pq.abc import PGconn

from madoguchi.domain.ledger.actions import CONTROL_CHANNEL

log = structlog.get_logger(__name__)


async def forever(bells: Mapping[str, Callable[[], None]], connected: Callable[[], None]) -> None:
    """Ring `bells` (section → what to do) for the audience `control`, until cancelled.

    `connected` is called at each new connection: what was announced meanwhile is lost and must be looked for.
    """
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as listening:
                await listening.execute(f"LISTEN {CONTROL_CHANNEL}")
                connected()
                await _hear(listening.pgconn, bells)
        except psycopg.Error as away:
            log.warning("The doorbell is out of order.", reason=str(away).splitlines()[0])
        await asyncio.sleep(0.5)


async def _hear(ear: PGconn, bells: Mapping[str, Callable[[], None]]) -> None:
    """Ring until the connection is lost, which raises psycopg.OperationalError.

    By the socket itself: the driver's own iterator costs a timer, a task and a wait each time.
    """
    loop = asyncio.get_running_loop()
    lost: asyncio.Future[None] = loop.create_future()

    def listen() -> None:
        try:
            ear.consume_input()
            while heard := ear.notifies():
                _ring(heard.extra.decode(), bells)
        except psycopg.OperationalError as away:
            loop.remove_reader(socket)
            if not lost.done():
                lost.set_exception(away)

    socket = ear.socket
    loop.add_reader(socket, listen)
    try:
        await lost
    finally:
        loop.remove_reader(socket)


def _ring(payload: str, bells: Mapping[str, Callable[[], None]]) -> None:
    try:
        audience, sections = json.loads(payload)
    except (ValueError, TypeError):
        log.warning("A doorbell could not be understood.")
        return
    if audience == "control":
        for section in sections:
            if section in bells:
                bells[section]()


def _parameters() -> dict[str, Any]:
    """Django's own connection settings; listening needs a connection of its own, never a pooled one."""
    told = connection.get_connection_params()
    return {
        key: value
        for key, value in told.items()
        if key not in {"context", "cursor_factory", "prepare_threshold", "pool"}
    }

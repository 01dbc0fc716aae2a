"""The measured trap: streams must not keep pooled connections (60 desks, 8 connections)."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import Client

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.ledger.actions import CHANNEL
from madoguchi.domain.people.models import Account
from madoguchi.kit.clock import now
from madoguchi.live import hub as hubs
from madoguchi.live import registry
from madoguchi.live.stream import stream

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]
DESKS = 60


class Reader:
    """A browser that reads one stream."""

    def __init__(self, cookie: str, page: str = "desk") -> None:
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": "/live/stream",
            "query_string": f"page={page}".encode(),
            "headers": [(b"cookie", cookie.encode())],
        }
        self.status = 0
        self.events: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.leaving = asyncio.Event()
        self.ended = False

    async def receive(self) -> dict[str, Any]:
        await self.leaving.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self.ended = not message.get("more_body")
        for block in message["body"].decode().split("\n\n"):
            if block.startswith("event: "):
                event, data = block.split("\n", 1)
                self.events.put_nowait((event[7:], json.loads(data[6:])))

    async def next(self, within_s: float = 10) -> tuple[str, dict[str, Any]]:
        return await asyncio.wait_for(self.events.get(), within_s)


@pytest.fixture
def small_pool() -> Iterator[None]:
    connection = connections["default"]
    assert isinstance(connection, DatabaseWrapper)
    pool = connection.settings_dict["OPTIONS"]["pool"]
    kept = dict(pool)
    connection.close()
    connection.close_pool()
    pool |= {"max_size": 8, "timeout": 3}
    yield
    connection.close()
    connection.close_pool()
    pool.clear()
    pool |= kept


@pytest.fixture(autouse=True)
def sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_sections", {})
    registry.section("desk", "me")(lambda agent_id: {"presence": Agent.objects.get(pk=agent_id).presence})
    registry.section("desk", "waiting", shared=Agent.objects.count)(lambda agent_id, count: {"people": count})


def log_in(index: int, *, agent: bool = True, role: str = "operator") -> tuple[str, int]:
    account = Account.objects.create(username=f"op{index}", name=f"佐藤 {index}", role=role)
    made = now()
    agent_id = 0
    if agent:
        row = Agent.objects.create(
            account=account, endpoint=f"op-{index}", presence_since=made, activity_since=made, idle_since=made
        )
        agent_id = row.pk
    browser = Client()
    browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    return f"{cookie.key}={cookie.value}", agent_id


def ring(audience: str, *names: str) -> None:
    with psycopg.connect(**hubs._parameters(), autocommit=True) as bell:
        bell.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps([audience, names])])


async def reading(readers: list[Reader]) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(stream(one.scope, one.receive, one.send)) for one in readers]


async def finish(readers: list[Reader], tasks: list[asyncio.Task[None]]) -> None:
    for one in readers:
        one.leaving.set()
    await asyncio.gather(*tasks)
    await hubs.hub().stop()


def test_sixty_desks_open_and_hear_with_eight_connections(small_pool: None) -> None:
    people = [log_in(index) for index in range(DESKS)]

    async def day() -> None:
        readers = [Reader(cookie) for cookie, _ in people]
        tasks = await reading(readers)
        firsts = [await one.next() for one in readers]
        assert all(event == "snapshot" and message["number"] == 1 for event, message in firsts)
        assert len({id(one) for one in readers if one.status == 200}) == DESKS

        await asyncio.to_thread(Agent.objects.filter(pk=people[7][1]).update, presence="available")
        await asyncio.to_thread(ring, f"agent:{people[7][1]}", "me")
        event, message = await readers[7].next()
        assert (event, message) == ("change", {"number": 2, "sections": {"me": {"presence": "available"}}})
        assert all(one.events.empty() for one in readers if one is not readers[7])
        await finish(readers, tasks)

    asyncio.run(day())


def test_a_broadcast_is_read_once_and_equal_states_are_not_sent_again(small_pool: None) -> None:
    people = [log_in(index) for index in range(12)]
    reads = []

    def counted() -> int:
        reads.append(1)
        return 40 + len(reads)

    registry.section("desk", "waiting", shared=counted)(lambda agent_id, count: {"people": count})

    async def day() -> None:
        readers = [Reader(cookie) for cookie, _ in people]
        tasks = await reading(readers)
        for one in readers:
            await one.next()
        before = len(reads)
        await asyncio.to_thread(ring, "desks", "waiting", "me")
        changes = [await one.next() for one in readers]
        assert len(reads) == before + 1
        assert all(set(message["sections"]) == {"waiting"} for _, message in changes)
        await finish(readers, tasks)

    asyncio.run(day())


def test_many_broadcasts_become_few_changes_and_the_last_state_arrives() -> None:
    cookie, _ = log_in(1)
    told = [0]
    registry.section("desk", "waiting")(lambda agent_id: {"people": told[0]})

    async def day() -> None:
        reader = Reader(cookie)
        tasks = await reading([reader])
        await reader.next()
        for number in range(1, 41):
            told[0] = number
            hubs.hub().ring('["desks",["waiting"]]')
            await asyncio.sleep(0.01)
        seen = [(await reader.next())[1]]
        while seen[-1]["sections"]["waiting"]["people"] != 40:
            seen.append((await reader.next())[1])
        assert len(seen) <= 5
        assert [message["number"] for message in seen] == list(range(2, 2 + len(seen)))
        await finish([reader], tasks)

    asyncio.run(day())


def test_after_a_lost_ear_everybody_gets_a_fresh_snapshot() -> None:
    cookie, agent_id = log_in(1)

    async def day() -> None:
        reader = Reader(cookie)
        tasks = await reading([reader])
        await reader.next()

        def cut_and_change() -> None:
            with psycopg.connect(**hubs._parameters(), autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%'"
                    " AND datname = current_database()"
                )
            Agent.objects.filter(pk=agent_id).update(presence="break")

        await asyncio.to_thread(cut_and_change)
        event, message = await reader.next()
        assert event == "snapshot"
        assert message["number"] == 2
        if message["sections"]["me"]["presence"] != "break":
            pytest.fail(f"the snapshot was older than the change: {message}")
        await finish([reader], tasks)

    asyncio.run(day())


@pytest.mark.parametrize(
    ("agent", "page", "status"), [(False, "desk", 403), (True, "floor", 403), (True, "x", 404)]
)
def test_who_may_not_look_is_refused(agent: bool, page: str, status: int) -> None:
    cookie, _ = log_in(1, agent=agent)
    reader = Reader(cookie, page)
    asyncio.run(stream(reader.scope, reader.receive, reader.send))
    assert reader.status == status


def test_without_a_log_in_nothing_is_told() -> None:
    for cookie in ("", "madoguchi_session=invented", "a=b; =;;\x7f"):
        reader = Reader(cookie)
        asyncio.run(stream(reader.scope, reader.receive, reader.send))
        assert reader.status == 401


def test_a_log_out_closes_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madoguchi.live.stream.CHECK_S", 0.0)
    monkeypatch.setattr("madoguchi.live.stream.BEAT_S", 0.2)
    cookie, agent_id = log_in(1)

    async def day() -> None:
        reader = Reader(cookie)
        tasks = await reading([reader])
        await reader.next()
        await asyncio.to_thread(Account.objects.filter(agent=agent_id).update, is_active=False)
        events = [(await reader.next())[0]]
        while events[-1] != "closed":
            events.append((await reader.next())[0])
        await asyncio.gather(*tasks)
        assert reader.ended
        await hubs.hub().stop()

    asyncio.run(day())


def test_a_malformed_doorbell_is_dropped_and_the_next_one_is_heard() -> None:
    async def day() -> None:
        ear = hubs.Hub()
        subscription = hubs.Subscription(frozenset({"agent:1"}))
        ear.subscriptions.add(subscription)
        for payload in ("", "7", '["agent:1"]', "[[],[]]", '{"a":1}', '["agent:1",["me"]]'):
            ear.ring(payload)
        assert subscription.take() == ({"me": None}, False)

    asyncio.run(day())

"""A simulated day written down as the rows that the centre itself would have written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, Offer, QueueVisit, WrapUp
from madoguchi.domain.calls.tests.a_day import account
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.ledger.actions import step, write
from madoguchi.domain.queues.models import Membership, Queue
from madoguchi.kit.ids import new_id
from madoguchi.science.measures.records import PARTITION
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Centre, Person, Redial
from madoguchi.science.staffing.simulation.centre import Queue as Kind
from madoguchi.science.staffing.simulation.distributions import exponential, lognormal
from madoguchi.science.staffing.simulation.running import Run, simulate

DAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
OPEN_S = (9 * 3_600.0, 17 * 3_600.0)


def day_with(*, wrap_up_s: float = 30.0, people: int = 15, miss: float = 0.0) -> Run:
    """One queue from nine to five, 120 calls an hour, with a trouble planted into it."""
    queue = Kind(
        rates_per_h=(0.0,) * 18 + (120.0,) * 16 + (0.0,) * 14, talk=lognormal(240.0, 0.8),
        wrap_up=lognormal(wrap_up_s, 0.4), patience=exponential(120.0),
        redial=Redial(0.4, 0.0, exponential(400.0)),
    )  # fmt: skip
    crew = (Person(planned=(OPEN_S,), miss=miss),) * people
    return simulate(Centre((queue,), crew, 86_400.0, open=(OPEN_S,), pick_up=lognormal(4.0, 0.4)), 7)


def plant(run: Run) -> None:
    """Put a simulated run down as the rows of `DAY`."""
    client = Client.objects.create(name="さくら電機")
    queue = Queue.objects.create(name="修理", client=client)
    agents = [_agent(number, queue) for number in range(int(run.spells["agent"].max()) + 1)]
    calls = [_call(row, client, agents) for row in run.calls if row["outcome"] >= 0]
    Contact.objects.bulk_create([call.contact for call in calls])
    Call.objects.bulk_create(calls)
    ids: list[UUID] = [call.pk for call in calls]
    ended = [row for row in run.calls if row["outcome"] >= 0]
    QueueVisit.objects.bulk_create(
        QueueVisit(
            call_id=key,
            queue=queue,
            enqueued_at=_at(row["arrived_s"]),
            left_at=_at(row["arrived_s"] + row["wait_s"]),
            left="taken" if row["talk_s"] > 0 else "abandoned",
        )
        for key, row in zip(ids, ended, strict=True)
        if row["wait_s"] >= 0
    )
    _time(run, agents, ids)


def _at(seconds: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=float(seconds))


def _agent(number: int, queue: Queue) -> Agent:
    agent = Agent.objects.create(
        account=account(f"planted{number}", f"植田 {number}"), endpoint=f"op-planted{number}",
        presence="gone_home", presence_since=_at(0), activity_since=_at(0), idle_since=_at(0),
    )  # fmt: skip
    Membership.objects.create(queue=queue, agent=agent)
    return agent


def _call(row: Any, client: Client, agents: list[Agent]) -> Call:
    at, key = _at(row["arrived_s"]), new_id()
    outcome = PARTITION[row["outcome"]]
    answered = at + timedelta(seconds=float(row["wait_s"])) if outcome == "answered" else None
    wait_s = row["wait_s"] if row["wait_s"] >= 0 else 0.0
    end = at + timedelta(seconds=float(wait_s + row["talk_s"]))
    return Call(
        id=key, direction="inbound", node="node-1", client=client, outcome=outcome, phase="ended",
        customer_e164=f"+81{900000000 + row['customer']}", arrived_at=at, phase_since=end, ended_at=end,
        answered_at=answered, agent=agents[row["agent"]] if answered else None,
        contact=Contact(client=client, channel="call_in", at=at, call_id=key),
    )  # fmt: skip


def _time(run: Run, agents: list[Agent], ids: list[UUID]) -> None:
    steps: list[Any] = []
    offers: list[Offer] = []
    wrap_ups: list[WrapUp] = []
    for spell in run.spells[run.spells["call"] < len(ids)]:
        agent, began, ended = agents[spell["agent"]], _at(spell["began_s"]), _at(spell["ended_s"])
        if spell["kind"] == flat.PRESENT:
            steps += [
                step("presence", agent.pk, "", word, event="chose", at=at)
                for word, at in (("available", began), ("gone_home", ended))
            ]
            continue
        call = ids[spell["call"]]
        if spell["kind"] == flat.RINGING:
            offers.append(
                Offer(
                    call_id=call,
                    agent=agent,
                    leg_id=str(new_id()),
                    stage="accepted",
                    offered_at=began,
                    rings_until=ended,
                    ended_at=ended,
                )
            )
        if spell["kind"] == flat.WRAP_UP:
            wrap_ups.append(WrapUp(call_id=call, agent=agent, began_at=began, ended_at=ended))
        word = {flat.RINGING: "ringing", flat.TALKING: "talking", flat.WRAP_UP: "wrap_up"}[spell["kind"]]
        steps += [
            step("activity", agent.pk, "", name, event=name, at=at, call_id=call)
            for name, at in ((word, began), ("idle", ended))
        ]
    Offer.objects.bulk_create(offers)
    WrapUp.objects.bulk_create(wrap_ups)
    write(sorted(steps, key=lambda each: (each.at, each.new != "idle")))

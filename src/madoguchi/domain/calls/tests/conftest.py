"""The fixed cast: a client with a number, a menu, a queue; three operators, a supervisor, an outsider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from madoguchi.domain.agents.actions import choose_presence, create_agent, phone_came_or_went
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import hearing, offer, waiting
from madoguchi.domain.calls.actions.arriving import arrive
from madoguchi.domain.calls.models import Call, Leg, Offer, QueueVisit
from madoguchi.domain.clients.models import Client, Number
from madoguchi.domain.flows.models import Flow, FlowVersion
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.queues.models import Membership, Queue
from madoguchi.domain.switchboard.models import Command
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.clock import now
from madoguchi.switch import port

CALLED = "0312345678"


@dataclass
class Centre:
    """The cast, and shorthands for what happens to it."""

    client: Client
    number: Number
    queue: Queue
    sato: Agent
    suzuki: Agent
    tanaka: Agent
    supervisor: Agent
    outsider: Account

    def arrive(self, leg_id: str = "in-1", caller: str = "09012345678", at: datetime | None = None) -> Call:
        """A call comes in and, by the flow, waits in the queue at once."""
        event = port.CallArrived(
            node="node-1",
            at=at or now(),
            leg_id=leg_id,
            trunk="trunk-1",
            called_raw=CALLED,
            caller_raw=caller,
            purpose="in",
        )
        return Call.objects.get(pk=arrive(event))

    def waiting(self, leg_id: str = "in-1", at: datetime | None = None, caller: str = "09012345678") -> Call:
        """A caller who came through the menu and waits."""
        call = self.arrive(leg_id, at=at, caller=caller)
        hearing.key_heard(call.pk, leg_id, "1")
        return Call.objects.get(pk=call.pk)

    def ringing(self, agent: Agent | None = None, leg_id: str = "in-1") -> Call:
        """A call that rings at a person."""
        call = self.waiting(leg_id)
        assert offer(self.visit(call).pk, [(agent or self.sato).pk])
        return Call.objects.get(pk=call.pk)

    def talking(self, agent: Agent | None = None, leg_id: str = "in-1") -> Call:
        """A person talks with a caller."""
        call = self.ringing(agent, leg_id)
        hearing.leg_answered(call.pk, self.offer_of(agent or self.sato).leg_id)
        return Call.objects.get(pk=call.pk)

    def answer(self, agent: Agent) -> str:
        """The person takes the call that rings at them; gives their leg's id."""
        ringing = self.offer_of(agent)
        hearing.leg_answered(ringing.call_id, ringing.leg_id)
        return ringing.leg_id

    def leg_of(self, agent: Agent) -> str:
        """The living leg of a person."""
        return Leg.objects.get(agent=agent, gone_at__isnull=True).pk

    def visit(self, call: Call) -> QueueVisit:
        """The stay in a queue that goes on."""
        return call.visits.get(left_at__isnull=True)

    def now(self, agent: Agent) -> str:
        """What the system has a person doing, in truth."""
        return Agent.objects.values_list("activity", flat=True).get(pk=agent.pk)

    def commands(self, call_id: UUID) -> list[str]:
        """Kinds of the commands of a call, in order."""
        return list(Command.objects.filter(call_id=call_id).order_by("pk").values_list("kind", flat=True))

    def offer_of(self, agent: Agent) -> Offer:
        """The open ring at a person."""
        return Offer.objects.get(agent=agent, stage="open")

    def told(self, call_id: UUID, kind: str) -> list[dict[str, Any]]:
        """The fields of all commands of a kind."""
        rows = Command.objects.filter(call_id=call_id, kind=kind).order_by("pk")
        return list(rows.values_list("fields", flat=True))

    def steps(self, subject: str, call_id: UUID) -> list[str]:
        """The states that a subject went through in a call."""
        return list(
            Transition.objects.filter(subject=subject, call_id=call_id)
            .order_by("pk")
            .values_list("new", flat=True)
        )


def _person(name: str, role: Role = Role.OPERATOR) -> Agent:
    account = Account.objects.create(username=name, name=name, role=role)
    agent = create_agent(account.pk, acting_user=None)
    phone_came_or_went(agent.endpoint, True)
    choose_presence(agent.pk, "available", acting_user=account.pk)
    agent.refresh_from_db()
    return agent


@pytest.fixture
def centre(db: None, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """A small centre whose prompts are not really spoken (that is the voice's own test)."""
    monkeypatch.setattr(
        waiting, "playable", lambda refs: [Path(f"/said/{index}") for index, _ in enumerate(refs)]
    )
    client = Client.objects.create(name="さくら電機")
    queue = Queue.objects.create(name="修理", client=client)
    Trunk.objects.create(name="line", endpoint="trunk-1", kind="address", host="192.0.2.1")
    flow = Flow.objects.create(name="修理受付", client=client)
    graph: dict[str, Any] = {
        "format": 1,
        "entry": "menu",
        "nodes": {
            "menu": {
                "verb": "ask",
                "prompts": [{"text": "修理は1を押してください。"}],
                "keys": {"1": {"next": "wait", "label": "修理"}},
                "way_out": "wait",
            },
            "wait": {"verb": "enqueue", "queue": queue.pk},
        },
    }
    FlowVersion.objects.create(flow=flow, number=1, stage="published", graph=graph, published_at=now())
    number = Number.objects.create(e164="+81312345678", label="代表", client=client, flow_id=flow.pk)
    people = {name: _person(name) for name in ("sato", "suzuki", "tanaka")}
    for agent in people.values():
        Membership.objects.create(queue=queue, agent=agent)
    return Centre(
        client=client,
        number=number,
        queue=queue,
        supervisor=_person("supervisor", Role.SUPERVISOR),
        outsider=Account.objects.create(username="outsider", name="outsider"),
        **people,
    )

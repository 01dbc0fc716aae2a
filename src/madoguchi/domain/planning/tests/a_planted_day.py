"""A simulated day written down as the rows that the centre itself would have written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from madoguchi.domain.agents.models import Agent, AgentSkill, Skill
from madoguchi.domain.calls.models import Call, Consult, Offer, QueueVisit, WrapUp
from madoguchi.domain.calls.tests.a_day import account
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.ledger.actions import step, write
from madoguchi.domain.queues.models import Membership, Queue, Requirement
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.ids import new_id
from madoguchi.science.measures.records import PARTITION
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Centre, Person, Redial
from madoguchi.science.staffing.simulation.centre import Queue as Kind
from madoguchi.science.staffing.simulation.distributions import exponential, lognormal
from madoguchi.science.staffing.simulation.flat import OUTCOME
from madoguchi.science.staffing.simulation.running import Run, simulate

DAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
OPEN_S = (9 * 3_600.0, 17 * 3_600.0)
DAY_S = 86_400.0
_WORK = {
    flat.CASEWORK: {"matter": "research"},
    flat.HIDING: {"matter": "research"},
    flat.MAIL: {"matter": "mail"},
    flat.CALL_BACK: {"matter": "call_back"},
}
_IN_A_CALL = {flat.RINGING: "ringing", flat.TALKING: "talking", flat.WRAP_UP: "wrap_up"}


def planted_centre(*, wrap_up_s: float = 30.0, people: int = 15, miss: float = 0.0) -> Centre:
    """One queue from nine to five, 120 calls an hour, with a trouble planted into it."""
    queue = Kind(
        rates_per_h=(0.0,) * 18 + (120.0,) * 16 + (0.0,) * 14, talk=lognormal(240.0, 0.8),
        wrap_up=lognormal(wrap_up_s, 0.4), patience=exponential(120.0),
        redial=Redial(0.4, 0.0, exponential(400.0)),
    )  # fmt: skip
    crew = (Person(planned=(OPEN_S,), miss=miss),) * people
    return Centre((queue,), crew, DAY_S, open=(OPEN_S,), pick_up=lognormal(4.0, 0.4))


def plant_a_day(centre: Centre, seed: int = 7) -> Run:
    """Simulate `centre` and put its last day down as `DAY`, those before as the days before."""
    run = simulate(centre, seed)
    _Planted(centre, run).write_down()
    return run


class _Planted:
    """What of a run becomes rows, and the rows that others refer to."""

    def __init__(self, centre: Centre, run: Run) -> None:
        self.centre, self.run = centre, run
        self.begin = MIDNIGHT - timedelta(seconds=centre.horizon_s - DAY_S)
        self.client = Client.objects.create(name="植田電機")
        self.queues = [self._queue(number, kind) for number, kind in enumerate(centre.queues)]
        self.agents = [self._agent(number, person) for number, person in enumerate(centre.people)]
        # Whoever met an engaged line is known to the carrier only.
        seen = (run.calls["outcome"] >= 0) & (run.calls["outcome"] != OUTCOME["blocked"])
        self.ids: list[UUID | None] = [new_id() if each else None for each in seen]

    def write_down(self) -> None:
        if self.centre.lines >= 0:
            Trunk.objects.create(
                name="回線", endpoint="trunk-planted", kind="address", host="192.0.2.1",
                channels=self.centre.lines,
            )  # fmt: skip
        self._calls()
        self._consults()
        self._cases()
        steps = [*self._presence(), *self._activity()]
        write(sorted(steps, key=lambda each: (each.at, each.new != "idle")))
        with connection.cursor() as cursor:
            # As the database does by itself, only not soon enough for a day written at once.
            cursor.execute("ANALYZE")

    def at(self, seconds: float) -> datetime:
        return self.begin + timedelta(seconds=float(seconds))

    # -- the centre

    def _queue(self, number: int, kind: Kind) -> Queue:
        queue = Queue.objects.create(
            name=f"修理{number}", client=self.client, order=kind.order, priority=kind.priority,
            ring_s=round(kind.ring_s), cooling_off_s=round(kind.cooling_off_s),
            max_wait_s=round(kind.max_wait_s), short_abandon_s=round(kind.short_abandon_s),
        )  # fmt: skip
        for skill, least in kind.asks.items():
            Requirement.objects.create(queue=queue, skill=_skill(skill), min_level=least)
        return queue

    def _agent(self, number: int, person: Person) -> Agent:
        role = "supervisor" if person.leader else "operator"
        agent = Agent.objects.create(
            account=account(f"planted{number}", f"植田 {number}", role),
            endpoint=f"op-planted{number}", presence="gone_home", presence_since=self.at(0),
            activity_since=self.at(0), idle_since=self.at(0),
        )  # fmt: skip
        for queue, rank in person.queues.items():
            Membership.objects.create(queue=self.queues[queue], agent=agent, rank=rank)
        for skill, level in person.skills.items():
            AgentSkill.objects.create(agent=agent, skill=_skill(skill), level=level)
        return agent

    # -- calls and what they left behind

    def _calls(self) -> None:
        seen = [(key, row) for key, row in zip(self.ids, self.run.calls, strict=True) if key is not None]
        calls = [self._call(key, row) for key, row in seen]
        Contact.objects.bulk_create([call.contact for call in calls])
        Call.objects.bulk_create(calls)
        QueueVisit.objects.bulk_create(
            QueueVisit(
                call_id=key,
                queue=self.queues[row["queue"]],
                enqueued_at=self.at(row["arrived_s"]),
                left_at=self.at(row["arrived_s"] + row["wait_s"]),
                left="taken" if row["talk_s"] > 0 else "abandoned",
            )
            for key, row in seen
            if row["wait_s"] >= 0
        )
        missed = {"stage": "missed"}
        rings = self._of(flat.RINGING)
        answered = {(row["agent"], row["call"]) for row in self._of(flat.TALKING)}
        Offer.objects.bulk_create(
            Offer(
                call_id=self.ids[ring["call"]], agent=self.agents[ring["agent"]], leg_id=str(new_id()),
                offered_at=self.at(ring["began_s"]), rings_until=self.at(ring["ended_s"]),
                ended_at=self.at(ring["ended_s"]),
                **{"stage": "accepted"} if (ring["agent"], ring["call"]) in answered else missed,
            )
            for ring in rings
        )  # fmt: skip
        WrapUp.objects.bulk_create(
            WrapUp(
                call_id=self.ids[row["call"]], agent=self.agents[row["agent"]],
                began_at=self.at(row["began_s"]), ended_at=self.at(row["ended_s"]),
            )
            for row in self._of(flat.WRAP_UP)
        )  # fmt: skip

    def _consults(self) -> None:
        Consult.objects.bulk_create(
            Consult(
                call_id=self.ids[row["call"]], leg_id=str(new_id()), stage="returned",
                by_agent=self.agents[self.run.calls["agent"][row["call"]]],
                to_agent=self.agents[row["agent"]],
                began_at=self.at(row["began_s"]), answered_at=self.at(row["began_s"]),
                ended_at=self.at(row["ended_s"]),
            )
            for row in self._of(flat.CONSULT)
        )  # fmt: skip

    def _call(self, key: UUID, row: Any) -> Call:
        at, outcome = self.at(row["arrived_s"]), PARTITION[row["outcome"]]
        wait_s = row["wait_s"] if row["wait_s"] >= 0 else 0.0
        answered = at + timedelta(seconds=float(wait_s)) if outcome == "answered" else None
        end = at + timedelta(seconds=float(wait_s + row["talk_s"]))
        return Call(
            id=key, direction="inbound", node="node-1", client=self.client, outcome=outcome, phase="ended",
            customer_e164=f"+81{900000000 + row['customer']}", arrived_at=at, phase_since=end, ended_at=end,
            answered_at=answered, agent=self.agents[row["agent"]] if answered else None,
            trunk_endpoint="trunk-planted",
            contact=Contact(client=self.client, channel="call_in", at=at, call_id=key),
        )  # fmt: skip

    def _cases(self) -> None:
        """What must be done and cannot be at once is promised; call backs in any case."""
        cases = self.run.cases
        Promise.objects.bulk_create(
            Promise(
                kind="do" if np.isnan(case["due_s"]) else "call_back", client=self.client,
                call_id=self.ids[case["call"]], made_at=self.at(case["opened_s"]),
                due_at=None if np.isnan(case["due_s"]) else self.at(case["due_s"]),
                stage="open" if np.isnan(case["resolved_s"]) else "kept",
                ended_at=None if np.isnan(case["resolved_s"]) else self.at(case["resolved_s"]),
            )
            for case in cases[~np.isnan(cases["asked_s"]) | ~np.isnan(cases["due_s"])]
        )  # fmt: skip

    # -- people's time

    def _of(self, kind: int) -> Iterator[Any]:
        """Stretches of one kind, in calls that were written down."""
        rows = self.run.spells[self.run.spells["kind"] == kind]
        return (row for row in rows if self.ids[row["call"]] is not None)

    def _presence(self) -> Iterator[Any]:
        for number, agent in enumerate(self.agents):
            old, until = "gone_home", 0.0
            for since, word, cause in self._words(number):
                if word != old or cause:
                    yield step("presence", agent.pk, old, word, event="chose", at=self.at(since), cause=cause)
                old, until = word, since
            assert until <= self.centre.horizon_s

    def _words(self, number: int) -> Iterator[tuple[float, str, dict[str, str]]]:
        """At each moment at which something of a person begins or ends: what they are from then on."""
        own = self.run.spells[self.run.spells["agent"] == number]
        there = own[own["kind"] == flat.PRESENT]
        work = own[np.isin(own["kind"], list(_WORK)) & (own["kind"] != flat.CALL_BACK)]
        moments = {
            float(each) for rows in (there, work) for name in ("began_s", "ended_s") for each in rows[name]
        }
        for at in sorted(moments):
            busy = work[(work["began_s"] <= at) & (at < work["ended_s"])]
            if busy.size:
                spell = busy[0]
                call = self.ids[self.run.cases["call"][spell["case"]]] if spell["case"] >= 0 else None
                cause = _WORK[int(spell["kind"])] | ({"call": str(call)} if call else {})
                yield at, "other_work", cause
            elif ((there["began_s"] <= at) & (at < there["ended_s"])).any():
                yield at, "available", {}
            else:
                yield at, self._gone(number, at), {}

    def _gone(self, number: int, at: float) -> str:
        planned = self.centre.people[number].planned or (OPEN_S,)
        return "away" if any(since <= at < to for since, to in planned) else "gone_home"

    def _activity(self) -> Iterator[Any]:
        for kind, word in _IN_A_CALL.items():
            for row in self._of(kind):
                yield from self._activity_of(row, word, self.ids[row["call"]])
        for row in self._of(flat.CONSULT):
            yield from self._activity_of(row, "talking", self.ids[row["call"]])
        for row in self.run.spells[self.run.spells["kind"] == flat.CALL_BACK]:
            yield from self._activity_of(row, "talking", self._called_back(row))

    def _activity_of(self, row: Any, word: str, call: UUID | None) -> Iterator[Any]:
        for name, at in ((word, row["began_s"]), ("idle", row["ended_s"])):
            yield step(
                "activity", self.agents[row["agent"]].pk, "", name, event=name, at=self.at(at), call_id=call
            )

    def _called_back(self, row: Any) -> UUID:
        key, began, ended = new_id(), self.at(row["began_s"]), self.at(row["ended_s"])
        Call.objects.create(
            id=key, direction="outbound", node="node-1", client=self.client, outcome="reached", phase="ended",
            agent=self.agents[row["agent"]], arrived_at=began, answered_at=began, ended_at=ended,
            phase_since=ended,
            contact=Contact.objects.create(client=self.client, channel="call_out", at=began, call_id=key),
        )  # fmt: skip
        return key


def _skill(number: int) -> Skill:
    return Skill.objects.get_or_create(name=f"技能{number}")[0]

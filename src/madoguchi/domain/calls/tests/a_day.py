"""A day of a centre laid out as rows, true to every invariant: for reads, screens and `verify`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, Leg, Offer, QueueVisit, Recording, WaitReason, WrapUp
from madoguchi.domain.clients.models import Client, Number, Reason
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers import actions as customers
from madoguchi.domain.customers.models import Customer
from madoguchi.domain.ledger.actions import step, write
from madoguchi.domain.people.models import Account
from madoguchi.domain.queues.models import Membership, Queue
from madoguchi.kit.ids import new_id

PEOPLE = [
    "佐藤 恵",
    "田中 健一",
    "鈴木 陽子",
    "高橋 大輔",
    "伊藤 さくら",
    "渡辺 翔",
    "山本 美咲",
    "中村 拓也",
    "小林 直子",
    "加藤 蓮",
]
CALLERS = [
    ("髙橋 花子", "タカハシ ハナコ", "090-1234-5678", ""),
    ("大野 太郎", "オオノ タロウ", "03-1234-5678", "大野商店"),
    ("斎藤 由美", "サイトウ ユミ", "080-9876-5432", ""),
    ("渡邉 一郎", "ワタナベ イチロウ", "06-6123-4567", "渡邉工業株式会社"),
]


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@dataclass
class Centre:
    """The fixed cast, and builders of calls that put all their rows down."""

    now: datetime
    client: Client = field(init=False)
    number: Number = field(init=False)
    repair: Queue = field(init=False)
    orders: Queue = field(init=False)
    supervisor: Account = field(init=False)
    agents: list[Agent] = field(init=False)
    customers: list[Customer] = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client.objects.create(name="さくら電機")
        self.number = Number.objects.create(e164="+81312340000", label="代表", client=self.client)
        self.repair = Queue.objects.create(name="修理", client=self.client)
        self.orders = Queue.objects.create(name="ご注文", client=self.client)
        self.supervisor = account("sv", "山田 隆", role="supervisor")
        self.agents = [self._agent(place, name) for place, name in enumerate(PEOPLE)]
        self.customers = [self._customer(*caller) for caller in CALLERS]

    def _agent(self, place: int, name: str) -> Agent:
        began = self.now - seconds(600 + 60 * place)
        agent = Agent.objects.create(
            account=account(f"op{place}", name),
            endpoint=f"op-{place:08x}",
            presence="available",
            phone_reachable=True,
            presence_since=began,
            activity_since=began,
            idle_since=began,
        )
        for queue in (self.repair, self.orders) if place % 2 else (self.repair,):
            Membership.objects.create(queue=queue, agent=agent)
        return agent

    def _customer(self, name: str, kana: str, number: str, company: str) -> Customer:
        return customers.create(
            self.client.pk, name=name, name_kana=kana, numbers=[number], company=company, acting_user=None
        )

    def reason(self, name: str) -> Reason:
        return Reason.objects.get_or_create(name=name, client=self.client)[0]

    # -- calls

    def call(self, at: datetime, customer: Customer | None = None, **fields: Any) -> Call:
        """An inbound call that has just arrived, with contact and customer leg."""
        call_id = new_id()
        first = customer.numbers.first() if customer else None
        contact = Contact.objects.create(
            client=self.client, customer=customer, channel="call_in", at=at, call_id=call_id
        )
        call = Call.objects.create(
            **{
                "id": call_id,
                "direction": "inbound",
                "node": "node-1",
                "number": self.number,
                "client": self.client,
                "customer": customer,
                "customer_e164": first.e164 if first else "",
                "no_number_reason": "" if first else "P",
                "contact": contact,
                "phase_since": at,
                "arrived_at": at,
            }
            | fields
        )
        Leg.objects.create(id=f"c-{call_id}", call=call, role="customer", began_at=at, answered_at=at)
        self.steps(call, ("arrived", at))
        return call

    def steps(self, call: Call, *phases: tuple[str, datetime]) -> None:
        """Move the call through phases, each a transition."""
        rows = []
        for new, at in phases:
            old = "" if new == "arrived" else call.phase
            rows.append(step("call", call.pk, old, new, event=new, at=at, call_id=call.pk))
            call.phase, call.phase_since = new, at
        write(rows)

    def end(self, call: Call, at: datetime, outcome: str, ending: str = "") -> Call:
        """End the call and its legs."""
        self.steps(call, ("ended", at))
        call.ended_at, call.outcome, call.ending, call.hung_up_by = at, outcome, ending, "customer"
        call.save()
        call.legs.filter(gone_at=None).update(gone_at=at)
        return call

    def enter(self, call: Call, queue: Queue, at: datetime) -> QueueVisit:
        """Let the call wait in a queue."""
        visit = QueueVisit.objects.create(call=call, queue=queue, enqueued_at=at)
        self.steps(call, ("waiting", at))
        call.save()
        write([step("visit", visit.pk, "", "waiting", event="enqueued", at=at, call_id=call.pk)])
        return visit

    def leave(self, visit: QueueVisit, at: datetime, left: str) -> None:
        visit.left_at, visit.left = at, left
        visit.save()
        write([step("visit", visit.pk, "waiting", left, event="left", at=at, call_id=visit.call_id)])

    def ring(self, visit: QueueVisit, agent: Agent, at: datetime, end: datetime | None, stage: str) -> Offer:
        """Ring at somebody; `end` None: it still rings."""
        offer_id = new_id()
        call = visit.call
        answered = end if stage == "accepted" else None
        Leg.objects.create(
            id=f"o-{offer_id}",
            call=call,
            role="operator",
            agent=agent,
            began_at=at,
            answered_at=answered,
            gone_at=None if answered else end,
        )
        offer = Offer.objects.create(
            id=offer_id,
            call=call,
            visit=visit,
            agent=agent,
            leg_id=f"o-{offer_id}",
            stage=stage,
            offered_at=at,
            rings_until=at + seconds(20),
            ended_at=end,
        )
        self.steps(call, ("ringing", at))
        rows = [step("offer", offer_id, "", "open", event="offered", at=at, call_id=call.pk)]
        rows += self.does(agent, call, ("ringing", at))
        if end is not None:
            rows.append(step("offer", offer_id, "open", stage, event=stage, at=end, call_id=call.pk))
            if stage != "accepted":
                rows += self.does(agent, None, ("idle", end))
                self.steps(call, ("waiting", end))
        write(rows)
        call.save()
        return offer

    def does(self, agent: Agent, call: Call | None, *activities: tuple[str, datetime]) -> list[Any]:
        """Move somebody's activity; the rows are written by the caller."""
        agent.refresh_from_db()
        rows = []
        for new, at in activities:
            rows.append(step("activity", agent.pk, agent.activity, new, event=new, at=at))
            agent.activity, agent.activity_since = new, at
            agent.activity_call_id = call.pk if call is not None and new != "idle" else None
        agent.save()
        return rows

    def answer(self, call: Call, agent: Agent, at: datetime) -> Recording:
        """Somebody has the customer; the recording runs."""
        write(self.does(agent, call, ("talking", at)))
        self.steps(call, ("talking", at))
        call.agent, call.answered_at = agent, call.answered_at or at
        call.save()
        call.contact.account_id = agent.account_id
        call.contact.save()
        return Recording.objects.create(call=call, agent=agent, stage="running", requested_at=at, began_at=at)

    def answered(
        self,
        at: datetime,
        customer: Customer | None,
        agent: Agent,
        *,
        wait_s: float = 8,
        talk_s: float = 180,
        wrap_up_s: float = 60,
        **words: Any,
    ) -> Call:
        """A whole answered call, wrapped up, its recording stored."""
        call = self.call(at, customer)
        queued = at + seconds(4)
        taken = queued + seconds(wait_s)
        over = taken + seconds(talk_s)
        done = over + seconds(wrap_up_s)
        visit = self.enter(call, self.repair, queued)
        self.ring(visit, agent, taken - seconds(min(3, wait_s)), taken, "accepted")
        self.leave(visit, taken, "taken")
        recording = self.answer(call, agent, taken)
        self.end(call, over, "answered", "completed")
        write(self.does(agent, call, ("wrap_up", over), ("idle", done)))
        WrapUp.objects.create(call=call, agent=agent, began_at=over, ended_at=done, ended_by="operator")
        self.store(recording, over, talk_s)
        reason = self.reason(words.pop("reason", "修理受付"))
        Contact.objects.filter(pk=call.contact_id).update(
            **{"reason": reason, "handling": "done", "closed_at": done} | words
        )
        return call

    def store(self, recording: Recording, at: datetime, talk_s: float) -> None:
        """Bring a recording to its end; the sound itself is the caller's."""
        recording.stage, recording.ended_at, recording.duration_s = "stored", at, talk_s
        recording.path, recording.sha256 = f"{recording.pk}.wav", "0" * 64
        recording.peaks = [
            [(place * 37) % 90 for place in range(300)],
            [(place * 53) % 70 for place in range(300)],
        ]
        recording.save()
        stages = [("", "requested"), ("requested", "running"), ("running", "ended"), ("ended", "stored")]
        times = [recording.requested_at, recording.requested_at, at, at]
        write(
            step("recording", recording.pk, old, new, event=new, at=when, call_id=recording.call_id)
            for (old, new), when in zip(stages, times, strict=True)
        )

    def left(
        self,
        at: datetime,
        customer: Customer | None = None,
        *,
        wait_s: float = 45,
        outcome: str = "queue_abandon",
    ) -> Call:
        """A caller who gave up in the queue."""
        call = self.call(at, customer)
        visit = self.enter(call, self.repair, at + seconds(4))
        WaitReason.objects.create(
            visit=visit, at=at + seconds(4), counts={"busy": 6, "presence": 2, "cooling_off": 1}
        )
        end = at + seconds(4 + wait_s)
        self.leave(visit, end, "abandoned")
        return self.end(call, end, outcome)

    def out_of_hours(self, at: datetime) -> Call:
        call = self.call(at)
        self.steps(call, ("closing", at + seconds(1)))
        return self.end(call, at + seconds(12), "out_of_hours")

    def waiting(
        self, since_s: float, customer: Customer | None = None, queue: Queue | None = None
    ) -> QueueVisit:
        """A caller who waits now."""
        at = self.now - seconds(since_s)
        return self.enter(self.call(at, customer), queue or self.repair, at)

    def talking(self, since_s: float, customer: Customer | None, agent: Agent) -> Call:
        """A call under way."""
        at = self.now - seconds(since_s)
        call = self.call(at - seconds(10), customer)
        visit = self.enter(call, self.repair, at - seconds(8))
        self.ring(visit, agent, at - seconds(3), at, "accepted")
        self.leave(visit, at, "taken")
        self.answer(call, agent, at)
        return call


def account(username: str, name: str, role: str = "operator") -> Account:
    return get_user_model().objects.create(username=username, name=name, role=role)

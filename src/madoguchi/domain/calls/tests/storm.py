"""A storm: matchers, callers and people who all act at once, by the real actions, for so many rings.

Each role is a loop that any number of threads or processes run side by side. Nobody waits for anybody: what
somebody else has done first is refused by the actions, and that is no error here. Afterwards `examine` asks
what must never have happened.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection

from madoguchi.control.pool import DEADLOCK
from madoguchi.domain.agents.actions import choose_presence, create_agent, phone_came_or_went
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls import actions, floor_plan, invariants
from madoguchi.domain.calls.actions import hearing, recording
from madoguchi.domain.calls.models import Call, Leg, Offer, QueueVisit, Recording, WrapUp
from madoguchi.domain.clients.models import Client, Number
from madoguchi.domain.flows.models import Flow, FlowVersion
from madoguchi.domain.people.models import Account
from madoguchi.domain.queues.models import Membership, Queue
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.clock import now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.kit.ids import new_id
from madoguchi.kit.machine import Impossible
from madoguchi.science.routing import choose
from madoguchi.switch import port

CALLED, OUTSIDE = "0312345678", "0398765432"
WAITING = 12
"""Callers whom the arriving keep waiting: always more than there are people free."""
STALE_S = 0.3
"""A plan of the floor older than this is not carried out further: control's own rounds are shorter."""
FAULT = "the telephone switch stopped"


def unspoken(refs: Sequence[object]) -> list[Path]:
    """Files of prompts, in place of `waiting.playable`: what is spoken is the voice's own matter."""
    return [Path("/said/0") for _ in refs]


def lay_out(people: int) -> None:
    """The rows of the centre: a client, a number, two queues, and people who serve both."""
    client = Client.objects.create(name="さくら電機")
    plain, urgent = (
        Queue.objects.create(name=name, client=client, cooling_off_s=0) for name in ("修理", "至急")
    )
    Trunk.objects.create(name="line", endpoint="trunk-1", kind="address", host="192.0.2.1")
    ways = {"1": ("plain", plain, 0), "2": ("urgent", urgent, 0), "3": ("first", plain, 5)}
    nodes: dict[str, Any] = {
        name: {"verb": "enqueue", "queue": queue.pk, "priority": priority}
        for name, queue, priority in ways.values()
    }
    keys = {key: {"next": name, "label": name} for key, (name, _queue, _priority) in ways.items()}
    nodes["menu"] = {"verb": "ask", "prompts": [{"text": "番号を。"}], "keys": keys, "way_out": "plain"}
    flow = Flow.objects.create(name="受付", client=client)
    graph = {"format": 1, "entry": "menu", "nodes": nodes}
    FlowVersion.objects.create(flow=flow, number=1, stage="published", graph=graph, published_at=now())
    Number.objects.create(e164="+81312345678", label="代表", client=client, flow_id=flow.pk)
    for place in range(people):
        account = Account.objects.create(username=f"op{place}", name=f"人 {place}")
        agent = create_agent(account.pk, acting_user=None)
        phone_came_or_went(agent.endpoint, True)
        choose_presence(agent.pk, "available", acting_user=account.pk)
        for queue in (plain, urgent):
            Membership.objects.create(queue=queue, agent=agent)


@dataclass
class Storm:
    """One actor's part in it."""

    rings: int
    until_s: float
    """By `time.time()`: a machine that is busy with something else does fewer."""
    seed: int
    refused: Counter[str] = field(default_factory=Counter)
    _asked_at: float = 0.0
    _goes_on: bool = True

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def goes_on(self) -> bool:
        if time.time() - self._asked_at > 0.25:
            self._asked_at = time.time()
            self._goes_on = time.time() < self.until_s and Offer.objects.count() < self.rings
        return self._goes_on

    def play(self, role: str) -> None:
        """Play one role until the storm is over."""
        turn: Callable[[], bool] = getattr(self, role)
        while self.goes_on():
            if not turn():
                time.sleep(0.01)

    def try_to(self, deed: Callable[..., object], *told: Any, **how: Any) -> object:
        """Do it; somebody else may have been first."""
        try:
            return deed(*told, **how)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise
            self.refused["deadlock"] += 1
        except (Impossible, MadoguchiError) as refusal:
            self.refused[type(refusal).__name__] += 1
        return None

    # -- roles: each turn says whether there was anything to do

    def matcher(self) -> bool:
        """As control matches, but nobody holds the matcher's lease: there are several at once."""
        plan, read_at = floor_plan.read(), time.monotonic()
        pairs = choose.choose(now(), plan.visits, plan.agents).pairs
        for pair in pairs:
            if time.monotonic() - read_at > STALE_S:
                break
            if not self.try_to(actions.offer, pair.visit.id, pair.agent_ids):
                self.refused["too_late"] += 1
        return bool(pairs)

    def callers(self) -> bool:
        """Callers come, choose, and some of them leave at any moment."""
        living = Call.objects.filter(phase__in=["arrived", "menu", "waiting"]).count()
        if living >= WAITING:
            return self._one_leaves()
        leg_id = f"in-{new_id()}"
        caller = f"090{self.chance.randrange(10**8):08d}"
        event = port.CallArrived(
            node="node-1",
            at=now(),
            leg_id=leg_id,
            trunk="trunk-1",
            called_raw=CALLED,
            caller_raw=caller,
            purpose="in",
        )
        call_id = actions.arrive(event)
        if self.chance.random() < 0.97:
            self.try_to(hearing.key_heard, call_id, leg_id, self.chance.choice("1112233"))
        return True

    def people(self) -> bool:
        """Whoever is rung answers, declines, lets it ring, breaks down or goes away."""
        rung = list(Offer.objects.filter(stage="open").select_related("agent").order_by("pk"))
        for offer in self.chance.sample(rung, len(rung)):
            mood = self.chance.random()
            if mood < 0.3:
                self.try_to(hearing.leg_answered, offer.call_id, offer.leg_id)
            elif mood < 0.45:
                self.try_to(actions.refuse_offer, offer.pk, acting_user=offer.agent.account_id)
            elif mood < 0.6:
                self.try_to(actions.ring_out, offer.pk)
            elif mood < 0.7:
                cause = self.chance.choice([0, 17, 19])
                self.try_to(hearing.leg_ended, offer.call_id, offer.leg_id, cause=cause)
            elif mood < 0.75:
                self._goes_away(offer.agent)
        return bool(rung)

    def talkers(self) -> bool:
        """Talks end, from either side, by a fault, or on hold; people come back and call back."""
        talking = list(
            Call.objects.filter(phase__in=["talking", "holding", "restoring", "dialling"]).order_by("pk")
        )
        for call in self.chance.sample(talking, len(talking)):
            self._a_moment_of(call)
        for wrap_up in WrapUp.objects.filter(ended_at__isnull=True).select_related("agent"):
            self.try_to(actions.end_wrap_up, wrap_up.pk, acting_user=wrap_up.agent.account_id)
        for agent in Agent.objects.exclude(presence="available", phone_reachable=True):
            self.try_to(phone_came_or_went, agent.endpoint, True)
            self.try_to(choose_presence, agent.pk, "available", acting_user=agent.account_id)
        if self.chance.random() < 0.1:
            self._calls_back()
        return bool(talking)

    def switch(self) -> bool:
        """Lines that were told to end do, and the switch says so, sometimes twice."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT l.call_id, l.id FROM calls_leg l JOIN switchboard_command m"
                " ON m.call_id = l.call_id AND m.kind = 'HangUp' AND m.fields ->> 'leg_id' = l.id"
                " WHERE l.gone_at IS NULL"
            )
            told = cursor.fetchall()
        for call_id, leg_id in told:
            for _ in range(self.chance.choice([1, 1, 2])):
                self.try_to(hearing.leg_ended, call_id, leg_id, cause=26)
        return bool(told)

    def _one_leaves(self) -> bool:
        if self.chance.random() < 0.7:
            return False
        phases = ["menu", "waiting", "ringing", "talking", "holding"]
        leg = (
            Leg.objects.filter(role="customer", gone_at__isnull=True, call__phase__in=phases)
            .order_by("?")
            .first()
        )
        if leg is not None:
            fault = FAULT if self.chance.random() < 0.1 else ""
            self.try_to(hearing.leg_ended, leg.call_id, leg.pk, cause=16, at=now(), fault=fault)
        return leg is not None

    def _goes_away(self, agent: Agent) -> None:
        if self.chance.random() < 0.5:
            self.try_to(phone_came_or_went, agent.endpoint, False)
        else:
            self.try_to(choose_presence, agent.pk, "break", acting_user=agent.account_id)

    def _a_moment_of(self, call: Call) -> None:
        mood = self.chance.random()
        who = call.agent.account_id if call.agent else 0
        legs = {leg.role: leg for leg in call.legs.filter(gone_at__isnull=True)}
        customer, operator = legs.get("customer"), legs.get("operator")
        if call.phase == "dialling" and customer is not None and mood < 0.8:
            self.try_to(hearing.leg_answered, call.pk, customer.pk)
            if call.playback_id:
                self.try_to(hearing.playback_ended, call.pk, call.playback_id)
        elif mood < 0.15:
            self.try_to(actions.hold, call.pk, acting_user=who)
        elif mood < 0.3:
            self.try_to(actions.resume, call.pk, acting_user=who)
        elif mood < 0.5:
            self.try_to(actions.hang_up, call.pk, acting_user=who)
        elif mood < 0.6 and operator is not None:
            self.try_to(hearing.leg_ended, call.pk, operator.pk, cause=0)  # her line is lost
        elif customer is not None:
            fault = FAULT if mood < 0.65 else ""
            self.try_to(hearing.leg_ended, call.pk, customer.pk, cause=16, fault=fault)

    def _calls_back(self) -> None:
        agent = Agent.objects.filter(activity="idle", presence="available").order_by("?").first()
        number = Number.objects.get()
        if agent is not None:
            self.try_to(actions.dial, agent.pk, OUTSIDE, number.pk, acting_user=agent.account_id)


ROLES = ("matcher", "matcher", "callers", "people", "people", "talkers", "switch")
"""Who is out in it at the least: two matchers, who ought to be one, and two who answer for everybody."""


def calm() -> None:
    """Everybody who is left hangs up, and nothing is recorded any more: what is examined is over."""
    last = Storm(0, 0, 0)
    for recording_id in Recording.objects.filter(stage__in=recording.LIVING).values_list("pk", flat=True):
        last.try_to(recording.lost, recording_id, "no switch recorded in the storm")
    for _ in range(20):
        for leg in Leg.objects.filter(gone_at__isnull=True).order_by("role"):
            last.try_to(hearing.leg_ended, leg.call_id, leg.pk, cause=16)
        for wrap_up in WrapUp.objects.filter(ended_at__isnull=True).select_related("agent"):
            last.try_to(actions.end_wrap_up, wrap_up.pk, acting_user=wrap_up.agent.account_id)
        if not Leg.objects.filter(gone_at__isnull=True).exists():
            return


@dataclass(frozen=True)
class Tally:
    """What the storm was, and what it broke."""

    rings: int
    calls: int
    taken: int
    choices: int
    """Rings for which a later caller of the same queue and priority could have been taken instead."""
    broken: tuple[str, ...]


def examine(since: datetime) -> Tally:
    """Ask every rule of `verify`, and count what the storm consisted of."""
    until = now() + timedelta(seconds=1)
    with after_all_has_settled():
        broken = tuple(str(one) for one in invariants.violations(since, until))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM calls_offer o JOIN calls_queuevisit b ON b.id = o.visit_id WHERE EXISTS ("
            " SELECT FROM calls_queuevisit c WHERE c.queue_id = b.queue_id AND c.priority = b.priority"
            " AND c.enqueued_at > b.enqueued_at AND c.enqueued_at < o.offered_at - interval '50 ms'"
            " AND COALESCE(c.left_at, 'infinity') > o.offered_at)"
        )
        choices = int(cursor.fetchone()[0])
    return Tally(
        rings=Offer.objects.count(),
        calls=Call.objects.count(),
        taken=QueueVisit.objects.filter(left="taken").count(),
        choices=choices,
        broken=broken,
    )


@contextmanager
def after_all_has_settled() -> Iterator[None]:
    """Let the rules take what ended a moment ago for settled: the storm is over."""
    kept, invariants.asking.SETTLED_S = invariants.asking.SETTLED_S, -5
    try:
        yield
    finally:
        invariants.asking.SETTLED_S = kept

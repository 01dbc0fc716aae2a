"""Weeks of calls laid out as rows: so many in each half-hour, exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, WrapUp
from madoguchi.domain.calls.tests.a_day import account
from madoguchi.domain.clients.models import Client, Hours, Number, Period, Reason
from madoguchi.domain.contacts.models import Contact
from madoguchi.kit.clock import business_day, business_day_start, now
from madoguchi.kit.ids import new_id

TALK_S, WRAP_UP_S = 240, 60
Plan = Callable[[date, int], float]


def client(name: str, *, opens: int = 540, closes: int = 1080, e164: str = "") -> Client:
    """A client open from Monday to Friday."""
    made = Client.objects.create(name=name)
    hours = Hours.objects.create(name=name)
    for weekday in range(5):
        Period.objects.create(hours=hours, weekday=weekday, opens_min=opens, closes_min=closes)
    Number.objects.create(e164=e164 or f"+8131234{made.pk:04}", label=name, client=made, hours=hours)
    return made


def usual(day: date, slot: int) -> float:
    """Some 60 calls on a working day, most in the morning."""
    if day.weekday() >= 5 or not 18 <= slot < 36:
        return 0.0
    return (6.0 if slot < 24 else 2.5) * (1.3 if day.weekday() == 0 else 1.0)


def plant(
    whose: Client,
    since: date,
    until: date,
    plan: Plan = usual,
    *,
    reasons: tuple[str, ...] = (),
    seed: int = 1,
) -> int:
    """Calls of `plan` from `since` to before `until`, nearly all answered; how many."""
    rng = np.random.default_rng(seed)
    named = [Reason.objects.get_or_create(name=name, client=whose)[0] for name in reasons]
    agent = Agent.objects.filter(endpoint="op-planter").first() or Agent.objects.create(
        account=account("planter", "植田"), endpoint="op-planter", presence="gone_home",
        presence_since=now(), activity_since=now(), idle_since=now(),
    )  # fmt: skip
    calls: list[Call] = []
    wrap_ups: list[WrapUp] = []
    day = since
    while day < until:
        for slot in range(48):
            for _ in range(rng.poisson(plan(day, slot))):
                at = business_day_start(day) + timedelta(
                    minutes=30 * slot, seconds=float(rng.uniform(0, 1800))
                )
                call = a_call(
                    whose, at, reason=named[len(calls) % len(named)] if named else None, agent=agent
                )
                calls.append(call)
                if call.ended_at:
                    ended = call.ended_at + timedelta(seconds=WRAP_UP_S)
                    wrap_ups.append(WrapUp(call=call, agent=agent, began_at=call.ended_at, ended_at=ended))
        day += timedelta(days=1)
    Contact.objects.bulk_create([call.contact for call in calls])
    Call.objects.bulk_create(calls)
    WrapUp.objects.bulk_create(wrap_ups)
    return len(calls)


def a_call(
    whose: Client,
    at: datetime,
    *,
    outcome: str = "answered",
    reason: Reason | None = None,
    agent: Agent | None = None,
) -> Call:
    """An ended call, not saved."""
    key, answered = new_id(), outcome == "answered"
    end = at + timedelta(seconds=TALK_S if answered else 20)
    return Call(
        id=key, direction="inbound", node="node-1", client=whose, outcome=outcome, phase="ended",
        customer_e164="+81312345678", arrived_at=at, phase_since=end, ended_at=end,
        answered_at=at if answered else None, agent=agent if answered else None,
        contact=Contact(client=whose, channel="call_in", at=at, call_id=key, reason=reason),
    )  # fmt: skip


def today() -> date:
    return business_day(now())

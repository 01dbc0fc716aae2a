"""House test: what a desk had, plus the sections that were announced, is what a fresh desk shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from madoguchi.domain.agents import actions as agents
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls import actions as calls
from madoguchi.domain.calls.actions.hearing import leg_answered, leg_ended
from madoguchi.domain.calls.models import Call, Leg, WrapUp
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.clients.models import Reason
from madoguchi.domain.customers import actions as customers
from madoguchi.domain.customers.models import ImportantPoint
from madoguchi.domain.ledger.actions import CHANNEL
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.clock import now
from madoguchi.live.registry import sections_of
from madoguchi.live.rounds import Rounds, states
from madoguchi.live.viewers import Viewer
from madoguchi.screens.desk import sections  # noqa: F401 - registers them
from madoguchi.screens.desk.tests import rows
from madoguchi.screens.desk.tests.rows import Day

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@contextmanager
def heard() -> Iterator[list[tuple[str, list[str]]]]:
    """The doorbells that are rung meanwhile."""
    bells: list[tuple[str, list[str]]] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # Several statements may travel together: the channel stands before its payloads.
        for channel, payloads in pairwise(params or ()):
            if "pg_notify" in sql and channel == CHANNEL:
                bells.extend((audience, names) for audience, names in map(json.loads, payloads))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield bells


def desk_of(agent: Agent) -> Viewer:
    audiences = frozenset({"desks", f"agent:{agent.pk}"})
    return Viewer("desk", agent.pk, agent.account_id, agent.account.role, "ja", audiences)


def snapshot(viewer: Viewer) -> dict[str, str]:
    return states(viewer, dict.fromkeys(sections_of("desk")), Rounds())


def talking(cast: Day) -> Call:
    """Satō talks with Hanako, over two legs that the switch knows."""
    made = ringing(cast)
    offer = made.offers.get()
    leg_answered(made.pk, offer.leg_id)
    return Call.objects.get(pk=made.pk)


def ringing(cast: Day) -> Call:
    made = waiting(cast)
    visit = made.visits.get()
    assert calls.offer(visit.pk, [cast.sato.pk]) == [cast.sato.pk]
    return Call.objects.get(pk=made.pk)


def waiting(cast: Day) -> Call:
    made = rows.call(cast, customer=cast.hanako)
    Leg.objects.create(id=f"customer-{made.pk}", call=made, role="customer", began_at=now())
    return made


def wrapping_up(cast: Day) -> WrapUp:
    made = talking(cast)
    leg_ended(made.pk, f"customer-{made.pk}", cause=16)
    return WrapUp.objects.get(call=made)


def restoring(cast: Day) -> Call:
    made = talking(cast)
    leg_ended(made.pk, made.offers.get().leg_id, cause=0)
    return Call.objects.get(pk=made.pk)


def consulting(cast: Day) -> Call:
    made = talking(cast)
    calls.consult(made.pk, cast.suzuki.pk, acting_user=cast.sato.account_id)
    return Call.objects.get(pk=made.pk)


def asking(cast: Day) -> Call:
    made = consulting(cast)
    leg_answered(made.pk, made.consults.get().leg_id)
    return made


def handed_on(cast: Day) -> Call:
    made = asking(cast)
    calls.hand_over(made.pk, acting_user=cast.sato.account_id)
    return made


def point_of(cast: Day) -> int:
    return ImportantPoint.objects.get(customer=cast.hanako).pk


def promised(cast: Day, **fields: Any) -> int:
    made = cases.make_promise(
        kind="do",
        customer_id=cast.hanako.pk,
        client_id=cast.client.pk,
        contact_id=None,
        call_id=None,
        what="お詫びの電話",
        due_at=now() + timedelta(hours=2),
        acting_user=cast.suzuki.account_id,
        **fields,
    )
    return made.pk


def dial(cast: Day, _: None) -> None:
    calls.dial(cast.sato.pk, "03-2222-3333", cast.number.pk, cast.hanako.pk, acting_user=cast.sato.account_id)


def end(cast: Day, given: tuple[WrapUp, int]) -> None:
    row, point = given
    calls.acknowledge(row.call_id, point, acting_user=cast.sato.account_id)
    calls.end_wrap_up(row.pk, acting_user=cast.sato.account_id)


def write(cast: Day, made: Call) -> None:
    calls.write_down(
        made.pk,
        "解決",
        {"reason_id": Reason.objects.get(name="催促").pk, "handling": "done", "marks": ["praise"]},
        based_on=0,
        acting_user=cast.sato.account_id,
    )


def nothing(cast: Day) -> None:
    Trunk.objects.create(name="回線", endpoint="trunk-1", host="sip.example.jp")


def elsewhere(cast: Day) -> int:
    return Queue.objects.create(name="注文窓口", client=cast.client).pk


Deed = tuple[Callable[[Day], Any], Callable[[Day, Any], object]]
DEEDS: dict[str, Deed] = {
    "presence": (
        nothing,
        lambda c, _: agents.choose_presence(
            c.sato.pk,
            "other_work",
            matter="research",
            expected_back_at=now() + timedelta(hours=1),
            acting_user=c.sato.account_id,
        ),
    ),
    "phone": (nothing, lambda c, _: agents.choose_phone(c.sato.pk, "desk", acting_user=c.sato.account_id)),
    "phone went": (nothing, lambda c, _: agents.phone_came_or_went(c.sato.endpoint, False)),
    "offer": (waiting, lambda c, made: calls.offer(made.visits.get().pk, [c.sato.pk])),
    "refuse": (
        ringing,
        lambda c, made: calls.refuse_offer(made.offers.get().pk, acting_user=c.sato.account_id),
    ),
    "caller leaves": (ringing, lambda c, made: leg_ended(made.pk, f"customer-{made.pk}", cause=16)),
    "answer": (ringing, lambda c, made: leg_answered(made.pk, made.offers.get().leg_id)),
    "hold": (talking, lambda c, made: calls.hold(made.pk, acting_user=c.sato.account_id)),
    "hang up": (talking, lambda c, made: calls.hang_up(made.pk, acting_user=c.sato.account_id)),
    "call ends": (talking, lambda c, made: leg_ended(made.pk, f"customer-{made.pk}", cause=16)),
    "line lost": (talking, lambda c, made: leg_ended(made.pk, made.offers.get().leg_id, cause=0)),
    "transfer": (
        lambda c: (talking(c), elsewhere(c)),
        lambda c, both: calls.transfer_to_queue(
            both[0].pk, both[1], "よろしく", acting_user=c.sato.account_id
        ),
    ),
    "transfer to a colleague": (
        talking,
        lambda c, made: calls.transfer_to_agent(made.pk, c.tanaka.pk, acting_user=c.sato.account_id),
    ),
    "consult": (
        talking,
        lambda c, made: calls.consult(made.pk, c.suzuki.pk, acting_user=c.sato.account_id),
    ),
    "colleague answers": (
        consulting,
        lambda c, made: leg_answered(made.pk, made.consults.get().leg_id),
    ),
    "take back": (consulting, lambda c, made: calls.take_back(made.pk, acting_user=c.sato.account_id)),
    "dial": (nothing, dial),
    "nobody": (talking, lambda c, made: calls.say_who(made.pk, None, acting_user=c.sato.account_id)),
    "identity": (
        talking,
        lambda c, made: calls.check_identity(made.pk, ["お名前"], acting_user=c.sato.account_id),
    ),
    "acknowledge": (
        talking,
        lambda c, made: calls.acknowledge(made.pk, point_of(c), acting_user=c.sato.account_id),
    ),
    "acknowledge in wrap-up": (
        wrapping_up,
        lambda c, row: calls.acknowledge(row.call_id, point_of(c), acting_user=c.sato.account_id),
    ),
    "acknowledge after handing on": (
        handed_on,
        lambda c, made: calls.acknowledge(made.pk, point_of(c), acting_user=c.sato.account_id),
    ),
    "hand over": (
        asking,
        lambda c, made: calls.hand_over(made.pk, acting_user=c.sato.account_id),
    ),
    "note a point": (
        talking,
        lambda c, _: customers.note_important_point(
            c.hanako.pk, "犬がいる", None, acting_user=c.tanaka.account_id
        ),
    ),
    "withdraw a point": (
        talking,
        lambda c, _: customers.withdraw_important_point(point_of(c), acting_user=c.tanaka.account_id),
    ),
    "write while talking": (talking, write),
    "write while asking": (asking, write),
    "write in wrap-up": (wrapping_up, lambda c, row: write(c, row.call)),
    "write after handing on": (handed_on, write),
    "extend": (
        wrapping_up,
        lambda c, row: calls.extend_wrap_up(row.pk, 60, acting_user=c.sato.account_id),
    ),
    "end": (lambda c: (wrapping_up(c), point_of(c)), end),
    "promise": (talking, lambda c, _: promised(c, owner_id=c.sato.account_id)),
    "promise of nobody": (nothing, lambda c, _: promised(c)),
    "fulfil": (
        lambda c: (talking(c), promised(c, owner_id=c.sato.account_id)),
        lambda c, both: cases.fulfil(both[1], both[0].pk, acting_user=c.sato.account_id),
    ),
    "take": (promised, lambda c, made: cases.take(made, c.sato.account_id, acting_user=c.sato.account_id)),
    "fall due": (
        lambda c: (talking(c), promised(c, owner_id=c.sato.account_id)),
        lambda c, _: cases.mark_overdue(now() + timedelta(days=1)),
    ),
}


@pytest.mark.parametrize("name", DEEDS)
def test_snapshot_plus_changes_is_a_fresh_snapshot(name: str) -> None:
    before, deed = DEEDS[name]
    cast = rows.day()
    given = before(cast)
    desks = [desk_of(agent) for agent in (cast.sato, cast.tanaka, cast.suzuki)]
    had = [snapshot(viewer) for viewer in desks]
    with heard() as bells:
        deed(cast, given)
    for viewer, shown in zip(desks, had, strict=True):
        announced = {
            section for audience, names in bells if audience in viewer.audiences for section in names
        }
        shown |= states(viewer, dict.fromkeys(announced), Rounds())
        fresh = snapshot(viewer)
        stale = [section for section in fresh if fresh[section] != shown[section]]
        assert not stale, f"{name}: nobody told agent {viewer.id} of {stale}; heard {bells}"


def test_a_deed_does_change_the_desk() -> None:
    """Else the test above could not fail."""
    cast = rows.day()
    made = waiting(cast)
    had = snapshot(desk_of(cast.sato))
    calls.offer(made.visits.get().pk, [cast.sato.pk])
    assert {name for name, state in snapshot(desk_of(cast.sato)).items() if state != had[name]} >= {
        "me",
        "offer",
        "story",
    }

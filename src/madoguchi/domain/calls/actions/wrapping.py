"""Wrap-up: the time an operator has for what her part of a call leaves behind (`writing` keeps her words)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.queries import at_the_phone
from madoguchi.domain.agents.states import ActivityEvent
from madoguchi.domain.calls import rows
from madoguchi.domain.calls.actions.drafting import forget_drafts
from madoguchi.domain.calls.errors import PointsUnread, WrapUpOver
from madoguchi.domain.calls.models import Acknowledgement, Call, WrapUp
from madoguchi.domain.calls.scene import Scene, scene
from madoguchi.domain.contacts.actions import close
from madoguchi.domain.customers.queries import points_in_force
from madoguchi.domain.ledger.actions import announce
from madoguchi.kit.clock import local, now

GRACE = timedelta(seconds=60)
LONGEST_EXTENSION_S = 3600
MOST_GRACES = 3
"""A wrap-up with unread important points is lengthened so often before time ends it all the same."""


def begin_wrap_up(acted: Scene, agent_id: int, wrap_up_s: int) -> None:
    """Give the operator time for what the call leaves behind; her activity is moved by the caller."""
    made = WrapUp(
        call=acted.call,
        agent_id=agent_id,
        began_at=acted.at,
        due_at=acted.at + timedelta(seconds=wrap_up_s) if wrap_up_s else None,
    )
    # One that is open already (the same, or one that was forgotten) goes on.
    acted.add(made, unless_there=True)
    acted.step("wrap_up", made.pk, "", "open", "began", {"agent": agent_id})
    acted.ring(f"agent:{agent_id}", "wrap_up")


def unread_points(call: Call, account_id: int) -> list[int]:
    """Ids of the customer's important points that this operator has not acknowledged in this call."""
    if call.customer_id is None:
        return []
    read = Acknowledgement.objects.filter(call=call, by=account_id).values("point_id")
    points = points_in_force(call.customer_id, local(now()).date())
    return list(points.exclude(pk__in=read).values_list("pk", flat=True))


@transaction.atomic
def acknowledge(call_id: UUID, point_id: int, *, acting_user: int) -> None:
    """The operator has seen an important point; again is no error."""
    call = Call.objects.get(pk=call_id)
    Acknowledgement.objects.get_or_create(
        call=call, point_id=point_id, by=acting_user, defaults={"at": now()}
    )
    # Who handed the customer on confirms too: it is their own desk that is told.
    own = Agent.objects.filter(account_id=acting_user).values_list("pk", flat=True)
    announce(*((f"agent:{agent_id}", "story wrap_up") for agent_id in own))


def extend_wrap_up(wrap_up_id: UUID, extra_s: int, *, acting_user: int) -> None:
    """More time, at most an hour at once; a wrap-up that time never ends stays as it is."""
    extra_s = min(max(extra_s, 0), LONGEST_EXTENSION_S)
    with _own(wrap_up_id, acting_user) as (acted, row):
        if row.due_at is None:
            return
        row.due_at = max(row.due_at, acted.at) + timedelta(seconds=extra_s)
        row.extended += 1
        row.save(update_fields=["due_at", "extended"])
        acted.step("wrap_up", row.pk, "open", "open", "extended", {"seconds": extra_s})
        acted.ring(f"agent:{row.agent_id}", "wrap_up")


def end_wrap_up(wrap_up_id: UUID, *, acting_user: int) -> None:
    """The operator is done. Raises `PointsUnread` until the important points are acknowledged."""
    with _own(wrap_up_id, acting_user) as (acted, row):
        if unread_points(acted.call, acting_user):
            raise PointsUnread
        _end(acted, row, "operator")


def wrap_up_fell_due(wrap_up_id: UUID) -> None:
    """Its time is over: it ends, or is lengthened a few times while important points are unread."""
    with scene(rows.call_of_wrap_up(wrap_up_id)) as acted:
        row = rows.wrap_up_under_lock(wrap_up_id)
        if row.ended_at is not None or row.due_at is None or row.due_at > acted.at:
            return
        if row.extended < MOST_GRACES and unread_points(acted.call, at_the_phone(row.agent_id).account_id):
            row.due_at, row.extended = acted.at + GRACE, row.extended + 1
            row.save(update_fields=["due_at", "extended"])
            acted.step("wrap_up", row.pk, "open", "open", "extended", {"why": "points_unread"})
            acted.ring(f"agent:{row.agent_id}", "wrap_up")
            return
        _end(acted, row, "time")


def end_for_dialling(agent_id: int, *, acting_user: int | None) -> None:
    """End an open wrap-up because its operator dials; what is written is saved already."""
    row = WrapUp.objects.filter(agent_id=agent_id, ended_at__isnull=True).first()
    if row is not None:
        with scene(row.call_id, by=acting_user) as acted:
            _end(acted, row, "dialled")


def _end(acted: Scene, row: WrapUp, by: str) -> None:
    acted.save(row, ended_at=acted.at, ended_by=by)
    acted.step("wrap_up", row.pk, "open", "ended", "ended", {"how": by, "agent": row.agent_id})
    acted.move_agent(row.agent_id, ActivityEvent.WRAPPED_UP)
    forget_drafts(acted.call, row.agent_id)
    if not rows.wraps_up_elsewhere(acted.call.pk, row.pk):
        close(acted.call.contact_id, acted.at)


@contextmanager
def _own(wrap_up_id: UUID, acting_user: int) -> Iterator[tuple[Scene, WrapUp]]:
    """A scene for a person's own open wrap-up."""
    call_id = (
        WrapUp.objects.filter(pk=wrap_up_id, agent__account_id=acting_user)
        .values_list("call_id", flat=True)
        .first()
    )
    if call_id is None:
        raise WrapUpOver
    with scene(call_id, by=acting_user) as acted:
        row = (
            WrapUp.objects.select_for_update(of=("self",))
            .filter(pk=wrap_up_id, ended_at__isnull=True)
            .first()
        )
        if row is None:
            raise WrapUpOver
        yield acted, row

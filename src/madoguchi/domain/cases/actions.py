"""Promises (law 2): who contacts whom by when. Each step is a transition of the machine `promise`."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.cases.errors import NoSuchPromise, PromiseEnded, PromiseIncomplete
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.states import PROMISE, PromiseEvent, PromiseStage
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.ledger import actions as ledger
from madoguchi.domain.ledger.models import Transition
from madoguchi.kit.clock import now as clock_now

LOST_CALL_DUE = timedelta(hours=1)
"""A caller whom a fault of ours cut off is called back within this time."""
OVERDUE_BATCH = 500


@transaction.atomic
def make_promise(
    *,
    kind: str,
    customer_id: int | None,
    client_id: int | None,
    contact_id: int | None,
    call_id: UUID | None,
    what: str = "",
    owner_id: int | None = None,
    due_at: datetime | None = None,
    number: str = "",
    number_repeated: bool = False,
    wished_hours: str = "",
    message: str = "",
    acting_user: int | None,
) -> Promise:
    """Write down a promise made in a contact. `owner_id` is an account; None: whoever takes it.

    Raises PromiseIncomplete for a call back without a number, or a promise of ours without a time.
    Announces to the owner's desk, to the desks that show this customer, and to the floor.
    """
    kind = Promise.Kind(kind)
    _check_complete(kind, what, number, due_at)
    promise = Promise(kind=kind, client_id=client_id, customer_id=customer_id, contact_id=contact_id)
    promise.call_id, promise.owner_id, promise.made_by = call_id, owner_id, acting_user
    promise.made_at, promise.due_at = (at := clock_now()), due_at
    promise.number, promise.number_repeated = number, number_repeated
    promise.what, promise.message = what.strip()[:200], message.strip()
    promise.wished_hours = wished_hours.strip()[:80]
    promise.save()
    ledger.write([_step(promise, "", event="made", at=at, by=acting_user)])
    _announce(promise)
    return promise


@transaction.atomic
def promise_for_lost_call(
    call_id: UUID,
    *,
    client_id: int | None,
    contact_id: int | None,
    customer_id: int | None,
    number: str,
    at: datetime,
    what: str = "",
) -> Promise | None:
    """Turn a call that a fault of ours ended into one call back to make, due within the hour.

    Idempotent: however often a loss is seen, one call back stands; None when it stood already. A caller
    without a number gets one too: the list then says that nobody can be reached.
    """
    Promise.objects.bulk_create(
        [
            Promise(
                kind=Promise.Kind.CALL_BACK,
                origin=Promise.Origin.LOST_CALL,
                client_id=client_id,
                customer_id=customer_id,
                contact_id=contact_id,
                call_id=call_id,
                what=what[:200],
                made_at=at,
                due_at=at + LOST_CALL_DUE,
                number=number,
            )
        ],
        ignore_conflicts=True,
    )
    # With ignored conflicts PostgreSQL tells no id: read back what stands, and whether it is ours.
    promise = Promise.objects.get(call_id=call_id, origin=Promise.Origin.LOST_CALL)
    if Transition.objects.filter(subject="promise", subject_id=str(promise.pk)).exists():
        return None
    ledger.write([_step(promise, "", event="made", at=at, cause={"origin": "lost_call"})])
    _announce(promise)
    return promise


def fulfil(promise_id: int, call_id: UUID | None = None, *, acting_user: int | None) -> Promise:
    """Mark a promise as kept, late when it was overdue; `call_id` is the call that kept it.

    Raises PromiseEnded when it ended already.
    """
    return _move(promise_id, PromiseEvent.FULFILLED, acting_user, kept_by_call_id=call_id)


def withdraw(promise_id: int, *, acting_user: int | None) -> Promise:
    """Mark a promise as no longer owed. Raises PromiseEnded when it ended already."""
    return _move(promise_id, PromiseEvent.WITHDREW, acting_user)


@transaction.atomic
def take(promise_id: int, owner_id: int | None, *, acting_user: int | None) -> Promise:
    """Give a promise to somebody, or with None back to the list. Raises PromiseEnded."""
    promise = _locked(promise_id)
    if promise.stage in PROMISE.ends:
        raise PromiseEnded
    before = promise.owner_id
    if before != owner_id:
        promise.owner_id = owner_id
        promise.save(update_fields=["owner_id"])
        ledger.note("gave_promise", "promise", promise_id, acting_user=acting_user, old=before, new=owner_id)
        _announce(promise, also_owner=before)
    return promise


@transaction.atomic
def count_try(promise_id: int) -> None:
    """Count an attempt to call back that reached nobody; the promise stays owed."""
    promise = _locked(promise_id)
    promise.tries += 1
    promise.save(update_fields=["tries"])
    _announce(promise)


@transaction.atomic
def mark_overdue(now: datetime) -> int:
    """Move every open promise whose time has passed to overdue, and give their number.

    Rows that somebody is just keeping are skipped: the next run sees them.
    """
    due = list(
        Promise.objects.select_for_update(skip_locked=True)
        .filter(stage=PromiseStage.OPEN, due_at__lt=now)
        .order_by("due_at")[:OVERDUE_BATCH]
    )
    if not due:
        return 0
    Promise.objects.filter(pk__in=[promise.pk for promise in due]).update(stage=PromiseStage.BROKEN)
    for promise in due:
        promise.stage = PromiseStage.BROKEN
    ledger.write([_step(promise, PromiseStage.OPEN, event=PromiseEvent.FELL_DUE, at=now) for promise in due])
    _announce(*due)
    return len(due)


@transaction.atomic
def _move(
    promise_id: int, event: PromiseEvent, acting_user: int | None, *, kept_by_call_id: UUID | None = None
) -> Promise:
    promise = _locked(promise_id)
    old = promise.stage
    if not PROMISE.allows(old, event):
        raise PromiseEnded
    at = clock_now()
    promise.stage = PROMISE.next_state(old, event)
    promise.ended_at, promise.ended_by, promise.kept_by_call_id = at, acting_user, kept_by_call_id
    promise.save(update_fields=["stage", "ended_at", "ended_by", "kept_by_call_id"])
    cause = {"call": str(kept_by_call_id)} if kept_by_call_id else None
    ledger.write([_step(promise, old, event=event, at=at, by=acting_user, cause=cause)])
    _announce(promise)
    return promise


def _locked(promise_id: int) -> Promise:
    promise = Promise.objects.select_for_update().filter(pk=promise_id).first()
    if promise is None:
        raise NoSuchPromise
    return promise


def _check_complete(kind: str, what: str, number: str, due_at: datetime | None) -> None:
    missing = []
    if kind == Promise.Kind.CALL_BACK and not number:
        missing.append(_("Number"))
    if kind == Promise.Kind.DO and not what.strip():
        missing.append(_("What"))
    if kind in {Promise.Kind.CALL_BACK, Promise.Kind.DO} and due_at is None:
        missing.append(_("By when"))
    if missing:
        raise PromiseIncomplete(missing="、".join(missing))


def _step(
    promise: Promise,
    old: str,
    *,
    event: str,
    at: datetime,
    by: int | None = None,
    cause: dict[str, str] | None = None,
) -> Transition:
    new, call_id = promise.stage, promise.call_id
    return ledger.step(
        "promise", promise.pk, old, new, event=event, at=at, by=by, cause=cause, call_id=call_id
    )


def _announce(*promises: Promise, also_owner: int | None = None) -> None:
    """Ring for the floor, the owners' lists, and every desk that has one of these customers on its screen.

    Promises of nobody stand on all desks' lists. The second set is found through the contact, since
    calls lie above this room.
    """
    owners = {owner for owner in [also_owner, *(promise.owner_id for promise in promises)] if owner}
    customers = [promise.customer_id for promise in promises if promise.customer_id]
    at_phone = Contact.objects.filter(customer_id__in=customers, closed_at=None, call_id__isnull=False)
    bells = [("floor", "attention")]
    if any(promise.owner_id is None for promise in promises):
        bells.append(("desks", "promises"))
    if owners:
        ids = Agent.objects.filter(account_id__in=owners).values_list("pk", flat=True)
        bells += [(f"agent:{agent}", "promises") for agent in ids]
    if customers:
        showing = Agent.objects.filter(activity_call_id__in=at_phone.values("call_id"))
        bells += [(f"agent:{agent}", "story") for agent in showing.values_list("pk", flat=True)]
    ledger.announce(*bells)

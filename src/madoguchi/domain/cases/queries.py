"""Promises as lists: what is still owed, to whom, and what comes first."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q, QuerySet

from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.states import PromiseStage

OWED = [PromiseStage.OPEN, PromiseStage.BROKEN]
OURS = [Promise.Kind.CALL_BACK, Promise.Kind.DO]


def owed() -> QuerySet[Promise]:
    """Every promise still open or overdue, the most pressing first."""
    return Promise.objects.filter(stage__in=OWED).order_by(F("due_at").asc(nulls_last=True), "made_at")


def owed_by(account_id: int) -> QuerySet[Promise]:
    """What this person is to keep."""
    return owed().filter(owner_id=account_id, kind__in=OURS).select_related("customer", "client")


def call_backs(account_id: int | None = None) -> QuerySet[Promise]:
    """Call-backs to make, oldest due first; with an account, only that person's and those of nobody."""
    rows = owed().filter(kind=Promise.Kind.CALL_BACK).select_related("customer", "client")
    if account_id is not None:
        rows = rows.filter(Q(owner_id=account_id) | Q(owner_id=None))
    return rows


def broken() -> QuerySet[Promise]:
    """Promises of ours whose time has passed and that are still owed."""
    return (
        Promise.objects.filter(stage=PromiseStage.BROKEN, kind__in=OURS)
        .select_related("customer", "client")
        .order_by("due_at")
    )


def lost_calls() -> QuerySet[Promise]:
    """Callers whom a fault of ours cut off and whom nobody has called back yet."""
    return owed().filter(origin=Promise.Origin.LOST_CALL).select_related("customer", "client")


def of_customer(customer_id: int) -> QuerySet[Promise]:
    """All promises of a customer, those still owed first."""
    return Promise.objects.filter(customer_id=customer_id).order_by(
        F("ended_at").desc(nulls_first=True), F("due_at").asc(nulls_last=True)
    )


def soon(account_id: int, *, before: datetime) -> int:
    """How many promises of this person fall due before a time, the overdue ones included."""
    return owed_by(account_id).filter(due_at__lt=before).count()

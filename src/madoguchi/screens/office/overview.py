"""The office's first page: what is set up, and what is still missing before Monday."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.clients.models import Client, Hours, Number, Reason
from madoguchi.domain.flows.models import Flow, FlowVersion
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.phone_numbers import display
from madoguchi.screens.parts.access import LEADERS, role


@dataclass(frozen=True)
class Check:
    """One thing a centre needs before it opens."""

    done: bool
    words: str
    detail: str
    href: str


@role(*LEADERS)
def page(request: HttpRequest) -> HttpResponse:
    """The checklist."""
    checks = [*_who(), *_where(), *_lines()]
    missing = sum(not check.done for check in checks)
    summary = (
        ngettext("%(count)s thing is still missing.", "%(count)s things are still missing.", missing)
        % {"count": missing}
        if missing
        else _("Everything is in place: customers can call.")
    )
    return render(request, "office/overview.html", {"checks": checks, "missing": missing, "summary": summary})


def _who() -> list[Check]:
    operators = Agent.objects.filter(account__is_active=True).count()
    leaders = Account.objects.filter(is_active=True, role=Role.SUPERVISOR).count()
    demonstration = Account.objects.filter(is_active=True, demonstration=True).count()
    unreasoned = Client.objects.filter(active=True, reasons=None)
    nameless = Reason.objects.filter(client=None).exists()
    return [
        _check(Client.objects.filter(active=True).exists(), _("A client to answer for"), "", "clients"),
        _check(operators > 0, _("Somebody who takes calls"), _("%(n)s people") % {"n": operators}, "people"),
        _check(leaders > 0, _("A supervisor to ask"), _("%(n)s people") % {"n": leaders}, "people"),
        _check(
            nameless or not unreasoned.exists(),
            _("Reasons of contact for every client"),
            _names(unreasoned) if not nameless else "",
            "reasons",
        ),
        _check(
            demonstration == 0,
            _("No accounts of the demonstration are left"),
            _("%(n)s people") % {"n": demonstration} if demonstration else "",
            "people",
        ),
    ]


def _where() -> list[Check]:
    empty = Queue.objects.filter(active=True, memberships=None)
    closed = Hours.objects.filter(always_open=False, periods=None)
    published = FlowVersion.objects.filter(stage=FlowVersion.Stage.PUBLISHED).values("flow")
    drafts = Flow.objects.exclude(pk__in=published)
    return [
        _check(Queue.objects.filter(active=True).exists(), _("A queue to wait in"), "", "queues"),
        _check(not empty.exists(), _("Every queue is served by somebody"), _names(empty), "queues"),
        _check(not closed.exists(), _("Opening hours have periods"), _names(closed), "hours"),
        _check(
            bool(published) and not drafts.exists(), _("Every flow is published"), _names(drafts), "flows"
        ),
    ]


def _lines() -> list[Check]:
    active = Number.objects.filter(active=True)
    published = FlowVersion.objects.filter(stage=FlowVersion.Stage.PUBLISHED).values("flow")
    lost = active.filter(Q(flow_id=None) | ~Q(flow_id__in=published))
    real = Trunk.objects.filter(active=True, demonstration=False)
    shown = active.filter(caller_number=True)
    return [
        _check(active.exists(), _("A number that customers call"), "", "numbers"),
        _check(not lost.exists(), _("Every number leads to a published flow"), _names(lost), "numbers"),
        _check(real.exists(), _("A trunk to the telephone network"), _names(real), "trunks"),
        _check(shown.exists(), _("A number to show on outgoing calls"), _names(shown), "numbers"),
    ]


def _check(done: bool, words: str, detail: str, page_name: str) -> Check:
    return Check(bool(done), words, detail, reverse(f"office:{page_name}"))


def _names(rows: QuerySet[Any]) -> str:
    shown = (f"{display(row.e164)} {row.label}" if isinstance(row, Number) else str(row) for row in rows[:5])
    return "、".join(shown)

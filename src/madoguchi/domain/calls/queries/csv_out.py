"""Calls as lines of a file for a spreadsheet, in which no cell can become a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.history import Access, CallFilter, calls_of, visible
from madoguchi.domain.calls.states import Outcome
from madoguchi.domain.contacts.models import Handling
from madoguchi.kit.clock import local
from madoguchi.kit.phone_numbers import display
from madoguchi.kit.spreadsheets import safe_cell


def rows_of(wanted: CallFilter, access: Access) -> Iterator[Sequence[str]]:
    """The heading, then a row for each call of the filter, oldest first."""
    yield [
        _("Date"),
        _("Time"),
        pgettext("column", "Direction"),
        _("Customer"),
        _("Number"),
        _("Our number"),
        pgettext("column", "Client"),
        pgettext("column", "Outcome"),
        _("Wait (s)"),
        _("Talk (s)"),
        pgettext("column", "Operator"),
        _("Reason"),
        _("Handling"),
        _("Summary"),
        "ID",
    ]
    rows = visible(calls_of(wanted), access).select_related(
        "customer__company", "client", "number", "agent__account", "contact__reason"
    )
    for call in rows.order_by("arrived_at", "pk").iterator(chunk_size=1000):
        yield [safe_cell(cell) for cell in _cells(call)]


def _cells(call: Call) -> list[str]:
    arrived = local(call.arrived_at)
    talk = call.ended_at - call.answered_at if call.ended_at and call.answered_at else None
    waited = getattr(call, "waited", None)
    inbound = call.direction == Call.Direction.INBOUND
    return [
        f"{arrived:%Y-%m-%d}",
        f"{arrived:%H:%M:%S}",
        pgettext("direction", "In") if inbound else pgettext("direction", "Out"),
        str(call.customer or ""),
        display(call.customer_e164) if call.customer_e164 else call.no_number_reason,
        display(call.number.e164) if call.number else "",
        str(call.client or ""),
        str(Outcome(call.outcome).label) if call.outcome else "",
        str(round(waited.total_seconds())) if waited is not None else "",
        str(round(talk.total_seconds())) if talk is not None else "",
        str(call.agent or ""),
        str(call.contact.reason or ""),
        str(Handling(call.contact.handling).label) if call.contact.handling else "",
        call.contact.summary,
        str(call.pk),
    ]

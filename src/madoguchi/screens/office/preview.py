"""“What happens if someone calls at …”, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.domain.clients.models import Number
from madoguchi.domain.clients.queries import opening
from madoguchi.domain.flows.models import Flow
from madoguchi.domain.flows.queries import graph_of, published_version
from madoguchi.kit.calendar import Opening, Reason
from madoguchi.screens.office.outline import Row, rows_of


@dataclass(frozen=True)
class Preview:
    """What a caller meets at one moment."""

    at: datetime
    opening: Opening
    why: str
    closed_message: str
    flow: Flow | None
    rows: tuple[Row, ...]
    """The published flow's outline; empty when closed or when there is none."""

    @property
    def goes_wrong(self) -> bool:
        """Open, and yet nobody would serve the caller."""
        return self.opening.is_open and not self.rows


def preview(number: Number, at: datetime) -> Preview:
    """What happens on `number` at `at`."""
    found = opening(number, at)
    flow = Flow.objects.filter(pk=number.flow_id).first() if number.flow_id else None
    version = published_version(flow.pk) if flow and found.is_open else None
    return Preview(
        at=at,
        opening=found,
        why=in_words(found),
        closed_message=number.closed_message,
        flow=flow,
        rows=tuple(rows_of(graph_of(version.pk))) if version else (),
    )


def in_words(found: Opening) -> str:
    """Why it is open or closed."""
    if found.name:
        named = {
            Reason.HOLIDAY: _("Closed: public holiday (%(name)s)"),
            Reason.COMPANY_DAY: _("Closed: %(name)s"),
            Reason.SPECIAL_HOURS: _("Open: special hours (%(name)s)"),
        }
        if found.reason in named:
            return named[found.reason] % {"name": found.name}
    return {
        Reason.ALWAYS_OPEN: _("Always open"),
        Reason.USUAL_HOURS: pgettext("hours", "Open"),
        Reason.SPECIAL_HOURS: _("Open: special hours"),
        Reason.BEFORE_OPENING: _("Closed: before opening"),
        Reason.BREAK: _("Closed: break"),
        Reason.AFTER_CLOSING: _("Closed: after closing time"),
        Reason.DAY_OFF: _("Closed: no hours on this weekday"),
        Reason.HOLIDAY: _("Closed: public holiday"),
        Reason.COMPANY_DAY: _("Closed: company day"),
    }[found.reason]

"""The machine of a report on lost calls: worked out by a worker, once a day that somebody asks about.

working     a worker runs the day again
done        the lost calls are booked to causes
refused     the records do not bear it; the report says why
failed      workers died over it, several times

Whatever it came to, it can be asked for anew: records may have been mended meanwhile.
"""

from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.kit.machine import Machine


class ReportStage(models.TextChoices):
    """Where a report is."""

    WORKING = "working", pgettext_lazy("report", "Being worked out")
    DONE = "done", pgettext_lazy("report", "Booked to causes")
    REFUSED = "refused", pgettext_lazy("report", "Cannot be told")
    FAILED = "failed", pgettext_lazy("report", "Broken off")


class ReportEvent(models.TextChoices):
    """What moves it on."""

    BOOKED = "booked"
    REFUSED = "refused"
    FAILED = "failed"
    ASKED_AGAIN = "asked_again"


class Refusal(models.TextChoices):
    """Why the lost calls of a day are not booked to causes. The codes are stored."""

    FEW_LOST = "few_lost"
    """Chance would decide the shares."""
    FEW_ANSWERED = "few_answered"
    """How long calls take, and how patient callers are, cannot be told."""
    NOBODY_THERE = "nobody_there"
    """No presence was written down."""
    NOT_REPRODUCED = "not_reproduced"
    """The day run again loses clearly more, or fewer, calls than the day did."""
    NOT_RUNNABLE = "not_runnable"
    """The simulator refuses the centre."""


S, E = ReportStage, ReportEvent

REPORT = Machine(
    name="cause_report",
    initial=S.WORKING,
    table={
        (S.WORKING, E.BOOKED): S.DONE,
        (S.WORKING, E.REFUSED): S.REFUSED,
        (S.WORKING, E.FAILED): S.FAILED,
        (S.DONE, E.ASKED_AGAIN): S.WORKING,
        (S.REFUSED, E.ASKED_AGAIN): S.WORKING,
        (S.FAILED, E.ASKED_AGAIN): S.WORKING,
    },
)

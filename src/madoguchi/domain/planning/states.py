"""The machines of planning's long work: a report on lost calls, and a what-if.

A report is worked out by a worker, once a day that somebody asks about:

working     a worker runs the day again
done        the lost calls are booked to causes
refused     the records do not bear it; the report says why
failed      workers died over it, several times

Whatever it came to, it can be asked for anew: records may have been mended meanwhile.
A what-if goes the same way; besides, who moves a slider on no longer wants the answer to the place before
(dropped).
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


class ForecastStage(models.TextChoices):
    """Where a forecast is."""

    WORKING = "working", pgettext_lazy("forecast", "Being made")
    MADE = "made", pgettext_lazy("forecast", "Made")
    TOO_FEW = "too_few", pgettext_lazy("forecast", "Too few days")
    FAILED = "failed", pgettext_lazy("forecast", "Broken off")


class ForecastEvent(models.TextChoices):
    """What moves it on. Nothing moves a forecast that was made: a new one is made."""

    MADE = "made"
    TOO_FEW = "too_few"
    FAILED = "failed"


F, G = ForecastStage, ForecastEvent

FORECAST = Machine(
    name="forecast",
    initial=F.WORKING,
    table={
        (F.WORKING, G.MADE): F.MADE,
        (F.WORKING, G.TOO_FEW): F.TOO_FEW,
        (F.WORKING, G.FAILED): F.FAILED,
    },
    ends=frozenset({F.MADE, F.TOO_FEW, F.FAILED}),
)


class SupposingStage(models.TextChoices):
    """Where a what-if is."""

    WORKING = "working", pgettext_lazy("report", "Being worked out")
    DONE = "done", pgettext_lazy("what if", "Answered")
    REFUSED = "refused", pgettext_lazy("report", "Cannot be told")
    FAILED = "failed", pgettext_lazy("report", "Broken off")
    DROPPED = "dropped", pgettext_lazy("what if", "No longer wanted")


class SupposingEvent(models.TextChoices):
    """What moves it on."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    DROPPED = "dropped"
    """Who asked has asked something else before a worker came to it."""
    ASKED_AGAIN = "asked_again"


class Unfit(models.TextChoices):
    """Why a day cannot be supposed otherwise. The codes are stored."""

    FEW_ANSWERED = "few_answered"
    """How long calls take, and how patient callers are, cannot be told."""
    NOBODY_THERE = "nobody_there"
    """No presence was written down."""
    NOT_REPRODUCED = "not_reproduced"
    """The day run again loses clearly more, or fewer, calls than the day did."""
    NOT_RUNNABLE = "not_runnable"
    """The simulator refuses the centre."""
    TOO_FEW_PEOPLE = "too_few_people"
    """More people would be taken away than there were."""


W, V = SupposingStage, SupposingEvent

SUPPOSING = Machine(
    name="supposed",
    initial=W.WORKING,
    table={
        (W.WORKING, V.ANSWERED): W.DONE,
        (W.WORKING, V.REFUSED): W.REFUSED,
        (W.WORKING, V.FAILED): W.FAILED,
        (W.WORKING, V.DROPPED): W.DROPPED,
        # A worker may have been at it already: what it found is as true as ever.
        (W.DROPPED, V.ANSWERED): W.DONE,
        (W.DROPPED, V.REFUSED): W.REFUSED,
        (W.DROPPED, V.ASKED_AGAIN): W.WORKING,
        (W.DONE, V.ASKED_AGAIN): W.WORKING,
        (W.REFUSED, V.ASKED_AGAIN): W.WORKING,
        (W.FAILED, V.ASKED_AGAIN): W.WORKING,
    },
)

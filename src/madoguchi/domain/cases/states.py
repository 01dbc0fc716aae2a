"""The life of a promise: made, then kept, broken (still owed), or withdrawn."""

from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.kit.machine import Machine


class PromiseStage(models.TextChoices):
    """Where a promise stands."""

    OPEN = "open", pgettext_lazy("promise", "Open")
    BROKEN = "broken", pgettext_lazy("promise", "Overdue")
    """Its time passed and it is still owed: open → broken."""
    KEPT = "kept", pgettext_lazy("promise", "Kept")
    KEPT_LATE = "kept_late", pgettext_lazy("promise", "Kept late")
    WITHDRAWN = "withdrawn", pgettext_lazy("promise", "Withdrawn")


class PromiseEvent(models.TextChoices):
    """What moves a promise on."""

    FULFILLED = "fulfilled"
    FELL_DUE = "fell_due"
    WITHDREW = "withdrew"


PROMISE = Machine(
    name="promise",
    initial=PromiseStage.OPEN,
    table={
        (PromiseStage.OPEN, PromiseEvent.FULFILLED): PromiseStage.KEPT,
        (PromiseStage.OPEN, PromiseEvent.FELL_DUE): PromiseStage.BROKEN,
        (PromiseStage.OPEN, PromiseEvent.WITHDREW): PromiseStage.WITHDRAWN,
        (PromiseStage.BROKEN, PromiseEvent.FULFILLED): PromiseStage.KEPT_LATE,
        (PromiseStage.BROKEN, PromiseEvent.WITHDREW): PromiseStage.WITHDRAWN,
    },
    ends=frozenset({PromiseStage.KEPT, PromiseStage.KEPT_LATE, PromiseStage.WITHDRAWN}),
)

"""The machine of a roster, from an empty plan to one that people work by.

draft       may be filled by hand, from a file or by the machine; nobody works by it
making      a worker looks for people
clash       rules and needs contradict each other; the roster says which
failed      workers died over it, several times
published   people work by it
changed     published, and single shifts were changed since, each with its reason
discarded   given up before it was published

Who made it, a person or the machine, is told by its steps, not by its stage.
"""

from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.kit.machine import Machine


class RosterStage(models.TextChoices):
    """Where a roster is."""

    DRAFT = "draft", pgettext_lazy("roster", "Draft")
    MAKING = "making", pgettext_lazy("roster", "Being made")
    CLASH = "clash", pgettext_lazy("roster", "Rules clash")
    FAILED = "failed", pgettext_lazy("roster", "Broken off")
    PUBLISHED = "published", pgettext_lazy("roster", "Published")
    CHANGED = "changed", pgettext_lazy("roster", "Published, changed since")
    DISCARDED = "discarded", pgettext_lazy("roster", "Discarded")


class RosterEvent(models.TextChoices):
    """What moves it on."""

    ASKED = "asked"
    """A worker is to make it."""
    MADE = "made"
    CLASHED = "clashed"
    FAILED = "failed"
    EDITED = "edited"
    """A person went on by hand, or with a file."""
    PUBLISHED = "published"
    CHANGED = "changed"
    DISCARDED = "discarded"


class OffKind(models.TextChoices):
    """Why somebody does not work on a day."""

    REST = "rest", pgettext_lazy("day off", "Day off")
    PAID = "paid", pgettext_lazy("day off", "Paid leave")
    SPECIAL = "special", pgettext_lazy("day off", "Special leave")
    COMPENSATORY = "compensatory", pgettext_lazy("day off", "Day off in lieu")
    ABSENT = "absent", pgettext_lazy("day off", "Absent")
    """Said on the day itself: ill, for instance."""


S, E = RosterStage, RosterEvent

ROSTER = Machine(
    name="roster",
    initial=S.DRAFT,
    table={
        (S.DRAFT, E.ASKED): S.MAKING,
        (S.CLASH, E.ASKED): S.MAKING,
        (S.FAILED, E.ASKED): S.MAKING,
        (S.MAKING, E.MADE): S.DRAFT,
        (S.MAKING, E.CLASHED): S.CLASH,
        (S.MAKING, E.FAILED): S.FAILED,
        (S.CLASH, E.EDITED): S.DRAFT,
        (S.FAILED, E.EDITED): S.DRAFT,
        (S.DRAFT, E.PUBLISHED): S.PUBLISHED,
        (S.PUBLISHED, E.CHANGED): S.CHANGED,
        (S.CHANGED, E.CHANGED): S.CHANGED,
        (S.DRAFT, E.DISCARDED): S.DISCARDED,
        (S.CLASH, E.DISCARDED): S.DISCARDED,
        (S.FAILED, E.DISCARDED): S.DISCARDED,
    },
    ends=frozenset({S.DISCARDED}),
)
WORKED_BY = (S.PUBLISHED, S.CHANGED)
"""Stages of a roster that people work by."""
OPEN = (S.DRAFT, S.CLASH, S.FAILED)
"""Stages in which people may work on it before it is published."""

"""The machine of a file of customers: examined, agreed to, taken in.

examining   the worker reads it and tells what it would do
examined    waits for a yes; after a day it is thrown away
running     the worker takes it in, a batch a transaction; a worker that died is followed by another
done, failed, forgotten
"""

from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.kit.machine import Machine


class ImportStage(models.TextChoices):
    """Where a file is."""

    EXAMINING = "examining", pgettext_lazy("import", "Being examined")
    EXAMINED = "examined", pgettext_lazy("import", "Waits for a yes")
    RUNNING = "running", pgettext_lazy("import", "Being taken in")
    DONE = "done", pgettext_lazy("import", "Taken in")
    FAILED = "failed", pgettext_lazy("import", "Failed")
    FORGOTTEN = "forgotten", pgettext_lazy("import", "Thrown away")


class ImportEvent(models.TextChoices):
    """What moves it on."""

    EXAMINED = "examined"
    AGREED = "agreed"
    """Somebody looked at what it would do, and said yes."""
    FINISHED = "finished"
    FAILED = "failed"
    FORGOTTEN = "forgotten"
    """Nobody said yes for a day, or somebody said no."""


S, E = ImportStage, ImportEvent

IMPORT = Machine(
    name="import",
    initial=S.EXAMINING,
    table={
        (S.EXAMINING, E.EXAMINED): S.EXAMINED,
        (S.EXAMINING, E.FAILED): S.FAILED,
        (S.EXAMINED, E.AGREED): S.RUNNING,
        (S.EXAMINED, E.FORGOTTEN): S.FORGOTTEN,
        (S.RUNNING, E.FINISHED): S.DONE,
        (S.RUNNING, E.FAILED): S.FAILED,
    },
    ends=frozenset({S.DONE, S.FAILED, S.FORGOTTEN}),
)

WORKING = (S.EXAMINING, S.RUNNING)
"""Stages in which the worker has something to do."""

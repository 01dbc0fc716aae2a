"""Is a line alive? Three kinds of evidence, none of which is enough alone.

A registration that does not hold means that no call can come in. Silence at OPTIONS means something only from
a line that used to answer: many providers never do. A call that came in, or rang out there, proves the line
better than both, and calls out that met only silence speak against it. So a line is called dead only on
evidence; where there is none either way, we say that we do not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

GRACE = timedelta(seconds=20)
"""So long nothing is called dead: a switch that just started registers and asks first."""


class Health(TextChoices):
    """What is said of a line."""

    UNKNOWN = "unknown", pgettext_lazy("line", "Cannot be told")
    """It answers no questions, and no call has come by it so far."""
    WORKS = "works", pgettext_lazy("line", "Works")
    DEAD = "dead", pgettext_lazy("line", "Cannot be reached")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one line; each `…_since` tells from when on it is so."""

    answers: bool | None = None
    answers_since: datetime | None = None
    has_answered: bool = False
    """It answered OPTIONS at some time since it was set up as it is now."""
    registered: bool | None = None
    registered_since: datetime | None = None
    heard_at: datetime | None = None
    """The last call that proved it."""
    in_vain_since: datetime | None = None
    """The first of several calls out in a row to which the far end said nothing at all."""
    nobody_there: bool = False
    """The network itself says so: no such host, or nobody listens on that port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What calls tell of a line that nothing else speaks for; the fields are those of `Evidence`."""

    heard_at: datetime | None = None
    in_vain_since: datetime | None = None


def judge(seen: Evidence, now: datetime, *, before: Health) -> Health:
    """What to say of a line at `now`; `before` stands while evidence against it is too young."""
    if seen.registered is False:
        return Health.DEAD if _lasts(seen.registered_since, now) else before
    if seen.answers is False and seen.has_answered and not _proved(seen):
        return Health.DEAD if _lasts(seen.answers_since, now) else before
    if seen.registered or seen.answers:
        return Health.WORKS
    if seen.in_vain_since is not None or seen.nobody_there:
        return Health.DEAD
    return Health.UNKNOWN if seen.heard_at is None else Health.WORKS


def dead_since(seen: Evidence) -> datetime | None:
    """When the evidence against a line began."""
    if seen.registered is False:
        return seen.registered_since
    return seen.in_vain_since or seen.answers_since


def _lasts(since: datetime | None, now: datetime) -> bool:
    return since is not None and now - since >= GRACE


def _proved(seen: Evidence) -> bool:
    """Whether a call came through after the silence began."""
    since = seen.answers_since
    return seen.heard_at is not None and since is not None and seen.heard_at > since

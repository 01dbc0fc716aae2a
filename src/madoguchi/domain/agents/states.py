"""The two axes of a person at the phone: presence, which they choose, and activity, which the system sets.

They are two things on purpose. A break that begins while a call is being wrapped up is a presence that
changed and an activity that did not; neither is lost. Whoever may be offered a call is `AVAILABLE` *and*
`IDLE`, with a reachable phone and no cooling-off running.

Presence has no table: a person may go from any word to any other. Activity has one.
"""

from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.kit.machine import Machine


class Presence(models.TextChoices):
    """What the person chose."""

    AVAILABLE = "available", pgettext_lazy("presence", "Available")
    OTHER_WORK = "other_work", pgettext_lazy("presence", "On another matter")
    MEETING = "meeting", pgettext_lazy("presence", "Meeting")
    TRAINING = "training", pgettext_lazy("presence", "Training")
    BREAK = "break", pgettext_lazy("presence", "Break")
    AWAY = "away", pgettext_lazy("presence", "Away from the desk")
    TRIP = "trip", pgettext_lazy("presence", "Business trip")
    GONE_HOME = "gone_home", pgettext_lazy("presence", "Gone home")
    DAY_OFF = "day_off", pgettext_lazy("presence", "Day off")


class Matter(models.TextChoices):
    """What `OTHER_WORK` is for; tied to a call, so that hours off the phone are seen."""

    RESEARCH = "research", pgettext_lazy("matter", "Research")
    ARRANGEMENT = "arrangement", pgettext_lazy("matter", "Arrangement")
    COORDINATION = "coordination", pgettext_lazy("matter", "Coordination in house")
    MAIL = "mail", pgettext_lazy("matter", "Mail")
    CALL_BACK = "call_back", pgettext_lazy("matter", "Call back")


class Activity(models.TextChoices):
    """What the system has the person doing."""

    IDLE = "idle", pgettext_lazy("activity", "Waiting for a call")
    RINGING = "ringing", pgettext_lazy("activity", "Ringing")
    DIALLING = "dialling", pgettext_lazy("activity", "Dialling")
    TALKING = "talking", pgettext_lazy("activity", "Talking")
    HOLDING = "holding", pgettext_lazy("activity", "On hold")
    WRAP_UP = "wrap_up", pgettext_lazy("activity", "Wrap-up")


class ActivityEvent(models.TextChoices):
    """What moves the activity on."""

    OFFERED = "offered"
    OFFER_ENDED = "offer_ended"
    """Missed, refused, withdrawn, or the caller left."""
    ANSWERED = "answered"
    DIALLED = "dialled"
    DIAL_ENDED = "dial_ended"
    """The far end was not reached."""
    HELD = "held"
    RESUMED = "resumed"
    CALL_LEFT = "call_left"
    """The call ended or went to somebody else: what it leaves behind is written down now."""
    WRAPPED_UP = "wrapped_up"


A, E = Activity, ActivityEvent

ACTIVITY = Machine(
    name="activity",
    initial=A.IDLE,
    table={
        (A.IDLE, E.OFFERED): A.RINGING,
        (A.IDLE, E.DIALLED): A.DIALLING,
        (A.RINGING, E.ANSWERED): A.TALKING,
        (A.RINGING, E.OFFER_ENDED): A.IDLE,
        (A.DIALLING, E.ANSWERED): A.TALKING,
        (A.DIALLING, E.DIAL_ENDED): A.WRAP_UP,
        (A.TALKING, E.HELD): A.HOLDING,
        (A.TALKING, E.CALL_LEFT): A.WRAP_UP,
        (A.HOLDING, E.RESUMED): A.TALKING,
        (A.HOLDING, E.CALL_LEFT): A.WRAP_UP,
        (A.WRAP_UP, E.WRAPPED_UP): A.IDLE,
    },
)

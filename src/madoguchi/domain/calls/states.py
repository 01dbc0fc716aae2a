"""The machines of a call: the call itself, one ring at one person (offer), a queue visit, a recording.

The call's phase says where the *customer* is. What the operator does meanwhile is an activity of the
`agents` room; the two are moved in the same transaction and never read off each other.

    customer            operator
    menu, waiting       (nobody yet)
    ringing             ringing        one offer, or one round of offers where a queue rings all
    talking, holding    talking, holding
    restoring           talking        the operator's line died; the customer is kept for them
    ended               wrap-up

`ended` is final. An event that comes for an ended call (the switch repeats itself, or speaks late) is
refused by the table and dropped by `control`, which is right: the outcome was written with the end.
"""

from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.kit.machine import Machine


class Phase(models.TextChoices):
    """Where the customer is in the visit."""

    ARRIVED = "arrived", pgettext_lazy("phase", "Arrived")
    MENU = "menu", pgettext_lazy("phase", "In the menu")
    WAITING = "waiting", pgettext_lazy("phase", "Waiting")
    RINGING = "ringing", pgettext_lazy("phase", "Ringing at an operator")
    TALKING = "talking", pgettext_lazy("phase", "Talking")
    HOLDING = "holding", pgettext_lazy("phase", "On hold")
    RESTORING = "restoring", pgettext_lazy("phase", "Line being restored")
    DIALLING = "dialling", pgettext_lazy("phase", "Dialling")
    CLOSING = "closing", pgettext_lazy("phase", "Hearing the last message")
    ENDED = "ended", pgettext_lazy("phase", "Ended")


class CallEvent(models.TextChoices):
    """What moves a call on."""

    MENU_BEGAN = "menu_began"
    ENQUEUED = "enqueued"
    OFFERED = "offered"
    OFFER_ENDED = "offer_ended"
    """The last open offer of the round ended and nobody took the call."""
    TAKEN = "taken"
    HELD = "held"
    RESUMED = "resumed"
    LINE_LOST = "line_lost"
    REQUEUED = "requeued"
    """Handed to a queue or a named person, or not restored in time."""
    REACHED = "reached"
    TURNED_AWAY = "turned_away"
    """Closed, full, waited too long: one last message."""
    GONE = "gone"
    """The customer's leg is no more."""


P, E = Phase, CallEvent

CALL = Machine(
    name="call",
    initial=P.ARRIVED,
    table={
        (P.ARRIVED, E.MENU_BEGAN): P.MENU,
        (P.ARRIVED, E.TURNED_AWAY): P.CLOSING,
        (P.ARRIVED, E.GONE): P.ENDED,
        (P.MENU, E.ENQUEUED): P.WAITING,
        (P.MENU, E.TURNED_AWAY): P.CLOSING,
        (P.MENU, E.GONE): P.ENDED,
        (P.WAITING, E.OFFERED): P.RINGING,
        (P.WAITING, E.TURNED_AWAY): P.CLOSING,
        (P.WAITING, E.GONE): P.ENDED,
        (P.RINGING, E.OFFER_ENDED): P.WAITING,
        (P.RINGING, E.TAKEN): P.TALKING,
        (P.RINGING, E.GONE): P.ENDED,
        (P.TALKING, E.HELD): P.HOLDING,
        (P.TALKING, E.LINE_LOST): P.RESTORING,
        (P.TALKING, E.REQUEUED): P.WAITING,
        (P.TALKING, E.GONE): P.ENDED,
        (P.HOLDING, E.RESUMED): P.TALKING,
        (P.HOLDING, E.TAKEN): P.TALKING,
        (P.HOLDING, E.LINE_LOST): P.RESTORING,
        (P.HOLDING, E.REQUEUED): P.WAITING,
        (P.HOLDING, E.GONE): P.ENDED,
        (P.RESTORING, E.TAKEN): P.TALKING,
        (P.RESTORING, E.REQUEUED): P.WAITING,
        (P.RESTORING, E.GONE): P.ENDED,
        (P.DIALLING, E.REACHED): P.TALKING,
        (P.DIALLING, E.GONE): P.ENDED,
        (P.CLOSING, E.GONE): P.ENDED,
    },
    ends=frozenset({P.ENDED}),
)


WITH_AN_OPERATOR = frozenset({P.TALKING, P.HOLDING, P.RESTORING, P.DIALLING})
"""Phases in which the call's agent has the customer; in the others they had them last, or nobody has."""


class Outcome(models.TextChoices):
    """What became of a call: exactly one each. Definitions: docs/guides/measures.md."""

    BLOCKED = "blocked", pgettext_lazy("outcome", "No line free")
    OUT_OF_HOURS = "out_of_hours", pgettext_lazy("outcome", "Out of hours")
    IVR_ABANDONED = "ivr_abandoned", pgettext_lazy("outcome", "Left in the menu")
    IVR_ERROR = "ivr_error", pgettext_lazy("outcome", "Failed in the menu")
    IVR_SELF_SERVED = "ivr_self_served", pgettext_lazy("outcome", "Served by the menu")
    SHORT_ABANDON = "short_abandon", pgettext_lazy("outcome", "Left at once")
    QUEUE_ABANDON = "queue_abandon", pgettext_lazy("outcome", "Left while waiting")
    RING_ABANDON = "ring_abandon", pgettext_lazy("outcome", "Left while ringing")
    SYSTEM_EVICTED = "system_evicted", pgettext_lazy("outcome", "Turned away after waiting")
    OVERFLOW_OUT = "overflow_out", pgettext_lazy("outcome", "Sent elsewhere")
    VOICEMAIL = "voicemail", pgettext_lazy("outcome", "Voicemail")
    CALLBACK_ACCEPTED = "callback_accepted", pgettext_lazy("outcome", "Call back accepted")
    ANSWERED = "answered", pgettext_lazy("outcome", "Answered")
    FAILED = "failed", pgettext_lazy("outcome", "Lost by a fault")
    # Outgoing calls have outcomes of their own; they are no arrivals.
    REACHED = "reached", pgettext_lazy("outcome", "Reached")
    NOT_REACHED = "not_reached", pgettext_lazy("outcome", "Not reached")


INBOUND_OUTCOMES = frozenset(Outcome) - {Outcome.REACHED, Outcome.NOT_REACHED}


class OfferStage(models.TextChoices):
    """One ring at one person."""

    OPEN = "open", pgettext_lazy("offer", "Ringing")
    ACCEPTED = "accepted", pgettext_lazy("offer", "Answered")
    MISSED = "missed", pgettext_lazy("offer", "Not answered")
    REFUSED = "refused", pgettext_lazy("offer", "Declined")
    FAILED = "failed", pgettext_lazy("offer", "Phone not reachable")
    BEATEN = "beaten", pgettext_lazy("offer", "Taken by another")
    """Where a queue rings all: nobody's fault, not counted as a miss."""
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "Caller left")


class OfferEvent(models.TextChoices):
    """What ends an offer."""

    ANSWERED = "answered"
    RANG_OUT = "rang_out"
    REFUSED = "refused"
    PHONE_FAILED = "phone_failed"
    OTHER_ANSWERED = "other_answered"
    CALLER_LEFT = "caller_left"


OFFER = Machine(
    name="offer",
    initial=OfferStage.OPEN,
    table={
        (OfferStage.OPEN, OfferEvent.ANSWERED): OfferStage.ACCEPTED,
        (OfferStage.OPEN, OfferEvent.RANG_OUT): OfferStage.MISSED,
        (OfferStage.OPEN, OfferEvent.REFUSED): OfferStage.REFUSED,
        (OfferStage.OPEN, OfferEvent.PHONE_FAILED): OfferStage.FAILED,
        (OfferStage.OPEN, OfferEvent.OTHER_ANSWERED): OfferStage.BEATEN,
        (OfferStage.OPEN, OfferEvent.CALLER_LEFT): OfferStage.WITHDRAWN,
    },
    ends=frozenset(set(OfferStage) - {OfferStage.OPEN}),
)

COOLS_OFF = {OfferStage.MISSED: "missed", OfferStage.REFUSED: "refused", OfferStage.FAILED: "phone_failed"}
"""Offer ends after which the person is not rung again for a while, and the reason shown."""


class RecordingStage(models.TextChoices):
    """A recording from the wish to have it until it is gone."""

    REQUESTED = "requested", pgettext_lazy("recording", "Requested")
    RUNNING = "running", pgettext_lazy("recording", "Running")
    ENDED = "ended", pgettext_lazy("recording", "Being stored")
    STORED = "stored", pgettext_lazy("recording", "Stored")
    MISSING = "missing", pgettext_lazy("recording", "Missing")
    """With a reason; an alarm on the supervisor's screen."""
    DELETED = "deleted", pgettext_lazy("recording", "Deleted after its time")


class RecordingEvent(models.TextChoices):
    """What moves a recording on."""

    BEGAN = "began"
    ENDED = "ended"
    STORED = "stored"
    LOST = "lost"
    FOUND = "found"
    EXPIRED = "expired"


RECORDING = Machine(
    name="recording",
    initial=RecordingStage.REQUESTED,
    table={
        (RecordingStage.REQUESTED, RecordingEvent.BEGAN): RecordingStage.RUNNING,
        (RecordingStage.REQUESTED, RecordingEvent.ENDED): RecordingStage.ENDED,
        (RecordingStage.REQUESTED, RecordingEvent.LOST): RecordingStage.MISSING,
        (RecordingStage.RUNNING, RecordingEvent.ENDED): RecordingStage.ENDED,
        (RecordingStage.RUNNING, RecordingEvent.LOST): RecordingStage.MISSING,
        (RecordingStage.ENDED, RecordingEvent.STORED): RecordingStage.STORED,
        (RecordingStage.ENDED, RecordingEvent.LOST): RecordingStage.MISSING,
        (RecordingStage.MISSING, RecordingEvent.FOUND): RecordingStage.ENDED,
        (RecordingStage.STORED, RecordingEvent.EXPIRED): RecordingStage.DELETED,
    },
    ends=frozenset({RecordingStage.DELETED}),
)


class ConsultStage(models.TextChoices):
    """Asking somebody else while the customer hears music."""

    RINGING = "ringing", pgettext_lazy("consult", "Ringing")
    TALKING = "talking", pgettext_lazy("consult", "Asking")
    HANDED_OVER = "handed_over", pgettext_lazy("consult", "Handed over")
    RETURNED = "returned", pgettext_lazy("consult", "Back to the customer")
    NOT_REACHED = "not_reached", pgettext_lazy("consult", "Not reached")


class ConsultEvent(models.TextChoices):
    """What moves a consultation on."""

    ANSWERED = "answered"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    """By the operator, by the asked person, or because the customer left."""
    NOT_REACHED = "not_reached"


CONSULT = Machine(
    name="consult",
    initial=ConsultStage.RINGING,
    table={
        (ConsultStage.RINGING, ConsultEvent.ANSWERED): ConsultStage.TALKING,
        (ConsultStage.RINGING, ConsultEvent.NOT_REACHED): ConsultStage.NOT_REACHED,
        (ConsultStage.RINGING, ConsultEvent.RETURNED): ConsultStage.RETURNED,
        (ConsultStage.TALKING, ConsultEvent.HANDED_OVER): ConsultStage.HANDED_OVER,
        (ConsultStage.TALKING, ConsultEvent.RETURNED): ConsultStage.RETURNED,
    },
    ends=frozenset({ConsultStage.HANDED_OVER, ConsultStage.RETURNED, ConsultStage.NOT_REACHED}),
)

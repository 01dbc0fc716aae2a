"""A call: the customer's whole visit, with its legs, queue visits, offers, recordings and wrap-ups."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.states import ConsultStage, OfferStage, Outcome, Phase, RecordingStage
from madoguchi.domain.clients.models import Client, Number
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.models import Customer, ImportantPoint
from madoguchi.domain.flows.models import FlowVersion
from madoguchi.domain.queues.models import Queue
from madoguchi.kit.ids import new_id


class Call(models.Model):
    """One visit of a customer by telephone. Written by `calls.actions` only."""

    class Direction(models.TextChoices):
        INBOUND = "inbound"
        OUTBOUND = "outbound"

    id = models.UUIDField(primary_key=True, default=new_id)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    node = models.CharField(max_length=40)
    """Name of the switch that carries all its legs."""
    trunk_endpoint = models.CharField(max_length=40, blank=True)
    number = models.ForeignKey(Number, on_delete=models.PROTECT, null=True, related_name="calls")
    """Our number: called, or shown on an outgoing call."""
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="calls")
    called_raw = models.CharField(max_length=256, blank=True)
    caller_raw = models.CharField(max_length=256, blank=True)
    """The customer's side, as the trunk gave it (or as it was dialled)."""
    customer_e164 = models.CharField(max_length=20, blank=True)
    customer_number_kind = models.CharField(max_length=16, blank=True)
    no_number_reason = models.CharField(max_length=2, blank=True)
    """P, C, O, E (see kit.phone_numbers) when the caller has no number."""
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="calls")
    customer_chosen_by = models.BigIntegerField(null=True)
    """Account that said who it is; None: the number told."""
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="call")
    identity_checked_at = models.DateTimeField(null=True)
    """本人確認: None is 未確認."""
    identity_checked_by = models.BigIntegerField(null=True)
    identity_items = ArrayField(models.CharField(max_length=40), default=list)

    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.ARRIVED)
    phase_since = models.DateTimeField()
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="calls")
    """Who has the customer now, or had them last."""
    flow_version = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, null=True)
    flow_position = models.JSONField(null=True)
    """`flows.walk.Position` as JSON, while phase is menu."""
    playback_id = models.CharField(max_length=64, blank=True)
    """What the customer hears; the end of any other playback is stale and ignored."""
    step_due_at = models.DateTimeField(null=True)
    """When the phase's own time runs out: no key pressed, line not restored, last message over."""
    menu = models.CharField(max_length=80, blank=True)
    bridge_id = models.CharField(max_length=64, blank=True)

    arrived_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    """When an operator first had the customer (or an outgoing call was answered)."""
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    coming_outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    """While closing: what the outcome will be when the line ends."""
    ending = models.CharField(max_length=16, blank=True)
    """For answered calls: completed, hold_abandon, transferred, line_lost."""
    hung_up_by = models.CharField(max_length=10, blank=True)
    """customer, operator or system."""
    cause = models.PositiveSmallIntegerField(default=0)
    """Q.850 cause of the customer's leg."""
    promise_id = models.BigIntegerField(null=True)
    """For an outgoing call: the promise (call back) that it keeps."""
    note = models.CharField(max_length=200, blank=True)
    """What the next operator must know of this very call, e.g. that a line was lost."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(phase="ended", ended_at__isnull=False) & ~Q(outcome="")
                | ~Q(phase="ended") & Q(ended_at__isnull=True, outcome=""),
                name="ended_call_has_one_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["phase"], condition=~Q(phase="ended"), name="call_living"),
            models.Index(fields=["step_due_at"], condition=Q(step_due_at__isnull=False), name="call_due"),
            models.Index(fields=["-arrived_at"], name="call_arrived"),
            models.Index(
                fields=["customer", "-arrived_at"], condition=Q(customer__isnull=False), name="call_customer"
            ),
            models.Index(
                fields=["agent", "-arrived_at"], condition=Q(agent__isnull=False), name="call_agent"
            ),
        ]


class Leg(models.Model):
    """One channel of the switch."""

    class Role(models.TextChoices):
        CUSTOMER = "customer"
        OPERATOR = "operator"
        CONSULTED = "consulted"

    id = models.CharField(max_length=80, primary_key=True)
    """The switch's own for an arrival; ours for a leg that we dial."""
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="legs")
    role = models.CharField(max_length=10, choices=Role.choices)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True)
    address = models.CharField(max_length=80, blank=True)
    began_at = models.DateTimeField()
    rang_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)
    cause = models.PositiveSmallIntegerField(default=0)
    muted = models.BooleanField(default=False, db_default=False)
    """Whether the switch keeps what it says from the others, as its person asked; a browser mutes itself."""

    class Meta:
        indexes = [models.Index(fields=["call"], condition=Q(gone_at__isnull=True), name="leg_living")]


class QueueVisit(models.Model):
    """One stay in one queue. The place is `enqueued_at`: it is kept through missed rings and restarts."""

    class Left(models.TextChoices):
        TAKEN = "taken"
        ABANDONED = "abandoned"
        EVICTED = "evicted"
        CLOSED = "closed"
        MOVED = "moved"
        LOST = "lost"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="visits")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="visits")
    priority = models.SmallIntegerField(default=0)
    enqueued_at = models.DateTimeField()
    named_agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+")
    """Only this person may take it, until `named_until`."""
    named_until = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    left = models.CharField(max_length=10, choices=Left.choices, blank=True)
    announce_at = models.DateTimeField(null=True)
    """When the caller next hears position and expected wait."""
    leave_by = models.DateTimeField(null=True)
    """When waiting ends by the queue's limit."""
    tried = models.JSONField(default=dict)
    """Agent id → ISO time of the last offer of this visit that they did not take."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=Q(left_at__isnull=True), name="one_open_visit_a_call"
            )
        ]
        indexes = [
            models.Index(
                fields=["queue", "enqueued_at"], condition=Q(left_at__isnull=True), name="visit_open"
            ),
        ]


class WaitReason(models.Model):
    """Why a visit was not matched, stored when it changes: for how many people each reason held."""

    visit = models.ForeignKey(QueueVisit, on_delete=models.CASCADE, related_name="wait_reasons")
    at = models.DateTimeField()
    counts = models.JSONField()
    """Reason code of `science.routing` → number of people."""

    class Meta:
        ordering = ["at"]


class Offer(models.Model):
    """One ring at one person."""

    class Purpose(models.TextChoices):
        QUEUE = "queue"
        RESTORE = "restore"
        """Back to the operator whose line was lost."""
        CONSULT = "consult"
        """A colleague is asked while the customer hears music."""
        OUTBOUND = "outbound"
        """The operator's own phone, before the customer is dialled."""

    id = models.UUIDField(primary_key=True, default=new_id)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="offers")
    visit = models.ForeignKey(QueueVisit, on_delete=models.CASCADE, null=True, related_name="offers")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="offers")
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.QUEUE)
    ring_all = models.BooleanField(default=False)
    leg_id = models.CharField(max_length=80, unique=True)
    stage = models.CharField(max_length=10, choices=OfferStage.choices, default=OfferStage.OPEN)
    offered_at = models.DateTimeField()
    rang_at = models.DateTimeField(null=True)
    rings_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(stage="open"), name="one_open_offer_an_agent"
            ),
            models.UniqueConstraint(
                fields=["call"], condition=Q(stage="open", ring_all=False), name="one_open_offer_a_call"
            ),
        ]
        indexes = [models.Index(fields=["rings_until"], condition=Q(stage="open"), name="offer_due")]


class Consult(models.Model):
    """An operator asks, or hands the customer to, somebody else."""

    id = models.UUIDField(primary_key=True, default=new_id)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="consults")
    by_agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="consults_asked")
    to_agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="consults_given")
    to_number = models.CharField(max_length=20, blank=True)
    leg_id = models.CharField(max_length=80, unique=True)
    stage = models.CharField(max_length=12, choices=ConsultStage.choices, default=ConsultStage.RINGING)
    began_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=Q(stage__in=["ringing", "talking"]), name="one_consult_a_call"
            )
        ]


class Recording(models.Model):
    """Both voices of one operator's talk with a customer, or the stated reason why there is none."""

    id = models.UUIDField(primary_key=True, default=new_id)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True)
    stage = models.CharField(max_length=10, choices=RecordingStage.choices, default=RecordingStage.REQUESTED)
    requested_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    tracks = models.JSONField(default=dict)
    """Side → {"began_at", "path", "duration_s", "failure"} as the switch reports them."""
    path = models.CharField(max_length=200, blank=True)
    """Relative to the recordings folder: the stereo file, customer left, operator right."""
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.BigIntegerField(default=0)
    duration_s = models.FloatField(null=True)
    peaks = models.JSONField(null=True)
    """Waveform for the player: two lists (customer, operator) of 0–100."""
    missing_reason = models.CharField(max_length=200, blank=True)
    muted = models.JSONField(default=list)
    """Stretches [from, to] (ISO) in which silence was written on purpose."""
    held = models.BooleanField(default=False)
    """Kept beyond its time until somebody lets it go."""
    delete_after = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["stage"], condition=~Q(stage__in=["stored", "deleted"]), name="recording_unfinished"
            ),
            models.Index(
                fields=["delete_after"], condition=Q(stage="stored", held=False), name="recording_expiry"
            ),
        ]


class WrapUp(models.Model):
    """The time after an operator's part of a call: a state with an end, not a time stamp.

    What she writes stands in her note of the contact, from the call on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="wrap_ups")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="wrap_ups")
    began_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    """When it ends by itself; None: never."""
    extended = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, blank=True)
    """operator, time, or dialled."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(ended_at__isnull=True), name="one_wrap_up_an_agent"
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(ended_at__isnull=True), name="wrap_up_due")]


class Acknowledgement(models.Model):
    """An operator saw an important point in a call. Without it the wrap-up cannot end."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="acknowledgements")
    point = models.ForeignKey(ImportantPoint, on_delete=models.CASCADE, related_name="acknowledgements")
    by = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "point", "by"], name="one_acknowledgement")]


class FormDraft(models.Model):
    """What stands half typed in a form beside a call: no record, seen by nobody but who types it.

    It goes when the form is sent, when this person's wrap-up ends, and with the call.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="drafts")
    account_id = models.BigIntegerField()
    form = models.CharField(max_length=20)
    fields = models.JSONField()
    """By the field's name, only what differs from the empty form: a text, or a list of ticks."""
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "account_id", "form"], name="one_draft_a_form")
        ]
        indexes = [models.Index(fields=["changed_at"], name="draft_changed")]

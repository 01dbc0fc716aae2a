"""People at the phone: their presence, activity, phone and skills."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.agents.states import Activity, Matter, Presence
from madoguchi.domain.people.models import Account
from madoguchi.domain.switchboard.sealing import opened

DESK_SILENT_AFTER = timedelta(seconds=8)
"""Four beats missed. A tab in the background beats on: its clock runs in a worker of its own."""


class Skill(models.Model):
    """Something a person can do for a caller: a product, a language, a kind of matter."""

    name = models.CharField(_("Name"), max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """A person as the queues see them. Written by `agents.actions` only."""

    class Phone(models.TextChoices):
        BROWSER = "browser", _("Browser")
        DESK = "desk", _("Desk phone")

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="agent")
    endpoint = models.CharField(max_length=40, unique=True, editable=False)
    """Name of the phone at the switch, `op-<random>`: a guessable name would be asked for its password."""
    sip_secret_sealed = models.TextField(editable=False)
    """Random; made anew by `rotate_secret`. Read it as `sip_secret`."""
    phone = models.CharField(_("Phone"), max_length=8, choices=Phone.choices, default=Phone.BROWSER)
    phone_reachable = models.BooleanField(default=False, editable=False)
    """Whether the switch has a registration; written from its events."""
    at_home = models.BooleanField(_("Works from home"), default=False)
    """A place, not a presence."""

    presence = models.CharField(max_length=16, choices=Presence.choices, default=Presence.GONE_HOME)
    presence_since = models.DateTimeField()
    matter = models.CharField(max_length=16, choices=Matter.choices, blank=True)
    """Only while presence is `other_work`."""
    matter_call_id = models.UUIDField(null=True)
    """The call that the time off the phone is for, if any."""
    expected_back_at = models.DateTimeField(null=True)

    activity = models.CharField(max_length=16, choices=Activity.choices, default=Activity.IDLE)
    activity_since = models.DateTimeField()
    activity_call_id = models.UUIDField(null=True)
    """The call that the activity belongs to; None exactly when idle."""
    activity_due_at = models.DateTimeField(null=True)
    """When the reconciler looks whether this activity is still true; None exactly when idle."""
    idle_since = models.DateTimeField()
    """End of the last call or wrap-up: who waits longest is offered first."""

    cooling_off_until = models.DateTimeField(null=True)
    cooling_off_reason = models.CharField(max_length=24, blank=True)
    """missed, refused or phone_failed."""

    desk_token = models.UUIDField(null=True)
    """The one desk (browser tab) that is active for this person."""
    desk_beat_at = models.DateTimeField(null=True)
    microphone_ok = models.BooleanField(default=False)
    skills = models.ManyToManyField(Skill, through="AgentSkill")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(activity="idle", activity_call_id__isnull=True)
                | (~models.Q(activity="idle") & models.Q(activity_call_id__isnull=False)),
                name="activity_has_its_call",
            ),
        ]
        indexes = [
            models.Index(fields=["presence", "activity"], name="agent_free"),
            models.Index(
                fields=["activity_due_at"],
                condition=models.Q(activity_due_at__isnull=False),
                name="agent_due",
            ),
        ]

    def __str__(self) -> str:
        return self.account.name

    @property
    def sip_secret(self) -> str:
        """The password of the person's telephone, in clear. Raises SealBroken."""
        return opened(self.sip_secret_sealed)

    def desk_is_silent(self, newest_beat: datetime | None) -> bool:
        """Whether the browser that is the phone fell silent while others beat on: a lid closed, no network.

        The switch would believe in its registration for a minute more. Measured against the newest beat of
        any desk: while the web process is away all are silent, and all can be rung.
        """
        if self.phone == self.Phone.DESK or self.desk_beat_at is None or newest_beat is None:
            return False
        return newest_beat - self.desk_beat_at > DESK_SILENT_AFTER


class AgentSkill(models.Model):
    """How well a person can do something: 1 learning, 3 sure, 5 teaches it."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE)
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE)
    level = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "skill"], name="one_level_a_skill"),
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=5), name="level_1_to_5"),
        ]

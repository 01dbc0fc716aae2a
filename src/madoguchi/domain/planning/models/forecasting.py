"""What the planner sets, types in and brings, and the forecasts that came of it."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.domain.clients.models import Client
from madoguchi.domain.planning.states import ForecastStage
from madoguchi.kit.times_of_day import format_minutes


def _within(least: int, most: int) -> list[MinValueValidator | MaxValueValidator]:
    return [MinValueValidator(least), MaxValueValidator(most)]


class StaffingGoal(models.Model):
    """How well the centre wants to answer, and what staff is counted with. One row."""

    ONLY = 1

    answer_percent = models.PositiveSmallIntegerField(
        _("Share answered in time (%)"), default=80, validators=_within(1, 99)
    )
    within_s = models.PositiveSmallIntegerField(
        _("In time: within (seconds)"), default=20, validators=_within(0, 3600)
    )
    max_occupancy_percent = models.PositiveSmallIntegerField(
        _("Busy at most (% of the time)"), default=85, validators=_within(10, 100)
    )
    shrinkage_percent = models.PositiveSmallIntegerField(
        _("Meetings, training, sickness (% of working time, breaks apart)"),
        default=15,
        validators=_within(0, 90),
    )
    """Those on the roster are more than those at the phone: ÷ (1 − this)."""
    least_people = models.PositiveSmallIntegerField(
        _("People at the phone at least, while open"), default=1, validators=_within(0, 1000)
    )
    patience_s = models.PositiveIntegerField(
        _("Mean patience of callers (seconds)"), null=True, blank=True, validators=_within(1, 86_400)
    )
    """None: learned from the records."""
    handle_s = models.PositiveIntegerField(
        _("Mean talk and wrap-up (seconds)"), null=True, blank=True, validators=_within(1, 86_400)
    )
    """None: learned from the records, by client."""
    own_since = models.DateField(_("Count our own records from"), null=True, blank=True)
    """Days before it count from brought files only. None: the day after the first recorded call."""
    changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_staffing_goal")]


class CountFile(models.Model):
    """A CSV of calls of earlier days, from before these were recorded here."""

    name = models.CharField(max_length=200)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, null=True, related_name="+")
    """For whom its lines count that name no client."""
    made_at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    content = models.BinaryField()
    """As it was brought; emptied when it is taken in."""
    taken_at = models.DateTimeField(null=True)
    """None: looked at, not agreed to."""
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    lines = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)


class Volume(models.Model):
    """Calls of one half-hour as a file has them."""

    file = models.ForeignKey(CountFile, on_delete=models.CASCADE, related_name="volumes")
    at = models.DateTimeField()
    """Begin of the half-hour."""
    client = models.ForeignKey(Client, on_delete=models.CASCADE, null=True, related_name="+")
    reason = models.CharField(max_length=80, blank=True)
    """As the file writes it; empty: not known."""
    calls = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    """Halves of hours that were split may be fractions; None: nobody counted."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["at", "client", "reason"], name="one_volume", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(calls__gte=Decimal(0)), name="volume_not_negative"),
        ]


class PlanningEvent(models.Model):
    """Something of ours, or that befell us, that makes more or fewer people call than usual."""

    class Kind(models.TextChoices):
        CAMPAIGN = "campaign", pgettext_lazy("event", "Campaign")
        MAILING = "mailing", pgettext_lazy("event", "Mailing")
        DEADLINE = "deadline", pgettext_lazy("event", "Deadline")
        OTHER = "other", pgettext_lazy("event", "Other")
        OUTAGE = "outage", pgettext_lazy("event", "Outage: learn nothing from it")

    kind = models.CharField(pgettext_lazy("event", "Kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(pgettext_lazy("event", "Name"), max_length=60)
    """Events of one name share what is learned of them."""
    client = models.ForeignKey(Client, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    """None: all clients."""
    first = models.DateField(pgettext_lazy("event", "First day"))
    last = models.DateField(pgettext_lazy("event", "Last day"))
    from_min = models.PositiveSmallIntegerField(null=True, blank=True, validators=_within(0, 2880))
    """Part of each day, minutes since its 0:00, 26:00 is 1560; None: the whole day."""
    to_min = models.PositiveSmallIntegerField(null=True, blank=True, validators=_within(0, 2880))
    percent = models.SmallIntegerField(
        _("Expected change of calls (%)"), null=True, blank=True, validators=_within(-99, 900)
    )
    """30: 30 % more calls; None: no idea, learn it."""
    before_days = models.PositiveSmallIntegerField(
        _("Builds up over (days before)"), default=0, validators=_within(0, 60)
    )
    after_days = models.PositiveSmallIntegerField(
        _("Fades over (days after)"), default=0, validators=_within(0, 60)
    )
    made_at = models.DateTimeField()
    by = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="event_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(from_min=None, to_min=None) | Q(to_min__gt=F("from_min")),
                name="event_part_of_a_day",
            ),
        ]

    @property
    def part_of_day(self) -> str:
        """18:30–21:00; empty for whole days."""
        if self.from_min is None or self.to_min is None:
            return ""
        return f"{format_minutes(self.from_min)}–{format_minutes(self.to_min)}"


class Forecast(models.Model):
    """One forecast with its origin: when it was made, from what, how good such forecasts have been.

    Made once and never changed: what is compared with the calls that came is what was said before.
    """

    stage = models.CharField(max_length=12, choices=ForecastStage.choices, default=ForecastStage.WORKING)
    by = models.BigIntegerField(null=True)
    """Account that asked; None: the night."""
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    """When a worker was last sent."""
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    """When it was known."""
    origin = models.DateField()
    """Its first day: nothing from this day on was known to it."""
    day_starts_min = models.PositiveSmallIntegerField(default=0)
    """Its days begin so many minutes after midnight: 120 where the centre is open until 26:00."""
    made_of = models.JSONField(default=dict)
    """since, days, weeks, day_error, few, own_days, file_days; again: client's id ("" is all) → redials and
    chasers for each first call in a usual week (without `again` its calls are all calls, else first calls);
    reason_days: client's id → reason → times its share on each day (`science.staffing.forecast.shares`)."""
    back_test = models.JSONField(default=dict)
    """Client's id ("" is all) → weeks, wape, naive, last_twelve, day_wape, coverage; empty: too few weeks."""
    reasons = models.JSONField(default=dict)
    """Client's id → reason → share of its calls by half-hour; empty where no reasons are known."""

    class Meta:
        indexes = [
            models.Index(fields=["beat_at"], condition=Q(stage="working"), name="forecast_working"),
            models.Index(fields=["-made_at"], condition=Q(stage="made"), name="forecast_made"),
        ]


class ForecastDay(models.Model):
    """First calls expected on one day, by half-hour from the begin of the day on."""

    forecast = models.ForeignKey(Forecast, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    client = models.ForeignKey(Client, on_delete=models.CASCADE, null=True, related_name="+")
    """None: all clients together; the clients' calls sum to it."""
    opens_at = models.DateTimeField()
    """Begin of the first half-hour in which calls are expected."""
    calls = ArrayField(models.FloatField())
    low = ArrayField(models.FloatField())
    high = ArrayField(models.FloatField())
    """The truth lies between `low` and `high` in 90 of 100 half-hours."""
    day_low = models.FloatField()
    day_high = models.FloatField()
    day_variance = models.FloatField()
    own_variance = ArrayField(models.FloatField())
    """See `science.staffing.forecast.model.Forecast`."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["forecast", "day", "client"], name="one_forecast_day", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["day", "client"], name="forecast_day")]


class Reforecast(models.Model):
    """A day under way, seen from the calls that came so far. One a half-hour, never changed."""

    of = models.ForeignKey(ForecastDay, on_delete=models.CASCADE, related_name="again")
    until = models.DateTimeField()
    """End of the last half-hour whose calls it knows."""
    made_at = models.DateTimeField()
    calls = ArrayField(models.FloatField())
    """As they came up to `until`, as they are expected after it."""
    low = ArrayField(models.FloatField())
    high = ArrayField(models.FloatField())
    day_low = models.FloatField()
    day_high = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "until"], name="one_reforecast")]

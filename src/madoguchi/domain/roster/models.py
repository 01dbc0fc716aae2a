"""Who works when: ways to work, contracts, days off, wishes, and rosters with their shifts."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.states import OffKind, RosterStage


class ShiftType(models.Model):
    """A way to work a day, such as 早番 8:00–17:00. Minutes since midnight; after midnight above 1,440."""

    name = models.CharField(_("Name"), max_length=20, unique=True)
    mark = models.CharField(_("Mark"), max_length=2, unique=True)
    """One or two signs for the grid and for files: 早."""
    begin_min = models.PositiveSmallIntegerField(_("Begins"))
    end_min = models.PositiveSmallIntegerField(_("Ends"))
    break_min = models.PositiveSmallIntegerField(_("Break (minutes)"), default=60)
    break_from_min = models.PositiveSmallIntegerField(_("Break begins from"), default=720)
    break_until_min = models.PositiveSmallIntegerField(_("… until"), default=780)
    """First and last begin of the break: breaks are spread between them."""
    skill_id = models.BigIntegerField(_("Skill"), null=True, blank=True)
    """Id of a skill of the `agents` room, which lies above this one; None: anybody."""
    least = models.PositiveSmallIntegerField(_("At least (people a day)"), default=0)
    """So many on each day, whatever the calls ask for."""
    active = models.BooleanField(_("In use"), default=True)

    class Meta:
        ordering = ["begin_min", "end_min", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(begin_min__lt=1440, end_min__gt=F("begin_min"), end_min__lte=2880),
                name="shift_type_is_a_stretch",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    """What may be asked of a person; the law holds besides (science/staffing/shifts/people.py)."""

    name = models.CharField(_("Name"), max_length=40, unique=True)
    week_hours = models.FloatField(_("Hours a week, at most"), default=40)
    day_hours = models.FloatField(_("Hours a day, at most"), default=8)
    days_in_row = models.PositiveSmallIntegerField(_("Days in a row, at most"), default=5)
    rest_hours = models.FloatField(_("Rest between shifts (hours)"), default=11)
    overtime_month_hours = models.FloatField(_("Overtime agreed upon (hours a month)"), default=0)
    """36協定; 0: nobody works more than 8 hours a day and 40 a week. Above 45 only with a special clause."""
    special_clause = models.BooleanField(_("Special clause"), default=False)
    """特別条項: what it allows is told in science/staffing/shifts/overtime.py."""
    overtime_year_hours = models.FloatField(_("Overtime a year (hours)"), null=True, blank=True)
    """None: what the law allows."""
    year_from_month = models.PositiveSmallIntegerField(_("Year begins in month"), default=4)
    """1–12: 起算月 of the agreement."""
    rotating = models.BooleanField(_("Three rotating shifts"), default=False)
    """三交替制: 24 hours on end are a day off; otherwise a day off is one from midnight to midnight."""
    shift_types = models.ManyToManyField(ShiftType, verbose_name=_("Shifts agreed upon"), blank=True)
    """None: any."""
    active = models.BooleanField(_("In use"), default=True)

    class Meta:
        ordering = ["-week_hours", "name"]

    def __str__(self) -> str:
        return self.name


class Term(models.Model):
    """Under which contract somebody works; who has none is not rostered."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="term")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="terms")


class DayOff(models.Model):
    """A day on which somebody does not work, settled; wins over wishes, needs and the machine."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="days_off")
    day = models.DateField()
    kind = models.CharField(max_length=12, choices=OffKind.choices, default=OffKind.REST)
    by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="one_day_off_a_day")]
        indexes = [models.Index(fields=["day"], name="day_off_day")]


class Wish(models.Model):
    """What somebody would like on a day: a way to work, or not to work (None)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="wishes")
    day = models.DateField()
    shift_type = models.ForeignKey(ShiftType, on_delete=models.CASCADE, null=True)
    note = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="one_wish_a_day")]
        indexes = [models.Index(fields=["day"], name="wish_day")]


class Roster(models.Model):
    """Who works on the days from `first` to `last`. Rosters that are not discarded share no day."""

    first = models.DateField()
    last = models.DateField()
    stage = models.CharField(max_length=12, choices=RosterStage.choices, default=RosterStage.DRAFT)
    by = models.BigIntegerField(null=True)
    """Account that opened it."""
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    """When a worker was last sent; long ago while making: the worker died."""
    tries = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    required = models.JSONField(default=dict)
    """{"2026-11-24": [people needed in each of the day's 48 half-hours]}."""
    allow_short = models.BooleanField(default=False)
    """Whether the machine may plan fewer people than are needed where there are none."""
    need = models.JSONField(default=list)
    """[[day, shift type, people]] that the machine was to fill."""
    clash = models.JSONField(default=list)
    """Rules that contradict each other: [{"code", "day", "account", "shift_type", "people", "able"}]."""
    short = models.JSONField(default=list)
    """[[day, shift type, people]] that the machine left out for want of people."""

    class Meta:
        ordering = ["first"]
        constraints = [
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="roster_has_days"),
            ExclusionConstraint(
                name="one_roster_a_day",
                expressions=[(Func(F("first"), F("last"), Value("[]"), function="daterange"), "&&")],
                condition=~Q(stage="discarded"),
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(stage="making"), name="roster_making")]

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class Shift(models.Model):
    """What one person works on one day. Its hours are its own: those of the type may change later."""

    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="shifts")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="shifts")
    day = models.DateField()
    shift_type = models.ForeignKey(ShiftType, on_delete=models.PROTECT)
    begin_min = models.PositiveSmallIntegerField()
    end_min = models.PositiveSmallIntegerField()
    breaks = models.JSONField(default=list)
    """[[begin_min, end_min]], in order, as the hours since midnight of `day`."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster", "account", "day"], name="one_shift_a_day"),
            models.CheckConstraint(
                condition=Q(begin_min__lt=1440, end_min__gt=F("begin_min"), end_min__lte=2880),
                name="shift_is_a_stretch",
            ),
        ]
        indexes = [models.Index(fields=["account", "day"], name="shift_person_day")]


class Waiver(models.Model):
    """A hard rule that a roster breaks knowingly: who let it, and why."""

    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="waivers")
    code = models.CharField(max_length=40)
    """Of `science.staffing.shifts.rules.RuleCode`."""
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    day = models.DateField()
    """As the breach names it: of rules over a week or a month its first day."""
    reason = models.CharField(max_length=200)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster", "code", "account", "day"], name="one_waiver_a_breach")
        ]

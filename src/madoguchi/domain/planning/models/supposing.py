"""What planning keeps: what a past day would have been like otherwise, and what cures cost."""

from django.db import models

from madoguchi.domain.planning.states import SupposingStage, Unfit


class Supposed(models.Model):
    """One question, what if, about past days, and its answer. Without a change: the days as they were."""

    day = models.DateField()
    """A day at the centre that is over."""
    weeks = models.PositiveSmallIntegerField(default=1)
    """1: that day; 4: and the same weekday of the three weeks before."""
    key = models.CharField(max_length=200, blank=True)
    """`knobs.key_of(change)`."""
    change = models.JSONField(default=dict)
    """Knob → value (`knobs.KNOBS`)."""
    stage = models.CharField(max_length=12, choices=SupposingStage.choices, default=SupposingStage.WORKING)
    by = models.BigIntegerField(null=True)
    """Account that asked last; None while several wait for it."""
    made_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    """When a worker was last sent; long ago while working: the worker died."""
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    version = models.CharField(max_length=32, blank=True)
    """Which records it was worked out from (`queries.supposed.records_version`)."""
    refusal = models.CharField(max_length=16, choices=Unfit.choices, blank=True)
    found = models.JSONField(default=dict)
    """What `domain.planning.supposing.Found` says, by its fields."""
    name = models.CharField(max_length=60, blank=True)
    """As it is kept in the table; empty: not kept, and deleted after some days."""
    other_yen = models.IntegerField(default=0)
    """What the planner says that it costs a day besides, where our prices say nothing."""
    kept_at = models.DateTimeField(null=True)
    kept_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "weeks", "key"], name="one_answer_a_question"),
        ]
        indexes = [
            models.Index(fields=["beat_at"], condition=models.Q(stage="working"), name="supposed_working"),
        ]


class Prices(models.Model):
    """What people and helpers cost this centre: one row at most."""

    only = models.BooleanField(primary_key=True, default=True)
    person_yen_an_hour = models.PositiveIntegerField(default=2_000)
    """All that an hour of one person at the phone costs."""
    outside_yen_a_call = models.PositiveIntegerField(default=500)
    self_service_yen_a_month = models.PositiveIntegerField(default=100_000)
    days_a_month = models.PositiveSmallIntegerField(default=21)
    """Days of work over which a monthly price is spread."""
    changed_at = models.DateTimeField(null=True)
    """None: nobody has given prices yet, these are examples."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="one_row_of_prices"),
            models.CheckConstraint(condition=models.Q(days_a_month__range=(1, 31)), name="days_of_a_month"),
        ]

"""What planning keeps: why the calls of a day were lost, as it was worked out."""

from django.db import models

from madoguchi.domain.planning.states import Refusal, ReportStage


class CauseReport(models.Model):
    """The lost calls of one day, booked to causes, or why that could not be done."""

    day = models.DateField(unique=True)
    """A day at the centre that is over."""
    stage = models.CharField(max_length=12, choices=ReportStage.choices, default=ReportStage.WORKING)
    by = models.BigIntegerField(null=True)
    """Account that asked."""
    made_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    """When a worker was last sent; long ago while working: the worker died."""
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    arrivals = models.PositiveIntegerField(default=0)
    """Inbound calls of the day that have ended, whatever became of them."""
    lost = models.PositiveIntegerField(default=0)
    """Of them not answered although somebody wanted to speak with us (`flat.LOST`)."""
    engaged = models.PositiveIntegerField(default=0)
    """Calls that met an engaged line, as the moments without a free line let expect; booked with the lost,
    though the carrier alone saw them and no record of them is here."""
    refusal = models.CharField(max_length=16, choices=Refusal.choices, blank=True)
    bookings = models.JSONField(default=list)
    """[{"cause", "share", "low", "high", "hours"}] by share, largest first; shares add up to 1. Hours: from
    and until which hour of the day, excluded, half of its calls or more were lost; empty: none."""
    reproduced = models.JSONField(default=list)
    """[{"measure", "past", "mean", "low", "high", "holds"}]: the day, and the day run again."""

    class Meta:
        indexes = [
            models.Index(fields=["beat_at"], condition=models.Q(stage="working"), name="report_working")
        ]

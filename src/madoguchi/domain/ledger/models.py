"""Append-only rows: what changed state (`Transition`) and who did or saw what (`Entry`)."""

from django.db import models


class Transition(models.Model):
    """One step of one state machine, written in the same transaction as the step itself."""

    subject = models.CharField(max_length=16)
    """Which machine: call, offer, visit, presence, activity, wrap_up, recording, promise, flow, consult; or
    command, for what the switch refused."""
    subject_id = models.CharField(max_length=64)
    old = models.CharField(max_length=24, blank=True)
    """Empty for the first state of a new row."""
    new = models.CharField(max_length=24)
    event = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    """Account id of who caused it; None for the system or the customer. A plain id: rows outlive people."""
    cause = models.JSONField(default=dict)
    """Details that explain the step, for instance {"agent": 3, "reason": "cooling_off"}."""
    call_id = models.UUIDField(null=True)
    """The call whose timeline shows the step, if any."""

    class Meta:
        indexes = [
            models.Index(
                fields=["call_id", "at", "id"],
                condition=models.Q(call_id__isnull=False),
                name="transition_call",
            ),
            models.Index(fields=["subject", "subject_id", "at"], name="transition_subject"),
            models.Index(fields=["at"], name="transition_at"),
        ]


class Entry(models.Model):
    """Who did or looked at what: logins, settings, recordings heard, personal data exported."""

    at = models.DateTimeField(db_index=True)
    by = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=40)
    """A stable word: listened, viewed_customer, changed_trunk, exported, …"""
    subject = models.CharField(max_length=24)
    subject_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "subject_id", "at"], name="entry_subject")]

"""What control needs to hold the switch: leases, nodes, and the commands that actions commit."""

from django.db import models


class Lease(models.Model):
    """The right to do something alone: hold a node, or match a set of queues.

    Taken by guarded update; `epoch` grows with each holder, so that a command of an older holder is
    known as such. Times are the database's own (`clock_timestamp()`), so that no machine's clock counts.
    """

    name = models.CharField(max_length=60, primary_key=True)
    """`node:NAME` or `matcher`."""
    holder = models.UUIDField()
    epoch = models.BigIntegerField(default=1)
    expires_at = models.DateTimeField()


class Node(models.Model):
    """One telephone switch."""

    name = models.CharField(max_length=40, primary_key=True)
    booted_at = models.DateTimeField(null=True)
    """When the switch process that we last spoke with started; another time means its calls are gone."""
    connected = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True)
    """Time of the last event taken in: reconcile reads the switch's own log from here."""


class Command(models.Model):
    """Something to tell a switch, committed with the state that demands it and sent only after."""

    class Stage(models.TextChoices):
        NEW = "new"
        SENDING = "sending"
        """Set before a dial leaves us: a dial is never repeated by itself."""
        DONE = "done"
        REFUSED = "refused"
        EXPIRED = "expired"

    node = models.CharField(max_length=40)
    call_id = models.UUIDField()
    kind = models.CharField(max_length=24)
    """Name of the command class of `switch.port`."""
    fields = models.JSONField()
    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.NEW)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    """A command that is late does harm: it is not sent after this moment."""
    finished_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["node", "id"], condition=models.Q(stage__in=["new", "sending"]), name="command_open"
            ),
            models.Index(fields=["call_id", "id"], name="command_call"),
        ]

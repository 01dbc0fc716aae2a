"""Call flows (IVR): versioned graphs of steps."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.clients.models import Client


class Flow(models.Model):
    """What a caller meets on a number. Its versions hold the graphs."""

    name = models.CharField(_("Name"), max_length=80, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="flows")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class FlowVersion(models.Model):
    """One graph. A published version never changes: calls under way finish on theirs."""

    class Stage(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Replaced")

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.DRAFT)
    graph = models.JSONField(default=dict)
    """As `flows.graph` reads it."""
    note = models.CharField(_("What changed"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["flow", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["flow", "number"], name="flow_version_number"),
            models.UniqueConstraint(
                fields=["flow"], condition=Q(stage="published"), name="one_published_version"
            ),
            models.UniqueConstraint(fields=["flow"], condition=Q(stage="draft"), name="one_draft"),
        ]

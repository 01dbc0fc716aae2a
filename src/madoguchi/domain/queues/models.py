"""Queues, who serves them, and what they ask of a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.agents.models import Agent, Skill
from madoguchi.domain.clients.models import Client


class Queue(models.Model):
    """Where callers wait for a person."""

    class Order(models.TextChoices):
        LONGEST_IDLE = "longest_idle", _("Who has waited longest for a call")
        BEST_SKILLED = "best_skilled", _("Who knows most about it")
        RING_ALL = "ring_all", _("All free people at once")

    name = models.CharField(_("Name"), max_length=60, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="queues")
    order = models.CharField(
        _("Whom to ring"), max_length=16, choices=Order.choices, default=Order.LONGEST_IDLE
    )
    priority = models.SmallIntegerField(_("Priority"), default=0)
    """Higher is served first; equal priorities are first come, first served."""
    ring_s = models.PositiveIntegerField(_("Ring for (seconds)"), default=20)
    """Then the next person is offered the call."""
    cooling_off_s = models.PositiveIntegerField(_("Pause after a missed call (seconds)"), default=60)
    wrap_up_s = models.PositiveIntegerField(_("Wrap-up (seconds)"), default=120)
    """After so long the wrap-up ends by itself, unless extended; 0: never."""
    max_wait_s = models.PositiveIntegerField(_("Longest wait (seconds)"), default=1800)
    """Then the caller is told and the call ends as evicted; 0: no limit."""
    announce_every_s = models.PositiveIntegerField(_("Announce position every (seconds)"), default=30)
    """0: never."""
    short_abandon_s = models.PositiveIntegerField(_("Short abandon up to (seconds)"), default=5)
    """A caller who leaves within so many seconds counts as a short abandon (kpi)."""
    service_level_s = models.PositiveIntegerField(_("Service level within (seconds)"), default=20)
    music = models.CharField(_("Music"), max_length=40, default="default")
    """A class of music (`prompts.music`); one that is gone sounds as the house's."""
    active = models.BooleanField(_("In use"), default=True)
    skills = models.ManyToManyField(Skill, through="Requirement")
    members = models.ManyToManyField(Agent, through="Membership")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Requirement(models.Model):
    """A skill, and how much of it, that a queue asks for."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="requirements")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE)
    min_level = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "skill"], name="one_requirement_a_skill")]


class Membership(models.Model):
    """A person who serves a queue. Rank 1 is asked before rank 2."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="memberships")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="memberships")
    rank = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "agent"], name="one_membership")]

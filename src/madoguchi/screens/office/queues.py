"""Queues: where callers wait, what is asked of a person, and who serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.agents.models import Agent, Skill
from madoguchi.domain.prompts.music import HOUSE, music_of, recordings
from madoguchi.domain.queues import actions
from madoguchi.domain.queues.models import Queue
from madoguchi.screens.office.editing import EditView
from madoguchi.screens.office.fields import NAME
from madoguchi.screens.parts.access import LEADERS, role

LEVELS = [("", "―"), ("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")]
RANKS = [("", _("does not serve")), ("1", _("first")), ("2", _("second")), ("3", _("third"))]


class QueueForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    """A queue with the skills it asks for and the people who serve it."""

    music = forms.ChoiceField(
        label=_("Music while waiting"),
        required=False,
        help_text=_("A recording among the prompts (up to 5 minutes), again and again."),
    )

    class Meta:
        model = Queue
        fields = (
            "name",
            "client",
            "order",
            "priority",
            "ring_s",
            "cooling_off_s",
            "wrap_up_s",
            "max_wait_s",
            "announce_every_s",
            "music",
            "short_abandon_s",
            "service_level_s",
            "active",
        )
        labels = {"name": NAME, "client": _("Client")}
        help_texts = {
            "order": _("Among those who are free and can do what is asked."),
            "priority": _("Higher is served first. Equal: first come, first served."),
            "ring_s": _("Then the next person is rung."),
            "cooling_off_s": _("After a missed call a person is not rung for so long."),
            "wrap_up_s": _("Then it ends by itself, unless extended. 0: never."),
            "max_wait_s": _("Then the caller is told so. 0: no limit."),
            "announce_every_s": _("Position and expected wait. 0: never."),
            "short_abandon_s": _("Whoever leaves sooner counts as left at once."),
            "service_level_s": _("The target shown in the figures."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        own = [(music_of(prompt), prompt.name) for prompt in recordings()]
        self.fields["music"].choices = [(HOUSE, _("The music of the house")), *own]  # type: ignore[attr-defined]
        if self.initial.get("music") not in dict(own):
            self.initial["music"] = HOUSE
        asked = dict(self.instance.requirements.values_list("skill", "min_level")) if self.instance.pk else {}
        ranks = dict(self.instance.memberships.values_list("agent", "rank")) if self.instance.pk else {}
        self.skills = list(Skill.objects.all())
        self.agents = list(
            Agent.objects.filter(account__is_active=True)
            .select_related("account")
            .order_by("account__name_kana")
        )
        for skill in self.skills:
            field = forms.ChoiceField(label=skill.name, choices=LEVELS, required=False)
            self.fields[f"skill_{skill.pk}"] = field
            self.initial[f"skill_{skill.pk}"] = str(asked.get(skill.pk, ""))
        for agent in self.agents:
            field = forms.ChoiceField(label=agent.account.name, choices=RANKS, required=False)
            self.fields[f"agent_{agent.pk}"] = field
            self.initial[f"agent_{agent.pk}"] = str(ranks.get(agent.pk, ""))

    def plain(self) -> list[forms.BoundField]:
        """The queue's own fields."""
        return [self[name] for name in self.Meta.fields]

    def skill_fields(self) -> list[forms.BoundField]:
        return [self[f"skill_{skill.pk}"] for skill in self.skills]

    def agent_fields(self) -> list[tuple[Agent, forms.BoundField]]:
        return [(agent, self[f"agent_{agent.pk}"]) for agent in self.agents]


@role(*LEADERS)
def every(request: HttpRequest) -> HttpResponse:
    """The list of queues."""
    rows = (
        Queue.objects.select_related("client")
        .prefetch_related("requirements__skill", "memberships__agent__account")
        .annotate(people=Count("memberships"))
        .order_by("-active", "client__name", "name")
    )
    return render(request, "office/queues.html", {"rows": rows})


class Edit(EditView):
    model = Queue
    form = QueueForm
    template = "office/queue.html"
    page = "office:queue"

    @transaction.atomic
    def store(self, row: Queue | None, values: Mapping[str, Any], acting_user: int) -> Queue:
        own = {name: values[name] for name in QueueForm.Meta.fields} | {"music": values["music"] or HOUSE}
        if row is None:
            queue = actions.create_queue(own, acting_user=acting_user)
        else:
            queue = actions.change_queue(row.pk, own, acting_user=acting_user)
        actions.set_requirements(queue.pk, chosen(values, "skill_"), acting_user=acting_user)
        actions.set_members(queue.pk, chosen(values, "agent_"), acting_user=acting_user)
        return queue


def chosen(values: Mapping[str, Any], prefix: str) -> dict[int, int]:
    """Fields named prefix + id with a number chosen, by id."""
    return {
        int(name.removeprefix(prefix)): int(value)
        for name, value in values.items()
        if name.startswith(prefix) and value
    }

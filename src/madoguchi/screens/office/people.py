"""People: accounts, roles, skills and queues; and the matrix of who can do what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madoguchi.domain.agents.actions import create_agent, set_skill
from madoguchi.domain.agents.models import Agent, AgentSkill, Skill
from madoguchi.domain.people import actions
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.queues import actions as queue_actions
from madoguchi.domain.queues.models import Queue
from madoguchi.screens.office.editing import EditView, attempt, by, tell
from madoguchi.screens.office.fields import NAME, plainly
from madoguchi.screens.office.queues import LEVELS, chosen
from madoguchi.screens.parts.access import LEADERS, role

OWN = ("username", "name", "name_kana", "spoken_name", "role", "language")


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    """An account and its place at the phone."""

    at_the_phone = forms.BooleanField(
        label=_("Takes calls"), required=False, help_text=_("Gives this person a desk and a telephone.")
    )
    queues = forms.ModelMultipleChoiceField(
        label=_("Serves these queues"),
        queryset=Queue.objects.filter(active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Account
        fields = OWN
        labels = {"username": _("Log-in name")}
        help_texts = {
            "username": _("Small letters and digits are easiest to type."),
            "name": _("As colleagues write it, family name first."),
            "spoken_name": _("Filled into the greeting. Empty: the family name."),
            "role": _("Decides which screens and whose calls a person may see."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        agent = Agent.objects.filter(account_id=self.instance.pk).first() if self.instance.pk else None
        levels = dict(agent.agentskill_set.values_list("skill", "level")) if agent else {}
        self.skills = list(Skill.objects.all())
        for skill in self.skills:
            self.fields[f"skill_{skill.pk}"] = forms.ChoiceField(
                label=skill.name, choices=LEVELS, required=False
            )
            self.initial[f"skill_{skill.pk}"] = str(levels.get(skill.pk, ""))
        self.initial["at_the_phone"] = agent is not None or not self.instance.pk
        # Who has a telephone keeps it: calls of the past point to it.
        self.fields["at_the_phone"].disabled = agent is not None
        if agent:
            self.initial["queues"] = list(agent.memberships.values_list("queue", flat=True))

    def plain(self) -> list[forms.BoundField]:
        return [self[name] for name in OWN]

    def skill_fields(self) -> list[forms.BoundField]:
        return [self[f"skill_{skill.pk}"] for skill in self.skills]


@role(*LEADERS)
def every(request: HttpRequest) -> HttpResponse:
    """The list of people."""
    accounts = Account.objects.select_related("agent").order_by("-is_active", "role", "name_kana", "name")
    agents = Agent.objects.prefetch_related("memberships__queue")
    queues = {agent.account_id: [one.queue.name for one in agent.memberships.all()] for agent in agents}
    return render(request, "office/people.html", {"rows": [(one, queues.get(one.pk)) for one in accounts]})


class Edit(EditView):
    model = Account
    form = PersonForm
    template = "office/person.html"
    page = "office:person"
    roles = (Role.ADMINISTRATOR,)
    first_password = ""

    @transaction.atomic
    def store(self, row: Account | None, values: Mapping[str, Any], acting_user: int) -> Account:
        own, levels = {name: values[name] for name in OWN}, chosen(values, "skill_")
        if row is None:
            account, self.first_password = queue_actions.take_on(
                own,
                at_the_phone=values["at_the_phone"],
                skills=levels,
                queue_ids=[queue.pk for queue in values["queues"]],
                acting_user=acting_user,
            )
            return account
        account = actions.change_account(row.pk, own, acting_user=acting_user)
        agent = Agent.objects.filter(account=account).first()
        if agent is None and values["at_the_phone"]:
            agent = create_agent(account.pk, acting_user=acting_user)
        if agent is not None:
            _set_levels(agent.pk, levels, acting_user)
            queue_ids = [queue.pk for queue in values["queues"]]
            queue_actions.set_queues_of(agent.pk, queue_ids, acting_user=acting_user)
        return account

    def more(self, request: HttpRequest, row: Account | None) -> dict[str, Any]:
        factors = Authenticator.objects.filter(user=row).count() if row else 0
        return {"factors": factors, "is_self": row is not None and row.pk == by(request)}

    def after(self, request: HttpRequest, stored: Account, *, is_new: bool) -> HttpResponse:
        if is_new:
            return _password_page(request, stored, self.first_password)
        return redirect(self.page, stored.pk)


def _password_page(request: HttpRequest, account: Account, password: str) -> HttpResponse:
    """The first password, on this one page and never again."""
    shown = render(request, "office/password.html", {"row": account, "password": password})
    shown["Cache-Control"] = "no-store"
    return shown


@require_POST
@role(Role.ADMINISTRATOR)
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new password and show it once."""
    account = get_object_or_404(Account, pk=pk)
    return _password_page(request, account, actions.reset_password(pk, acting_user=by(request)))


@require_POST
@role(Role.ADMINISTRATOR)
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Deactivate, let in again, take away a lost second factor."""
    get_object_or_404(Account, pk=pk)
    verbs: dict[str, tuple[Callable[[], object], str]] = {
        "deactivate": (
            lambda: queue_actions.let_go(pk, acting_user=by(request)),
            gettext("This person can no longer log in."),
        ),
        "reactivate": (
            lambda: actions.reactivate(pk, acting_user=by(request)),
            gettext("This person can log in again."),
        ),
        "reset-second-factor": (
            lambda: actions.reset_second_factor(pk, acting_user=by(request)),
            gettext("The next log-in asks for the password only."),
        ),
    }
    tell(request, *verbs[verb])
    return redirect("office:person", pk)


@role(*LEADERS)
def matrix(request: HttpRequest) -> HttpResponse:
    """Everybody's level in every skill, on one page."""
    skills = list(Skill.objects.all())
    agents = list(
        Agent.objects.filter(account__is_active=True).select_related("account").order_by("account__name_kana")
    )
    levels = {(one.agent_id, one.skill_id): one.level for one in AgentSkill.objects.all()}
    if request.method == "POST":
        changed = _changed(request, agents, skills, levels)
        _store_levels(changed, by(request))
        messages.success(request, gettext("%(count)s levels were changed.") % {"count": len(changed)})
        return redirect("office:matrix")
    rows = [(agent, [(skill, levels.get((agent.pk, skill.pk))) for skill in skills]) for agent in agents]
    return render(request, "office/matrix.html", {"skills": skills, "rows": rows, "levels": range(1, 6)})


def _changed(
    request: HttpRequest, agents: list[Agent], skills: list[Skill], levels: dict[tuple[int, int], int]
) -> dict[tuple[int, int], int | None]:
    changed: dict[tuple[int, int], int | None] = {}
    for agent in agents:
        for skill in skills:
            text = request.POST.get(f"level_{agent.pk}_{skill.pk}", "")
            level = int(text) if text in {"1", "2", "3", "4", "5"} else None
            if level != levels.get((agent.pk, skill.pk)):
                changed[agent.pk, skill.pk] = level
    return changed


@transaction.atomic
def _store_levels(changed: dict[tuple[int, int], int | None], acting_user: int) -> None:
    for (agent_id, skill_id), level in changed.items():
        set_skill(agent_id, skill_id, level, acting_user=acting_user)


def _set_levels(agent_id: int, levels: Mapping[int, int], acting_user: int) -> None:
    known = dict(AgentSkill.objects.filter(agent_id=agent_id).values_list("skill", "level"))
    wanted = {skill: levels.get(skill) for skill in known.keys() | levels.keys()}
    _store_levels(
        {(agent_id, skill): level for skill, level in wanted.items() if level != known.get(skill)},
        acting_user,
    )


class SkillForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    class Meta:
        model = Skill
        fields = ("name",)
        labels = {"name": NAME}
        help_texts = {
            "name": _("Something a person can do for a caller: a product, a language, a kind of matter.")
        }


@role(*LEADERS)
def skills(request: HttpRequest) -> HttpResponse:
    """The list of skills, and adding one."""
    form = plainly(SkillForm(request.POST or None))
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        if attempt(form, lambda: queue_actions.create_skill(name, acting_user=by(request))) is not None:
            messages.success(request, gettext("“%(name)s” was saved.") % {"name": name})
            return redirect("office:skills")
    rows = Skill.objects.prefetch_related("requirement_set__queue", "agentskill_set__agent__account")
    return render(
        request, "office/skills.html", {"rows": rows, "form": form}, status=422 if form.errors else 200
    )


@require_POST
@role(*LEADERS)
def change_skill(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename or remove a skill."""
    get_object_or_404(Skill, pk=pk)
    if "remove" in request.POST:
        tell(request, lambda: queue_actions.remove_skill(pk, acting_user=by(request)), gettext("Removed."))
    else:
        name = request.POST.get("name", "")
        done = gettext("“%(name)s” was saved.") % {"name": name}
        tell(request, lambda: queue_actions.rename_skill(pk, name, acting_user=by(request)), done)
    return redirect("office:skills")

"""What a person sets for themselves: language, telephone, password, second factor, sessions."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language as set_cookie

from madoguchi.domain.agents import actions as agents
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Activity
from madoguchi.domain.people.actions import change_account
from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.queries import has_roster, next_break, shifts_of
from madoguchi.kit.clock import business_day, now
from madoguchi.screens.desk.views import SIP_DOMAIN
from madoguchi.screens.parts.access import account_of, at_the_phone


@login_required
@never_cache
@require_GET
def settings_page(request: HttpRequest) -> HttpResponse:
    """The page, with the desk phone's credentials where one is used; the rest is for everybody."""
    installation = settings.INSTALLATION
    account = account_of(request)
    at = now()
    today = business_day(at)
    mine = shifts_of(account.pk, today, today + timedelta(days=6))
    context = {
        "shifts": [mine[day] for day in sorted(mine)],
        "today": today,
        "off_today": today not in mine and has_roster(today),
        "break": next((found for one in mine.values() if (found := next_break(one, at)) is not None), None),
        "account": account,
        "agent": Agent.objects.filter(account=account).first(),
        "phones": Agent.Phone.choices,
        "sip_host": installation.external_address or installation.public_address or installation.sip_bind,
        "sip_port": installation.sip_port,
        "sip_domain": SIP_DOMAIN,
        "languages": Account._meta.get_field("language").choices,
    }
    return render(request, "desk/settings.html", context)


@at_the_phone
@require_POST
def choose_phone(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Browser or desk phone; not in the middle of a call."""
    phone = request.POST.get("phone", "")
    if phone not in Agent.Phone.values:
        messages.error(request, _("Choose one of the two."))
    elif agent.activity not in {Activity.IDLE, Activity.WRAP_UP}:
        messages.error(request, _("You are on a call. Change the telephone when it has ended."))
    else:
        agents.choose_phone(agent.pk, phone, acting_user=agent.account_id)
        messages.success(request, _("Saved. Reload the desk so that it knows."))
    return redirect("desk-settings")


@at_the_phone
@require_POST
def new_secret(request: HttpRequest, agent: Agent) -> HttpResponse:
    """A new password for the telephone."""
    agents.rotate_secret(agent.pk, acting_user=agent.account_id)
    messages.success(request, _("The telephone has a new password. Enter it in your desk phone."))
    return redirect("desk-settings")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Django's own, and for who is logged in it also holds on every other computer."""
    answer = set_cookie(request)
    chosen = request.POST.get("language", "")
    if isinstance(request.user, Account) and chosen in dict(settings.LANGUAGES):
        if chosen != request.user.language:
            change_account(request.user.pk, {"language": chosen}, acting_user=request.user.pk)
        translation.activate(chosen)
    return answer

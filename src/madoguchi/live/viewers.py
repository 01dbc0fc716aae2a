"""Who looks at a page, by the log-in of the request."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.people.models import Account, Role

PAGES: dict[str, frozenset[str]] = {
    "desk": frozenset(Role.values),
    "floor": frozenset({Role.SUPERVISOR, Role.QUALITY, Role.ADMINISTRATOR}),
}
"""Page → roles that may look at it; the desk also asks that the person has a telephone."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with a page open."""

    page: str
    id: int
    """The agent's on the desk, the account's elsewhere."""
    account_id: int
    role: str
    language: str
    audiences: frozenset[str]


def session_key(cookies: str) -> str:
    """The session's key out of a Cookie header; empty when there is none that can be read."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def viewer_of(key: str, page: str) -> Viewer | int:
    """The person behind a session, or the HTTP status that refuses them: 401 or 403."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    account = get_user(request)
    if not isinstance(account, Account) or not account.is_active:
        return 401
    if account.role not in PAGES[page] or account.must_change_password:
        return 403
    if page != "desk":
        return Viewer(page, account.pk, account.pk, account.role, account.language, frozenset({page}))
    agent_id = Agent.objects.filter(account=account).values_list("pk", flat=True).first()
    if agent_id is None:
        return 403
    audiences = frozenset({"desks", f"agent:{agent_id}"})
    return Viewer(page, agent_id, account.pk, account.role, account.language, audiences)

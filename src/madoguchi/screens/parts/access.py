"""Who may open what: by role, by having a telephone, and by a call being one's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.people.models import Account, Role

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

LEADERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
LISTENERS = (Role.SUPERVISOR, Role.QUALITY, Role.ADMINISTRATOR)


def account_of(request: HttpRequest) -> Account:
    """The person behind a request that was let in. Raises PermissionDenied for nobody."""
    if not isinstance(request.user, Account):
        raise PermissionDenied
    return request.user


def role(*roles: str) -> Callable[[View], View]:
    """Let only people of these roles in: others are refused, strangers are sent to the log-in."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if account_of(request).role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast(View, guarded)

    return decorate


class RoleRequired(AccessMixin):
    """The same for class-based views: `roles = (Role.SUPERVISOR, …)`."""

    roles: tuple[str, ...] = ()
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if account_of(request).role not in self.roles:
            raise PermissionDenied
        return cast(HttpResponseBase, super().dispatch(request, *args, **kwargs))  # type: ignore[misc]


def at_the_phone(view: View) -> View:
    """Let in only who has a telephone; the view gets `(request, agent, …)`."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        agent = Agent.objects.select_related("account").filter(account=account_of(request)).first()
        if agent is None:
            raise PermissionDenied
        return view(request, agent, *args, **kwargs)

    return cast(View, guarded)


def in_their_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a logged-in person's own language holds, on whatever computer they sit."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, Account) and request.user.language != translation.get_language():
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return get_response(request)

    return middleware

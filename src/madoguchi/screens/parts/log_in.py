"""Who may have an account, and that a password which somebody else made is changed before anything else."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _

from madoguchi.domain.people.actions import choose_password, note_log_in, note_refused_log_in
from madoguchi.domain.people.models import Account
from madoguchi.domain.switchboard.sealing import opened, seal

CHANGE = "account_change_password"
OPEN_BEFORE = (CHANGE, "account_logout", "set_language")
"""What is there for somebody who must change their password first."""
LED_HERE = "password_first"
"""In the session: the person was led to the change, and goes on to their screen after it."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with its sign-up closed: strangers make no accounts in a call centre."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Account) -> None:
        super().login(request, user)
        note_log_in(user.pk, address=self._address(request))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        note_refused_log_in(str(credentials.get("username") or ""), address=self._address(request))

    def _address(self, request: HttpRequest) -> str | None:
        try:
            return str(ip_address(self.get_client_ip(request)))
        except (ValueError, PermissionDenied):
            return None  # a request over a socket comes from nowhere

    def clean_password(self, password: str, user: Account | None = None) -> str:
        """Also refuses the password that they have: it would still be known to who made it."""
        if user is not None and user.pk is not None and user.check_password(password):
            raise ValidationError(_("This is the password you have. Choose another one."))
        return str(super().clean_password(password, user))

    def set_password(self, user: Account, password: str) -> None:
        """Called by allauth when a person has chosen one."""
        stored = choose_password(user.pk, password)
        user.password, user.must_change_password = stored.password, stored.must_change_password

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        led = request.session.pop(LED_HERE, False)
        return resolve_url("home" if led else CHANGE)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth with its secrets sealed: who has the database alone makes no codes from it."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return opened(encrypted_text)


def password_first(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: who has a password that somebody else made is led to change it, and can do nothing else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, Account) or not request.user.must_change_password:
            return get_response(request)
        if request.path in {resolve_url(name) for name in OPEN_BEFORE}:
            return get_response(request)
        request.session[LED_HERE] = True
        if request.method in {"GET", "HEAD"} and request.accepts("text/html"):
            return redirect(CHANGE)
        message = _("Choose a password of your own first.")
        body = {"code": "password_first", "message": message}
        return JsonResponse({**body, "error": body}, status=403)

    return middleware

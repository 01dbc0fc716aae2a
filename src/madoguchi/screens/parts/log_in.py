"""Who may have an account: only whom an administrator gave one."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with its sign-up closed: strangers make no accounts in a call centre."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

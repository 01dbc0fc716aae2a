"""Somebody who has come in: for tests of every screen that do not ask how."""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser

from madoguchi.domain.people.models import Account


def browser_of(person: Account, **options: Any) -> Browser:
    """A browser of its own in which this person is logged in, without a page or a password."""
    browser = Browser(**options)
    browser.force_login(person)
    return browser

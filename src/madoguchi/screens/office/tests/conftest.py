"""For the tests of the office: the demonstration's centre, and its administrator's browser."""

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from madoguchi.domain.people.models import Account, Role
from madoguchi.program.demonstration import centre
from madoguchi.screens.parts.tests.logged_in import browser_of


@pytest.fixture
def office(settings: Any) -> Browser:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nine people, quickly
    centre.build(date(2026, 11, 24))
    return browser_of(Account.objects.get(role=Role.ADMINISTRATOR))

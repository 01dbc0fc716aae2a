"""Wrong guesses at the log-in are counted in the database: for all web processes, and beyond a restart."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser

from madoguchi.domain.people.actions import create_account

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_who_guesses_is_slowed_and_the_count_lies_in_the_database() -> None:
    cache.clear()
    values = {"username": "sato", "name": "佐藤", "role": "operator"}
    _, password = create_account(values, acting_user=None)
    assert log_in(password) == 302
    for count in range(5):
        assert log_in(f"guess-{count}") == 200
    # Even the right one waits now.
    assert log_in(password) != 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_cache")
        assert cursor.fetchone()[0] >= 1
    cache.clear()
    assert log_in(password) == 302


def log_in(password: str) -> int:
    return Browser().post("/accounts/login/", {"login": "sato", "password": password}).status_code

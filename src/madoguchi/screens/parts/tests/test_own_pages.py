"""Everybody finds password, second factor and sessions, with a place at the phone or without."""

import pytest
from django.test import Client as Browser

from madoguchi.domain.agents.actions import create_agent
from madoguchi.domain.calls.tests.a_day import account
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]

OWN = ("/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/")
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize("role", ["quality", "administrator", "supervisor"])
def test_who_has_no_telephone_finds_them_in_the_menu_and_no_door_that_is_shut(role: str) -> None:
    browser = browser_of(account(role, role, role))
    page = browser.get("/calls/").content.decode()
    for address in OWN:
        assert f'href="{address}"' in page
        shown = browser.get(address)
        assert shown.status_code == 200
        assert "/desk/" not in shown.content.decode()
    assert 'href="/desk/' not in page


def test_who_has_a_telephone_finds_their_settings() -> None:
    person = account("sato", "佐藤", "operator")
    create_agent(person.pk, acting_user=None)
    browser = browser_of(person)
    page = browser.get("/calls/").content.decode()
    assert 'href="/desk/settings/"' in page
    assert 'href="/desk/"' in page
    settings = browser.get("/desk/settings/").content.decode()
    for address in OWN:
        assert f'href="{address}"' in settings


def test_who_forgot_their_password_is_told_whom_to_ask_and_no_mail_is_tried() -> None:
    browser = Browser()
    page = browser.get("/accounts/password/reset/")
    assert "管理者" in page.content.decode()
    assert "<form method" not in page.content.decode().split("<main")[1]
    assert browser.post("/accounts/password/reset/", {"email": "a@example.com"}).status_code == 405
    browser.force_login(account("sv", "山田", "supervisor"))
    answer = browser.post("/accounts/email/", {"email": "a@example.com", "action_add": ""})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/password/change/")


def test_sessions_are_named_as_people_name_them() -> None:
    person = account("sv", "山田", "supervisor")
    browser = browser_of(person, headers={"user-agent": CHROME})
    browser.get("/calls/")
    page = browser.get("/accounts/sessions/").content.decode()
    assert "<strong" in page
    assert ">Chrome・Linux<" in page

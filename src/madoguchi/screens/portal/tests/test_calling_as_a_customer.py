"""The visitor's page gives credentials for one call, in the demonstration only."""

import datetime
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client as Browser

from madoguchi.domain.clients.models import Client, Number
from madoguchi.gate.tickets import read
from madoguchi.program.demonstration import cast, centre
from madoguchi.screens.portal.views import CALLS_A_MINUTE
from madoguchi.screens.portal.visitors import STRANGER, VISITORS, WITHHELD

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def browser(settings: Any) -> Browser:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nine people, quickly
    centre.build(datetime.date(2026, 11, 24))
    return Browser()


def ask(browser: Browser, number: str, person: str = STRANGER) -> Any:
    return browser.post(f"/portal/ticket?as={person}", {"number": number}, content_type="application/json")


def test_the_page_needs_no_log_in_and_shows_invented_people_only(browser: Browser) -> None:
    shown = browser.get("/portal/").content.decode()
    assert "髙橋 花子" in shown and "03-0123-4567" in shown
    theirs = {one.number: one.name for one in cast.callers()}
    for one in VISITORS:
        assert one.number in {STRANGER, WITHHELD} or theirs[one.number] == one.name


def test_credentials_are_for_the_visitors_phone_and_pass_the_gate(browser: Browser) -> None:
    given = ask(browser, "03-0123-4567", "09000001207").json()
    assert given["target"] == "sip:0301234567@madoguchi"
    assert given["headers"] == ["X-Visitor-Number: 09000001207"]
    ticket = parse_qs(urlsplit(given["ws_url"]).query)["ticket"][0]
    assert read(ticket, key=settings.INSTALLATION.secrets.gate_key).endpoint == "visitor"


def test_no_other_number_can_be_called_and_no_other_person_played(browser: Browser) -> None:
    Number.objects.create(e164="+81355550000", label="本物", client=Client.objects.all()[0])
    for number in ("03-5555-0000", "110", "+1 202 555 0100", "x" * 5000):
        assert ask(browser, number).status_code == 422, number
    assert browser.post("/portal/ticket", "[]", content_type="application/json").status_code == 422
    assert ask(browser, "0301234567", "0312345678\r\nX-Evil: 1").json()["headers"] == [
        f"X-Visitor-Number: {VISITORS[0].number}"
    ]


def test_calls_without_end_are_slowed(browser: Browser) -> None:
    answers = [ask(browser, "0301234567").status_code for _call in range(CALLS_A_MINUTE + 1)]
    assert answers == [200] * CALLS_A_MINUTE + [429]


@pytest.mark.parametrize("setting", [{"public": True}, {"demo": False}])
def test_an_open_or_real_centre_has_no_such_page(
    browser: Browser, settings: Any, setting: dict[str, bool]
) -> None:
    settings.INSTALLATION = replace(settings.INSTALLATION, **setting)
    assert browser.get("/portal/").status_code == 404
    assert ask(browser, "0301234567").status_code == 404

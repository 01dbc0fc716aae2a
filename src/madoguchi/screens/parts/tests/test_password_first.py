"""A password that somebody else made is changed before anything else."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import authenticate
from django.test import Client as Browser

from madoguchi.domain.agents.actions import create_agent
from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.people import actions
from madoguchi.domain.people.models import Account
from madoguchi.live.viewers import viewer_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]
CHANGE = "/accounts/password/change/"
OWN = "hidamari-no-neko-7"


def taken_on(**more: object) -> tuple[Account, str]:
    values = {"username": "sato", "name": "佐藤 恵", "role": "operator", **more}
    account, password = actions.create_account(values, acting_user=None)
    create_agent(account.pk, acting_user=None)
    return account, password


def logged_in(password: str) -> Browser:
    browser = Browser()
    answer = browser.post("/accounts/login/", {"login": "sato", "password": password})
    assert answer.status_code == 302, answer.content
    return browser


def change(browser: Browser, old: str, new: str = OWN) -> str:
    """Where the change leads to; empty when it is refused."""
    answer = browser.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})
    return answer.headers.get("Location", "")


def test_the_first_log_in_leads_to_the_change_and_to_nothing_else() -> None:
    _, password = taken_on()
    browser = logged_in(password)
    for address in ("/", "/desk/", "/desk/settings/", "/calls/", "/accounts/2fa/", "/portal/", "/nowhere/"):
        answer = browser.get(address)
        assert (answer.status_code, answer.headers.get("Location")) == (302, CHANGE), address
    for address in ("/desk/do/presence", "/desk/beat", "/desk/take-over"):
        answer = browser.post(address, "{}", content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "password_first"), address
    assert browser.get("/desk/phone.json", headers={"Accept": "application/json"}).status_code == 403
    assert "別の人が発行したもの" in browser.get(CHANGE).content.decode()


def test_the_push_channel_is_shut_as_well() -> None:
    _, password = taken_on()
    key = logged_in(password).cookies["madoguchi_session"].value
    assert viewer_of(key, "desk") == 403
    Account.objects.update(must_change_password=False)
    assert viewer_of(key, "desk") != 403


def test_after_the_change_the_screen_opens_and_stays_open() -> None:
    account, password = taken_on()
    browser = logged_in(password)
    browser.get("/")
    assert change(browser, password) == "/"
    assert browser.get("/desk/").status_code == 200
    assert authenticate(username="sato", password=OWN) == account
    # A later change, of one's own will, leads nowhere else.
    assert change(browser, OWN, "ame-nochi-hare-88") == CHANGE


def test_the_same_password_again_is_no_change() -> None:
    account, password = taken_on()
    browser = logged_in(password)
    assert change(browser, password, password) == ""
    account.refresh_from_db()
    assert account.must_change_password


def test_one_may_log_out_and_read_the_page_in_english() -> None:
    _, password = taken_on()
    browser = logged_in(password)
    assert (
        browser.post("/language/setlang/", {"language": "en", "next": CHANGE}).headers["Location"] == CHANGE
    )
    assert browser.post("/accounts/logout/").status_code == 302
    assert browser.get("/desk/").headers["Location"].startswith("/accounts/login/")


def test_a_password_that_was_reset_is_changed_first_as_well() -> None:
    account, password = taken_on()
    change(logged_in(password), password)
    again = actions.reset_password(account.pk, acting_user=1)
    assert logged_in(again).get("/desk/").headers["Location"] == CHANGE


def test_the_demonstration_is_open_to_everybody_at_once() -> None:
    account, password = taken_on(demonstration=True)
    assert logged_in(password).get("/desk/").status_code == 200
    again = actions.reset_password(account.pk, acting_user=None)
    assert logged_in(again).get("/desk/").status_code == 200


def test_that_one_chose_is_written_down_and_the_password_is_not() -> None:
    account, password = taken_on()
    change(logged_in(password), password)
    entry = Entry.objects.get(verb="chose_password")
    assert (entry.by, entry.subject_id) == (account.pk, str(account.pk))
    assert OWN not in json.dumps(entry.detail)

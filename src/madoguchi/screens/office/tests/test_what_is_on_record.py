"""The record of what was done: read by administrators, complete in words, by pages that skip nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client as Browser
from django.utils import translation

from madoguchi import domain
from madoguchi.domain.calls.models import Recording
from madoguchi.domain.calls.tests.a_day import Centre, account
from madoguchi.domain.ledger.actions import note
from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.people.models import Account
from madoguchi.kit.clock import now
from madoguchi.screens.office.record_words import ABOUT, DONE
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]

PAGE = "/office/record/"


@pytest.fixture
def administrator() -> Account:
    return account("kato", "加藤 隆", "administrator")


@pytest.fixture
def office(administrator: Account) -> Browser:
    return browser_of(administrator)


def shown(office: Browser, query: str = "") -> str:
    answer = office.get(PAGE + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_who_looked_at_a_call_and_listened_to_it_is_read_with_the_way_there(office: Browser) -> None:
    centre = Centre(now())
    call = centre.answered(centre.now, centre.customers[0], centre.agents[0])
    recording = Recording.objects.get(call=call)
    note("viewed_call", "call", call.pk, acting_user=centre.supervisor.pk)
    note("listened", "recording", recording.pk, acting_user=centre.supervisor.pk)
    page = shown(office, f"?by={centre.supervisor.pk}")
    for words in ("山田 隆", "通話を閲覧", "録音を聴取"):
        assert words in page
    assert page.count(f'href="/calls/{call.pk}/"') == 2
    assert "録音を聴取" not in shown(office, f"?by={centre.agents[0].account_id}")
    assert "録音を聴取" not in shown(office, "?about=customer")
    assert "録音を聴取" not in shown(office, "?day=2001-01-01")


def test_pages_follow_each_other_and_skip_nothing(office: Browser, administrator: Account) -> None:
    for number in range(120):
        note("renamed_skill", "skill", number, acting_user=administrator.pk, name=f"技能{number:03}")
    seen, query = [], "?about=skill"
    while query:
        page = shown(office, query)
        seen += re.findall(r"技能(\d{3})", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        query = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"{number:03}" for number in reversed(range(120))]


def test_a_changed_setting_leads_to_its_page_and_a_deleted_one_nowhere(
    office: Browser, administrator: Account
) -> None:
    note("changed_client", "client", 7, acting_user=administrator.pk, changes={})
    note("deleted_hours", "hours", 8, acting_user=administrator.pk, name="夏の時間")
    page = shown(office)
    assert '<a href="/office/clients/7/">#7</a>' in page
    assert "夏の時間" in page
    assert "/office/hours/8/" not in page


def test_who_came_in_and_who_was_not_let_in_is_on_record(office: Browser) -> None:
    person = account("sato", "佐藤 恵", "operator")
    person.set_password("hidamari-no-neko-7")
    person.save()
    visitor = Browser(headers={"x-forwarded-for": "192.0.2.1"})
    visitor.post("/accounts/login/", {"login": "sato", "password": "wrong"})
    visitor.post("/accounts/login/", {"login": "my-password-by-mistake", "password": "x"})
    visitor.post("/accounts/login/", {"login": "sato", "password": "hidamari-no-neko-7"})
    told = [(entry.verb, entry.by, entry.subject_id) for entry in Entry.objects.order_by("pk")]
    assert told[-3:] == [
        ("log_in_refused", None, str(person.pk)),
        ("log_in_refused", None, ""),
        ("logged_in", person.pk, str(person.pk)),
    ]
    assert not Entry.objects.filter(detail__icontains="mistake").exists()
    page = shown(office)
    assert "ログイン失敗" in page
    assert "127.0.0.1" in page


def test_every_verb_that_is_put_on_record_has_its_words() -> None:
    sources = "\n".join(file.read_text() for file in Path(domain.__path__[0]).rglob("actions*/**/*.py"))
    sources += "\n".join(file.read_text() for file in Path(domain.__path__[0]).rglob("actions.py"))
    verbs = set(re.findall(r'\bnote\(\s*"([a-z_]+)"', sources))
    assert len(verbs) > 40
    assert verbs <= DONE.keys()
    with translation.override("ja"):
        assert all(not str(words).isascii() for words in (*DONE.values(), *ABOUT.values()))


@pytest.mark.parametrize(
    "query", ["?by=x&before=-1&day=0001-01-01&about=zzz", "?before=99999999999999999999"]
)
def test_no_address_breaks_it(office: Browser, query: str) -> None:
    # The page stays whole: what to look for can be chosen anew.
    assert 'name="about"' in shown(office, query)


def test_it_is_not_open_to_others() -> None:
    browser = browser_of(account("sv", "山田", "supervisor"))
    assert browser.get(PAGE).status_code == 403

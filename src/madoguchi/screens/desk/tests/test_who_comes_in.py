"""Log-in, one's own start page and language; nobody makes an account for themselves."""

import pytest
from django.test import Client as Browser

from madoguchi.domain.people.models import Account, Role
from madoguchi.screens.desk.tests import rows
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def logged_in(role: str, language: str = "ja") -> Browser:
    account = Account(username=f"a-{role}", name="佐藤", role=role, language=language)
    account.set_unusable_password()
    account.save()
    return browser_of(account)


def test_a_stranger_cannot_sign_up() -> None:
    browser = Browser()
    assert "アカウントはシステム管理者が作成します" in browser.get("/accounts/signup/").content.decode()
    fields = {"username": "intruder", "password1": "a-long-password-7", "password2": "a-long-password-7"}
    browser.post("/accounts/signup/", fields)
    assert not Account.objects.filter(username="intruder").exists()


def test_log_in_leads_to_the_own_screen() -> None:
    rows.day()
    answer = Browser().post("/accounts/login/", {"login": "sato", "password": rows.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_tells_nothing_of_who_exists() -> None:
    rows.day()
    pages = [
        Browser().post("/accounts/login/", {"login": name, "password": "wrong"}).content.decode()
        for name in ("sato", "nobody")
    ]
    said = [page[page.index('role="alert"') :].split("</div>")[0] for page in pages]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.OPERATOR, "/desk/"),
        (Role.SUPERVISOR, "/floor/"),
        (Role.ADMINISTRATOR, "/floor/"),
        (Role.QUALITY, "/calls/"),
    ],
)
def test_everybody_starts_on_their_own_screen(role: str, path: str) -> None:
    assert logged_in(role).get("/")["Location"] == path


def test_the_language_of_a_person_holds_on_every_computer() -> None:
    browser = logged_in(Role.OPERATOR, "en")
    assert '<html lang="en">' in browser.get("/accounts/2fa/").content.decode()
    browser.post("/language/setlang/", {"language": "ja", "next": "/"})
    assert Account.objects.get().language == "ja"
    elsewhere = browser_of(Account.objects.get())
    assert '<html lang="ja">' in elsewhere.get("/accounts/2fa/").content.decode()


def test_settings_show_the_telephones_secret_to_its_owner_only_when_it_is_a_desk_phone() -> None:
    cast = rows.day()
    browser = browser_of(cast.sato.account)
    assert cast.sato.endpoint not in browser.get("/desk/settings/").content.decode()
    browser.post("/desk/settings/phone", {"phone": "desk"})
    page = browser.get("/desk/settings/").content.decode()
    assert cast.sato.endpoint in page
    assert cast.tanaka.endpoint not in page
    browser.post("/desk/settings/secret")
    cast.sato.refresh_from_db()
    assert cast.sato.sip_secret != "secret"


def test_the_telephone_is_not_changed_in_the_middle_of_a_call() -> None:
    cast = rows.day()
    made = rows.call(cast)
    rows.answer(cast, made, cast.sato)
    browser = browser_of(cast.sato.account)
    browser.post("/desk/settings/phone", {"phone": "desk"})
    cast.sato.refresh_from_db()
    assert cast.sato.phone == "browser"


def test_people_without_a_telephone_have_their_settings_too() -> None:
    person = Account.objects.create(username="qc", name="品質 良子", role="quality")
    browser = browser_of(person)
    page = browser.get("/desk/settings/")
    told = page.content.decode()
    assert page.status_code == 200
    assert "品質 良子" in told
    assert 'name="language"' in told
    assert "/accounts/password/change/" in told
    assert 'name="phone"' not in told
    assert browser.post("/desk/settings/phone", {"phone": "desk"}).status_code == 403

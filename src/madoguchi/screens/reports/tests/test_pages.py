"""The history, a call's page, the customers' pages: who sees what, and what each form does."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from madoguchi.domain.calls.models import Call, Recording
from madoguchi.domain.calls.tests.a_day import Centre, account, seconds
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.customers import actions as customers
from madoguchi.domain.customers.models import Customer
from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.people.models import Account
from madoguchi.kit.clock import now
from madoguchi.kit.phone_numbers import parse
from madoguchi.screens.parts.tests.logged_in import browser_of
from madoguchi.screens.reports.recordings import PIECE_BYTES

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def centre() -> Centre:
    return Centre(now())


@pytest.fixture
def call(centre: Centre) -> Call:
    return centre.answered(
        centre.now - seconds(2000),
        centre.customers[0],
        centre.agents[0],
        summary="修理受付",
        marks=["praise"],
    )


@pytest.fixture
def sound(call: Call) -> Recording:
    """A stored recording of two and a half pieces."""
    recording = call.recordings.get()
    file = Path(settings.INSTALLATION.recordings) / recording.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(range(256)) * (PIECE_BYTES * 5 // 512))
    return recording


def shown(opened: Browser, path: str, status: int = 200) -> str:
    answer = opened.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "path",
    ["/calls/", "/calls/{call}/", "/customers/", "/customers/?q=たかはし", "/customers/{customer}/",
     "/customers/{customer}/edit/", "/customers/new/", "/customers/import/"],
)  # fmt: skip
def test_every_page_opens_in_both_languages(centre: Centre, call: Call, path: str, language: str) -> None:
    centre.supervisor.language = language
    centre.supervisor.save()
    centre.waiting(30, centre.customers[1])
    centre.talking(50, centre.customers[0], centre.agents[1])
    page = shown(browser_of(centre.supervisor), path.format(call=call.pk, customer=centre.customers[0].pk))
    assert f'lang="{language}"' in page
    assert "style=" not in page


def test_a_figures_link_opens_its_calls(centre: Centre, call: Call) -> None:
    centre.left(centre.now - seconds(900), centre.customers[1])
    opened = browser_of(centre.supervisor)
    floor = shown(opened, "/floor/")
    link = next(each for each in re.findall(r'href="(/calls/\?[^"]+)"', floor) if "outcomes=answered" in each)
    listed = shown(opened, link.replace("&amp;", "&"))
    assert str(call.pk) in listed
    assert listed.count("/calls/0") == 1


def test_an_operator_sees_their_own_calls_only(centre: Centre, call: Call) -> None:
    own, other = browser_of(centre.agents[0].account), browser_of(centre.agents[1].account)
    assert str(call.pk) in shown(own, "/calls/")
    assert "修理受付" in shown(own, f"/calls/{call.pk}/")
    assert str(call.pk) not in shown(other, "/calls/")
    shown(other, f"/calls/{call.pk}/", 404)
    shown(other, "/calls/export.csv", 403)
    shown(other, "/customers/import/", 403)
    assert Entry.objects.filter(verb="viewed_call", by=centre.agents[0].account_id).exists()


def test_a_recording_is_heard_by_pieces_and_on_record_once(centre: Centre, sound: Recording) -> None:
    opened, address = browser_of(centre.supervisor), f"/recordings/{sound.pk}/audio"
    size = PIECE_BYTES * 5 // 2
    first = opened.get(address, headers={"Range": "bytes=0-"})
    assert (first.status_code, len(first.content)) == (206, PIECE_BYTES)
    assert first["Content-Range"] == f"bytes 0-{PIECE_BYTES - 1}/{size}"
    middle = opened.get(address, headers={"Range": "bytes=300-303"})
    assert middle.content == bytes([44, 45, 46, 47])
    assert opened.get(address, headers={"Range": "bytes=-2"}).content == bytes([254, 255])
    assert opened.get(address, headers={"Range": f"bytes={size}-"}).status_code == 416
    whole = opened.get(address)
    assert (whole.status_code, len(b"".join(whole))) == (200, size)
    heard = Entry.objects.filter(verb="listened", subject_id=str(sound.pk))
    assert [entry.by for entry in heard] == [centre.supervisor.pk]


def test_leaders_read_on_the_page_who_listened(centre: Centre, call: Call, sound: Recording) -> None:
    supervisor, operator = browser_of(centre.supervisor), browser_of(centre.agents[0].account)
    assert "まだ誰も聴いていません" in shown(supervisor, f"/calls/{call.pk}/")
    operator.get(f"/recordings/{sound.pk}/audio", headers={"Range": "bytes=0-9"})
    page = shown(supervisor, f"/calls/{call.pk}/")
    assert "聴いた記録 1件" in page
    assert "聴いた記録" not in shown(operator, f"/calls/{call.pk}/")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("neither track was written", "どちらの声も書き込まれませんでした"),
        ("disk full", "保存できませんでした（disk full）"),
    ],
)
def test_a_missing_recording_says_why_in_the_persons_language(
    centre: Centre, call: Call, reason: str, words: str
) -> None:
    call.recordings.update(stage="missing", missing_reason=reason, path="", peaks=None)
    assert words in shown(browser_of(centre.supervisor), f"/calls/{call.pk}/")
    assert words in shown(browser_of(centre.supervisor), "/floor/")


def test_a_recording_is_for_leaders_quality_and_its_own_operator(centre: Centre, sound: Recording) -> None:
    def answer(person: Account) -> int:
        headers = {"Range": "bytes=0-9"}
        return int(browser_of(person).get(f"/recordings/{sound.pk}/audio", headers=headers).status_code)

    assert answer(centre.agents[0].account) == 206
    assert answer(centre.agents[1].account) == 403
    assert answer(account("qc", "品質", "quality")) == 206
    assert Browser().get(f"/recordings/{sound.pk}/audio").status_code == 302


@pytest.mark.parametrize("path", ["../keys/secrets.json", "/etc/passwd", "gone.wav", ""])
def test_no_path_leads_out_of_the_recordings(centre: Centre, sound: Recording, path: str) -> None:
    Recording.objects.filter(pk=sound.pk).update(path=path)
    answer = shown(browser_of(centre.supervisor), f"/recordings/{sound.pk}/audio", 404)
    assert "root:" not in answer and "database_password" not in answer


def test_people_at_the_phone_dial_from_every_number_shown(centre: Centre, call: Call) -> None:
    customer = centre.customers[0]
    operator = browser_of(centre.agents[0].account)
    for page in (f"/calls/{call.pk}/", f"/customers/{customer.pk}/"):
        (wanted,) = re.findall(r'data-dials="([^"]+)"', shown(operator, page))
        dialled = json.loads(unescape(wanted))
        assert dialled["customer_id"] == customer.pk
        assert parse(dialled["number"]).e164 == call.customer_e164
        assert "data-dials" not in shown(browser_of(centre.supervisor), page)


def test_a_recording_is_kept_beyond_its_time(centre: Centre, sound: Recording) -> None:
    address = f"/recordings/{sound.pk}/hold"
    assert browser_of(centre.agents[0].account).post(address, {"held": "1"}).status_code == 403
    assert browser_of(centre.supervisor).post(address, {"held": "1"}).status_code == 302
    sound.refresh_from_db()
    assert sound.held


def test_a_missing_recording_says_why(centre: Centre, call: Call) -> None:
    call.recordings.update(stage="missing", missing_reason="片側の音声がありません", path="", peaks=None)
    assert "片側の音声がありません" in shown(browser_of(centre.supervisor), f"/calls/{call.pk}/")


def test_the_file_of_calls_opens_in_excel_and_is_on_record(centre: Centre, call: Call) -> None:
    answer = browser_of(centre.supervisor).get("/calls/export.csv?outcomes=answered")
    text = b"".join(answer).decode()
    assert text.startswith("\ufeff")
    assert str(call.pk) in text
    assert Entry.objects.filter(verb="exported", by=centre.supervisor.pk).exists()


@pytest.mark.parametrize(
    "query",
    ["since=x&until=9999-99-99", "number=%00%27%3B--", "after=~~~", "queue_id=999999999999999999999",
     "outcomes=%3Cscript%3E", "customer_id=-1", "within_s=1e9", "after=2026-01-01T00:00:00~0",
     "since=0001-01-01", "until=9999-12-31", "within_s=99999999999999"],
)  # fmt: skip
def test_no_address_breaks_the_history(centre: Centre, call: Call, query: str) -> None:
    page = shown(browser_of(centre.supervisor), f"/calls/?{query}")
    assert "<script>" not in page


def test_a_name_cannot_write_into_a_page(centre: Centre, call: Call) -> None:
    customers.change(centre.customers[0].pk, name="<script>x</script>", acting_user=None)
    for path in (
        "/calls/",
        f"/calls/{call.pk}/",
        f"/customers/{centre.customers[0].pk}/",
        "/customers/?q=script",
    ):
        assert "<script>x" not in shown(browser_of(centre.supervisor), path)


def test_a_customer_is_written_down_and_changed(centre: Centre) -> None:
    opened = browser_of(centre.agents[0].account)
    fields = {
        "client_id": centre.client.pk,
        "name": "森 次郎",
        "numbers": "03-1111-2222",
        "birth_date": "S55.1.2",
    }
    assert opened.post("/customers/new/", fields).status_code == 302
    made = Customer.objects.get(name="森 次郎")
    assert (made.numbers.get().e164, str(made.birth_date)) == ("+81311112222", "1980-01-02")
    address = f"/customers/{made.pk}/edit/"
    assert opened.post(address, {"name": "森 三郎", "company": "森商会"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, str(made.company)) == ("森 三郎", "森商会")
    assert opened.post(address, {"name": ""}).status_code == 422
    assert opened.post("/customers/new/", fields | {"numbers": "だめ"}).status_code == 422
    assert opened.post("/customers/new/", fields | {"birth_date": "いつか"}).status_code == 422
    assert Customer.objects.filter(name="森 次郎").count() == 0


def test_a_reading_stands_above_a_name_and_a_long_one_behind_it(centre: Centre) -> None:
    short = customers.create(centre.client.pk, name="岸 花", name_kana="キシ ハナ", acting_user=None)
    name, kana = "Donaudampfschifffahrtsgesellschaft", "ドナウキセンガイシャ" * 6
    long = customers.create(centre.client.pk, name=name, name_kana=kana, acting_user=None)
    opened = browser_of(centre.supervisor)
    assert "<ruby>岸 花<rt>キシ ハナ</rt></ruby>" in opened.get(f"/customers/{short.pk}/").content.decode()
    page = opened.get(f"/customers/{long.pk}/").content.decode()
    assert f'{name} <small class="kana">{kana}</small>' in page and "<ruby>" not in page


def test_what_matters_is_pinned_and_taken_away(centre: Centre) -> None:
    opened, person = browser_of(centre.agents[0].account), centre.customers[0]
    address = f"/customers/{person.pk}/"
    opened.post(f"{address}do/add-point", {"text": "18時以降にご連絡"})
    opened.post(f"{address}do/add-number", {"number": "0312349999", "label": "実家"})
    page = shown(opened, address)
    assert "18時以降にご連絡" in page
    assert "03-1234-9999" in page
    opened.post(f"{address}do/withdraw-point", {"id": person.important_points.get().pk})
    opened.post(f"{address}do/remove-number", {"id": person.numbers.get(label="実家").pk})
    page = shown(opened, address)
    assert "18時以降にご連絡" not in page
    assert "03-1234-9999" not in page
    assert opened.post(f"{address}do/burn").status_code == 404
    assert opened.post(f"{address}do/add-number", {"number": "だめ"}, follow=True).status_code == 200


def test_a_promise_is_kept_from_the_customers_page(centre: Centre) -> None:
    person = centre.customers[0]
    promise = cases.make_promise(
        kind="do",
        what="カタログ送付",
        due_at=now(),
        customer_id=person.pk,
        client_id=person.client_id,
        contact_id=None,
        call_id=None,
        acting_user=None,
    )
    opened = browser_of(centre.agents[0].account)
    assert "カタログ送付" in shown(opened, f"/customers/{person.pk}/")
    opened.post(f"/customers/{person.pk}/do/keep-promise", {"id": promise.pk})
    promise.refresh_from_db()
    assert promise.stage == "kept"


@pytest.mark.parametrize("content", [b"", b"\x00" * 50, b"PK\x03\x04 workbook"])
def test_a_file_that_is_none_is_refused_in_words(centre: Centre, content: bytes) -> None:
    file = SimpleUploadedFile("x.csv", content, "text/csv")
    answer = browser_of(centre.supervisor).post(
        "/customers/import/", {"client": centre.client.pk, "file": file}
    )
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()

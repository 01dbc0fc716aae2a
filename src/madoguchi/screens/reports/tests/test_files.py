"""Files of customers and of calls, in and out: by pieces, in both encodings, harmless, on record."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator, Sequence

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest
from django.test import AsyncRequestFactory, RequestFactory
from django.test import Client as Browser

from madoguchi.domain.calls.tests.a_day import Centre, seconds
from madoguchi.domain.customers import actions, export_file
from madoguchi.domain.customers.models import Customer, CustomerImport
from madoguchi.domain.ledger.models import Entry
from madoguchi.kit.clock import now
from madoguchi.screens.parts.csv_answer import LINES_A_PIECE, csv_answer
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def centre() -> Centre:
    return Centre(now())


def brought(opened: Browser, centre: Centre, content: bytes) -> tuple[CustomerImport, str]:
    file = SimpleUploadedFile("顧客.csv", content, "text/csv")
    answer = opened.post("/customers/import/", {"client": centre.client.pk, "file": file})
    assert answer.status_code == 302
    return CustomerImport.objects.latest("made_at"), answer.headers["Location"]


def test_a_file_is_looked_at_before_it_is_taken_in_and_its_page_can_be_reloaded(centre: Centre) -> None:
    opened = browser_of(centre.supervisor)
    content = "氏名,電話番号\n森 次郎,03-1111-2222\n,x\n".encode("cp932")
    made, path = brought(opened, centre, content)
    waiting = opened.get(path).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert "<progress" in waiting

    actions.examine(made.pk)
    examined = opened.get(path).content.decode()
    assert "Shift_JIS" in examined
    assert "森 次郎" in examined
    assert "every 1s" not in examined
    assert not Customer.objects.filter(name="森 次郎").exists()

    for _ in range(2):  # pressed twice: one worker
        assert opened.post(f"{path}answer", {"answer": "yes"}).headers["Location"] == path
    assert "<progress" in opened.get(path).content.decode()
    actions.take_in(made.pk)
    for _ in range(2):
        done = opened.get(path).content.decode()
        assert "every 1s" not in done
        assert "“x”" in done or "「x」" in done
    assert Customer.objects.filter(name="森 次郎").count() == 1
    assert "顧客.csv" in opened.get("/customers/import/").content.decode()


def test_why_a_file_failed_stays_on_its_page(centre: Centre) -> None:
    opened = browser_of(centre.supervisor)
    made, path = brought(opened, centre, "色,形\n赤,丸\n".encode())
    actions.examine(made.pk)
    for _ in range(2):
        page = opened.get(path).content.decode()
        assert 'role="alert"' in page
        assert "氏名" in page


def test_a_no_throws_the_file_away(centre: Centre) -> None:
    opened = browser_of(centre.supervisor)
    made, path = brought(opened, centre, "氏名\n森\n".encode())
    actions.examine(made.pk)
    assert opened.post(f"{path}answer", {"answer": "no"}).headers["Location"] == "/customers/import/"
    assert opened.post(f"{path}answer", {"answer": "yes"}, follow=True).status_code == 200
    made.refresh_from_db()
    assert made.stage == "forgotten"


def test_operators_see_no_files_and_save_no_customers(centre: Centre) -> None:
    _made, path = brought(browser_of(centre.supervisor), centre, "氏名\n森\n".encode())
    opened = browser_of(centre.agents[0].account)
    assert opened.get(path).status_code == 403
    assert opened.get(f"/customers/export.csv?client={centre.client.pk}").status_code == 403


@pytest.mark.parametrize(("asked", "codec"), [("utf8", "utf-8-sig"), ("sjis", "cp932")])
def test_customers_go_out_and_come_back_in_both_encodings(centre: Centre, asked: str, codec: str) -> None:
    actions.create(centre.client.pk, name="=cmd|'/c calc'!A0", company="🎍商店", acting_user=None)
    opened = browser_of(centre.supervisor)
    answer = opened.get(f"/customers/export.csv?client={centre.client.pk}&encoding={asked}")
    content = answer.getvalue()
    text = content.decode(codec)
    assert content.startswith(b"\xef\xbb\xbf") == (asked == "utf8")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[-1][1] == "'=cmd|'/c calc'!A0"
    assert rows[-1][3] == ("🎍商店" if asked == "utf8" else "〓商店")
    assert Entry.objects.filter(verb="exported", subject="customers").count() == 1

    made, _path = brought(opened, centre, content)
    actions.examine(made.pk)
    made.refresh_from_db()
    people = Customer.objects.count()
    # What Shift_JIS has no sign for is the one thing that differs.
    changed = 0 if asked == "utf8" else 1
    assert (made.foreseen["unchanged"] + changed, made.foreseen["new"]) == (people, changed)
    assert made.mistaken_lines == 0


def test_calls_are_saved_in_shift_jis_too(centre: Centre) -> None:
    centre.answered(centre.now - seconds(2000), centre.customers[0], centre.agents[0])
    answer = browser_of(centre.supervisor).get("/calls/export.csv?encoding=sjis")
    text = answer.getvalue().decode("cp932")
    assert "髙橋 花子" in text
    assert answer.headers["Content-Type"] == "text/csv; charset=Shift_JIS"


class Endless:
    """Rows without end, that tell how many were wanted and whether somebody left."""

    def __init__(self) -> None:
        self.given = 0
        self.left = False

    def __call__(self) -> Iterator[Sequence[str]]:
        try:
            while True:
                self.given += 1
                yield ["x" * 100]
        finally:
            self.left = True


@pytest.mark.django_db(transaction=True)
def test_the_first_piece_goes_out_before_the_last_row_is_read() -> None:
    endless = Endless()
    request = AsyncRequestFactory().get("/")

    async def read_three() -> int:
        pieces = csv_answer(request, endless, "x").streaming_content
        length = 0
        for _ in range(3):
            length += len(await anext(pieces))  # type: ignore[arg-type]
        await pieces.aclose()  # type: ignore[union-attr]
        for _ in range(100):
            if endless.left:
                break
            await asyncio.sleep(0.02)
        return length

    length = asyncio.run(read_three())
    assert length == 3 + 2 * LINES_A_PIECE * 102
    assert endless.given <= 2 * LINES_A_PIECE + 1
    assert endless.left


def test_customers_are_read_through_a_cursor_at_the_databases_side(centre: Centre) -> None:
    Customer.objects.bulk_create(
        Customer(client=centre.client, name=f"森 {n}") for n in range(4 * export_file.CHUNK)
    )
    seen: list[int] = []

    def watched() -> Iterator[Sequence[str]]:
        for place, row in enumerate(export_file.rows_of(centre.client.pk)):
            if place == export_file.CHUNK + 1:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM pg_cursors WHERE NOT is_holdable")
                    seen.append(cursor.fetchone()[0])
            yield row

    request: HttpRequest = RequestFactory().get("/")
    pieces = list(csv_answer(request, watched, "x").streaming_content)  # type: ignore[arg-type]
    assert len(pieces) > 4
    assert seen == [1]

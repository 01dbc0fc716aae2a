"""A file is imported once however often it is given, and what is exported comes back as it was."""

import csv
import io

import pytest
from django.utils import translation

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers import actions, export_file
from madoguchi.domain.customers.import_headings import heading_of
from madoguchi.domain.customers.models import Customer, CustomerImport, CustomerNumber, ImportantPoint
from madoguchi.domain.ledger.models import Entry

pytestmark = [pytest.mark.action, pytest.mark.django_db]

FILE = """顧客番号,氏名,フリガナ,会社名,電話番号,携帯,重要事項
C-1,髙橋 花子,タカハシ ハナコ,さくら商店,03-1234-5678,090-1234-5678,ご連絡は平日18時以降
C-2,高橋 花子,タカハシ ハナコ,,03-1234-5678,,
,鈴木 一郎,スズキ イチロウ,さくら商店,06-6123-4567,,
,住所だけ 太郎,,,,,
,鈴木　一郎,,,06-6123-4567,080-1111-2222,
,,,,,,
"""


@pytest.fixture
def company() -> Client:
    return Client.objects.create(name="さくら電機")


def take_in(client: Client, text: str) -> CustomerImport:
    """Bring a file, look, say yes: the worker's part included."""
    brought = actions.begin_import(
        client.pk, "x.csv", io.BytesIO(text.encode()), language="ja", acting_user=1
    )
    actions.examine(brought.pk)
    actions.confirm_import(brought.pk, acting_user=1)
    actions.take_in(brought.pk)
    brought.refresh_from_db()
    assert brought.stage == "done"
    return brought


def told(brought: CustomerImport) -> tuple[int, int, int]:
    return (brought.result["new"], brought.result["changed"], brought.result["unchanged"])


def test_the_preview_tells_what_the_import_then_does(company: Client) -> None:
    brought = actions.begin_import(
        company.pk, "x.csv", io.BytesIO(FILE.encode()), language="ja", acting_user=1
    )
    actions.examine(brought.pk)
    brought.refresh_from_db()
    assert (brought.stage, brought.foreseen, brought.doubled) == (
        "examined",
        {"new": 4, "changed": 0, "unchanged": 0},
        1,
    )
    assert Customer.objects.count() == 0
    actions.confirm_import(brought.pk, acting_user=1)
    actions.take_in(brought.pk)
    brought.refresh_from_db()
    assert brought.result == brought.foreseen
    assert Entry.objects.get(verb="imported_customers").detail["new"] == 4


def test_the_same_file_again_changes_nothing(company: Client) -> None:
    take_in(company, FILE)
    before = list(Customer.objects.order_by("pk").values_list("pk", "updated_at"))
    again = take_in(company, FILE)
    assert (told(again), again.doubled) == ((0, 0, 4), 1)
    assert list(Customer.objects.order_by("pk").values_list("pk", "updated_at")) == before
    assert ImportantPoint.objects.count() == 1


def test_two_customer_numbers_are_two_people_on_one_telephone(company: Client) -> None:
    take_in(company, FILE)
    sharing = CustomerNumber.objects.filter(e164="+81312345678")
    assert sorted(row.customer.external_id for row in sharing) == ["C-1", "C-2"]


def test_a_changed_cell_changes_and_an_empty_one_takes_nothing_away(company: Client) -> None:
    take_in(company, FILE)
    done = take_in(company, "顧客番号,氏名,フリガナ,会社名,携帯\nC-1,田中 花子,,,070-9999-0000\n")
    assert told(done) == (0, 1, 0)
    hanako = Customer.objects.get(external_id="C-1")
    assert (hanako.name, hanako.name_kana, str(hanako.company)) == (
        "田中 花子",
        "タカハシ ハナコ",
        "さくら商店",
    )
    assert hanako.numbers.count() == 3
    assert hanako.numbers.filter(main=True).count() == 1
    assert "田中花子" in hanako.key


def test_the_people_of_another_client_are_left_alone(company: Client) -> None:
    other = Client.objects.create(name="もみじ保険")
    take_in(company, FILE)
    assert told(take_in(other, FILE)) == (4, 0, 0)


def test_lines_with_mistakes_are_left_out_and_counted(company: Client) -> None:
    done = take_in(company, "氏名,電話\n鈴木,だめ\n佐藤,0312345678\n")
    assert (told(done), done.mistaken_lines) == ((1, 0, 0), 1)
    assert [line for line, _words in done.mistakes] == [2]


def test_what_was_exported_comes_back_as_it_was(company: Client) -> None:
    other = Client.objects.create(name="もみじ保険")
    wild = "=HYPERLINK(1)"
    actions.create(
        company.pk, name="森 次郎", numbers=["+1 650 253 0000"], note=wild, email="a@b.jp", acting_user=1
    )
    actions.create(company.pk, name="-", company="＝商店", external_id="0012", acting_user=1)
    lines = list(export_file.rows_of(company.pk))
    assert not any(cell.startswith(("=", "+", "@", "＝")) for cells in lines for cell in cells)
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    assert told(take_in(other, text.getvalue())) == (2, 0, 0)
    one, two = Customer.objects.filter(client=other).order_by("pk")
    assert (one.note, one.numbers.get().e164, one.email) == (wild, "+16502530000", "a@b.jp")
    assert (two.name, str(two.company), two.external_id) == ("-", "＝商店", "0012")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_import_knows_every_heading_that_the_export_writes(language: str) -> None:
    with translation.override(language):
        known = [heading_of(heading) for heading in export_file.headings(3)]
    assert known == [
        "external_id",
        "name",
        "name_kana",
        "company",
        "department",
        "number",
        "number",
        "number",
        "postal_code",
        "address",
        "email",
        "birth_date",
        "important",
        "note",
    ]

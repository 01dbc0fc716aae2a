"""A file is imported once however often it is given, and all of it or nothing."""

from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers import actions, importing
from madoguchi.domain.customers.errors import ImportGone
from madoguchi.domain.customers.models import Customer, CustomerNumber, ImportantPoint
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


def take_in(client: Client, text: str) -> actions.Imported:
    preview = importing.examine(client.pk, text.encode())
    return actions.import_file(client.pk, preview.token, acting_user=1)


def test_the_preview_tells_what_the_import_then_does(company: Client) -> None:
    preview = importing.examine(company.pk, FILE.encode())
    assert (len(preview.plan.new), preview.plan.doubled, Customer.objects.count()) == (4, 1, 0)
    done = actions.import_file(company.pk, preview.token, acting_user=1)
    assert done == actions.Imported(new=4, changed=0, unchanged=0, doubled=1, left_out=0)
    assert Entry.objects.get(verb="imported_customers").detail["new"] == 4


def test_the_same_file_again_changes_nothing(company: Client) -> None:
    take_in(company, FILE)
    before = list(Customer.objects.order_by("pk").values_list("pk", "updated_at"))
    assert take_in(company, FILE) == actions.Imported(new=0, changed=0, unchanged=4, doubled=1, left_out=0)
    assert list(Customer.objects.order_by("pk").values_list("pk", "updated_at")) == before
    assert ImportantPoint.objects.count() == 1


def test_two_customer_numbers_are_two_people_on_one_telephone(company: Client) -> None:
    take_in(company, FILE)
    sharing = CustomerNumber.objects.filter(e164="+81312345678")
    assert sorted(row.customer.external_id for row in sharing) == ["C-1", "C-2"]


def test_a_changed_cell_changes_and_an_empty_one_takes_nothing_away(company: Client) -> None:
    take_in(company, FILE)
    done = take_in(company, "顧客番号,氏名,フリガナ,会社名,携帯\nC-1,田中 花子,,,070-9999-0000\n")
    assert done == actions.Imported(new=0, changed=1, unchanged=0, doubled=0, left_out=0)
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
    assert take_in(other, FILE).new == 4


def test_lines_with_mistakes_are_left_out_and_counted(company: Client) -> None:
    assert take_in(company, "氏名,電話\n鈴木,だめ\n佐藤,0312345678\n") == actions.Imported(1, 0, 0, 0, 1)


def test_an_import_that_fails_halfway_leaves_nothing(
    company: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madoguchi.domain.customers.actions.BATCH", 2)
    preview = importing.examine(company.pk, FILE.encode())

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("madoguchi.domain.customers.actions.ledger.note", fail)
        with pytest.raises(RuntimeError):
            actions.import_file(company.pk, preview.token, acting_user=1)
    assert Customer.objects.count() == 0
    assert actions.import_file(company.pk, preview.token, acting_user=1).new == 4


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "unknown"])
def test_a_file_that_is_not_kept_cannot_be_imported(company: Client, token: str) -> None:
    with pytest.raises(ImportGone):
        actions.import_file(company.pk, token, acting_user=1)


def test_files_nobody_said_yes_to_are_thrown_away(company: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    preview = importing.examine(company.pk, FILE.encode())
    kept = Path(settings.INSTALLATION.uploads) / "customers" / f"{preview.token}.csv"
    assert kept.stat().st_mode & 0o077 == 0
    importing.forget_old()
    assert kept.exists()
    monkeypatch.setattr(importing, "KEPT_S", -1)
    assert importing.forget_old() >= 1
    assert not kept.exists()

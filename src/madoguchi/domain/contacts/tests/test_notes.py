"""What people write of a contact: one note each, and no words are ever lost."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from madoguchi.domain.clients.models import Reason
from madoguchi.domain.contacts import actions
from madoguchi.domain.contacts.actions import Choices, Written
from madoguchi.domain.contacts.models import Contact, Note
from madoguchi.domain.ledger.tests.side_by_side import side_by_side
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id

pytestmark = [pytest.mark.action, pytest.mark.django_db]
SATO, TANAKA = 3, 4
NOTHING: Choices = {}


def opened() -> Contact:
    return actions.open_contact(client_id=None, channel="call_in", at=now(), call_id=new_id())


def write(
    contact: Contact, text: str | None, *, on: int, by: int = SATO, choices: Choices = NOTHING
) -> Written:
    with transaction.atomic():
        written = actions.write_note(contact.pk, text, choices, based_on=on, acting_user=by, at=now())
    assert written is not None
    contact.refresh_from_db()
    return written


def test_the_same_words_again_change_nothing() -> None:
    contact = opened()
    assert write(contact, "冷えない", on=0) == Written("冷えない", 1, kept_both=False)
    assert write(contact, "冷えない", on=1) == Written("冷えない", 1, kept_both=False)
    # The answer to the first was lost on its way, and it is sent again.
    assert write(contact, "冷えない", on=0) == Written("冷えない", 1, kept_both=False)
    assert contact.summary == "冷えない"


def test_who_takes_over_writes_beside_and_not_over() -> None:
    contact = opened()
    write(contact, "佐藤の言葉", on=0)
    assert write(contact, "田中の言葉", on=0, by=TANAKA).kept_both is False
    write(contact, "佐藤の言葉、つづき", on=1)
    assert contact.summary == "佐藤の言葉、つづき\n田中の言葉"
    assert {note.account_id: note.text for note in Note.objects.all()} == {
        SATO: "佐藤の言葉、つづき",
        TANAKA: "田中の言葉",
    }


def test_two_windows_keep_the_words_of_both_and_the_later_is_told() -> None:
    contact = opened()
    write(contact, "冷えない", on=0)
    write(contact, "冷えない\n折り返し希望", on=1)
    assert write(contact, "冷えない\n音がする", on=1) == Written(
        "冷えない\n折り返し希望\n音がする", 3, kept_both=True
    )


def test_an_older_window_that_cleared_its_text_clears_nothing() -> None:
    contact = opened()
    write(contact, "冷えない", on=0)
    assert write(contact, "", on=0) == Written("冷えない", 1, kept_both=True)
    assert write(contact, "", on=1) == Written("", 2, kept_both=False)
    assert contact.summary == ""


def test_a_choice_alone_leaves_the_words_and_the_other_choices() -> None:
    contact = opened()
    reason = Reason.objects.create(name="修理")
    write(contact, "冷えない", on=0, choices={"reason_id": reason.pk, "marks": ["praise", "praise"]})
    assert write(contact, None, on=0, by=TANAKA, choices={"handling": "done"}).kept_both is False
    assert (contact.reason, contact.handling, contact.marks) == (reason, "done", ["praise"])
    assert contact.summary == "冷えない"
    assert not Note.objects.filter(account_id=TANAKA).exists()


def test_a_reason_that_is_gone_is_none() -> None:
    contact = opened()
    write(contact, None, on=0, choices={"reason_id": 987_654})
    assert contact.reason is None


def test_writing_does_not_change_who_spoke_last() -> None:
    contact = opened()
    actions.spoken_by(contact.pk, TANAKA)
    write(contact, "先に話した人の言葉", on=0, by=SATO)
    assert contact.account_id == TANAKA


def test_a_contact_that_is_not_there_takes_no_words() -> None:
    with transaction.atomic():
        assert actions.write_note(0, "x", {}, based_on=0, acting_user=SATO, at=now()) is None


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_the_same_moment_lose_nothing() -> None:
    contact = opened()
    write(contact, "はじめ", on=0)

    def save(line: str) -> None:
        with transaction.atomic():
            text = f"はじめ\n{line}"
            actions.write_note(contact.pk, text, {}, based_on=1, acting_user=SATO, at=now())

    side_by_side(*(partial(save, line) for line in ("左", "右")))
    note = Note.objects.get()
    assert note.version == 3
    assert sorted(note.text.splitlines()) == sorted(["はじめ", "左", "右"])

"""What an operator writes is a record from the first words on: in talk, hold, transfer and wrap-up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import (
    consult,
    end_wrap_up,
    hearing,
    hold,
    offer,
    transfer_to_agent,
    write_down,
)
from madoguchi.domain.calls.actions.writing import LATE
from madoguchi.domain.calls.errors import CallGone
from madoguchi.domain.calls.models import Call, WrapUp
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.contacts.models import Note
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def write(centre: Centre, call: Call, text: str, *, on: int = 0, by: Agent | None = None) -> int:
    agent = by or centre.sato
    return write_down(call.pk, text, {}, based_on=on, acting_user=agent.account_id).version


def summary(call: Call) -> str:
    call.contact.refresh_from_db()
    return call.contact.summary


def test_it_is_kept_through_talk_hold_question_and_wrap_up(centre: Centre) -> None:
    call = centre.talking()
    version = write(centre, call, "一")
    hold(call.pk, acting_user=centre.sato.account_id)
    version = write(centre, call, "一二", on=version)
    consult(call.pk, centre.suzuki.pk, acting_user=centre.sato.account_id)
    version = write(centre, call, "一二三", on=version)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    write(centre, call, "一二三四", on=version)
    assert summary(call) == "一二三四"


def test_after_a_transfer_both_write_and_neither_overwrites(centre: Centre) -> None:
    call = centre.talking()
    write(centre, call, "佐藤が聞いたこと")
    transfer_to_agent(call.pk, centre.suzuki.pk, acting_user=centre.sato.account_id)
    assert offer(centre.visit(call).pk, [centre.suzuki.pk])
    centre.answer(centre.suzuki)
    write(centre, call, "鈴木が聞いたこと", by=centre.suzuki)
    write(centre, call, "佐藤が聞いたこと。以上", on=1)
    assert summary(call) == "佐藤が聞いたこと。以上\n鈴木が聞いたこと"
    call.contact.refresh_from_db()
    assert call.contact.account_id == centre.suzuki.account_id


def test_who_has_no_part_in_a_call_writes_nothing(centre: Centre) -> None:
    call = centre.ringing()
    for stranger in (centre.suzuki, centre.sato):  # also not who is only rung
        with pytest.raises(CallGone):
            write(centre, call, "x", by=stranger)
    assert not Note.objects.exists()


def test_what_could_not_be_sent_in_time_is_taken_a_while_later(centre: Centre) -> None:
    call = centre.talking()
    hearing.leg_ended(call.pk, "in-1", cause=16)
    end_wrap_up(WrapUp.objects.get().pk, acting_user=centre.sato.account_id)
    write(centre, call, "閉じた後に届いた")
    assert summary(call) == "閉じた後に届いた"
    Call.objects.filter(pk=call.pk).update(ended_at=now() - LATE - timedelta(seconds=1))
    with pytest.raises(CallGone):
        write(centre, call, "翌日", on=1)


def test_an_open_wrap_up_may_be_written_however_long_it_lasts(centre: Centre) -> None:
    call = centre.talking()
    hearing.leg_ended(call.pk, "in-1", cause=16)
    Call.objects.filter(pk=call.pk).update(ended_at=now() - LATE - timedelta(seconds=1))
    write(centre, call, "まだ書いている")
    assert summary(call) == "まだ書いている"

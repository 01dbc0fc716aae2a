"""What is half typed beside a call is kept for who types it; the form, the wrap-up or the call ends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from madoguchi.domain.calls.actions import end_wrap_up, forget_draft, hearing, keep_draft
from madoguchi.domain.calls.actions.drafting import OLD, forget_old_drafts
from madoguchi.domain.calls.models import Call, FormDraft, WrapUp
from madoguchi.domain.calls.queries.drafts import drafts_of
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]

HALF = {"what": "折り返し、在庫を", "number_repeated": ["1"]}


def keep(centre: Centre, call: Call, fields: Mapping[str, object], form: str = "promise") -> None:
    keep_draft(call.pk, form, fields, acting_user=centre.sato.account_id)


def test_the_newest_words_of_each_form_stand_and_nobody_else_sees_them(centre: Centre) -> None:
    call = centre.talking()
    keep(centre, call, {"what": "折"})
    keep(centre, call, HALF)
    keep(centre, call, {"name": "森"}, form="new_customer")
    assert drafts_of(call.pk, centre.sato.account_id) == {"promise": HALF, "new_customer": {"name": "森"}}
    assert drafts_of(call.pk, centre.suzuki.account_id) == {}


def test_a_form_that_is_sent_or_emptied_is_forgotten_and_the_others_stay(centre: Centre) -> None:
    call = centre.talking()
    for form in ("promise", "point", "transfer"):
        keep(centre, call, HALF, form)
    forget_draft(call.pk, "promise", acting_user=centre.sato.account_id)
    keep(centre, call, {}, form="point")
    assert list(drafts_of(call.pk, centre.sato.account_id)) == ["transfer"]


def test_they_outlive_the_call_and_end_with_the_wrap_up(centre: Centre) -> None:
    call = centre.talking()
    keep(centre, call, HALF)
    keep_draft(call.pk, "promise", HALF, acting_user=centre.suzuki.account_id)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    assert drafts_of(call.pk, centre.sato.account_id) == {"promise": HALF}
    end_wrap_up(WrapUp.objects.get(call=call).pk, acting_user=centre.sato.account_id)
    assert drafts_of(call.pk, centre.sato.account_id) == {}
    assert drafts_of(call.pk, centre.suzuki.account_id) == {"promise": HALF}


def test_what_nobody_wrapped_up_is_forgotten_a_day_after_the_call(centre: Centre) -> None:
    call = centre.talking()
    keep(centre, call, HALF)
    FormDraft.objects.update(changed_at=now() - OLD - timedelta(minutes=1))
    assert forget_old_drafts() == 0
    hearing.leg_ended(call.pk, "in-1", cause=16)
    assert forget_old_drafts() == 1
    assert not FormDraft.objects.exists()

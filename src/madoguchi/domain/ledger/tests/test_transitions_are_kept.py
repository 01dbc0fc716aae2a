"""Transitions are rows of the transaction that they describe."""

import pytest
from django.db import transaction

from madoguchi.domain.ledger import actions
from madoguchi.domain.ledger.models import Transition
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_a_step_is_written_with_its_cause() -> None:
    call_id = new_id()
    actions.write(
        [
            actions.step(
                "call", call_id, "", "arrived", event="arrived", at=now(), cause={"a": 1}, call_id=call_id
            )
        ]
    )
    assert Transition.objects.get(call_id=call_id).cause == {"a": 1}


def test_a_step_goes_with_its_transaction() -> None:
    call_id = new_id()
    with pytest.raises(ValueError), transaction.atomic():
        actions.write(
            [actions.step("call", call_id, "", "arrived", event="arrived", at=now(), call_id=call_id)]
        )
        raise ValueError
    assert not Transition.objects.filter(call_id=call_id).exists()

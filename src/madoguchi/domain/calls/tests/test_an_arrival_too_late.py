"""A caller who was let go while the database was slow is not served, and is counted once."""

from datetime import timedelta

import pytest

from madoguchi.domain.calls.actions.arriving import TooLate, arrive, arrived_unheard
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.tests.conftest import CALLED, Centre
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.switchboard.models import Command
from madoguchi.kit.clock import now
from madoguchi.switch import port

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]


def event() -> port.CallArrived:
    return port.CallArrived(
        node="node-1",
        at=now() - timedelta(seconds=4),
        leg_id="node-1-9",
        trunk="trunk-1",
        called_raw=CALLED,
        caller_raw="09012345678",
        purpose="in",
    )


def test_nothing_is_written_of_an_arrival_that_nobody_wants_any_more(centre: Centre) -> None:
    with pytest.raises(TooLate):
        arrive(event(), wanted=lambda: False)
    assert not Call.objects.exists()
    assert not Command.objects.exists()
    assert not Transition.objects.filter(subject="call").exists()


def test_who_was_let_go_is_counted_once_however_often_it_is_told(centre: Centre) -> None:
    came = event()
    past = port.PastLeg(
        leg_id=came.leg_id,
        arrival=came,
        began_at=came.at,
        answered_at=None,
        ended_at=now(),
        cause=0,
        released_to="emergency",
    )
    first, second = arrived_unheard(past), arrived_unheard(past)
    assert first is not None and second is None
    assert Call.objects.get().outcome == "failed"

"""Nobody stays in an activity that has nothing behind it, and nobody is torn out of a true one (pain 1)."""

from datetime import timedelta

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Activity
from madoguchi.domain.calls.actions import consult, dial, hearing, hold, transfer_to_queue
from madoguchi.domain.calls.actions.straightening import straighten_activity
from madoguchi.domain.calls.due import due
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.ledger.models import Transition
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def stuck(centre: Centre, activity: str) -> None:
    at = now() - timedelta(hours=1)
    Agent.objects.filter(pk=centre.sato.pk).update(
        activity=activity, activity_call_id=new_id(), activity_since=at, activity_due_at=at
    )


@pytest.mark.parametrize("activity", [one for one in Activity if one != Activity.IDLE])
def test_an_activity_without_ground_falls_due_and_ends(centre: Centre, activity: str) -> None:
    stuck(centre, activity)
    assert [(one.kind, one.id) for one in due(now())] == [("activity", str(centre.sato.pk))]
    assert straighten_activity(centre.sato.pk)
    after = Agent.objects.get(pk=centre.sato.pk)
    assert (after.activity, after.activity_call_id, after.activity_due_at) == ("idle", None, None)
    told = Transition.objects.get(event="straightened")
    assert (told.old, told.cause["was"]) == (activity, activity)
    assert not straighten_activity(centre.sato.pk)


def into(centre: Centre, activity: str) -> None:
    match activity:
        case "ringing":
            centre.ringing()
        case "dialling":
            dial(centre.sato.pk, "0398765432", centre.number.pk, acting_user=centre.sato.account_id)
        case "talking":
            centre.talking()
        case "holding":
            hold(centre.talking().pk, acting_user=centre.sato.account_id)
        case "wrap_up":
            hearing.leg_ended(centre.talking().pk, "in-1", cause=16)


@pytest.mark.parametrize("activity", [one for one in Activity if one != Activity.IDLE])
def test_an_activity_with_ground_goes_on_and_is_looked_at_again(centre: Centre, activity: str) -> None:
    into(centre, activity)
    assert centre.now(centre.sato) == activity
    assert not straighten_activity(centre.sato.pk)
    after = Agent.objects.get(pk=centre.sato.pk)
    assert after.activity == activity
    assert after.activity_due_at is not None
    assert after.activity_due_at > now()


def test_a_colleague_who_is_asked_is_left_talking(centre: Centre) -> None:
    call = centre.talking()
    consult(call.pk, centre.suzuki.pk, acting_user=centre.sato.account_id)
    centre.answer(centre.suzuki)
    assert not straighten_activity(centre.suzuki.pk)


def test_the_operator_whose_line_is_being_restored_keeps_the_call(centre: Centre) -> None:
    call = centre.talking()
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=0)
    assert not straighten_activity(centre.sato.pk)


def test_who_gave_the_customer_away_has_no_ground_for_talking(centre: Centre) -> None:
    call = centre.talking()
    transfer_to_queue(call.pk, centre.queue.pk, acting_user=centre.sato.account_id)
    Agent.objects.filter(pk=centre.sato.pk).update(activity="talking")
    assert straighten_activity(centre.sato.pk)


def test_an_idle_person_is_not_touched(centre: Centre) -> None:
    assert not straighten_activity(centre.sato.pk)
    assert not Transition.objects.filter(event="straightened").exists()

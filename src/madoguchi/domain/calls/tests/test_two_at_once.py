"""Two of everything at once, on the real database: nobody in two rings, no call rings twice (pain 3)."""

from __future__ import annotations

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import hearing, offer, refuse_offer, ring_out
from madoguchi.domain.calls.errors import OfferGone
from madoguchi.domain.calls.models import Call, Offer
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.ledger.tests.side_by_side import side_by_side

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]


def test_two_matchers_ring_one_call_at_one_person(centre: Centre) -> None:
    visit = centre.visit(centre.waiting())
    people = [centre.sato.pk, centre.suzuki.pk, centre.tanaka.pk]
    rung = side_by_side(*(lambda a=a: offer(visit.pk, [a]) for a in people * 2))
    assert sorted(map(bool, rung)) == [False] * 5 + [True]
    assert Offer.objects.count() == 1
    assert Agent.objects.exclude(activity="idle").count() == 1


def test_two_calls_cannot_have_one_person(centre: Centre) -> None:
    visits = [centre.visit(centre.waiting(f"in-{n}")).pk for n in range(6)]
    rung = side_by_side(*(lambda v=v: offer(v, [centre.sato.pk]) for v in visits))
    assert sorted(map(bool, rung)) == [False] * 5 + [True]
    assert Offer.objects.filter(agent=centre.sato).count() == 1


def test_a_caller_who_leaves_while_they_are_matched_is_either_withdrawn_or_never_rung(centre: Centre) -> None:
    for n in range(8):
        call = centre.waiting(f"in-{n}")
        visit = centre.visit(call)
        side_by_side(
            lambda visit=visit: offer(visit.pk, [centre.sato.pk]),  # type: ignore[misc]
            lambda call=call, n=n: hearing.leg_ended(call.pk, f"in-{n}", cause=16),  # type: ignore[misc]
        )
        call.refresh_from_db()
        assert call.phase == "ended"
        assert not Offer.objects.filter(stage="open").exists()
        assert centre.now(centre.sato) == "idle"
        kinds = centre.commands(call.pk)
        assert kinds.count("Dial") == kinds.count("HangUp")


def test_where_all_ring_only_one_gets_the_caller(centre: Centre) -> None:
    call = centre.waiting()
    people = [centre.sato, centre.suzuki, centre.tanaka]
    offer(centre.visit(call).pk, [one.pk for one in people], ring_all=True)
    legs = [centre.offer_of(one).leg_id for one in people]
    side_by_side(*(lambda leg=leg: hearing.leg_answered(call.pk, leg) for leg in legs))
    assert sorted(Offer.objects.values_list("stage", flat=True)) == ["accepted", "beaten", "beaten"]
    assert [centre.now(one) for one in people].count("talking") == 1
    assert len(centre.told(call.pk, "Join")) == 1


def test_answering_declining_and_ringing_out_at_once_is_one_of_them(centre: Centre) -> None:
    def decline(rung: Offer) -> None:
        try:
            refuse_offer(rung.pk, acting_user=centre.sato.account_id)
        except OfferGone:
            assert Offer.objects.get(pk=rung.pk).stage != "open"

    for n in range(6):
        Agent.objects.update(cooling_off_until=None)
        call = centre.ringing(leg_id=f"in-{n}")
        rung = centre.offer_of(centre.sato)
        side_by_side(
            lambda call=call, rung=rung: hearing.leg_answered(call.pk, rung.leg_id),  # type: ignore[misc]
            lambda rung=rung: decline(rung),  # type: ignore[misc]
            lambda rung=rung: ring_out(rung.pk),  # type: ignore[misc]
        )
        ends = Transition.objects.filter(subject="offer", subject_id=str(rung.pk)).exclude(old="")
        assert ends.count() == 1
        call.refresh_from_db()
        hearing.leg_ended(call.pk, f"in-{n}", cause=16)
        Agent.objects.update(activity="idle", activity_call_id=None, activity_due_at=None)


def test_the_same_arrival_twice_at_once_is_one_call(centre: Centre) -> None:
    for n in range(4):
        made = side_by_side(*(lambda n=n: centre.arrive(f"in-{n}").pk for _ in range(3)))
        assert len(set(made)) == 1
    assert Call.objects.count() == 4

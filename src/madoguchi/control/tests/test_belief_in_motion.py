"""Belief is read while calls go on: a ring that is answered meanwhile is never taken for an unwanted leg."""

from __future__ import annotations

import pytest

from madoguchi.control import belief
from madoguchi.domain.calls.actions import hearing
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.switch.port import HangUp

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_a_ring_answered_between_two_reads_is_wanted(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    call = centre.ringing()
    leg_id = centre.leg_of(centre.sato)
    read = belief._ringing

    def read_and_answered(node: str) -> frozenset[str]:
        found = read(node)
        hearing.leg_answered(call.pk, leg_id)
        return found

    monkeypatch.setattr(belief, "_ringing", read_and_answered)
    legs = {leg.leg_id: leg for leg in belief.read(call.node).legs}
    assert legs[leg_id].answered
    assert not legs[leg_id].unwanted


def test_a_leg_found_unwanted_is_looked_at_once_more_before_it_is_ended(centre: Centre) -> None:
    call = centre.ringing()
    leg_id = centre.leg_of(centre.sato)
    assert not belief.still_wanted(call.pk, HangUp(leg_id=leg_id))
    hearing.leg_answered(call.pk, leg_id)
    assert not belief.still_wanted(call.pk, HangUp(leg_id=leg_id))
    hearing.leg_ended(call.pk, "in-1", cause=16)
    assert belief.still_wanted(call.pk, HangUp(leg_id=leg_id))
    assert belief.still_wanted(call.pk, HangUp(leg_id="nobody's"))

"""What our own actions demand is claimed as it is written, under the lease, and handed over after commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from madoguchi.domain.calls.scene import scene
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.switchboard.actions import (
    Claimed,
    claim,
    command,
    issue,
    let_go_of,
    take_in_hand,
    take_lease,
    written_after_all,
)
from madoguchi.domain.switchboard.models import Command, Lease
from madoguchi.kit.clock import now
from madoguchi.switch import port

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

NODE = "node-1"
ONE, TWO = port.HangUp(leg_id="leg-1"), port.HangUp(leg_id="leg-2")


class Hand:
    """Holds the switch, and remembers what it was given."""

    node = NODE

    def __init__(self) -> None:
        self.holder = uuid4()
        self.free = True
        self.expected: list[int] = []
        self.taken: list[Sequence[Claimed]] = []

    def may_send(self) -> bool:
        return self.free

    def expect(self, ids: Sequence[int]) -> None:
        self.expected += ids

    def take(self, claimed: Sequence[Claimed]) -> None:
        assert not connection.in_atomic_block
        self.taken.append(claimed)


@pytest.fixture
def hand() -> Iterator[Hand]:
    held = Hand()
    take_lease(f"node:{NODE}", held.holder, for_s=30)
    take_in_hand(held)
    yield held
    let_go_of(held)


@pytest.fixture
def call_id(centre: Centre) -> UUID:
    made = centre.arrive()
    Command.objects.all().delete()
    return made.pk


def demand(call_id: UUID, *commands: port.Command) -> None:
    with scene(call_id) as acted:
        acted.tell(*commands)


def test_they_are_claimed_by_their_own_transaction_and_come_in_order(call_id: UUID, hand: Hand) -> None:
    demand(call_id, ONE, TWO)
    ((first, second),) = hand.taken
    assert [first.command, second.command] == [ONE, TWO]
    assert [first.id, second.id] == hand.expected == sorted(Command.objects.values_list("pk", flat=True))
    assert set(Command.objects.values_list("stage", flat=True)) == {"sending"}
    assert claim(NODE, hand.holder) == []


def test_without_the_lease_they_wait_for_who_has_it(call_id: UUID, hand: Hand) -> None:
    Lease.objects.update(holder=uuid4())
    demand(call_id, ONE)
    assert hand.taken == [[]]
    assert Command.objects.get().stage == "new"


def test_a_lease_that_is_over_claims_nothing(call_id: UUID, hand: Hand) -> None:
    Lease.objects.update(expires_at=now() - timedelta(seconds=1))
    demand(call_id, ONE)
    assert hand.taken == [[]]


def test_they_do_not_overtake_what_the_call_demanded_before(call_id: UUID, hand: Hand) -> None:
    issue([command(NODE, call_id, ONE, at=now())])
    demand(call_id, TWO)
    assert hand.taken == [[]]
    assert [one.command for one in claim(NODE, hand.holder)] == [ONE, TWO]


def test_before_reconcile_they_wait_in_the_database(call_id: UUID, hand: Hand) -> None:
    hand.free = False
    demand(call_id, ONE)
    assert (hand.taken, hand.expected) == ([], [])
    assert [one.command for one in claim(NODE, hand.holder)] == [ONE]


def test_what_was_undone_is_never_handed_over_nor_found(call_id: UUID, hand: Hand) -> None:
    class Undone(Exception):
        pass

    with pytest.raises(Undone), scene(call_id) as acted:
        acted.tell(ONE)
        raise Undone
    assert hand.taken == []
    assert not Command.objects.exists()
    assert written_after_all(NODE, hand.holder, [*hand.expected, 4711]) == []


def test_what_was_committed_unheard_is_found_under_the_lease_and_told_when_too_late(
    call_id: UUID, hand: Hand
) -> None:
    demand(call_id, ONE, TWO)
    Command.objects.filter(pk=hand.expected[1]).update(expires_at=now() - timedelta(seconds=1))
    found = written_after_all(NODE, hand.holder, hand.expected)
    assert [(one.id, one.command, one.expired) for one in found] == [
        (hand.expected[0], ONE, False),
        (hand.expected[1], TWO, True),
    ]
    assert written_after_all(NODE, uuid4(), hand.expected) == []

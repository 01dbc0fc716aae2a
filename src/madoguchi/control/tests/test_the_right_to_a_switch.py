"""Of two controllers one holds the switch; what it claimed, and what is late, nobody else sends."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from madoguchi.domain.ledger.tests.side_by_side import side_by_side
from madoguchi.domain.switchboard.actions import claim, command, drop_lease, finish, issue, take_lease
from madoguchi.domain.switchboard.models import Command, Lease
from madoguchi.kit.clock import now
from madoguchi.switch import port

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

A, B = uuid4(), uuid4()
NODE, LEASE = "node-1", "node:node-1"


def expire() -> None:
    Lease.objects.update(expires_at=now() - timedelta(seconds=1))


def some(count: int, call_id: UUID | None = None, *, late: bool = False) -> None:
    at = now() - timedelta(minutes=1) if late else now()
    issue(command(NODE, call_id or uuid4(), port.HangUp(leg_id=f"leg-{n}"), at=at) for n in range(count))


def test_of_many_at_once_exactly_one_takes_a_free_right() -> None:
    for _ in range(5):
        Lease.objects.all().delete()
        epochs = side_by_side(*(lambda: take_lease(LEASE, uuid4(), for_s=5) for _ in range(6)))
        assert sorted(str(epoch) for epoch in epochs) == ["1"] + ["None"] * 5


def test_a_holder_renews_under_the_same_epoch_and_nobody_else_gets_it() -> None:
    assert take_lease(LEASE, A, for_s=5) == take_lease(LEASE, A, for_s=5) == 1
    assert take_lease(LEASE, B, for_s=5) is None


def test_an_expired_right_is_taken_under_a_new_epoch_and_the_old_holder_sees_it() -> None:
    take_lease(LEASE, A, for_s=5)
    expire()
    assert take_lease(LEASE, B, for_s=5) == 2
    assert take_lease(LEASE, A, for_s=5) is None


def test_a_holder_that_slept_through_its_end_finds_another_epoch() -> None:
    take_lease(LEASE, A, for_s=5)
    expire()
    assert take_lease(LEASE, A, for_s=5) == 2


def test_a_right_that_is_given_back_is_free_at_once() -> None:
    take_lease(LEASE, A, for_s=60)
    drop_lease(LEASE, B)
    assert take_lease(LEASE, B, for_s=5) is None
    drop_lease(LEASE, A)
    assert take_lease(LEASE, B, for_s=5) == 2


def test_commands_are_claimed_in_order_and_once() -> None:
    take_lease(LEASE, A, for_s=5)
    some(5)
    legs = [one.command for one in claim(NODE, A)]
    assert legs == [port.HangUp(leg_id=f"leg-{n}") for n in range(5)]
    assert claim(NODE, A) == []


def test_claiming_at_once_shares_and_never_doubles() -> None:
    take_lease(LEASE, A, for_s=30)
    some(200)
    claimed = side_by_side(*(lambda: claim(NODE, A) for _ in range(6)))
    ids = [one.id for part in claimed for one in part]
    assert len(ids) == len(set(ids)) == 200


def test_without_the_right_nothing_is_claimed() -> None:
    take_lease(LEASE, A, for_s=5)
    some(1)
    assert claim(NODE, B) == []
    expire()
    assert claim(NODE, A) == []
    assert take_lease(LEASE, B, for_s=5) == 2
    assert len(claim(NODE, B)) == 1


def test_what_one_controller_claimed_the_next_does_not_send_again() -> None:
    take_lease(LEASE, A, for_s=5)
    some(3)
    assert len(claim(NODE, A)) == 3
    expire()
    take_lease(LEASE, B, for_s=5)
    assert claim(NODE, B) == []


def test_what_is_late_is_told_as_late() -> None:
    take_lease(LEASE, A, for_s=5)
    some(1, late=True)
    some(1)
    assert [one.expired for one in claim(NODE, A)] == [True, False]
    assert set(Command.objects.values_list("stage", flat=True)) == {"expired", "sending"}


def test_ends_are_noted_together() -> None:
    take_lease(LEASE, A, for_s=5)
    some(2)
    first, second = claim(NODE, A)
    finish({first.id: ("done", ""), second.id: ("refused", "x" * 999)})
    finish({})
    assert dict(Command.objects.values_list("stage", "reason")) == {"done": "", "refused": "x" * 200}
    assert not Command.objects.filter(finished_at=None).exists()


def test_every_kind_of_command_comes_back_as_it_went() -> None:
    take_lease(LEASE, A, for_s=5)
    sent: list[port.Command] = [
        port.Play(leg_id="l", playback_id="p", files=("/a", "/b")),
        port.Join(bridge_id="b", leg_ids=("x", "y")),
        port.Dial(leg_id="l", address="phone:op", headers={"X-Madoguchi-Call": "1"}, call_id="c"),
        port.MuteRecording(recording_id="r", on=True),
        port.Release(leg_id="l", place="emergency"),
    ]
    issue(command(NODE, uuid4(), one, at=now()) for one in sent)
    assert [one.command for one in claim(NODE, A)] == sent

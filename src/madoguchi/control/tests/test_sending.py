"""Commands go out in order within a call; what is late or refused is told, and nothing stops the others."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from madoguchi.control import sending
from madoguchi.control.sending import TOO_LATE, Sending
from madoguchi.domain.switchboard.actions import Claimed, finish, written_after_all
from madoguchi.switch import port

pytestmark = pytest.mark.pure

CALL, OTHER = uuid4(), uuid4()


class SlowSwitch:
    """Sends after a turn of the loop; refuses and breaks on demand."""

    node = "node-1"

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, command: port.Command) -> None:
        assert isinstance(command, port.HangUp)
        await asyncio.sleep(0.005 if command.leg_id.startswith("slow") else 0)
        if command.leg_id == "refused":
            raise port.CommandRefused("no", permanent=True)
        if command.leg_id == "broken":
            raise RuntimeError("the adapter is broken")
        self.sent.append(command.leg_id)


def claimed(number: int, leg_id: str, call_id: UUID = CALL, *, expired: bool = False) -> Claimed:
    return Claimed(number, call_id, port.HangUp(leg_id=leg_id), expired=expired)


def run(
    monkeypatch: pytest.MonkeyPatch, *commands: Claimed, paused_s: float = 0.0
) -> tuple[SlowSwitch, list[tuple[int, str]], dict[int, tuple[str, str]]]:
    """Send these; gives the switch, the failures told, and the results noted."""
    switch, failures = SlowSwitch(), list[tuple[int, str]]()
    noted: dict[int, tuple[str, str]] = {}

    async def failed(one: Claimed, refused: port.CommandRefused) -> None:
        failures.append((one.id, refused.reason))

    async def in_line(action: object, *args: object) -> object:
        if action is finish:
            noted.update(args[0])  # type: ignore[call-overload]
            return None
        return list(commands)

    monkeypatch.setattr(sending, "run", in_line)
    clock = iter([0.0] * len(commands) + [paused_s] * 100)
    # Not the module that everybody shares: the event loop lives by it.
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    async def whole() -> None:
        sender = Sending(switch, "node-1", uuid4(), failed)  # type: ignore[arg-type]
        await sender._once()
        await sender._mailboxes.drained()
        noted.update(sender._results)

    asyncio.run(whole())
    return switch, failures, noted


def test_within_a_call_the_order_holds_and_calls_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders = [claimed(1, "slow-1"), claimed(2, "2"), claimed(3, "other", OTHER)]
    switch, _, noted = run(monkeypatch, *orders)
    assert switch.sent == ["other", "slow-1", "2"]
    assert {stage for stage, _ in noted.values()} == {"done"}


@pytest.mark.parametrize(("leg_id", "reason"), [("refused", "no"), ("broken", "the adapter failed")])
def test_one_that_fails_is_told_and_the_next_goes_out(
    monkeypatch: pytest.MonkeyPatch, leg_id: str, reason: str
) -> None:
    switch, failures, noted = run(monkeypatch, claimed(1, leg_id), claimed(2, "2"))
    assert (switch.sent, failures) == (["2"], [(1, reason)])
    assert noted == {1: ("refused", reason), 2: ("done", "")}


def test_what_expired_before_the_claim_is_told_and_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    switch, failures, _ = run(monkeypatch, claimed(1, "1", expired=True))
    assert (switch.sent, failures) == ([], [(1, TOO_LATE.reason)])


def test_a_controller_that_slept_after_its_claim_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    switch, failures, noted = run(monkeypatch, claimed(1, "1"), paused_s=sending.STALE_S + 1)
    assert (switch.sent, failures, noted[1][0]) == ([], [(1, TOO_LATE.reason)], "expired")


def test_what_our_actions_commit_waits_behind_what_is_being_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    switch = SlowSwitch()
    older, newer, elsewhere = claimed(1, "older"), claimed(2, "newer"), claimed(3, "elsewhere", OTHER)

    async def story() -> None:
        sender = Sending(switch, "node-1", uuid4(), never)  # type: ignore[arg-type]

        async def while_claiming(action: object, *args: object) -> object:
            # Committed while the claim's answer is on its way.
            sender._take([newer, elsewhere], time.monotonic())
            return [older]

        monkeypatch.setattr(sending, "run", while_claiming)
        await sender._once()
        await sender._mailboxes.drained()

    asyncio.run(story())
    assert switch.sent.index("older") < switch.sent.index("newer")
    assert sorted(switch.sent) == ["elsewhere", "newer", "older"]


def test_a_commit_that_was_not_heard_of_is_looked_for_and_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    switch, lost, undone = SlowSwitch(), claimed(1, "lost"), claimed(2, "undone")
    moment = [0.0]
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: moment[0]))

    async def story() -> None:
        sender = Sending(switch, "node-1", uuid4(), never)  # type: ignore[arg-type]

        async def answer(action: object, *args: object) -> object:
            if action is not written_after_all:
                return []
            assert args[2] == [1, 2]
            return [lost]

        monkeypatch.setattr(sending, "run", answer)
        sender.expect([1, 2])
        await sender._once()
        assert switch.sent == []
        moment[0] = sending.LOST_SIGHT_S + 0.1
        await sender._once()
        # The news come after all: of one that was sent, and of one whose commit took its time.
        sender._take([lost, undone], moment[0])
        await sender._mailboxes.drained()

    asyncio.run(story())
    assert sorted(switch.sent) == ["lost", "undone"]


def test_a_controller_that_slept_after_its_commit_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    switch, failures = SlowSwitch(), list[str]()
    moment = [0.0]
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: moment[0]))

    async def failed(one: Claimed, refused: port.CommandRefused) -> None:
        failures.append(refused.reason)

    async def story() -> None:
        sender = Sending(switch, "node-1", uuid4(), failed)  # type: ignore[arg-type]
        sender._loop = asyncio.get_running_loop()
        sender.take([claimed(1, "1")])
        # Paused before the loop had its turn.
        moment[0] = sending.STALE_S + 0.1
        await asyncio.sleep(0.01)
        await sender._mailboxes.drained()

    asyncio.run(story())
    assert (switch.sent, failures) == ([], [TOO_LATE.reason])


async def never(one: Claimed, refused: port.CommandRefused) -> None:
    raise AssertionError(refused.reason)

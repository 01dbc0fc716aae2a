"""Really killing each process while calls wait, ring and talk: nothing is lost, and belief is truth again."""

import signal
import time
from collections.abc import Iterator

import pytest
from staging.centre import Centre, Ports, wait_until
from staging.phones import Caller
from staging.truth import Pair, e164, pairs, settle

pytestmark = pytest.mark.live

RIGHT_WITHIN_S = 3.0
GAP_S = 0.6
"""Longest silence that counts as talking on: ten packets."""
SOUNDS_OF_SPEECH = 10
"""Different levels in the packets of speech, at the least; a tone of a test telephone has one."""


@pytest.fixture(scope="module")
def started(ports: Ports) -> Iterator[Centre]:
    with Centre(operators=3, ports=ports) as centre:
        centre.seat_operators()
        # The worker speaks it first, and here no worker lives long.
        message = centre.installation.prompts / "built_in" / "emergency-ja.json"
        wait_until(message.exists, 120, "the emergency message is spoken")
        yield centre


@pytest.fixture
def centre(started: Centre) -> Iterator[Centre]:
    """The running centre with an empty floor; afterwards the floor is emptied and examined."""
    for phone in started.phones.operators:
        phone.answer_after_s = 0.3
    yield started
    for caller in started.phones.callers:
        started.phones.do(caller.hang_up)
    settle(started, 10)
    wait_until(lambda: all_idle(started), 20, "every operator is free again")


def all_idle(centre: Centre) -> bool:
    return centre.sql("SELECT count(*) FROM agents_agent WHERE activity = 'idle'") == [(3,)]


def talking(centre: Centre, count: int) -> list[Pair]:
    for _ in range(count):
        centre.phones.call(centre.number)
    wait_until(lambda: len(pairs(centre)) == count, 12, f"{count} talk")
    settle(centre, 3)
    return pairs(centre)


def waiting(centre: Centre, count: int) -> list[Caller]:
    """That many callers who wait in a known order, all operators being busy."""
    callers = []
    for _ in range(count):
        callers.append(centre.phones.call(centre.number))
        wait_until(lambda: phase_of(centre, callers[-1]) == "waiting", 12, "the caller waits")
    return callers


def phase_of(centre: Centre, caller: Caller) -> str:
    rows = centre.sql("SELECT phase FROM calls_call WHERE customer_e164 = %s", e164(caller))
    return str(rows[0][0]) if rows else ""


def places(centre: Centre) -> list[tuple[object, ...]]:
    return centre.sql(
        "SELECT v.id, v.enqueued_at, c.customer_e164 FROM calls_queuevisit v"
        " JOIN calls_call c ON c.id = v.call_id WHERE v.left_at IS NULL ORDER BY v.enqueued_at"
    )


def outcome_of(centre: Centre, caller: Caller) -> tuple[str, str]:
    found = centre.sql("SELECT outcome, ending FROM calls_call WHERE customer_e164 = %s", e164(caller))
    return (str(found[0][0]), str(found[0][1])) if len(found) == 1 else ("", f"{len(found)} calls")


@pytest.mark.parametrize("victim", ["control", "web", "worker", "postgres"])
def test_who_talks_talks_on_and_who_waits_keeps_the_place_through_the_death_of(
    centre: Centre, victim: str
) -> None:
    couples = talking(centre, 3)
    callers = waiting(centre, 2)
    before = places(centre)
    died = centre.kill(victim)
    time.sleep(1.0)
    centre.start(victim)
    settle(centre, RIGHT_WITHIN_S)
    assert max(couple.longest_silence_s(died, time.monotonic()) for couple in couples) < GAP_S
    assert places(centre) == before
    centre.phones.do(couples[0].caller.hang_up)
    wait_until(lambda: phase_of(centre, callers[0]) == "talking", 12, "the first who waited is served")
    assert phase_of(centre, callers[1]) == "waiting"


def test_what_happened_while_control_was_away_is_taken_in_afterwards(centre: Centre) -> None:
    couples = talking(centre, 3)
    waited, left = waiting(centre, 2)
    centre.kill("control")
    centre.phones.do(couples[0].caller.hang_up)
    centre.phones.do(left.hang_up)
    came_and_went = centre.phones.call(centre.number)
    stayed = centre.phones.call(centre.number)
    time.sleep(1.5)
    centre.phones.do(came_and_went.hang_up)
    time.sleep(0.5)
    centre.start("control")
    settle(centre, RIGHT_WITHIN_S)
    assert outcome_of(centre, couples[0].caller) == ("answered", "completed")
    assert outcome_of(centre, left)[0] in {"short_abandon", "queue_abandon"}
    assert outcome_of(centre, came_and_went)[0] == "failed"
    wait_until(lambda: phase_of(centre, waited) == "talking", 12, "who waited is served")
    assert phase_of(centre, stayed) == "waiting"


def test_a_ring_goes_on_through_the_death_of_control_and_is_answered(centre: Centre) -> None:
    for phone in centre.phones.operators:
        phone.answer_after_s = None
    caller = centre.phones.call(centre.number)
    wait_until(lambda: any(x.place == "ringing" for x in centre.phones.operators), 12, "somebody rings")
    ringing = next(x for x in centre.phones.operators if x.place == "ringing")
    centre.kill("control")
    time.sleep(0.5)
    centre.phones.do(ringing.pick_up)
    time.sleep(0.5)
    centre.start("control")
    settle(centre, RIGHT_WITHIN_S)
    assert [pair.caller for pair in pairs(centre)] == [caller]


def sounds_heard(caller: Caller) -> int:
    """How many different levels came to the caller's ear: silence has one, and a test telephone too."""
    return len(caller.media.marks_since(0)) if caller.media is not None else 0


def test_a_caller_who_comes_while_the_database_is_away_hears_the_emergency_message_and_is_counted(
    centre: Centre,
) -> None:
    couples = talking(centre, 1)
    centre.kill("postgres")
    caller = centre.phones.call(centre.number)
    wait_until(lambda: caller.place == "answered", 8, "the message begins")
    wait_until(lambda: sounds_heard(caller) >= SOUNDS_OF_SPEECH, 5, "the message is heard")
    assert not any(caller.hears(phone.mark) for phone in centre.phones.operators)
    centre.phones.do(caller.hang_up)
    centre.start("postgres")
    settle(centre, RIGHT_WITHIN_S)
    wait_until(lambda: outcome_of(centre, caller)[0] == "failed", RIGHT_WITHIN_S, "the call is counted")
    assert pairs(centre) == couples, "who talked talks on"


def test_of_two_controllers_the_old_one_ends_and_nothing_is_dialled_twice(centre: Centre) -> None:
    couples = talking(centre, 2)
    old = centre.running["control"]
    centre.pause("control")
    caller = centre.phones.call(centre.number)
    time.sleep(0.5)
    centre.start("control", within_s=20)
    wait_until(lambda: phase_of(centre, caller) == "talking", 12, "the new one serves")
    centre.phones.do(couples[0].caller.hang_up)
    centre.phones.call(centre.number)
    old.signal(signal.SIGCONT)
    wait_until(lambda: not old.alive(), 12, "the old controller has ended")
    settle(centre, 6)
    offers = [ring.offer_id for phone in centre.phones.operators for ring in phone.rings]
    assert len(offers) == len(set(offers))


def test_when_the_switch_dies_every_call_is_closed_and_every_caller_is_owed_a_call_back(
    centre: Centre,
) -> None:
    couples = talking(centre, 3)
    waited = waiting(centre, 1)[0]
    centre.kill("asterisk")
    centre.phones.switch_died()
    time.sleep(0.5)
    centre.start("asterisk")
    settle(centre, RIGHT_WITHIN_S, telephones=False)
    lost = [couple.caller for couple in couples]
    assert [outcome_of(centre, caller) for caller in lost] == [("answered", "line_lost")] * 3
    assert outcome_of(centre, waited)[0] == "failed"
    owed = centre.sql(
        "SELECT number FROM cases_promise WHERE origin = 'lost_call' AND number = ANY(%s)",
        [e164(caller) for caller in (*lost, waited)],
    )
    assert sorted(row[0] for row in owed) == sorted(e164(caller) for caller in (*lost, waited))

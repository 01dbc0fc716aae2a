"""What the telephones know against what the database believes: where they differ, in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from staging.centre import Centre, NotInTime
from staging.phones import Caller, Operator

_BELONGS = {"idle": {"idle", "wrap_up"}, "ringing": {"ringing"}, "talking": {"talking", "holding"}}
_CALLS = """SELECT id::text, customer_e164, phase FROM calls_call
    WHERE direction = 'inbound' AND phase <> 'ended'"""
_LET_GO = "SELECT customer_e164 FROM calls_call WHERE direction = 'inbound' AND outcome = 'failed'"
_AGENTS = """SELECT endpoint, activity, coalesce(activity_call_id::text, ''), phone_reachable,
    presence = 'available' AND activity = 'idle' AND phone_reachable
        AND coalesce(cooling_off_until < now(), true) AND NOT EXISTS (
            SELECT 1 FROM calls_offer o WHERE o.agent_id = a.id AND o.stage = 'open')
        AND NOT EXISTS (SELECT 1 FROM calls_leg l WHERE l.agent_id = a.id AND l.gone_at IS NULL) AS free
    FROM agents_agent a"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A caller and an operator who talk with each other."""

    caller: Caller
    operator: Operator

    def hear_each_other(self, within_s: float = 0.5) -> bool:
        """Whether each heard the other's voice just now."""
        since = time.monotonic() - within_s
        his, hers = self.caller.media, self.operator.media
        if his is None or hers is None:
            return False
        return bool(his.marks_since(since)[self.operator.mark] and hers.marks_since(since)[self.caller.mark])

    def longest_silence_s(self, since: float, until: float) -> float:
        """The longest time in which one of them did not hear the other."""
        his, hers = self.caller.media, self.operator.media
        if his is None or hers is None:
            return until - since
        return max(
            his.longest_gap_s(self.operator.mark, since, until),
            hers.longest_gap_s(self.caller.mark, since, until),
        )


def e164(caller: Caller) -> str:
    """The number of a caller as the database writes it."""
    return "+81" + caller.user[1:]


def pairs(centre: Centre) -> list[Pair]:
    """Who talks with whom, by the database's word for which call an operator's phone has."""
    numbers = {call_id: number for call_id, number, _ in centre.sql(_CALLS)}
    callers = {e164(one): one for one in centre.phones.callers if one.living}
    return [
        Pair(callers[numbers[operator.call_id]], operator)
        for operator in centre.phones.operators
        if operator.place == "talking" and numbers.get(operator.call_id) in callers
    ]


def differences(centre: Centre, *, telephones: bool = True) -> list[str]:
    """Where belief and truth differ now.

    Things in motion differ for a moment; what is wrong differs for good. Callers who hear the emergency
    message are on the line and counted as failed, which is right. `telephones`: they must be reachable too
    (after its own death the switch asks each of them within four seconds).
    """
    calls = {number: (call_id, phase) for call_id, number, phase in centre.sql(_CALLS)}
    let_go = {number for (number,) in centre.sql(_LET_GO)}
    living = {e164(one): one for one in centre.phones.callers if one.living}
    unknown = living.keys() - calls.keys() - let_go
    found = [f"{number} is {living[number].place} and has no living call" for number in unknown]
    found += [f"{number} has left, its call is {calls[number][1]}" for number in calls.keys() - living.keys()]
    found += _of_operators(centre, dict(calls.values()), telephones)
    silent = [(pair.operator.user, pair.caller.user) for pair in _silent(centre)]
    found += [f"{hers} and {his} do not hear each other" for hers, his in silent]
    return found


def _of_operators(centre: Centre, calls: dict[str, str], telephones: bool) -> Iterator[str]:
    believed = {endpoint: rest for endpoint, *rest in centre.sql(_AGENTS)}
    free = [endpoint for endpoint, rest in believed.items() if rest[3]]
    for phone in centre.phones.operators:
        activity, call_id, reachable, _ = believed[phone.user]
        if activity not in _BELONGS[phone.place]:
            yield f"{phone.user}'s phone is {phone.place}, she is {activity}"
        elif phone.place != "idle" and phone.call_id != call_id:
            yield f"{phone.user}'s phone has call {phone.call_id}, she has {call_id}"
        if telephones and not reachable:
            yield f"{phone.user} is not reachable"
    waiting = [call_id for call_id, phase in calls.items() if phase == "waiting"]
    if waiting and free:
        yield f"{len(waiting)} wait although {len(free)} are free"


def _silent(centre: Centre) -> list[Pair]:
    return [pair for pair in pairs(centre) if not pair.hear_each_other()]


def settle(centre: Centre, within_s: float, *, telephones: bool = True) -> float:
    """Wait until belief is truth; returns after how many seconds. Raises NotInTime with what differs."""
    began = time.monotonic()
    while found := differences(centre, telephones=telephones):
        if time.monotonic() - began > within_s:
            raise NotInTime(f"not right within {within_s:g} s: {'; '.join(found)}")
        time.sleep(0.05)
    return time.monotonic() - began

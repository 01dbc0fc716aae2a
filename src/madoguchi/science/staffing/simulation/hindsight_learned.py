"""What a day's records tell of each caller's own chance (`hindsight`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import chance, flat
from madoguchi.science.staffing.simulation.centre import Centre, Queue
from madoguchi.science.staffing.simulation.distributions import Distribution
from madoguchi.science.staffing.simulation.flat import OUTCOME, is_lost
from madoguchi.science.staffing.simulation.hindsight import AFTER_ANSWERED, AFTER_LOST, Hindsight, places_in
from madoguchi.science.staffing.simulation.kinds import Past, open_case_of, previous_of
from madoguchi.science.staffing.simulation.people_learned import rings_let_go

Values = NDArray[np.float64]
_AT_ONCE_S = 1.0
_LEFT = tuple(OUTCOME[name] for name in ("short_abandon", "queue_abandon", "ring_abandon"))


def hindsight_of(centre: Centre, past: Past) -> Hindsight:
    """What `past` (with kinds) tells of its calls, in the distributions of the calibrated `centre`."""
    calls = past.calls
    fresh = np.flatnonzero(calls["kind"] == flat.FRESH)
    fresh = fresh[np.argsort(calls["arrived_s"][fresh], kind="stable")]
    seen = _Seen(past)
    for number, queue in enumerate(centre.queues):
        own = calls["queue"] == number
        seen.bears_and_lasts(queue, own)
        seen.calls_again(queue, own)
        seen.leaves_behind(queue, own)
    answering = [person.miss for person in centre.people if person.queues]
    seen.bounds[chance.MISS][0][:] = seen.bounds[chance.MISS][1][:] = np.mean(answering or [0.0])
    let_go, cut = _rings(past, seen.answered)
    rung = 2 * let_go + seen.answered
    return Hindsight(calls["arrived_s"][fresh], fresh, seen.again, rung, cut, dict(seen.bounds))


def _rings(past: Past, answered: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Values]:
    """By call: rings let go, and how likely the one during which the caller left would have been."""
    ringing, let_go = rings_let_go(past.spells)
    ringing, let_go = ringing[ringing["call"] >= 0], let_go[ringing["call"] >= 0]
    sure = np.bincount(ringing["call"][let_go == 1.0], minlength=past.calls.size)
    open_end = (let_go < 1.0) & ~answered[ringing["call"]]
    cut = np.zeros(past.calls.size)
    cut[ringing["call"][open_end]] = let_go[open_end]
    return sure.astype(np.int64), cut


class _Seen:
    """Collects the bounds, queue by queue."""

    def __init__(self, past: Past) -> None:
        self.past, self.calls = past, past.calls
        self.answered = past.calls["outcome"] == OUTCOME["answered"]
        self.again = np.full((past.calls.size, 2), -1, dtype=np.int64)
        # Of all queues at once: there may be many, and each day is looked at a dozen times.
        self.before, self.help_s = previous_of(past.calls), _help_s(past)
        self.about_a_case = _about_a_case(past)
        nothing = np.full(past.calls.size, np.nan)
        purposes = (
            chance.PATIENCE, chance.TALK, chance.WRAP_UP, chance.CONSULT, chance.CONSULT_TIME, chance.REDIAL,
            chance.REDIAL_DELAY, chance.RETURN, chance.RETURN_DELAY, chance.MISS, chance.CASE,
            chance.CASEWORK, chance.ASK, chance.DEPARTMENT, chance.CALL_BACK,
        )  # fmt: skip
        self.bounds = {purpose: (nothing.copy(), nothing.copy()) for purpose in purposes}

    def bears_and_lasts(self, queue: Queue, own: NDArray[np.bool_]) -> None:
        """Patience, talk, the leader's help and wrap-up."""
        calls = self.calls
        waited = own & ~np.isnan(calls["wait_s"])
        left = waited & np.isin(calls["outcome"], _LEFT)
        self._time(chance.PATIENCE, queue.patience, left, calls["wait_s"])
        self._beyond(chance.PATIENCE, queue.patience, waited & ~left, calls["wait_s"])
        answered, chasing = own & self.answered, calls["kind"] == flat.CHASER
        help_s = self.help_s
        helped = help_s > 0
        self._time(chance.TALK, queue.talk, answered & ~helped & ~chasing, calls["talk_s"])
        rest_s = np.maximum(calls["talk_s"] - help_s, 0.0)
        at_once = helped & self._helped_at_once()
        self._time(chance.TALK, queue.talk, answered & at_once & ~chasing, rest_s)
        # What came before the leader's help was talk, and waiting for it: at most so long in each call, and
        # on average as long as in calls without.
        self._within(chance.TALK, queue.talk, answered & helped & ~at_once & ~chasing, rest_s)
        self._time(chance.WRAP_UP, queue.wrap_up, answered, calls["wrap_up_s"])
        self._coin(chance.CONSULT, queue.consult, answered, helped)
        self._time(chance.CONSULT_TIME, queue.consulting, answered & helped, help_s)

    def calls_again(self, queue: Queue, own: NDArray[np.bool_]) -> None:
        """Who called again, when, and as which call."""
        before = self.before
        ended_s = self.calls["arrived_s"] + np.nan_to_num(self.calls["wait_s"]) + self.calls["talk_s"]
        lost, shares = is_lost(self.calls), (queue.redial.after_abandon, queue.returns)
        whose = (own & lost & (self.calls["customer"] >= 0), own & self.answered & ~self.about_a_case)
        kinds, delays = (flat.REDIAL, flat.RETURN), (queue.redial.delay, queue.return_delay)
        coins, times = (chance.REDIAL, chance.RETURN), (chance.REDIAL_DELAY, chance.RETURN_DELAY)
        for after in (AFTER_LOST, AFTER_ANSWERED):
            later = np.flatnonzero((self.calls["kind"] == kinds[after]) & (before >= 0))
            later = later[whose[after][before[later]]]
            self.again[before[later], after] = later
            did = self.again[:, after] >= 0
            self._coin(coins[after], shares[after], whose[after], did)
            gap_s = np.zeros(self.calls.size)
            gap_s[before[later]] = np.maximum(self.calls["arrived_s"][later] - ended_s[before[later]], 0.0)
            self._time(times[after], delays[after], did & own, gap_s)

    def leaves_behind(self, queue: Queue, own: NDArray[np.bool_]) -> None:
        """Whether a case stayed open, how much work it was, whether and how long others were asked."""
        after, cases = queue.aftermath, self.past.cases
        could = own & self.answered & ~self.about_a_case & (self.calls["kind"] != flat.CHASER)
        mine = cases[cases["call"] >= 0]
        place = mine["call"]
        opened = np.zeros(self.calls.size, dtype=bool)
        opened[place] = True
        self._coin(chance.CASE, after.share, could, opened)
        asked_s, answered_s, due_s, resolved_s, work_s = (np.full(self.calls.size, np.nan) for _ in range(5))
        asked_s[place], answered_s[place] = mine["asked_s"], mine["answered_s"]
        due_s[place], resolved_s[place] = mine["due_s"], mine["resolved_s"]
        work_s[place] = self._work_s()[cases["call"] >= 0]
        opened &= own
        self._time(chance.CASEWORK, after.casework, opened & ((work_s > 0) | ~np.isnan(resolved_s)), work_s)
        asked = opened & ~np.isnan(asked_s)
        self._coin(chance.ASK, after.ask, opened, asked)
        self._coin(chance.CALL_BACK, after.call_back, opened, ~np.isnan(due_s))
        heard = ~np.isnan(answered_s)
        took_s = np.where(heard, answered_s, self.past.ended_s) - asked_s
        self._time(chance.DEPARTMENT, after.department, asked & heard, took_s)
        self._beyond(chance.DEPARTMENT, after.department, asked & ~heard, took_s)

    def _helped_at_once(self) -> NDArray[np.bool_]:
        """Calls whose leader had not just helped somebody else: the operator did not wait for them."""
        spells = self.past.spells
        consults = np.sort(spells[spells["kind"] == flat.CONSULT], order=["agent", "began_s"])
        waited = np.zeros(consults.size, dtype=bool)
        waited[1:] = (consults["agent"][1:] == consults["agent"][:-1]) & (
            consults["began_s"][1:] - consults["ended_s"][:-1] <= _AT_ONCE_S
        )
        found = np.ones(self.calls.size, dtype=bool)
        found[consults["call"][waited]] = False
        return found

    def _work_s(self) -> Values:
        spells = self.past.spells
        work = spells[(spells["kind"] == flat.CASEWORK) & (spells["case"] >= 0)]
        lengths = work["ended_s"] - work["began_s"]
        return np.bincount(work["case"], weights=lengths, minlength=self.past.cases.size).astype(float)

    def _time(self, purpose: int, of: Distribution, which: NDArray[np.bool_], seconds: Values) -> None:
        low, high = self.bounds[purpose]
        low[which] = high[which] = places_in(of, seconds[which])

    def _beyond(self, purpose: int, of: Distribution, which: NDArray[np.bool_], seconds: Values) -> None:
        """It would have lasted longer than so."""
        low, high = self.bounds[purpose]
        place = places_in(of, seconds[which])
        rising = of.kind == chance.TABLE
        low[which] = place if rising else np.where(np.isnan(place), np.nan, 0.0)
        high[which] = 1.0 if rising else place

    def _within(self, purpose: int, of: Distribution, which: NDArray[np.bool_], seconds: Values) -> None:
        if of.kind != chance.TABLE or not which.any():
            return
        low, high = self.bounds[purpose]
        high[which] = places_in(of, seconds[which])
        # All numbers between 0 and 1 have the mean 1/2; so have these, unless there is no room for it.
        low[which] = high[which] * np.clip(1.0 / max(float(high[which].mean()), 1e-9) - 1.0, 0.0, 1.0)

    def _coin(self, purpose: int, share: float, which: NDArray[np.bool_], did: NDArray[np.bool_]) -> None:
        low, high = self.bounds[purpose]
        low[which], high[which] = np.where(did[which], [[0.0], [share]], [[share], [1.0]])


def _help_s(past: Past) -> Values:
    consults = past.spells[(past.spells["kind"] == flat.CONSULT) & (past.spells["call"] >= 0)]
    lengths = consults["ended_s"] - consults["began_s"]
    return np.bincount(consults["call"], weights=lengths, minlength=past.calls.size).astype(float)


def _about_a_case(past: Past) -> NDArray[np.bool_]:
    """Calls about a case opened before them: they open none of their own."""
    about = open_case_of(past.calls, past.cases)
    if not past.cases.size:
        return np.zeros(past.calls.size, dtype=bool)
    return np.asarray((about >= 0) & (past.cases["call"][about] != np.arange(past.calls.size)))

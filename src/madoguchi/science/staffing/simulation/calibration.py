"""A centre's numbers, learned from what it wrote down itself.

What a centre knows of itself is taken as given: queues and their rules, people, skills, shifts, lines,
opening hours. What it does not know is read off its flat records: how many call when, how long things take,
how patient callers are, who calls again, what stays open and for how long, who lets the telephone ring.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.cases_learned import aftermath_of
from madoguchi.science.staffing.simulation.centre import Centre, Queue, Redial, Stretches
from madoguchi.science.staffing.simulation.distributions import Distribution
from madoguchi.science.staffing.simulation.flat import OUTCOME, Rows, is_lost
from madoguchi.science.staffing.simulation.hindsight_learned import hindsight_of
from madoguchi.science.staffing.simulation.kinds import Past, about_the_past, previous_of
from madoguchi.science.staffing.simulation.people_learned import pick_up_of, presence_of, with_habits
from madoguchi.science.staffing.simulation.survival import fitted, observed

_DAY_S = 86_400.0
_ALWAYS_THERE = 0.999
_ENOUGH = 30
"""Fewer seen than that say nothing of a time's distribution; the one given stays."""
_LEFT = tuple(OUTCOME[name] for name in ("short_abandon", "queue_abandon", "ring_abandon"))


def calibrated(known: Centre, past: Past) -> Centre:
    """`known` with everything that `past` can tell put in its place.

    Rates are those of the time of day, averaged over all days recorded, and repeated to the horizon of
    `known`. Where too little was seen, what `known` says stays. Mails are not learned: when one came is not
    in the records.
    """
    seen = past.with_kinds()
    queues = tuple(_learned(known, number, seen) for number in range(len(known.queues)))
    centre = replace(known, queues=queues, trace=None)
    if not seen.spells.size:
        return centre
    adherence, away_s = presence_of(centre, seen.spells, seen.ended_s)
    return replace(
        with_habits(centre, seen),
        pick_up=pick_up_of(seen.spells, known.pick_up),
        adherence=1.0 if adherence > _ALWAYS_THERE else adherence,
        away_s=away_s,
    )


def rates_per_h(arrived_s: NDArray[np.float64], past_s: float, centre: Centre) -> tuple[float, ...]:
    """Calls per hour by interval, of the same time on all days, repeated over the horizon of `centre`.

    >>> from madoguchi.science.staffing.simulation.centre import Person
    >>> centre = Centre((Queue(),), (Person(),), horizon_s=172_800.0, interval_s=43_200.0)
    >>> rates_per_h(np.array([1.0, 2.0, 50_000.0, 90_000.0]), 172_800.0, centre)
    (0.125, 0.041666666666666664, 0.125, 0.041666666666666664)
    """
    a_day = max(1, round(_DAY_S / centre.interval_s))
    number = np.floor(arrived_s / centre.interval_s).astype(int)
    days = np.array([_times_seen(place, a_day, past_s, centre.interval_s) for place in range(a_day)])
    counts = np.bincount(number % a_day, minlength=a_day)
    rates = np.divide(counts * 3600.0, days * centre.interval_s, out=np.zeros(a_day), where=days > 0)
    whole = -(-centre.horizon_s // centre.interval_s)
    return tuple(float(rates[place % a_day]) for place in range(int(whole)))


def _times_seen(place: int, a_day: int, past_s: float, interval_s: float) -> float:
    """How many whole times this interval of the day lies within the records."""
    return sum(
        float(np.clip(past_s / interval_s - number, 0.0, 1.0))
        for number in range(place, int(-(-past_s // interval_s)), a_day)
    )


def _learned(known: Centre, number: int, past: Past) -> Queue:
    queue = known.queues[number]
    own = past.calls["queue"] == number
    calls = past.calls[own]
    # Who chases a matter from before the records comes by chance, as far as they can tell.
    by_chance = (calls["kind"] == flat.FRESH) | about_the_past(past)[own]
    fresh = calls["arrived_s"][by_chance]
    waited = calls[~np.isnan(calls["wait_s"])]
    queue = replace(
        queue,
        rates_per_h=rates_per_h(fresh, past.ended_s, known),
        patience=fitted(waited["wait_s"], np.isin(waited["outcome"], _LEFT)),
        redial=_redial(own, past, queue.redial),
        aftermath=aftermath_of(known, number, past),
    )
    return _shares(_returns(_handling(queue, own, past), own, past), calls)


def _handling(queue: Queue, own: NDArray[np.bool_], past: Past) -> Queue:
    """Talk without the leader's help, which is apart; chasers by themselves; wrap-up."""
    answered = own & (past.calls["outcome"] == OUTCOME["answered"])
    chasing = past.calls["kind"] == flat.CHASER
    consults = past.spells[past.spells["kind"] == flat.CONSULT]
    helped = np.zeros(past.calls.size, dtype=bool)
    helped[consults["call"][consults["call"] >= 0]] = True
    talk = past.calls["talk_s"]
    lengths = (consults["ended_s"] - consults["began_s"])[own[consults["call"]]]
    return replace(
        queue,
        talk=_times(talk[answered & ~helped & ~chasing], queue.talk),
        chaser_talk=_times(talk[answered & ~helped & chasing], queue.chaser_talk or queue.talk),
        wrap_up=_times(past.calls["wrap_up_s"][answered], queue.wrap_up),
        consult=_or_given(helped & answered, answered, queue.consult) if past.spells.size else queue.consult,
        consulting=_times(lengths, queue.consulting),
    )


def _redial(own: NDArray[np.bool_], past: Past, given: Redial) -> Redial:
    calls = past.calls
    again = np.flatnonzero(own & (calls["kind"] == flat.REDIAL))
    before = previous_of(calls)[again]
    blocked = calls["outcome"] == OUTCOME["blocked"]
    left = is_lost(calls) & ~blocked
    delays = calls["arrived_s"][again] - _ended_s(calls)[before]
    return Redial(
        after_abandon=_or_given(left[before], left & own, given.after_abandon),
        after_block=_or_given(blocked[before], blocked & own, given.after_block),
        delay=_times(np.maximum(delays, 0.0), given.delay),
    )


def _or_given(part: NDArray[np.bool_], whole: NDArray[np.bool_], given: float) -> float:
    seen = np.count_nonzero(whole)
    return float(np.count_nonzero(part) / seen) if seen >= _ENOUGH else given


def _returns(queue: Queue, own: NDArray[np.bool_], past: Past) -> Queue:
    calls = past.calls
    again = np.flatnonzero(own & (calls["kind"] == flat.RETURN))
    answered = own & (calls["outcome"] == OUTCOME["answered"])
    delays = calls["arrived_s"][again] - _ended_s(calls)[previous_of(calls)[again]]
    share = _or_given(np.ones(again.size, dtype=bool), answered, queue.returns)
    return replace(queue, returns=share, return_delay=_times(np.maximum(delays, 0.0), queue.return_delay))


def _shares(queue: Queue, calls: Rows) -> Queue:
    """What the menu serves, what goes outside, who accepts a call back."""
    outcome = calls["outcome"]
    reached = ~np.isin(outcome, [OUTCOME["blocked"], OUTCOME["out_of_hours"]]) & (
        calls["kind"] != flat.CHASER
    )
    served, outside = outcome == OUTCOME["ivr_self_served"], outcome == OUTCOME["overflow_out"]
    accepted = outcome == OUTCOME["callback_accepted"]
    after_s = queue.offer_call_back_after_s
    with np.errstate(invalid="ignore"):
        offered = accepted | (calls["wait_s"] > after_s if after_s > 0 else np.zeros(calls.size, dtype=bool))
    return replace(
        queue,
        self_served=_or_given(served & reached, reached, queue.self_served),
        outside=_or_given(outside & reached, reached & ~served, queue.outside),
        accept_call_back=_or_given(accepted, offered, queue.accept_call_back),
    )


def _ended_s(calls: Rows) -> NDArray[np.float64]:
    return np.asarray(calls["arrived_s"] + np.nan_to_num(calls["wait_s"]) + calls["talk_s"])


def _times(seconds: NDArray[np.float64], given: Distribution) -> Distribution:
    return observed(seconds) if seconds.size >= _ENOUGH else given


def as_it_was(known: Centre, past: Past) -> Centre:
    """The very days recorded, to be run again: fresh calls when they came, people there when they were.

    `known` is a calibrated centre. What hangs on the calls (who leaves, redials, chases) is run anew, or a
    change could not change it; the callers are who they were (`hindsight`).
    """
    seen = past.with_kinds()
    fresh = seen.calls[seen.calls["kind"] == flat.FRESH]
    there = seen.spells[seen.spells["kind"] == flat.PRESENT]
    people = known.people
    if there.size:
        people = tuple(
            replace(person, present=_stretches(there[there["agent"] == number]))
            for number, person in enumerate(known.people)
        )
    chasers = _as_they_came(seen.calls[about_the_past(seen)])
    known = replace(known, trace=_as_they_came(fresh), chasers=chasers, people=people, horizon_s=past.ended_s)
    return replace(known, hindsight=hindsight_of(known, seen))


def _as_they_came(calls: Rows) -> tuple[tuple[float, int], ...]:
    return tuple(zip(calls["arrived_s"].tolist(), calls["queue"].tolist(), strict=True))


def _stretches(there: Rows) -> Stretches:
    ordered = np.sort(there, order="began_s")
    return tuple(zip(ordered["began_s"].tolist(), ordered["ended_s"].tolist(), strict=True))

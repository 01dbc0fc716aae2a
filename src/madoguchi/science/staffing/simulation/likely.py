"""Other centres that would have written such records: what one day cannot tell for sure.

A day's numbers are themselves chance: of 900 questions to leaders in 3,000 calls follows a share of 30 %,
give or take 1.6. Drawing every number within its own error, once a run, carries that into the intervals.
Source: parametric bootstrap, Efron, Tibshirani, An Introduction to the Bootstrap (1993), section 6.5; shares
by Jeffreys' prior, Brown, Cai, DasGupta, Statist. Sci. 16 (2001), section 4.3.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Centre, Queue
from madoguchi.science.staffing.simulation.distributions import Distribution
from madoguchi.science.staffing.simulation.flat import OUTCOME, is_lost
from madoguchi.science.staffing.simulation.kinds import Past
from madoguchi.science.staffing.simulation.norm import Norm

_CV = 1.0
"""Standard deviation ÷ mean of how long things take: some 0.8 for talk, 1 without memory."""
_LEFT = tuple(OUTCOME[name] for name in ("short_abandon", "queue_abandon", "ring_abandon"))


def as_likely(centre: Centre, norm: Norm, past: Past, seed: int) -> tuple[Centre, Norm]:
    """A centre, and what its plan took for granted, that `past` lets expect as well as `centre`.

    `centre` is calibrated and not yet put back into its day: what is seen of a call stays as it was.
    """
    draw = _Draws(seed)
    fresh = int(np.count_nonzero(past.calls["kind"] == flat.FRESH))
    queues = tuple(_queue(queue, number, past, draw) for number, queue in enumerate(centre.queues))
    rings = int(np.count_nonzero(past.spells["kind"] == flat.RINGING))
    usual = [person.miss for person in centre.people if person.queues]
    mean = sum(usual) / len(usual) if usual else 0.0
    times = draw.share(mean, rings) / mean if mean > 0 else 1.0
    people = tuple(replace(person, miss=min(1.0, person.miss * times)) for person in centre.people)
    absences = int(np.count_nonzero(past.spells["kind"] == flat.PRESENT))
    adherence = centre.adherence
    if adherence < 1.0:
        # Presences and absences in turn: both lengths are known from as many.
        away = (1.0 - adherence) / adherence * draw.times(2.0, absences)
        adherence = 1.0 / (1.0 + away)
    likely = replace(centre, queues=queues, people=people, adherence=adherence)
    return likely, replace(norm, volume=norm.volume * draw.times(1.0, fresh))


class _Draws:
    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)

    def share(self, share: float, of: int) -> float:
        """A share seen among `of`; 0 and 1 stay what they are: nothing of the kind was ever seen."""
        if of == 0 or not 0.0 < share < 1.0:
            return share
        return float(self._chance.beta(share * of + 0.5, (1.0 - share) * of + 0.5))

    def times(self, squared: float, of: int) -> float:
        """A factor for a mean of `of` values whose squared coefficient of variation is given."""
        return math.exp(self._chance.normal() * math.sqrt(squared / of)) if of else 1.0

    def mean(self, of: Distribution, seen: int) -> Distribution:
        """`of` with another mean."""
        return of.scaled(self.times(_CV**2, seen))


def _queue(queue: Queue, number: int, past: Past, draw: _Draws) -> Queue:
    calls = past.calls[past.calls["queue"] == number]
    answered = int(np.count_nonzero(calls["outcome"] == OUTCOME["answered"]))
    left = int(np.count_nonzero(np.isin(calls["outcome"], _LEFT)))
    cases = int(np.count_nonzero(past.cases["queue"] == number))
    after = queue.aftermath
    return replace(
        queue,
        talk=draw.mean(queue.talk, answered),
        wrap_up=draw.mean(queue.wrap_up, answered),
        patience=draw.mean(queue.patience, left),
        redial=replace(
            queue.redial,
            after_abandon=draw.share(queue.redial.after_abandon, int(is_lost(calls).sum())),
        ),
        consult=draw.share(queue.consult, answered),
        consulting=draw.mean(queue.consulting, round(queue.consult * answered)),
        returns=draw.share(queue.returns, answered),
        aftermath=replace(
            after,
            share=draw.share(after.share, answered),
            casework=draw.mean(after.casework, cases),
            chase=draw.share(after.chase, cases),
        ),
    )

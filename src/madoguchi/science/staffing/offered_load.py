"""Load that changes with the time of day: how many are being served when nobody has to wait.

A caller is there for a while, so load follows the arrivals later and more smoothly. Staffing each moment for
this load instead of for arrivals · handling time (modified offered load) keeps service even. Handling times
are exponential. Source: S. G. Eick, W. A. Massey, W. Whitt (1993), "M_t/G/∞ queues with sinusoidal arrival
rates".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from madoguchi.science.staffing import compiled, inputs
from madoguchi.science.staffing.errors import NotANumber, TooLarge
from madoguchi.science.staffing.inputs import Columns, Floats
from madoguchi.science.staffing.kernels import rows


@dataclass(frozen=True, slots=True)
class Sine:
    """The load under arrivals that go up and down: mean + amplitude·sin(2π·t ÷ period)."""

    mean_load: float
    amplitude: float
    """Of the load, in Erlang."""
    lag_s: float
    """By how much its peak comes later than that of the arrivals."""
    period_s: float

    def at(self, t_s: ArrayLike) -> Floats:
        """The load in Erlang at `t_s`, counted as in the arrivals: at 0 they are at their mean and rising."""
        given = Columns(t_s=(t_s, inputs.finite))
        angle = 2.0 * math.pi * ((given["t_s"] - self.lag_s) / self.period_s)
        return given.shaped(self.mean_load + self.amplitude * np.sin(angle))


def sine(mean_per_s: float, amplitude_per_s: float, period_s: float, *, handle_s: float) -> Sine:
    """The load that such arrivals bring. The amplitude may not exceed the mean: no rate is negative.

    >>> day = sine(100 / 3600, 60 / 3600, 86400.0, handle_s=3600.0)
    >>> f"{day.mean_load:.0f} ± {day.amplitude:.2f} Erlang, {day.lag_s / 60:.1f} min later"
    '100 ± 58.04 Erlang, 58.7 min later'
    """
    for name, value in (("mean", mean_per_s), ("period", period_s), ("handle", handle_s)):
        inputs.positive(name, np.asarray(value, dtype=np.float64))
    inputs.not_negative("amplitude", np.asarray(amplitude_per_s, dtype=np.float64))
    if amplitude_per_s > mean_per_s:
        raise TooLarge(name="amplitude", most=mean_per_s, value=amplitude_per_s)
    speed = 2.0 * math.pi * handle_s / period_s
    return Sine(
        mean_load=mean_per_s * handle_s,
        amplitude=amplitude_per_s * handle_s / math.hypot(1.0, speed),
        lag_s=handle_s * (math.atan(speed) / speed),
        period_s=float(period_s),
    )


@dataclass(frozen=True, slots=True)
class Steps:
    """The load under arrivals that are steady within each interval."""

    mean: Floats
    """Averaged over each interval, in Erlang."""
    peak: Floats
    """The highest of each interval: load moves towards rate · handling time, so it is at one of its ends."""
    end: Floats
    """At the end of each interval."""
    begin: Floats
    target: Floats
    """Rate · handling time: what the load moves towards within the interval."""
    handle_s: Floats
    interval_s: float

    def at(self, t_s: ArrayLike) -> Floats:
        """The load in Erlang at `t_s` after the beginning of the first interval. Raises StaffingError.

        >>> found = steps([10 / 3600, 50 / 3600], interval_s=1800.0, handle_s=900.0)
        >>> [f"{load:.3f}" for load in found.at([0.0, 2700.0, 3600.0])]
        ['2.500', '8.821', '11.147']
        """
        given = Columns(t_s=(t_s, inputs.not_negative))
        end_s = self.interval_s * len(self.mean)
        if np.any(given["t_s"] > end_s):
            raise TooLarge(name="moment", most=f"{end_s:.10g} s", value=f"{np.max(given['t_s']):.10g} s")
        which = np.minimum((given["t_s"] // self.interval_s).astype(int), len(self.mean) - 1)
        into_s = given["t_s"] - which * self.interval_s
        left = np.exp(-into_s / self.handle_s[which])
        return given.shaped(self.target[which] + (self.begin[which] - self.target[which]) * left)


def steps(
    rate_per_s: ArrayLike, *, interval_s: float, handle_s: ArrayLike, before: float | None = None
) -> Steps:
    """The load interval by interval. `before`: the load at the beginning; None: as if it had always been so.

    >>> found = steps([10 / 3600, 50 / 3600], interval_s=1800.0, handle_s=900.0)
    >>> [f"{load:.3f}" for load in found.mean], [f"{load:.3f}" for load in found.end]
    (['2.500', '8.177'], ['2.500', '11.147'])
    """
    given = Columns(
        rate=(rate_per_s, inputs.not_negative),
        handle=(handle_s, inputs.positive),
        interval=(interval_s, inputs.positive),
    )
    if len(given.shape) != 1:
        raise NotANumber(name="rate")
    target = given["rate"] * given["handle"]
    decay = given["interval"] / given["handle"]
    first = float(target[0]) if before is None and given.count else float(before or 0.0)
    begin, end = np.empty(given.count), np.empty(given.count)
    compiled.rows(rows.load_rows, given.count, target, np.exp(-decay), first, begin, end)
    return Steps(
        mean=target + (begin - target) * (-np.expm1(-decay) / decay),
        peak=np.maximum(begin, end),
        end=end,
        begin=begin,
        target=target,
        handle_s=given["handle"],
        interval_s=float(interval_s),
    )

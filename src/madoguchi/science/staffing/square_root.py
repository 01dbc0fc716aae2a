"""Square-root staffing: load + β·√load, a first guess for large centres, and what β promises.

Sources: S. Halfin, W. Whitt (1981), "Heavy-traffic limits for queues with many exponential servers"; O.
Garnett, A. Mandelbaum, M. Reiman (2002), "Designing a call center with impatient customers", theorem 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from madoguchi.science.staffing import inputs
from madoguchi.science.staffing.errors import Unstable
from madoguchi.science.staffing.inputs import Columns, Floats


def agents(load: ArrayLike, beta: ArrayLike) -> Floats:
    """load + β·√load, rounded up to whole people.

    >>> agents(100.0, 0.5)
    np.float64(105.0)
    """
    given = Columns(load=(load, inputs.load), beta=(beta, inputs.finite))
    staff = given["load"] + given["beta"] * np.sqrt(given["load"])
    return given.shaped(np.maximum(np.ceil(staff * (1.0 - 1e-12)), 0.0))


def delay_probability(beta: ArrayLike, *, impatience: ArrayLike = 0.0) -> Floats:
    """The probability to wait in an endlessly large centre with load + β·√load agents.

    `impatience` is handling time ÷ patience; 0: nobody gives up, and β must be positive (else Unstable).

    >>> f"{delay_probability(0.5):.6f} {delay_probability(0.5, impatience=0.6):.6f}"
    '0.504539 0.344779'
    """
    given = Columns(beta=(beta, inputs.finite), impatience=(impatience, inputs.not_negative))
    b, theta = given["beta"], given["impatience"]
    if np.any((b <= 0.0) & (theta == 0.0)):
        raise Unstable(load=1.0, agents=1, least=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(theta)
        # h(β/√θ)·√θ, which without impatience is β itself.
        above = np.where(theta == 0.0, b, _hazard(b / root) * root)
    below = _hazard(-b)
    return given.shaped(below / (below + above))


def beta_for(wanted: ArrayLike, *, impatience: ArrayLike = 0.0) -> Floats:
    """The β with which `wanted` (0–1, without the ends) of all callers wait, in an endlessly large centre.

    >>> f"{beta_for(0.2):.6f}"
    '1.061516'
    """
    given = Columns(wanted=(wanted, inputs.inner_share), impatience=(impatience, inputs.not_negative))
    patient = given["impatience"] == 0.0
    low, high = np.where(patient, 1e-300, -40.0), np.full(given.count, 40.0)
    for _ in range(1100):
        # Without impatience β lies above 0, perhaps just above: halved in ratio, not in difference.
        middle = np.where(patient & (low < 1e-3), np.sqrt(np.abs(low * high)), 0.5 * (low + high))
        if np.all((middle <= low) | (middle >= high)):
            break
        more = delay_probability(middle, impatience=given["impatience"]) > given["wanted"]
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return given.shaped(high)


def _hazard(x: Floats) -> Floats:
    """φ(x) ÷ (1 − Φ(x)) of the normal distribution; 0 far on the left."""
    with np.errstate(over="ignore"):
        return np.asarray(np.sqrt(2.0 / np.pi) / special.erfcx(x / np.sqrt(2.0)), dtype=np.float64)

"""Where a function is 0: Illinois regula falsi, a step at a time.

The function itself stays with its kernel, since compiled code that is kept on disk can't be handed one:

    x = between(bracket); f = …; then it is found(bracket, x, f), or bracket = narrowed(bracket, x, f)

Source: M. Dowell, P. Jarratt (1971), "A modified regula falsi method for computing the root of an equation".
"""

import math

Bracket = tuple[float, float, float, float, float]
"""low, the function there, high, the function there, which end moved last (1 low, −1 high, 0 none yet).

The two values have opposite signs; one of an end that stayed may have been halved."""

MOST_STEPS = 200
"""Enough for any function that is continuous; an end to the search where one is not."""


def bracket_of(low: float, f_low: float, high: float, f_high: float) -> Bracket:
    """The bracket to begin with, low < high."""
    return low, f_low, high, f_high, 0.0


def between(bracket: Bracket) -> float:
    """Where to look next: where the chord is 0, or the middle where rounding has put that on an end."""
    low, f_low, high, f_high, _ = bracket
    x = (low * f_high - high * f_low) / (f_high - f_low)
    return x if low < x < high else 0.5 * (low + high)


def narrowed(bracket: Bracket, x: float, f: float) -> Bracket:
    """The bracket after a look at `x`, where the function is `f`, not 0.

    The value at an end that stays twice is halved, so that it moves too: else the chord creeps.
    """
    low, f_low, high, f_high, moved = bracket
    if (f > 0.0) == (f_low > 0.0):
        return x, f, high, 0.5 * f_high if moved == 1.0 else f_high, 1.0
    return low, 0.5 * f_low if moved == -1.0 else f_low, x, f, -1.0


def found(bracket: Bracket, x: float, f: float) -> bool:
    """Whether `x` is the root to the last digit, for roots above 0."""
    low, _, high, _, moved = bracket
    last = low if moved == 1.0 else high if moved == -1.0 else math.nan
    return f == 0.0 or abs(x - last) <= 2e-16 * x or high - low <= 2e-16 * high

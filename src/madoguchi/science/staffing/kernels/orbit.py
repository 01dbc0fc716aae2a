"""The load of all attempts, when some of the lost and some of the served call again."""

from madoguchi.science.staffing.kernels.exponents import shared
from madoguchi.science.staffing.kernels.impatience import FAR, LEAVE, STAY, area, free, hill_of
from madoguchi.science.staffing.kernels.queue import Centre, measures
from madoguchi.science.staffing.kernels.roots import MOST_STEPS, between, bracket_of, found, narrowed

MOST_LOAD = 1e12


def all_attempts(centre: Centre, redial: float, returns: float) -> float:
    """The Poisson load at which the orbits feed exactly what leaves them; −1 beyond 1e12 Erlang.

    `centre` holds the load of first calls. Illinois regula falsi on `unfed`, which increases with the load.
    """
    own = centre[1]
    if own == 0.0 or (redial == 0.0 and returns == 0.0):
        return own
    if centre[2] == 0.0 and centre[3] < 0:
        return own / (1.0 - returns)  # nobody is lost
    low, high = own, 2.0 * own
    f_low, f_high = unfed(centre, redial, returns, low), unfed(centre, redial, returns, high)
    while f_high < 0.0:
        low, f_low, high = high, f_high, 2.0 * high
        if high > MOST_LOAD:
            return -1.0
        f_high = unfed(centre, redial, returns, high)
    if f_low >= 0.0:
        return low
    bracket, load = bracket_of(low, f_low, high, f_high), high
    for _ in range(MOST_STEPS):
        load = between(bracket)
        f = unfed(centre, redial, returns, load)
        if found(bracket, load, f):
            break
        bracket = narrowed(bracket, load, f)
    return load


def unfed(centre: Centre, redial: float, returns: float, load: float) -> float:
    """Load that leaves for good, less that of first calls, when attempts come at `load` in all."""
    lost, answered = fates((centre[0], load, centre[2], centre[3]))
    return load * (answered * (1.0 - returns) + (1.0 - redial) * lost) - centre[1]


def fates(centre: Centre) -> tuple[float, float]:
    """Shares of all attempts that are lost and answered: what `queue.measures` knows, with half the work."""
    agents, load, impatience, places = centre
    if places >= 0 or impatience == 0.0:
        blocked, _at_once, _waits, left, served, _, _ = measures(centre)
        return blocked + (1.0 - blocked) * left, (1.0 - blocked) * served
    hill = hill_of(agents, load, impatience)
    low, exponent = free(agents, load, hill)
    gone, stay = agents * area(hill, LEAVE, 0.0, FAR), agents * area(hill, STAY, 0.0, FAR)
    if exponent != 0:
        return shared(gone, low, exponent, gone + stay), 1.0
    return gone / (low + gone + stay), (low + stay) / (low + gone + stay)

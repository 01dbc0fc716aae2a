"""The cheapest shifts that meet a need, proven.

One whole number a shift type and one row a half-hour, solved by HiGHS. What is added: costs are counted in
their common unit, so that a bound just below a whole number of units ends the search; no shift type gets more
people than any of its rows asks for; shifts that the bound of `bounding` proves to be of no use are left out;
and where a small gap is good enough, most of the linear relaxation's whole part is kept and only the rest is
searched. What was tried and left stands in docs/adr/0017-shifts-left-out-by-proof.md.

Source: G. Dantzig, A comment on Edie's traffic delays at toll booths, 1954.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from madoguchi.science.staffing.errors import NotPositive, TooSmall
from madoguchi.science.staffing.shifts.bounding import Bound, bound
from madoguchi.science.staffing.shifts.clash import least_clash
from madoguchi.science.staffing.shifts.errors import NotFoundInTime, RulesClash
from madoguchi.science.staffing.shifts.rules import CoverRule
from madoguchi.science.staffing.shifts.types import Limit, ShiftType, Whole

Floats = NDArray[np.float64]
_NEAR_SHARE = 1e-4
"""For a near plan: shifts whose reduced cost is below this share of the bound."""
_LITTLE: Mapping[str, object] = MappingProxyType({"node_limit": 40})
_WITHOUT_PRESOLVE: Mapping[str, object] = MappingProxyType({"presolve": False})
_TINY = 1e-6
_IMPOSSIBLE = 2
"""What SciPy says of a model without a plan."""


@dataclass(frozen=True)
class Plan:
    """How many people work each shift type."""

    people: Whole
    """By shift type, in the order given."""
    cost: float
    bound: float
    """No plan costs less; equal to `cost` when proven cheapest."""
    present: Whole
    """People at work by half-hour, breaks left out."""
    proven: bool


@dataclass(frozen=True)
class Model:
    """The plain model: rows `low ≤ matrix · people ≤ high`, each a rule with a name."""

    matrix: sparse.csc_matrix
    cost: Floats
    low: Floats
    high: Floats
    names: tuple[CoverRule, ...]


@dataclass(frozen=True)
class _Relaxed:
    cost: float
    people: Floats
    reduced: Floats


@dataclass(frozen=True)
class _Found:
    people: Whole
    cost: float
    bound: float


def cover(
    need: Sequence[int] | Whole,
    shifts: Sequence[ShiftType],
    limits: Iterable[Limit] = (),
    *,
    seats: int | None = None,
    gap: float = 0.0,
    seconds: float = 60.0,
) -> Plan:
    """The cheapest people on `shifts` with at least `need[t]` at work in each half-hour t.

    `seats`: never more than so many at work at once. `gap`: a plan so close to the cheapest is good enough
    (0.001: 0.1 %). Work after the last half-hour of `need` is paid but covers nothing. Raises RulesClash
    with the names of the rules, NotFoundInTime when no plan was found in `seconds`.

    >>> early, late = ShiftType("early", 0, 3, cost=3), ShiftType("late", 2, 4, cost=2)
    >>> plan = cover([1, 2, 3, 1], [early, late])
    >>> plan.people.tolist(), plan.cost, plan.proven
    ([2, 1], 8.0, True)
    """
    ends = time.monotonic() + seconds
    model = build(need, shifts, limits, seats=seats)
    relaxed = _relax(model)
    if relaxed is None:
        raise RulesClash.of_covering(clashing(model))
    found = _search(model, relaxed, gap, ends)
    present = (_covering(shifts, len(need)) @ found.people).astype(np.int64)
    proven = found.bound >= found.cost - _TINY * max(1.0, found.cost)
    return Plan(found.people, found.cost, found.bound, present, proven)


def build(
    need: Sequence[int] | Whole,
    shifts: Sequence[ShiftType],
    limits: Iterable[Limit] = (),
    *,
    seats: int | None = None,
) -> Model:
    """The plain model, for `cover` and for whoever wants to solve it otherwise."""
    asked = np.asarray(need, dtype=np.float64)
    if not shifts or not len(asked):
        raise NotPositive(name="shifts", value=0)
    if asked.min() < 0:
        raise TooSmall(name="need", least=0, value=asked.min())
    rows = _covering(shifts, len(asked))
    wanted = np.flatnonzero(asked > 0)
    parts, low, high = [rows[wanted]], [asked[wanted]], [np.full(len(wanted), np.inf)]
    names = [CoverRule("need", int(at)) for at in wanted]
    if seats is not None:
        parts.append(rows)
        low.append(np.full(len(asked), -np.inf))
        high.append(np.full(len(asked), float(seats)))
        names += [CoverRule("seats", at) for at in range(len(asked))]
    for limit in limits:
        counted = [float(not limit.kinds or shift.kind in limit.kinds) for shift in shifts]
        parts.append(sparse.csr_matrix([counted]))
        low.append(np.array([float(limit.least)]))
        high.append(np.array([np.inf if limit.most is None else float(limit.most)]))
        names.append(CoverRule("limit", name=limit.name))
    cost = np.array([shift.cost for shift in shifts])
    matrix = sparse.vstack(parts).tocsc()
    return Model(matrix, cost, np.concatenate(low), np.concatenate(high), tuple(names))


def clashing(model: Model) -> list[CoverRule]:
    """A smallest set of rules of `model` that no plan keeps together; it must have none."""

    def linear(rows: Sequence[int]) -> bool:
        return _relax(_only(model, rows)) is not None

    def whole(rows: Sequence[int]) -> bool:
        return linear(rows) and _solve(_only(model, rows), 0.0, 1.0, math.inf) is not None

    rows = range(len(model.names))
    found = least_clash(rows, whole if linear(rows) else linear)
    return [model.names[row] for row in found]


def _only(model: Model, rows: Sequence[int]) -> Model:
    kept = list(rows)
    names = tuple(model.names[row] for row in kept)
    return Model(model.matrix.tocsr()[kept].tocsc(), model.cost, model.low[kept], model.high[kept], names)


def _covering(shifts: Sequence[ShiftType], half_hours: int) -> sparse.csr_matrix:
    working = [[at for at in shift.working() if at < half_hours] for shift in shifts]
    begins = np.concatenate([[0], np.cumsum([len(one) for one in working])])
    rows = np.concatenate([np.array(one, dtype=np.int64) for one in working])
    whole = sparse.csc_matrix((np.ones(len(rows)), rows, begins), shape=(half_hours, len(shifts)))
    return whole.tocsr()


def _relax(model: Model) -> _Relaxed | None:
    """Least cost with parts of people, and the reduced cost of each shift; None: impossible."""
    if not model.names:
        return _Relaxed(0.0, np.zeros(len(model.cost)), model.cost)
    rows, least = _at_least(model)
    found = linprog(model.cost, A_ub=-rows, b_ub=-least, method="highs-ds")
    if found.status != 0:
        return None
    reduced = np.asarray(found.lower.marginals, dtype=np.float64)
    return _Relaxed(float(found.fun), np.asarray(found.x, dtype=np.float64), reduced)


def common_unit(cost: Floats) -> float:
    """The largest unit of which all costs are whole multiples; 0 when there is none worth using.

    >>> common_unit(np.array([4.5, 3.0, 6.75]))
    0.75
    """
    values = [float(one) for one in np.unique(cost) if one > 0]
    parts = [Fraction(one).limit_denominator(10_000) for one in values]
    if not parts or any(
        abs(float(part) - one) > 1e-12 * one for part, one in zip(parts, values, strict=True)
    ):
        return 0.0
    bottom = math.lcm(*(part.denominator for part in parts))
    return math.gcd(*(int(part * bottom) for part in parts)) / bottom if bottom <= 1_000_000 else 0.0


def _search(model: Model, relaxed: _Relaxed, gap: float, ends: float) -> _Found:
    unit = common_unit(model.cost)
    if gap > 0:
        near = _near(model, relaxed, (unit, gap, ends))
        if near is not None and near.cost - near.bound <= gap * near.cost:
            return near
    found = _exact(model, unit, ends) if gap == 0 else None
    if found is None:
        found = _solve(model, unit, gap, ends)
    if found is None:
        raise RulesClash.of_covering(clashing(model))
    return found


def _exact(model: Model, unit: float, ends: float) -> _Found | None:
    """The cheapest plan, found among few shifts; None where they have none, or no bound was found.

    What was left out is proven to cost more: the bound says so of each shift that was.
    """
    if not unit or not model.names:
        return None
    known = bound(np.round(model.cost / unit), *_at_least(model), _useful(model))
    if known is None:
        return None
    nearest = math.ceil(known.cost - _TINY * max(1.0, known.cost))
    # Where few shifts are left, much is settled with little branching. What is not needs a few shifts more,
    # and then presolving and starting anew cost more than they bring.
    with contextlib.suppress(NotFoundInTime):
        found = _among(model, known, nearest + 1, ends, _LITTLE)
        if found is not None and found.bound == found.cost:
            return found
    up_to = nearest + 2
    while True:
        found = _among(model, known, up_to, ends, _WITHOUT_PRESOLVE)
        if found is None or found.bound == found.cost or time.monotonic() > ends:
            return found
        up_to = max(up_to + 1, round(found.cost / unit) - 1)


def _among(model: Model, known: Bound, up_to: int, ends: float, how: Mapping[str, object]) -> _Found | None:
    """The cheapest plan of the shifts that a plan of `up_to` units may have; None where they make none.

    Plans with other shifts cost more than `up_to`, which is one unit more at least: that bounds them all.
    """
    near = up_to + _TINY * max(1.0, known.cost)
    kept = np.flatnonzero(known.cost + known.reduced <= near)
    few = Model(model.matrix[:, kept], model.cost[kept], model.low, model.high, model.names)
    unit = common_unit(model.cost)
    found = _solve(few, unit, 0.0, ends, how)
    if found is None:
        return None
    people = np.zeros(len(model.cost), dtype=np.int64)
    people[kept] = found.people
    others = (up_to + 1) * unit if len(kept) < len(model.cost) else math.inf
    proven = found.bound == found.cost <= others + _TINY * max(1.0, found.cost)
    return _Found(people, found.cost, found.cost if proven else min(found.bound, others))


def _at_least(model: Model) -> tuple[sparse.csr_matrix, Floats]:
    """The rules as `rows · people ≥ least`."""
    least, most = np.isfinite(model.low), np.isfinite(model.high)
    rows = model.matrix.tocsr()
    whole = sparse.vstack([rows[least], -rows[most]]).tocsr()
    return whole, np.concatenate([model.low[least], -model.high[most]])


def _near(model: Model, relaxed: _Relaxed, how: tuple[float, float, float]) -> _Found | None:
    """Most of the relaxation's whole part as it is, and shifts that cost hardly more for what is left."""
    unit, gap, ends = how
    # Not all of the whole part: with all of it, nothing within 0.1 % may be left.
    whole = np.floor(np.maximum(0.0, relaxed.people - 0.5) + _TINY).astype(np.int64)
    done = model.matrix @ whole
    kept = np.flatnonzero(relaxed.reduced <= _NEAR_SHARE * relaxed.cost + _TINY)
    rest = Model(model.matrix[:, kept], model.cost[kept], model.low - done, model.high - done, model.names)
    left = relaxed.cost - float(model.cost @ whole)
    found = _solve(rest, unit, min(1.0, 0.9 * gap * relaxed.cost / max(left, _TINY)), ends)
    if found is None:
        return None
    whole[kept] += found.people
    cost = float(model.cost @ whole)
    return _Found(whole, cost, min(cost, _on_the_grid(relaxed.cost, unit, _TINY * max(1.0, cost))))


def _on_the_grid(bound: float, unit: float, tiny: float) -> float:
    return math.ceil((bound - tiny) / unit) * unit if unit else bound


def _solve(
    model: Model, unit: float, gap: float, ends: float, how: Mapping[str, object] | None = None
) -> _Found | None:
    """The cheapest whole people, or None when there are none. Raises NotFoundInTime."""
    if not model.names:
        return _Found(np.zeros(len(model.cost), dtype=np.int64), 0.0, 0.0)
    left = ends - time.monotonic()
    if left <= 0:
        raise NotFoundInTime
    if not model.matrix.shape[1]:
        return None
    scale = 1.0 / unit if unit else 1.0
    found = milp(
        model.cost * scale,
        constraints=LinearConstraint(model.matrix, model.low, model.high),
        integrality=np.ones(len(model.cost)),
        bounds=Bounds(0, _useful(model)),
        options={"mip_rel_gap": gap, "time_limit": left, **(how or {})},
    )
    if found.x is None:
        if found.status != _IMPOSSIBLE:
            raise NotFoundInTime
        return None
    people = np.round(found.x).astype(np.int64)
    cost = float(model.cost @ people)
    bound = found.mip_dual_bound / scale
    return _Found(people, cost, cost if cost - bound <= _TINY * max(1.0, cost) else bound)


def _useful(model: Model) -> Floats:
    """People by shift type above whom one fewer would do as well: the most that any of its rows asks for."""
    matrix = model.matrix.tocsc()
    asked = np.zeros(matrix.shape[1])
    columns = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    np.maximum.at(asked, columns, np.maximum(0.0, model.low[matrix.indices]))
    return asked

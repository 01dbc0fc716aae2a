"""Redials and returns: closed forms where there are any, conservation, and errors that are what they say."""

import math
from functools import cache

import numpy as np
import pytest

from madoguchi.science.staffing import erlang_a, erlang_c
from madoguchi.science.staffing.errors import TooLarge, Unstable
from madoguchi.science.staffing.orbit import Centre, Centres, fixed_point
from madoguchi.science.staffing.orbit_chain import Chain, first_limits
from madoguchi.science.staffing.orbit_error import error_of_fixed_point
from madoguchi.science.staffing.orbit_exact import ENOUGH, Orbits
from madoguchi.science.staffing.orbit_exact import exact as solved
from madoguchi.science.staffing.orbit_proof import prove

pytestmark = pytest.mark.pure

exact = cache(solved)
"""Several tests look at the same centre, and what was proved once stays true."""
BOTH = Centre(3, 2.5, 180.0, patience_s=200.0, places=2, redial=0.8, returns=0.2, return_after_s=300.0)


def test_returns_alone_have_product_form() -> None:
    centre = Centre(6, 3.0, 180.0, returns=0.3, return_after_s=400.0)
    load = 3.0 / 0.7
    true = erlang_c.queue(6, load, handle_s=180.0).measures()
    found, near = exact(centre), fixed_point(centre)
    assert near.measures.mean_wait_s == pytest.approx(true.mean_wait_s, rel=1e-12)
    assert found.mean_wait_s == pytest.approx(true.mean_wait_s, rel=found.error)
    for one in (found, near):
        assert one.return_orbit == pytest.approx(0.3 * load / 180.0 * 400.0, rel=1e-7)
    assert error_of_fixed_point(centre) == 0.0


@pytest.mark.parametrize("rho", [0.2, 0.6])
def test_one_line_whose_callers_never_give_up_calling(rho: float) -> None:
    # M/M/1 retrial queue (Falin & Templeton, section 1.2): busy with rho, orbit by the closed form.
    speed = 2.5
    found = exact(Centre(1, rho, 60.0, places=0, redial=1.0, redial_after_s=60.0 / speed))
    true = rho * rho * (1 + speed) / (speed * (1 - rho))
    assert found.occupancy == pytest.approx(rho, rel=found.error)
    assert abs(found.redial_orbit / true - 1.0) <= found.error <= ENOUGH
    assert found.blocking == 0.0


@pytest.mark.parametrize(
    "centre",
    [
        Centre(4, 3.0, 180.0, patience_s=100.0, redial=0.5, redial_after_s=90.0),
        BOTH,
        Centre(4, 5.0, 60.0, places=0, redial=0.4, redial_after_s=30.0),
    ],
)
def test_what_leaves_the_orbits_has_entered_them(centre: Centre) -> None:
    found = exact(centre)
    lost = found.blocking_per_attempt + (1 - found.blocking_per_attempt) * found.abandon_probability
    served = found.occupancy * centre.agents
    assert found.total_load * (1 - lost) == pytest.approx(served, rel=found.error)
    again = centre.redial * lost * found.total_load + centre.returns * served
    assert found.total_load == pytest.approx(centre.load + again, rel=found.error)
    redials = found.redial_orbit * centre.handle_s / centre.redial_after_s
    assert redials == pytest.approx(centre.redial * lost * found.total_load, rel=found.error)


def differences(one: Orbits, other: Orbits) -> list[float]:
    names = ("total_load", "delay_probability", "mean_wait_s", "mean_queue", "occupancy", "redial_orbit")
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    levels = [found.service_levels(20.0) for found in (one, other)]
    pairs += [(levels[0][name], levels[1][name]) for name in ("service_level_a", "wait_tail")]
    return [abs(value / true - 1.0) for value, true in pairs if true > 0]


@pytest.mark.parametrize(
    "centre",
    [
        Centre(3, 1.5, 180.0, patience_s=60.0, redial=0.5, redial_after_s=120.0),
        Centre(2, 1.4, 180.0, patience_s=300.0, redial=1.0, redial_after_s=60.0),
        Centre(3, 4.0, 60.0, places=1, redial=0.9, redial_after_s=200.0),
        Centre(2, 0.5, 60.0, patience_s=30.0, redial=0.6, returns=0.2, return_after_s=30.0),
    ],
)
def test_the_truth_lies_within_the_proved_bound_also_of_narrow_limits(centre: Centre) -> None:
    wide = exact(centre, within_s=(20.0,))
    limits, likely = first_limits(centre)
    told = 0
    for share in (0.6, 1.0) if centre.returns else (0.6, 1.0, 2.0):
        few = [
            limit if axis == 0 and centre.places >= 0 else math.ceil(share * limit)
            for axis, limit in enumerate(limits)
        ]
        if centre.places < 0:
            few[0] = max(few[0], centre.agents + 2)
        chain = Chain(centre, few, likely)
        proof = prove(chain)
        if proof is None or not math.isfinite(proof.rises):
            continue  # it says itself that it knows nothing
        told += 1
        near, far = proof.error(chain.counts["waiting"], {"waiting": 1.0})
        assert abs(chain.mean(chain.counts["waiting"]) - wide.mean_queue) <= near + far
        near, far = proof.error(chain.counts["redialling"], {"redialling": 1.0})
        assert abs(chain.mean(chain.counts["redialling"]) - wide.redial_orbit) <= near + far
    assert told > 0


def test_the_bound_covers_every_figure() -> None:
    centre = Centre(3, 1.5, 180.0, patience_s=60.0, redial=0.5, redial_after_s=120.0)
    limits, likely = first_limits(centre)
    found = exact(centre, within_s=(20.0,))
    # Twice as far: nothing is left of the truncation.
    wide = Chain(centre, [2 * limit for limit in limits], likely)
    assert wide.mean(wide.counts["waiting"]) == pytest.approx(found.mean_queue, rel=found.error)
    assert 0.0 < found.error <= ENOUGH


@pytest.mark.parametrize("places", [-1, 0, 3])
def test_without_orbits_it_is_the_plain_queue(places: int) -> None:
    found = exact(Centre(5, 4.5, 60.0, patience_s=90.0, places=places), within_s=(15.0,))
    plain = erlang_a.queue(5, 4.5, handle_s=60.0, patience_s=90.0, places=places)
    measures, within = plain.measures(), plain.within(15.0)
    off = max(10 * found.error, 1e-9)
    assert found.blocking_per_attempt == pytest.approx(measures.blocking, rel=off)
    for name in ("mean_wait_s", "mean_wait_served_s", "mean_wait_abandoned_s", "mean_in_system"):
        assert getattr(found, name) == pytest.approx(getattr(measures, name), rel=off), name
    assert found.empty_probability == pytest.approx(measures.empty_probability, rel=off)
    for name, value in found.service_levels(15.0).items():
        assert value == pytest.approx(getattr(within, name), rel=off), name
    if places != 0:
        wait = plain.wait_percentile_s(0.9, offered=True)
        assert found.wait_percentile_s(0.9, offered=True) == pytest.approx(wait, rel=max(1e-6, off))


def test_the_fixed_point_tells_its_error() -> None:
    for centre in (
        Centre(6, 5.0, 180.0, patience_s=120.0, redial=0.6, redial_after_s=60.0),
        Centre(12, 11.0, 180.0, patience_s=120.0, redial=0.6, redial_after_s=300.0),
        Centre(20, 21.0, 180.0, patience_s=120.0, redial=0.6, redial_after_s=120.0),
        BOTH,
    ):
        true, near, off = exact(centre, prove_it=False), fixed_point(centre), error_of_fixed_point(centre)
        slack = off * (1 + 1e-9)
        assert near.measures.mean_wait_s == pytest.approx(true.mean_wait_s, rel=slack)
        assert near.measures.delay_probability == pytest.approx(true.delay_probability, rel=slack)
    late = Centre(6, 5.0, 180.0, patience_s=120.0, redial=0.3, redial_after_s=180.0 * 40)
    assert error_of_fixed_point(late) < 0.02
    assert error_of_fixed_point(Centre(6, 5.0, 180.0, patience_s=120.0)) == 0.0


def test_many_centres_give_what_each_gives() -> None:
    agents = np.arange(3, 203)
    many = fixed_point(
        Centres(agents, 0.95 * agents, 180.0, patience_s=120.0, redial=0.6, returns=[[0.0], [0.2]])
    )
    one = fixed_point(Centre(60, 0.95 * 60, 180.0, patience_s=120.0, redial=0.6, returns=0.2))
    assert many.total_load.shape == (2, 200)
    assert many.total_load[1, 57] == pytest.approx(float(one.total_load), rel=1e-13)
    assert many.redial_orbit[1, 57] == pytest.approx(float(one.redial_orbit), rel=1e-12)
    level = many.queue.within(20.0).service_level_a
    assert level[1, 57] == pytest.approx(float(one.queue.within(20.0).service_level_a), rel=1e-12)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(Unstable):
        Centre(3, 2.0, 60.0, places=0, redial=1.0, returns=0.5)
    with pytest.raises(Unstable):
        Centre(3, 1.0, 60.0, returns=1.0)
    with pytest.raises(TooLarge):
        exact(Centre(500, 450.0, 180.0, patience_s=100.0, redial=0.5, returns=0.2, return_after_s=86400.0))

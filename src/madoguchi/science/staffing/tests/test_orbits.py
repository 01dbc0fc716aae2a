"""Redials and returns: closed forms where there are any, conservation, and the fixed point's own error."""

import pytest

from madoguchi.science.staffing import erlang_a, erlang_c
from madoguchi.science.staffing.errors import TooLarge, Unstable
from madoguchi.science.staffing.orbit import Centre, exact, fixed_point

pytestmark = pytest.mark.pure


def test_returns_alone_have_product_form() -> None:
    centre = Centre(6, 3.0, 180.0, returns=0.3, return_after_s=400.0)
    found, near = exact(centre), fixed_point(centre)
    load = 3.0 / 0.7
    true = erlang_c.queue(6, load, handle_s=180.0).measures()
    for one in (found, near):
        assert one.mean_wait_s == pytest.approx(true.mean_wait_s, rel=1e-9)
        assert one.return_orbit == pytest.approx(0.3 * load / 180.0 * 400.0, rel=1e-9)
    assert near.error == 0.0


@pytest.mark.parametrize("rho", [0.2, 0.6])
def test_one_line_whose_callers_never_give_up_calling(rho: float) -> None:
    # M/M/1 retrial queue (Falin & Templeton, section 1.2): busy with rho, orbit by the closed form.
    speed = 2.5
    found = exact(Centre(1, rho, 60.0, places=0, redial=1.0, redial_after_s=60.0 / speed))
    assert found.occupancy == pytest.approx(rho, rel=1e-10)
    assert found.redial_orbit == pytest.approx(rho * rho * (1 + speed) / (speed * (1 - rho)), rel=1e-9)
    assert found.blocking == 0.0


@pytest.mark.parametrize(
    "centre",
    [
        Centre(4, 3.0, 180.0, patience_s=100.0, redial=0.5, redial_after_s=90.0),
        Centre(3, 2.5, 180.0, patience_s=200.0, places=2, redial=0.8, returns=0.2, return_after_s=300.0),
        Centre(4, 5.0, 60.0, places=0, redial=0.4, redial_after_s=30.0),
    ],
)
def test_what_leaves_the_orbits_has_entered_them(centre: Centre) -> None:
    found = exact(centre)
    assert found.error <= 1e-13
    lost = found.blocking_per_attempt + (1 - found.blocking_per_attempt) * found.abandon_probability
    served = found.occupancy * centre.agents
    assert found.total_load * (1 - lost) == pytest.approx(served, rel=1e-9)
    again = centre.redial * lost * found.total_load + centre.returns * served
    assert found.total_load == pytest.approx(centre.load + again, rel=1e-9)
    redials = found.redial_orbit * centre.handle_s / centre.redial_after_s
    assert redials == pytest.approx(centre.redial * lost * found.total_load, rel=1e-9)


@pytest.mark.parametrize("places", [-1, 0, 3])
def test_without_orbits_it_is_the_plain_queue(places: int) -> None:
    found = exact(Centre(5, 4.5, 60.0, patience_s=90.0, places=places))
    plain = erlang_a.queue(5, 4.5, handle_s=60.0, patience_s=90.0, places=places)
    measures, within = plain.measures(), plain.within(15.0)
    levels = found.service_levels(Centre(5, 4.5, 60.0, patience_s=90.0, places=places), 15.0)
    assert found.blocking_per_attempt == pytest.approx(measures.blocking, rel=1e-9)
    assert found.mean_wait_s == pytest.approx(measures.mean_wait_s, rel=1e-9)
    for name, value in levels.items():
        assert value == pytest.approx(getattr(within, name), rel=1e-9), name


def test_the_fixed_point_tells_its_error() -> None:
    for agents, load, after_s in ((6, 5.0, 60.0), (12, 11.0, 300.0), (20, 21.0, 120.0)):
        centre = Centre(agents, load, 180.0, patience_s=120.0, redial=0.6, redial_after_s=after_s)
        true, near = exact(centre), fixed_point(centre)
        assert near.mean_wait_s == pytest.approx(true.mean_wait_s, rel=near.error)
        assert near.delay_probability == pytest.approx(true.delay_probability, rel=near.error)
    assert fixed_point(Centre(6, 5.0, 180.0, patience_s=120.0)).error == 0.0
    late = Centre(6, 5.0, 180.0, patience_s=120.0, redial=0.3, redial_after_s=180.0 * 40)
    assert fixed_point(late).mean_wait_s == pytest.approx(exact(late).mean_wait_s, rel=0.02)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(Unstable):
        Centre(3, 2.0, 60.0, places=0, redial=1.0, returns=0.5)
    with pytest.raises(Unstable):
        Centre(3, 1.0, 60.0, returns=1.0)
    with pytest.raises(TooLarge):
        exact(Centre(500, 450.0, 180.0, patience_s=100.0, redial=0.5, returns=0.2, return_after_s=86400.0))

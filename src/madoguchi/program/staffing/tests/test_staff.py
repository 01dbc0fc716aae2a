"""Agents told or sought, row by row, whichever model they are for."""

import numpy as np
import pytest

from madoguchi.program.staffing.goals import read
from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.staff import Floats, answered
from madoguchi.program.staffing.table import Rows

pytestmark = pytest.mark.pure

ROWS = {"load": np.array([4.0, 0.0, 9.0]), "agents": np.array([7.0, np.nan, np.nan])}


def fewest(rows: Rows) -> Floats:
    assert np.all(rows["load"] > 0), "nobody is sought for no calls"
    return rows["load"] + 1.0


def measures(rows: Rows, agents: Floats) -> dict[str, object]:
    assert np.all(agents > 0), "nothing is measured where nobody is"
    return {"occupancy": rows["load"] / agents, "wait_tail": [agents, 2.0 * agents], "method": "exact"}


def test_rows_without_agents_get_the_fewest_and_rows_with_them_both() -> None:
    found = answered(ROWS, ROWS["load"], fewest=fewest, measures=measures, shrinkage=0.5)
    assert found["agents"].tolist() == [7.0, 0.0, 10.0]
    assert found["least_agents"].tolist() == [5.0, 0.0, 10.0]
    assert found["scheduled"].tolist() == [14.0, 0.0, 20.0]
    assert found["least_scheduled"].tolist() == [10.0, 0.0, 20.0]


def test_a_quiet_row_is_not_measured() -> None:
    found = answered(ROWS, ROWS["load"], fewest=fewest, measures=measures, shrinkage=None)
    assert list(found) == ["load", "agents", "least_agents", "occupancy", "wait_tail", "method"]
    assert np.isnan(found["occupancy"]).tolist() == [False, True, False]
    assert found["occupancy"][[0, 2]].tolist() == [4 / 7, 0.9]
    assert [part[2] for part in found["wait_tail"]] == [10.0, 20.0]
    assert found["method"].tolist() == ["exact", "", "exact"]


def test_where_all_are_sought_they_are_named_once() -> None:
    rows = {"load": ROWS["load"], "agents": np.full(3, np.nan)}
    found = answered(rows, rows["load"], fewest=fewest, measures=measures, shrinkage=None)
    assert found["agents"].tolist() == [5.0, 0.0, 10.0]
    assert "least_agents" not in found


def test_calls_without_agents_and_without_a_goal_are_refused() -> None:
    with pytest.raises(Unreadable, match="Give --agents, or a goal"):
        answered(ROWS, ROWS["load"], fewest=None, measures=measures, shrinkage=None)
    quiet = {"load": np.zeros(2), "agents": np.full(2, np.nan)}
    assert answered(quiet, quiet["load"], fewest=None, measures=measures, shrinkage=None)["agents"].sum() == 0


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("service_level_a>=80%", 20.0),
        ("wait_tail@30s<=5%", 30.0),
        ("wait_percentile_actual<=9s", 0.9),
        ("wait_percentile_offered@95%<=9s", 0.95),
        ("mean_wait<=9s", 0.0),
    ],
)
def test_a_goal_without_a_time_of_its_own_takes_the_first_that_was_given(typed: str, place: float) -> None:
    assert read(typed).place([20.0, 60.0], [0.9, 0.99]) == place


@pytest.mark.parametrize(
    ("typed", "lacks"), [("wait_tail<=5%", "--within"), ("wait_percentile_actual<=9s", "--percentile")]
)
def test_a_goal_without_any_time_or_percentile_is_refused(typed: str, lacks: str) -> None:
    with pytest.raises(Unreadable, match=lacks):
        read(typed).place([], [])

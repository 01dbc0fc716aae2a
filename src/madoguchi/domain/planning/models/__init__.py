"""What planning keeps."""

from madoguchi.domain.planning.models.causes import CauseReport
from madoguchi.domain.planning.models.forecasting import (
    CountFile,
    Forecast,
    ForecastDay,
    PlanningEvent,
    Reforecast,
    StaffingGoal,
    Volume,
)
from madoguchi.domain.planning.models.supposing import Prices, Supposed

__all__ = [
    "CauseReport",
    "CountFile",
    "Forecast",
    "ForecastDay",
    "PlanningEvent",
    "Prices",
    "Reforecast",
    "StaffingGoal",
    "Supposed",
    "Volume",
]

"""Addresses of the planner's pages: how many people, when, and what if."""

from django.urls import include, path
from django.views.generic import RedirectView

from madoguchi.screens.planning import (
    forecast,
    forecast_counts,
    forecast_setup,
    roster,
    roster_cell,
    roster_mine,
    roster_setup,
    what_if,
    why,
)

urlpatterns = [
    path("planning/", RedirectView.as_view(pattern_name="planning-forecast"), name="planning"),
    path("planning/forecast/", forecast.forecast, name="planning-forecast"),
    path("planning/forecast/make", forecast.make, name="planning-forecast-make"),
    path("planning/forecast/csv", forecast.export, name="planning-forecast-csv"),
    path("planning/forecast/goal", forecast_setup.goal, name="planning-forecast-goal"),
    path("planning/forecast/events", forecast_setup.events, name="planning-forecast-events"),
    path("planning/forecast/events/<int:event_id>", forecast_setup.events, name="planning-forecast-event"),
    path(
        "planning/forecast/events/<int:event_id>/delete",
        forecast_setup.delete_event,
        name="planning-forecast-event-delete",
    ),
    path("planning/forecast/counts", forecast_counts.choose, name="planning-forecast-counts"),
    path("planning/forecast/counts/<int:file_id>", forecast_counts.look, name="planning-forecast-count"),
    path(
        "planning/forecast/counts/<int:file_id>/answer",
        forecast_counts.answer,
        name="planning-forecast-count-answer",
    ),
    path("planning/why/", why.why, name="planning-why"),
    path("planning/why/ask", why.ask, name="planning-why-ask"),
    path("planning/roster/", roster.roster, name="planning-roster"),
    path("planning/roster/open", roster.open_week, name="planning-roster-open"),
    path("planning/roster/csv", roster.csv, name="planning-roster-csv"),
    path("planning/roster/setup", roster_setup.setup, name="planning-roster-setup"),
    path("planning/roster/mine", roster_mine.mine, name="planning-roster-mine"),
    path(
        "planning/roster/<int:roster_id>/cell/<int:account_id>/<str:day>",
        roster_cell.cell,
        name="planning-roster-cell",
    ),
    path("planning/roster/<int:roster_id>/<slug:verb>", roster.act, name="planning-roster-act"),
    path("planning/what-if/", include(what_if)),
]

"""Addresses of the planner's pages: how many people, when, and what if."""

from django.urls import include, path
from django.views.generic import RedirectView

from madoguchi.screens.planning import roster, roster_cell, roster_mine, roster_setup, what_if, why

urlpatterns = [
    path("planning/", RedirectView.as_view(pattern_name="planning-why"), name="planning"),
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

"""Addresses of the planner's pages: how many people, when, and what if."""

from django.urls import include, path
from django.views.generic import RedirectView

from madoguchi.screens.planning import what_if, why

urlpatterns = [
    path("planning/", RedirectView.as_view(pattern_name="planning-why"), name="planning"),
    path("planning/why/", why.why, name="planning-why"),
    path("planning/why/ask", why.ask, name="planning-why-ask"),
    path("planning/what-if/", include(what_if)),
]

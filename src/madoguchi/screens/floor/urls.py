"""Addresses of the supervisor's floor."""

from django.urls import path

from madoguchi.screens.floor import views

urlpatterns = [
    path("floor/", views.floor, name="floor"),
    path("floor/wall/", views.wall, name="floor-wall"),
    path("floor/people/<int:agent_id>/", views.person, name="floor-person"),
    path("floor/people/<int:agent_id>/presence", views.set_presence, name="floor-presence"),
    path("floor/people/<int:agent_id>/lift", views.lift, name="floor-lift"),
    path("floor/promises/<int:promise_id>/<slug:verb>", views.promise, name="floor-promise"),
]

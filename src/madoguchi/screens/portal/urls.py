"""Addresses of the customer's side."""

from django.urls import path

from madoguchi.screens.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.page, name="page"),
    path("ticket", views.one_call, name="one-call"),
]

"""Addresses of the desk, and of what everybody has: their own start page, language and settings."""

from django.urls import path

from madoguchi.screens.desk import settings_page, views

urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
    path("desk/do/<slug:name>", views.do, name="desk-do"),
    path("desk/phone.json", views.phone, name="desk-phone"),
    path("desk/beat", views.beat, name="desk-beat"),
    path("desk/take-over", views.take_over, name="desk-take-over"),
    path("desk/search", views.search, name="desk-search"),
    path("desk/drafts", views.drafts, name="desk-drafts"),
    path("desk/people", views.people, name="desk-people"),
    path("desk/settings/", settings_page.settings_page, name="desk-settings"),
    path("desk/settings/phone", settings_page.choose_phone, name="desk-choose-phone"),
    path("desk/settings/secret", settings_page.new_secret, name="desk-new-secret"),
    path("language/setlang/", settings_page.set_language, name="set_language"),
]

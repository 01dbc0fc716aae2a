"""Addresses of the history of calls and of the customers."""

from django.urls import path

from madoguchi.screens.reports import calls, customers, importing, recordings

urlpatterns = [
    path("calls/", calls.history, name="calls"),
    path("calls/export.csv", calls.export, name="calls-export"),
    path("calls/<uuid:call_id>/", calls.call, name="call"),
    path("recordings/<uuid:recording_id>/audio", recordings.audio, name="recording-audio"),
    path("recordings/<uuid:recording_id>/hold", recordings.hold, name="recording-hold"),
    path("customers/", customers.search, name="customers"),
    path("customers/new/", customers.create, name="customer-new"),
    path("customers/export.csv", customers.export, name="customers-export"),
    path("customers/import/", importing.choose, name="customers-import"),
    path("customers/import/<uuid:import_id>/", importing.run, name="customers-import-run"),
    path("customers/import/<uuid:import_id>/answer", importing.confirm, name="customers-import-answer"),
    path("customers/<int:customer_id>/", customers.customer, name="customer"),
    path("customers/<int:customer_id>/edit/", customers.edit, name="customer-edit"),
    path("customers/<int:customer_id>/do/<slug:verb>", customers.do, name="customer-do"),
]

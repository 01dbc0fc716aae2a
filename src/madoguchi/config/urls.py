"""Every address of the web process; each screen keeps its own list."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView, TemplateView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("madoguchi.screens.desk.urls")),
    path("", include("madoguchi.screens.floor.urls")),
    path("", include("madoguchi.screens.reports.urls")),
    path("", include("madoguchi.screens.planning.urls")),
    path("office/", include("madoguchi.screens.office.urls")),
    path("portal/", include("madoguchi.screens.portal.urls")),
    # No mail leaves a centre: what allauth would send by mail has a page that says whom to ask, or none.
    path(
        "accounts/password/reset/",
        TemplateView.as_view(template_name="account/password_reset.html"),
        name="account_reset_password",
    ),
    path(
        "accounts/email/", RedirectView.as_view(pattern_name="account_change_password"), name="account_email"
    ),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]

handler400 = "madoguchi.screens.parts.error_pages.bad_request"
handler403 = "madoguchi.screens.parts.error_pages.permission_denied"
handler404 = "madoguchi.screens.parts.error_pages.page_not_found"
handler500 = "madoguchi.screens.parts.error_pages.server_error"

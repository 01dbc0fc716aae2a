"""Every address of the web process; each screen keeps its own list."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("madoguchi.screens.desk.urls")),
    path("", include("madoguchi.screens.floor.urls")),
    path("", include("madoguchi.screens.reports.urls")),
    path("office/", include("madoguchi.screens.office.urls")),
    path("portal/", include("madoguchi.screens.portal.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]

handler400 = "madoguchi.screens.parts.error_pages.bad_request"
handler403 = "madoguchi.screens.parts.error_pages.permission_denied"
handler404 = "madoguchi.screens.parts.error_pages.page_not_found"
handler500 = "madoguchi.screens.parts.error_pages.server_error"

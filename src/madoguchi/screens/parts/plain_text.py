"""Text that no database takes is refused at the door, whichever form it was typed into."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


def refuse_nul(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a posted form with a NUL character, which PostgreSQL cannot store, is a bad request.

    No keyboard types it; it comes out of broken programs and of people who try doors. Addresses are left to
    their readers, who ask for nothing where they cannot read; so is JSON.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.content_type in FORMS:
            for name, values in request.POST.lists():
                if "\0" in name or any("\0" in value for value in values):
                    raise SuspiciousOperation("A form holds a NUL character.")
        return get_response(request)

    return middleware

"""The error pages: Django's own, in our words, which keep no database connection.

Django makes them in another thread than the request's, and afterwards gives back only the connection of
the request's thread. Our pages ask the database (which screens may be opened), so that each such thread
would keep one of the pool's few connections for good: after a handful of addresses that do not exist no
page came any more (tried).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views import defaults

Page = Callable[..., HttpResponse]


def _giving_back(page: Page) -> Page:
    @wraps(page)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return page(request, *args, **kwargs)
        finally:
            # Only where a test calls us are we inside of somebody's transaction.
            if not connection.in_atomic_block:
                connection.close()

    return shown


bad_request = _giving_back(defaults.bad_request)
permission_denied = _giving_back(defaults.permission_denied)
page_not_found = _giving_back(defaults.page_not_found)
server_error = _giving_back(defaults.server_error)

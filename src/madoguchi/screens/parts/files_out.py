"""Files that go out under ASGI: read piece by piece in a thread, never whole in memory.

Django hands a file over as a synchronous iterator; its ASGI side would gather that whole before the first
byte goes out, and warn of it for every file.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import IO

from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

PIECE_BYTES = 1 << 16


def in_pieces(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, the outermost one: static files, recordings and downloads alike."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(request, ASGIRequest) and isinstance(response, FileResponse) and not response.is_async:
            file: IO[bytes] | None = response.file_to_stream
            response.streaming_content = _pieces(file)
        return response

    return respond


async def _pieces(file: IO[bytes] | None) -> AsyncIterator[bytes]:
    # None: an answer about a file, without its content (304, or to HEAD).
    while file is not None and (piece := await asyncio.to_thread(file.read, PIECE_BYTES)):
        yield piece

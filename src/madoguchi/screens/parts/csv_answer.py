"""A file for a spreadsheet that goes out line by line: never whole in memory, whatever its length."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.db import connection, transaction
from django.http import HttpRequest, StreamingHttpResponse

from madoguchi.kit.spreadsheets import shift_jis

LINES_A_PIECE = 500
_MARK = "\ufeff".encode()
"""By which Excel knows UTF-8."""


def csv_answer(
    request: HttpRequest, rows: Callable[[], Iterator[Sequence[str]]], name: str
) -> StreamingHttpResponse:
    """The rows as a CSV file, UTF-8 with its mark, or Shift_JIS where the address asks `encoding=sjis`.

    `rows` is called when the first piece is wanted, in the thread that then reads it to its end: its cursor
    stays at the database's side and moves on as the file goes out.
    """
    sjis = request.GET.get("encoding") == "sjis"
    pieces = _pieces(rows, sjis)
    # Under ASGI Django gathers a synchronous iterator whole before the first byte goes out.
    content = _asynchronously(pieces) if isinstance(request, ASGIRequest) else pieces
    kind = "text/csv; charset=" + ("Shift_JIS" if sjis else "utf-8")
    response = StreamingHttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _pieces(rows: Callable[[], Iterator[Sequence[str]]], sjis: bool) -> Iterator[bytes]:
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    if not sjis:
        yield _MARK
    # Within a transaction a server-side cursor is read as it goes; outside, PostgreSQL would store all first.
    with transaction.atomic(), closing(_generator(rows())) as source:
        while lines := list(islice(source, LINES_A_PIECE)):
            text = "".join(writer.writerow(line) for line in lines)
            yield shift_jis(text) if sjis else text.encode()


def _generator(rows: Iterator[Sequence[str]]) -> Any:
    """As something that can be closed, so that a reader who leaves frees the cursor."""
    yield from rows


async def _asynchronously(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, each made in one and the same thread, where the database's connection lives."""
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="csv")
    try:
        while (piece := await loop.run_in_executor(thread, next, pieces, None)) is not None:
            yield piece
    finally:
        # Not awaited: whoever left does not wait, and the thread ends by itself.
        thread.submit(_leave, pieces)
        thread.shutdown(wait=False)


def _leave(pieces: Iterator[bytes]) -> None:
    pieces.close()  # type: ignore[attr-defined]
    connection.close()


class _Echo:
    """Gives back what csv would write."""

    def write(self, line: str) -> str:
        return line

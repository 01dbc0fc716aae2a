"""Passes everything but `/ws` on to the web process, streaming both ways, and stands in while it is away."""

import logging
from collections.abc import AsyncIterator, Mapping

import aiohttp
from aiohttp import hdrs, web
from multidict import CIMultiDict
from yarl import URL

from madoguchi.gate.away import away, too_large

logger = logging.getLogger(__name__)

# RFC 9110, 7.6.1: these belong to one connection.
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
MOST_BODY_BYTES = 24 * 1024 * 1024
"""Of one request: files may have 20 MB. The web process lays a body down whole before it looks at it."""
FORWARDED = {"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip"}


class _Body:
    """A request's body as it comes; a client that did not tell its length is stopped when it is too long."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._passed = request.content_length or 0

    def is_too_long(self) -> bool:
        """By what the client says of it, or by what came so far."""
        return self._passed > MOST_BODY_BYTES

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._passed = 0
        async for piece in self._request.content.iter_any():
            self._passed += len(piece)
            if self.is_too_long():
                raise ConnectionAbortedError
            yield piece


class Pages:
    """The handler of every path but `/ws`."""

    def __init__(self, session: aiohttp.ClientSession, web_url: str, *, trusts_proxy: bool) -> None:
        self._session = session
        self._web_url = web_url
        self._trusts_proxy = trusts_proxy
        """A proxy of the owner stands before us: only then is what it says of the client believed."""

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        body = _Body(request)
        if body.is_too_long():
            return too_large(request, MOST_BODY_BYTES)
        try:
            answer = await self._ask(request, body)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if body.is_too_long():
                return too_large(request, MOST_BODY_BYTES)
            logger.warning("The web process is away.", extra={"error": type(error).__name__})
            return away(request)
        async with answer:
            return await self._pass_back(request, answer)

    async def _ask(self, request: web.Request, body: _Body) -> aiohttp.ClientResponse:
        return await self._session.request(
            request.method,
            # As it was written: a second quoting would change what an address means.
            URL(f"{self._web_url}{request.raw_path}", encoded=True),
            headers=self._headers(request),
            data=body if request.can_read_body else None,
            allow_redirects=False,
        )

    def _headers(self, request: web.Request) -> CIMultiDict[str]:
        headers = _end_to_end(request.headers)
        before = {name: request.headers.get(name, "") for name in ("X-Forwarded-For", "X-Forwarded-Proto")}
        for name in FORWARDED:
            headers.popall(name, None)
        client = request.remote or ""
        scheme = request.scheme
        if self._trusts_proxy:
            client = f"{before['X-Forwarded-For']}, {client}".lstrip(", ")
            scheme = before["X-Forwarded-Proto"] or scheme
        headers["X-Forwarded-For"] = client
        headers["X-Forwarded-Proto"] = scheme
        return headers

    async def _pass_back(self, request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, reason=answer.reason)
        response.headers.extend(_end_to_end(answer.headers))
        await response.prepare(request)
        try:
            # Each piece as it comes: a push that waited for a fuller buffer would ring too late.
            async for piece in answer.content.iter_any():
                await response.write(piece)
            await response.write_eof()
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            logger.info("An answer was cut off.", extra={"error": type(error).__name__})
            # A connection closed in mid-answer tells the browser the truth; an ended one would not.
            if request.transport is not None:
                request.transport.abort()
        return response


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    named = {name.strip().lower() for name in headers.get(hdrs.CONNECTION, "").split(",")}
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if name.lower() not in HOP_BY_HOP | named:
            kept.add(name, value)
    return kept

"""The one public origin: pages from the web process, telephones to Asterisk."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

from madoguchi.gate.doors import Doors
from madoguchi.gate.pages import Pages
from madoguchi.gate.relay import Relay

CONNECT_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """All that the gate needs to know; plain values, so that a test makes its own."""

    web: str
    """`unix:/path/to/socket` or `127.0.0.1:8001`."""
    asterisk: str
    """`ws://127.0.0.1:18088/ws`."""
    key: str
    """Signs the tickets."""
    hosts: frozenset[str]
    """Names we answer to, without port."""
    trusts_proxy: bool = False
    certificate: Path | None = None
    certificate_key: Path | None = None


def application(settings: GateSettings) -> web.Application:
    """The gate as an aiohttp application."""
    app = web.Application()
    doors = Doors(settings.key, settings.hosts)

    async def outgoing(_: web.Application) -> AsyncIterator[None]:
        async with _web_session(settings.web) as to_web, _switch_session() as to_switch:
            relay = Relay(doors, to_switch, settings.asterisk)
            pages = Pages(to_web, _web_url(settings.web), trusts_proxy=settings.trusts_proxy)
            app[_HANDLERS] = (relay, pages)
            yield

    async def relay(request: web.Request) -> web.StreamResponse:
        return await app[_HANDLERS][0](request)

    async def pages(request: web.Request) -> web.StreamResponse:
        return await app[_HANDLERS][1](request)

    async def close_doors(_: web.Application) -> None:
        await doors.close_all()

    app.cleanup_ctx.append(outgoing)
    app.on_shutdown.append(close_doors)
    app.router.add_get("/ws", relay)
    app.router.add_get("/gate/healthz", _healthy)
    app.router.add_route("*", "/{path:.*}", pages)
    return app


_HANDLERS: web.AppKey[tuple[Relay, Pages]] = web.AppKey("handlers", tuple)


async def _healthy(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def _web_url(target: str) -> str:
    # The host part only fills the address; the browser's own Host header is passed on.
    return "http://web" if target.startswith("unix:") else f"http://{target}"


def _web_session(target: str) -> aiohttp.ClientSession:
    connector = (
        aiohttp.UnixConnector(target.removeprefix("unix:"), limit=0)
        if target.startswith("unix:")
        else aiohttp.TCPConnector(limit=0)
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        # No limit on the whole: a push stream lives for a shift.
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        max_line_size=16384,
        max_field_size=16384,
    )


def _switch_session() -> aiohttp.ClientSession:
    # Without a limit: each telephone holds its connection, and a pool of 100 would be full at 100 desks.
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
    )


def tls(settings: GateSettings) -> ssl.SSLContext | None:
    """The TLS side of the listener; None when the installation has no certificate."""
    if settings.certificate is None or settings.certificate_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.certificate_key)
    return context

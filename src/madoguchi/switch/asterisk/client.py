"""A thin client of ARI: one WebSocket of events, and one function for requests.

It knows addresses, secrets and time-outs, and nothing of calls. The secret travels in the
Authorization header only, so no log of addresses can tell it.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp

from madoguchi.switch.asterisk.events import WATCHING
from madoguchi.switch.asterisk.http import BrokenOff, Connections

# Asterisk closes an idle connection after 60 s (http.conf); we must be the first to let go.
_IDLE_S = 30
_CONNECTIONS = 48
_CONNECT_S = 2
_HEARTBEAT_S = 10
_FRAME_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came back with."""

    status: int
    body: Any = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def message(self) -> str:
        """Asterisk's own words on why not."""
        return str(self.body.get("message", "")) if isinstance(self.body, Mapping) else ""


class Unreachable(Exception):
    """No answer came: refused, cut, or too late. Whether the request was carried out is unknown."""


class Silent(Unreachable):
    """Nobody refused, and no answer came in time."""


class AriClient:
    """One Asterisk's ARI, as one application. Used inside one event loop, closed by `close`."""

    def __init__(self, url: str, *, user: str, password: str, application: str, timeout_s: float = 5) -> None:
        self.application = application
        # Telephones come and go in an application of its own, whose filter lets nothing else through:
        # an endpoint brings each event of its legs too. Not by device states: their subscription and a
        # connection that ends in the same moment lock ARI for good (asterisk/asterisk issue 2170).
        self.phones_application = f"{application}{WATCHING}"
        self._url = url.rstrip("/")
        secret = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}"}
        self.timeout_s = timeout_s
        self._connections = Connections(url, most=_CONNECTIONS, idle_s=_IDLE_S, connect_s=_CONNECT_S)
        self._root = urlsplit(self._url).path
        self._head = f"Host: {self._connections.host}\r\nAuthorization: Basic {secret}\r\n"
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask once, without repeating. Raises Unreachable."""
        try:
            async with asyncio.timeout(self.timeout_s):
                status, data = await self._connections.ask(self._request(method, path, params, body))
        except TimeoutError as error:
            raise Silent(f"{method} {path}: {type(error).__name__}") from error
        except (BrokenOff, OSError) as error:
            raise Unreachable(f"{method} {path}: {type(error).__name__}") from error
        return Answer(status, _decoded(data))

    def _request(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> bytes:
        # A line end in an address would begin a header of its own choice.
        if not path.isascii() or not path.isprintable() or " " in path:
            raise ValueError(f"{path[:200]!r} is no path of ARI")
        query = "?" + urlencode(params, quote_via=quote, safe="") if params else ""
        data = b"" if body is None else json.dumps(body).encode()
        kind = "Content-Type: application/json\r\n" if data else ""
        length = f"{kind}Content-Length: {len(data)}\r\n"
        return f"{method} {self._root}{path}{query} HTTP/1.1\r\n{self._head}{length}\r\n".encode() + data

    async def listen(self) -> aiohttp.ClientWebSocketResponse:
        """Open the stream of events; from then on the application exists. Raises Unreachable."""
        params = {"app": f"{self.application},{self.phones_application}", "subscribeAll": "false"}
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=self.timeout_s, sock_connect=_CONNECT_S)
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            return await self._session.ws_connect(
                self._url + "/events",
                params=params,
                heartbeat=_HEARTBEAT_S,
                max_msg_size=_FRAME_LIMIT,
                timeout=aiohttp.ClientWSTimeout(ws_close=1),
            )
        except TimeoutError as error:
            raise Silent(f"events: {type(error).__name__}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"events: {type(error).__name__} {getattr(error, 'status', '')}") from error

    async def close(self) -> None:
        """Close every connection."""
        self._connections.close()
        if self._session is not None:
            await self._session.close()
            self._session = None


def _decoded(data: bytes) -> Any:
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return {"message": data[:200].decode("utf-8", "replace")}

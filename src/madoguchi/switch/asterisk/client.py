"""A thin client of ARI: one WebSocket of events, and one function for requests.

It knows addresses, secrets and time-outs, and nothing of calls. The secret travels in the
Authorization header only, so no log of addresses can tell it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

# Asterisk closes an idle connection after 60 s (http.conf); we must be the first to let go.
_IDLE_S = 30
_CONNECTIONS = 48
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


class AriClient:
    """One Asterisk's ARI, as one application. Used inside one event loop, closed by `close`."""

    def __init__(self, url: str, *, user: str, password: str, application: str, timeout_s: float = 5) -> None:
        self.application = application
        self._url = url.rstrip("/")
        secret = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=2)
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_IDLE_S)
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask once, without repeating. Raises Unreachable."""
        try:
            async with self._open().request(method, self._url + path, params=params, json=body) as response:
                data = await response.read()
                return Answer(response.status, _decoded(data))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(f"{method} {path}: {type(error).__name__}") from error

    async def listen(self) -> aiohttp.ClientWebSocketResponse:
        """Open the stream of events; from then on the application exists. Raises Unreachable."""
        params = {"app": self.application, "subscribeAll": "false"}
        try:
            return await self._open().ws_connect(
                self._url + "/events",
                params=params,
                heartbeat=_HEARTBEAT_S,
                max_msg_size=_FRAME_LIMIT,
                timeout=aiohttp.ClientWSTimeout(ws_close=1),
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(f"events: {type(error).__name__} {getattr(error, 'status', '')}") from error

    async def close(self) -> None:
        """Close every connection."""
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

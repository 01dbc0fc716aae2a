"""One look at Asterisk from outside: does a listener get in, does SIP answer, or does it lack processor.

Nothing here waits. A process that hangs wants no processor. One that an overloaded machine keeps from running
stands in the scheduler's queue, and the kernel counts for how long (`schedstat`): such a look proves nothing.
"""

from __future__ import annotations

import base64
import contextlib
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from madoguchi.config.installation import Installation

LOOK_S = 4.0
STARVED = 0.3
"""Share of the look that one of Asterisk's threads stood in the scheduler's queue."""
SLEPT_S = 1.5
"""So long between two of our own steps, and we did not run enough ourselves to judge."""
APPLICATION = "madoguchi-supervisor"
"""A name of its own: listening under the controller's would take the controller's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen."""

    there: bool
    """False when it refused the connection: nobody listens on its port at all."""
    listener_opened: bool
    sip_answers: bool
    starved: bool
    """It, or we, got too little processor for the rest to mean anything."""


class Looking:
    """A look under way: `step` often, `close` at the end."""

    def __init__(self, installation: Installation, pid: int) -> None:
        self._pid = pid
        self._began = self._stepped = time.monotonic()
        self._slept = False
        self._waited_before = _waited_s(pid)
        self._there, self._opened, self._sip = True, False, False
        self._request: bytes | None = _request(installation)
        self._http = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._http.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            try:
                self._http.connect(("127.0.0.1", installation.asterisk_http_port))
            except ConnectionRefusedError:
                self._there = False
        bound = installation.sip_bind
        address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound, bound)  # noqa: S104 - any becomes loopback
        self._udp = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.setblocking(False)
        with contextlib.suppress(OSError):
            self._udp.connect((address, installation.sip_port))
            self._udp.send(_options(self._udp))

    def step(self) -> Look | None:
        """Go on with the look; what was seen once it is over."""
        now = time.monotonic()
        self._slept = self._slept or now - self._stepped > SLEPT_S
        self._stepped = now
        self._listen()
        with contextlib.suppress(OSError):
            self._sip = bool(self._udp.recv(2048)) or self._sip
        if self._there and not (self._opened and self._sip) and now - self._began < LOOK_S:
            return None
        return Look(
            there=self._there,
            listener_opened=self._opened,
            sip_answers=self._sip,
            starved=self._slept or self._was_starved(now - self._began),
        )

    def close(self) -> None:
        """End both connections."""
        self._http.close()
        self._udp.close()

    def _listen(self) -> None:
        try:
            if self._request is not None:
                self._http.send(self._request)
                self._request = None
            self._opened = self._http.recv(2048).startswith(b"HTTP/1.1 101") or self._opened
        except ConnectionRefusedError:
            self._there = False
        except OSError:
            # Not connected yet, nothing said yet, or cut: seen by what stays unanswered.
            return

    def _was_starved(self, took_s: float) -> bool:
        before = self._waited_before
        waits = [after - before.get(thread, 0.0) for thread, after in _waited_s(self._pid).items()]
        return max(waits, default=0.0) > STARVED * max(took_s, 0.1)


def _waited_s(pid: int) -> dict[str, float]:
    """Thread → seconds for which it could have run and was not let; empty where the kernel does not count."""
    found = {}
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            found[file.parent.name] = int(file.read_text().split()[1]) / 1e9
    return found


def _request(installation: Installation) -> bytes:
    words = f"{installation.ari_user}:{installation.secrets.ari_password}"
    lines = (
        f"GET /ari/events?app={APPLICATION}&subscribeAll=false HTTP/1.1",
        f"Host: 127.0.0.1:{installation.asterisk_http_port}",
        f"Authorization: Basic {base64.b64encode(words.encode()).decode()}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
    )
    return "\r\n".join([*lines, "", ""]).encode()


def _options(link: socket.socket) -> bytes:
    name, port = link.getsockname()[:2]
    here, there = (f"[{host}]" if ":" in host else host for host in (name, link.getpeername()[0]))
    tag = secrets.token_hex(6)
    lines = (
        f"OPTIONS sip:{there} SIP/2.0",
        f"Via: SIP/2.0/UDP {here}:{port};branch=z9hG4bK{tag};rport",
        "Max-Forwards: 70",
        f"From: <sip:look@{here}>;tag={tag}",
        f"To: <sip:{there}>",
        f"Call-ID: {tag}@{here}",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    )
    return "\r\n".join([*lines, "", ""]).encode()

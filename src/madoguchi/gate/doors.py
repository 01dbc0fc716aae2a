"""Who may open a SIP WebSocket: the ticket, the page it comes from, and how many they have open."""

import logging
import time
from collections import defaultdict, deque
from urllib.parse import urlsplit

from aiohttp import web

from madoguchi.gate.tickets import MAX_AGE_S, Ticket, TicketRefused, read

logger = logging.getLogger(__name__)

MOST_OF_ONE_HOLDER = 3
"""A reload opens the new connection before the old one is known to be dead; the oldest gives way."""
MOST_OF_ALL = 3000


def same_origin(origin: str | None, host: str, hosts: frozenset[str]) -> bool:
    """Whether a request comes from a page of ours: its Origin is the very host that was asked for.

    `hosts` are the names we answer to, without port: a page elsewhere may have let a name of its own point
    to us, and would then be of the same origin by name.
    """
    if not origin:
        return False
    page = urlsplit(origin)
    return page.scheme in {"http", "https"} and page.netloc == host and (page.hostname or "") in hosts


class Doors:
    """Admits connections and counts them."""

    def __init__(self, key: str, hosts: frozenset[str]) -> None:
        self._key = key
        self._hosts = hosts
        self._open: dict[str, deque[web.WebSocketResponse]] = defaultdict(deque)
        self._used: dict[str, float] = {}

    def admit(self, request: web.Request) -> Ticket:
        """The ticket of a request that may open a connection. Raises an HTTP answer otherwise."""
        if not same_origin(request.headers.get("Origin"), request.host, self._hosts):
            logger.warning("A WebSocket from a foreign page was refused.")
            raise web.HTTPForbidden(text="This page may not open a telephone here.")
        if sum(map(len, self._open.values())) >= MOST_OF_ALL:
            raise web.HTTPServiceUnavailable(text="Too many telephones are connected.")
        try:
            ticket = read(request.query.get("ticket", ""), key=self._key)
            self._use(ticket.nonce)
        except TicketRefused as refusal:
            logger.info("A ticket was refused.", extra={"reason": str(refusal)})
            raise web.HTTPUnauthorized(text="Ask for a new ticket.") from refusal
        return ticket

    def _use(self, nonce: str) -> None:
        now = time.monotonic()
        for old in [known for known, at in self._used.items() if now - at > MAX_AGE_S + 5]:
            del self._used[old]
        if nonce in self._used:
            raise TicketRefused("used before")
        self._used[nonce] = now

    async def enter(self, ticket: Ticket, socket: web.WebSocketResponse) -> None:
        theirs = self._open[ticket.holder]
        theirs.append(socket)
        while len(theirs) > MOST_OF_ONE_HOLDER:
            await theirs.popleft().close(code=4008, message=b"a newer connection took its place")

    def leave(self, ticket: Ticket, socket: web.WebSocketResponse) -> None:
        theirs = self._open[ticket.holder]
        if socket in theirs:
            theirs.remove(socket)
        if not theirs:
            del self._open[ticket.holder]

    async def close_all(self) -> None:
        """Tell every browser that the gate restarts; they come back by themselves."""
        for socket in [socket for theirs in self._open.values() for socket in theirs]:
            await socket.close(code=1012, message=b"restarting")

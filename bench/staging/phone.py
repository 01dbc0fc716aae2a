"""What callers and operators have in common: a socket, and transactions by branch."""

from __future__ import annotations

import abc
import asyncio
import secrets

from staging import sip
from staging.media import HOST, Datagrams, Media


class Phone(abc.ABC):
    """What callers and operators have in common: a socket, and transactions by branch."""

    def __init__(self, user: str, server_port: int, mark: int) -> None:
        self.user = user
        self.server = (HOST, server_port)
        self.mark = mark
        self.tag = secrets.token_hex(4)
        self.media: Media | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._port = 0

    @property
    def contact(self) -> str:
        return f"sip:{self.user}@{HOST}:{self._port}"

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: Datagrams(self._received), local_addr=(HOST, 0)
        )
        self._port = self._transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        if self.media is not None:
            self.media.close()
        if self._transport is not None:
            self._transport.close()

    def _received(self, data: bytes, _addr: tuple[str, int]) -> None:
        message = sip.read(data)
        if message is not None:
            self.take(message)

    @abc.abstractmethod
    def take(self, message: sip.Message) -> None:
        """Act upon a message."""

    @abc.abstractmethod
    def forget(self) -> None:
        """The switch died: nobody will ever say that the call is over."""

    def send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, self.server)

    def via(self, branch: str) -> tuple[str, str]:
        return ("Via", f"SIP/2.0/UDP {HOST}:{self._port};rport;branch={branch}")

    def new_branch(self) -> str:
        return f"z9hG4bK{secrets.token_hex(8)}"

"""The sound of a test telephone: one constant value of its own, which tells who hears whom."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import struct
import time
from collections import Counter, deque
from collections.abc import Callable

from staging import sip

HOST = "127.0.0.1"


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._take(data, addr)


class Media:
    """One stream of sound: sends `mark`, and notes when which mark was heard."""

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.port = 0
        self.heard: deque[tuple[float, int]] = deque(maxlen=20_000)
        self.target: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: Datagrams(self._take), local_addr=(HOST, 0)
        )
        self.port = self._transport.get_extra_info("sockname")[1]

    def begin(self, target_port: int) -> None:
        """Send to that port from now on."""
        self.target = (HOST, target_port)
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.close()

    def marks_since(self, since: float) -> Counter[int]:
        """How many packets of each mark were heard since that monotonic moment."""
        return Counter(mark for at, mark in list(self.heard) if at >= since)

    def longest_gap_s(self, mark: int, since: float, until: float) -> float:
        """The longest time without a packet of `mark` between two monotonic moments."""
        times = [at for at, heard in list(self.heard) if heard == mark and since <= at <= until]
        edges = [since, *times, until]
        return max(b - a for a, b in itertools.pairwise(edges))

    def _take(self, data: bytes, _addr: tuple[str, int]) -> None:
        if len(data) > 20 and data[1] & 0x7F == 0:
            self.heard.append((time.monotonic(), data[12 + len(data[12:]) // 2]))

    async def _send(self) -> None:
        samples = 8 * sip.PTIME_MS
        payload, source = bytes([self.mark]) * samples, secrets.randbits(32)
        sequence, stamp, next_at = secrets.randbits(15), secrets.randbits(30), time.monotonic()
        while True:
            header = struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, stamp & 0xFFFFFFFF, source)
            if self._transport is not None and self.target is not None:
                self._transport.sendto(header + payload, self.target)
            sequence, stamp = sequence + 1, stamp + samples
            next_at = max(next_at + sip.PTIME_MS / 1000, time.monotonic())
            await asyncio.sleep(next_at - time.monotonic())

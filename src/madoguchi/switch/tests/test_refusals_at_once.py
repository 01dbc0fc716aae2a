"""A line that refuses within a millisecond: the cause reaches us each time, and each leg ends once."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import cast

import pytest

from madoguchi.switch.port import Dial, LegGone
from madoguchi.switch.tests.worlds import AsteriskWorld, RealAsterisk, expect, happens

pytestmark = pytest.mark.live

TIMES = 40


class Refusing(asyncio.DatagramProtocol):
    """A line that answers every INVITE with a refusal, at once."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = data.decode()
        if not request.startswith("INVITE"):
            return
        kept = [line for line in request.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq):", line)]
        kept = [f"{line};tag=far" if line.startswith("To:") else line for line in kept]
        answer = "\r\n".join([f"SIP/2.0 {self.answer}", *kept, "Content-Length: 0", "", ""])
        self.transport.sendto(answer.encode(), addr)


@pytest.mark.parametrize(
    ("answer", "cause"), [("486 Busy Here", 17), ("603 Decline", 21), ("404 Not Found", 1)]
)
def test_a_refusal_at_once_keeps_its_cause(
    real: RealAsterisk, tmp_path: Path, answer: str, cause: int
) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        here = ("127.0.0.1", real.view.http_port + 2)
        loop = asyncio.get_running_loop()
        line, _ = await loop.create_datagram_endpoint(lambda: Refusing(answer), local_addr=here)
        try:
            legs = [f"out-{cause}-{count}" for count in range(TIMES)]
            for leg_id in legs:
                await world.switch.send(Dial(leg_id=leg_id, address="trunk:line-a:0312340000"))
                gone = await expect(world, LegGone, leg_id=leg_id)
                assert (gone.cause, gone.by_us) == (cause, False)
            # None is told a second time, by whoever heard of it later.
            await asyncio.sleep(1.2)
            assert not [event for event in world.events if isinstance(event, LegGone)]
        finally:
            line.close()

    happens(AsteriskWorld(real, tmp_path), story)

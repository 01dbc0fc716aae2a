"""A provider that changes its mind in mid-call: hold, return, and sound from another address."""

from __future__ import annotations

import asyncio
import re
import socket
import uuid
from pathlib import Path

import pytest

from madoguchi.switch.port import Answer, CallArrived, LegAnswered, LegGone, Play
from madoguchi.switch.tests.worlds import NUMBER, AsteriskWorld, RealAsterisk, expect, happens

pytestmark = pytest.mark.live

_SILENCE = b"\xff" * 160


class FarEnd:
    """One call of a provider, by hand, so that we say what every message holds."""

    def __init__(self, asterisk: RealAsterisk) -> None:
        self.target = ("127.0.0.1", asterisk.view.sip_port)
        self.sip = self._socket("127.0.0.1")
        self.call_id, self.tag, self.to_tag, self.sequence = uuid.uuid4().hex, uuid.uuid4().hex[:8], "", 0

    @staticmethod
    def _socket(address: str) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((address, 0))
        made.settimeout(4)
        return made

    def sound(self, address: str) -> socket.socket:
        """A place for sound."""
        return self._socket(address)

    def invite(self, sound: socket.socket, direction: str) -> str:
        """Send an INVITE for sound at a place, wait for its final answer and acknowledge it."""
        self.sequence += 1
        address, port = sound.getsockname()
        body = (
            f"v=0\r\no=- 7 {self.sequence} IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na={direction}\r\n"
        )
        self._send("INVITE", body)
        while True:
            answer = self.sip.recv(65535).decode()
            if f"CSeq: {self.sequence} INVITE" in answer and not answer.startswith("SIP/2.0 1"):
                break
        found = re.search(r"\r\nTo:[^\r]*;tag=([^\r;]+)", answer)
        self.to_tag = found[1] if found else ""
        self._send("ACK", "")
        return answer

    def bye(self) -> None:
        self.sequence += 1
        self._send("BYE", "")

    def _send(self, method: str, body: str) -> None:
        here = "{}:{}".format(*self.sip.getsockname())
        to = f"<sip:{NUMBER}@127.0.0.1>" + (f";tag={self.to_tag}" if self.to_tag else "")
        lines = [
            f"{method} sip:{NUMBER}@127.0.0.1:{self.target[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{uuid.uuid4().hex}",
            "Max-Forwards: 70",
            f"From: <sip:0901234567@127.0.0.1>;tag={self.tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.sequence} {method}",
            f"Contact: <sip:0901234567@{here}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.sip.sendto("\r\n".join([*lines, "", body]).encode(), self.target)


def media_of(answer: str) -> tuple[str, int]:
    address, port = re.search(r"c=IN IP4 (\S+)", answer), re.search(r"m=audio (\d+)", answer)
    assert address is not None and port is not None, answer
    return address[1], int(port[1])


def speak(sound: socket.socket, to: tuple[str, int], first: int) -> None:
    """Send half a second of silence, as RTP, so that the way back is learnt."""
    for count in range(first, first + 25):
        head = b"\x80\x00" + count.to_bytes(2, "big") + (count * 160).to_bytes(4, "big") + b"\x00\x00\x00\x07"
        sound.sendto(head + _SILENCE, to)


def test_hold_return_and_another_address_of_the_sound_cost_no_call(
    real: RealAsterisk, tmp_path: Path
) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        far = FarEnd(real)
        first, second = far.sound("127.0.0.1"), far.sound("127.0.0.22")
        asking = asyncio.create_task(asyncio.to_thread(far.invite, first, "sendrecv"))
        leg_id = (await expect(world, CallArrived)).leg_id
        await world.switch.send(Answer(leg_id=leg_id))
        await expect(world, LegAnswered, leg_id=leg_id)
        answer = await asking
        assert answer.startswith("SIP/2.0 200")
        speak(first, media_of(answer), 1)

        held = await asyncio.to_thread(far.invite, first, "sendonly")
        assert held.startswith("SIP/2.0 200") and "a=recvonly" in held
        back = await asyncio.to_thread(far.invite, second, "sendrecv")
        assert back.startswith("SIP/2.0 200") and "a=recvonly" not in back
        speak(second, media_of(back), 100)
        await world.switch.send(Play(leg_id=leg_id, playback_id="p-moved", files=(world.prompt,)))
        packet = await asyncio.to_thread(second.recv, 2000)
        assert packet[1] & 0x7F == 0 and len(packet) == 172
        assert [leg.leg_id for leg in (await world.switch.living()).legs] == [leg_id]

        far.bye()
        await expect(world, LegGone, leg_id=leg_id, by_us=False)
        assert not [event for event in world.events if isinstance(event, CallArrived)]

    happens(AsteriskWorld(real, tmp_path), story)

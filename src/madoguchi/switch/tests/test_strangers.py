"""What strangers can do to a real Asterisk with our configuration: nothing, whatever bytes they send."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from madoguchi.switch.port import CallArrived, HangUp
from madoguchi.switch.tests.worlds import AsteriskWorld, RealAsterisk, expect, happens

pytestmark = pytest.mark.live

STRANGER, PROVIDER = "127.0.0.9", "127.0.0.1"


class Sip:
    """Bytes over UDP, from an address of our choice."""

    def __init__(self, asterisk: RealAsterisk, address: str) -> None:
        self.asterisk = asterisk
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.settimeout(2)
        self.address = f"{address}:{self.socket.getsockname()[1]}"

    def ask(
        self,
        method: str,
        to: bytes,
        who: bytes,
        extra: bytes = b"",
        *,
        seq: int = 1,
        parameter: bytes = b"",
    ) -> str:
        """Send one request and give the first final or 18x answer."""
        host = f"127.0.0.1:{self.asterisk.view.sip_port}".encode()
        target = b"sip:" + host if method == "REGISTER" else b"sip:" + to + b"@" + host
        target += b";" + parameter if parameter else b""
        sdp = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        sdp += b"m=audio 40000 RTP/AVP 0\r\n"
        body = sdp if method == "INVITE" else b""
        call_id = uuid.uuid4().hex
        lines = [
            method.encode() + b" " + target + b" SIP/2.0",
            b"Via: SIP/2.0/UDP " + self.address.encode() + b";branch=z9hG4bK" + uuid.uuid4().hex.encode(),
            b"Max-Forwards: 70",
            b"From: " + who + b";tag=" + uuid.uuid4().hex[:8].encode(),
            b"To: <" + (b"sip:" + to + b"@" + host) + b">",
            b"Call-ID: " + call_id.encode(),
            b"CSeq: " + str(seq).encode() + b" " + method.encode(),
            b"Contact: <sip:x@" + self.address.encode() + b">",
        ]
        lines += [extra] if extra else []
        lines += [b"Content-Type: application/sdp"] if body else []
        lines += [b"Content-Length: " + str(len(body)).encode(), b"", body]
        self.socket.sendto(b"\r\n".join(lines), ("127.0.0.1", self.asterisk.view.sip_port))
        return self._answer(call_id)

    def _answer(self, call_id: str) -> str:
        while True:
            text = self.socket.recv(65535).decode("utf-8", "replace")
            # An earlier refusal is repeated, since we do not acknowledge it.
            if call_id in text and not text.startswith("SIP/2.0 100"):
                return text

    def ask_as(self, endpoint: str, to: str) -> str:
        """Call as a phone that knows its password; gives the status line."""
        who = f"<sip:{endpoint}@127.0.0.1>".encode()
        challenge = self.ask("INVITE", to.encode(), who)
        realm, nonce = (re.findall(rf'{part}="([^"]*)"', challenge)[0] for part in ("realm", "nonce"))
        uri = f"sip:{to}@127.0.0.1:{self.asterisk.view.sip_port}"
        one = _md5(f"{endpoint}:{realm}:password-{endpoint}")
        opaque = re.search(r'opaque="([^"]*)"', challenge)
        response = _md5(f"{one}:{nonce}:00000001:abc:auth:{_md5('INVITE:' + uri)}")
        header = (
            f'Authorization: Digest username="{endpoint}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="abc"'
            + (f', opaque="{opaque[1]}"' if opaque else "")
        )
        return self.ask("INVITE", to.encode(), who, header.encode(), seq=2).split("\r\n")[0]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def shape(answer: str) -> list[str]:
    """An answer without what differs from one to the next: names, tags, nonces and the rest by chance."""
    changing = re.compile(r'(tag=|branch=|nonce="|opaque="|rport=|Call-ID: |sip:)[^;",\r\n]*')
    return changing.sub(r"\1…", answer).split("\r\n")


def in_asterisk(real: RealAsterisk, folder: Path, story: Callable[[AsteriskWorld], Awaitable[None]]) -> None:
    async def narrowed(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        await story(world)

    happens(AsteriskWorld(real, folder), narrowed)


def test_a_stranger_cannot_tell_a_name_that_exists_from_one_that_does_not(
    real: RealAsterisk, tmp_path: Path
) -> None:
    async def story(world: AsteriskWorld) -> None:
        sip = Sip(real, STRANGER)
        for method in ("INVITE", "REGISTER", "OPTIONS", "MESSAGE", "SUBSCRIBE"):
            there = await asyncio.to_thread(sip.ask, method, b"op-first", b"<sip:op-first@x>")
            absent = await asyncio.to_thread(sip.ask, method, b"op-nobody", b"<sip:op-nobody@x>")
            line = await asyncio.to_thread(sip.ask, method, b"line-a", b"<sip:line-a@x>")
            assert there.startswith("SIP/2.0 401"), there
            assert shape(there) == shape(absent) == shape(line)
        assert not [event for event in world.events if isinstance(event, CallArrived)]

    in_asterisk(real, tmp_path, story)


def test_a_provider_may_not_call_as_one_of_our_phones(real: RealAsterisk, tmp_path: Path) -> None:
    async def story(world: AsteriskWorld) -> None:
        answer = await asyncio.to_thread(
            Sip(real, PROVIDER).ask, "INVITE", b"0312345678", b"<sip:op-first@x>"
        )
        assert answer.startswith("SIP/2.0 401")

    in_asterisk(real, tmp_path, story)


@pytest.mark.parametrize(
    ("who", "name", "number"),
    [
        (b'"\xe5\xb1\xb1\xe7\x94\xb0" <sip:0901234567@x>', "山田", "0901234567"),
        (b'"\x8eR\x93c" <sip:0901234567@x>', "", "0901234567"),
        (b'"${SHELL(touch /tmp/x)}$[1+1]" <sip:0901234567@x>', "${SHELL(touch /tmp/x)}$[1+1]", "0901234567"),
        (b'"a,b)):|;c" <sip:090%7d@x>', "a,b)):|;c", "090}"),
        (b'"Anonymous" <sip:anonymous@anonymous.invalid>', "Anonymous", "anonymous"),
        (b'"' + b"x" * 3000 + b'" <sip:0901234567@x>', "x" * 60, "0901234567"),
    ],
)
def test_whatever_a_caller_is_called_the_call_arrives_as_it_is(
    real: RealAsterisk, tmp_path: Path, who: bytes, name: str, number: str
) -> None:
    async def story(world: AsteriskWorld) -> None:
        asking = asyncio.create_task(
            asyncio.to_thread(Sip(real, PROVIDER).ask, "INVITE", b"0312345678", who, b"Privacy: id;\xff\xfe")
        )
        arrived = await expect(world, CallArrived)
        assert arrived.caller_raw == number
        assert arrived.headers["Privacy"] == "id;\ufffd\ufffd"
        assert arrived.caller_name.startswith(name)
        assert arrived.headers["From"].encode().startswith(who.decode("utf-8", "replace").encode()[:200])
        await world.switch.send(HangUp(leg_id=arrived.leg_id))
        await asking

    in_asterisk(real, tmp_path, story)


def test_a_visitor_reaches_a_demonstration_number_and_no_other(real: RealAsterisk, tmp_path: Path) -> None:
    async def story(world: AsteriskWorld) -> None:
        sip = Sip(real, STRANGER)
        for number in ("0398765432", "0312345679", "s", "h", "op-first"):
            answer = await asyncio.to_thread(sip.ask_as, "visitor-one", number)
            assert answer.startswith("SIP/2.0 404"), (number, answer)
        asking = asyncio.create_task(asyncio.to_thread(sip.ask_as, "visitor-one", "0312345678"))
        arrived = await expect(world, CallArrived)
        assert (arrived.purpose, arrived.trunk) == ("in", "visitor-one")
        await world.switch.send(HangUp(leg_id=arrived.leg_id))
        await asking

    in_asterisk(real, tmp_path, story)


def test_an_operators_phone_that_dials_is_handed_to_us(real: RealAsterisk, tmp_path: Path) -> None:
    async def story(world: AsteriskWorld) -> None:
        asking = asyncio.create_task(asyncio.to_thread(Sip(real, STRANGER).ask_as, "op-first", "0398765432"))
        arrived = await expect(world, CallArrived)
        assert (arrived.purpose, arrived.trunk, arrived.called_raw) == ("desk", "op-first", "0398765432")
        await world.switch.send(HangUp(leg_id=arrived.leg_id))
        await asking

    in_asterisk(real, tmp_path, story)

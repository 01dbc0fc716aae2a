"""A line by registration: a real Asterisk registers with a provider that we play, and takes its calls."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
from pathlib import Path

import pytest

from madoguchi.switch.port import CallArrived, HangUp
from madoguchi.switch.tests.test_strangers import STRANGER, Sip
from madoguchi.switch.tests.worlds import AsteriskWorld, RealAsterisk, expect, happens

pytestmark = pytest.mark.live

_PASSWORD = "password; of the provider"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _answered(request: str, status: str, *more: str) -> bytes:
    kept = [line for line in request.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq|Contact):", line)]
    return "\r\n".join([f"SIP/2.0 {status}", *kept, *more, "Content-Length: 0", "", ""]).encode()


def registered(asterisk: RealAsterisk) -> str:
    """Play the provider: challenge a REGISTER, accept its answer; gives the accepted request."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as provider:
        provider.bind(("127.0.0.7", asterisk.view.http_port + 3))
        # Longer than between two tries of the same request.
        provider.settimeout(5)
        asterisk.says("pjsip send register line-registered")
        for _ in range(20):
            try:
                data, sender = provider.recvfrom(65535)
            except TimeoutError:
                # What it sent before we stood here has timed out; by itself it comes again only much later.
                asterisk.says("pjsip send register line-registered")
                continue
            request = data.decode()
            if not request.startswith("REGISTER"):
                continue
            if "Authorization:" in request:
                leaving = re.search(r"\bexpires[:=] *0\b", request, re.IGNORECASE) is not None
                provider.sendto(_answered(request, "200 OK", f"Expires: {0 if leaving else 300}"), sender)
                if leaving:  # which goes before each new beginning
                    continue
                return request
            challenge = 'WWW-Authenticate: Digest realm="provider", nonce="n1"'
            provider.sendto(_answered(request, "401 Unauthorized", challenge), sender)
    raise AssertionError("the line did not register")


def test_a_line_registers_and_calls_to_it_are_known_by_its_secret(real: RealAsterisk, tmp_path: Path) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        request = await asyncio.to_thread(registered, real)
        fields = dict(re.findall(r'(\w+)="([^"]*)"', request.split("Authorization:")[1].split("\r\n")[0]))
        mine = _md5(f"0312340000:provider:{_PASSWORD}")
        assert fields["response"] == _md5(f"{mine}:n1:{_md5('REGISTER:' + fields['uri'])}")
        contact = re.search(r"Contact: <sip:([^@]+)@[^;>]+;line=(\w+)>", request)
        assert contact is not None and contact[1] == "0312340000"

        called = f"0312340000;line={contact[2]}".encode()
        sip = Sip(real, STRANGER)
        refused = await asyncio.to_thread(sip.ask, "INVITE", b"0312340000", b"<sip:0901234567@x>")
        assert refused.startswith("SIP/2.0 401")
        asking = asyncio.create_task(asyncio.to_thread(_call, sip, called))
        arrived = await expect(world, CallArrived)
        assert (arrived.trunk, arrived.called_raw) == ("line-registered", "0312340000")
        await world.switch.send(HangUp(leg_id=arrived.leg_id))
        await asking

    happens(AsteriskWorld(real, tmp_path), story)


def _call(sip: Sip, called: bytes) -> str:
    user, _, parameter = called.partition(b";")
    return sip.ask("INVITE", user, b"<sip:0901234567@x>", parameter=parameter)

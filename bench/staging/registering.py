"""Registers desk phones at a switch for a telephone program that answers but cannot register (SIPp)."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Mapping

from staging import sip

HOST = "127.0.0.1"
QUESTIONS_S = 4.5
"""The switch asks every new contact at a moment of its own within four seconds."""


def register(phones: Mapping[str, str], *, from_port: int, server_port: int, within_s: float = 30.0) -> None:
    """Register every phone (user → secret) with a contact at `from_port`, which must be free and is let go.

    The switch asks a new contact at once whether it is there; that question is answered too.
    Raises TimeoutError when not all were taken.
    """
    missing = dict(phones)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        line.bind((HOST, from_port))
        line.settimeout(0.5)
        until, asked_at = time.monotonic() + within_s, 0.0
        while missing:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(missing)} of {len(phones)} phones were not registered")
            if time.monotonic() - asked_at > 2.0:
                asked_at = time.monotonic()
                for user in missing:
                    line.sendto(_request(user, from_port, server_port, 1, ""), (HOST, server_port))
            _hear(line, missing, from_port, server_port)
        _answer_questions(line, QUESTIONS_S, server_port)


def _hear(line: socket.socket, missing: dict[str, str], from_port: int, server_port: int) -> None:
    try:
        message = sip.read(line.recv(65535))
    except TimeoutError:
        return
    if message is None:
        return
    if not message.is_response:
        _reply(line, message, server_port)
        return
    user = message.get("To").split("sip:")[1].split("@")[0]
    if message.code == 200:
        missing.pop(user, None)
    elif message.code == 401 and user in missing:
        digest = sip.Digest(user, missing[user])
        proof = digest.answer(message.get("WWW-Authenticate"), "REGISTER", f"sip:{HOST}:{server_port}")
        line.sendto(_request(user, from_port, server_port, 2, proof), (HOST, server_port))


def _answer_questions(line: socket.socket, for_s: float, server_port: int) -> None:
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        try:
            message = sip.read(line.recv(65535))
        except TimeoutError:
            continue
        if message is not None and not message.is_response:
            _reply(line, message, server_port)


def _reply(line: socket.socket, message: sip.Message, server_port: int) -> None:
    answer = sip.response(message, 200, "OK", tag="ok", contact=f"sip:{HOST}")
    line.sendto(answer, (HOST, server_port))


def _request(user: str, from_port: int, server_port: int, count: int, proof: str) -> bytes:
    uri, branch = f"sip:{HOST}:{server_port}", f"z9hG4bK{secrets.token_hex(8)}"
    headers = [("Via", f"SIP/2.0/UDP {HOST}:{from_port};rport;branch={branch}"), ("Max-Forwards", "70")]
    headers += [("From", f"<sip:{user}@{HOST}>;tag={user[:12]}"), ("To", f"<sip:{user}@{HOST}>")]
    headers += [
        ("Call-ID", f"{user}-{from_port}"),
        ("CSeq", f"{int(time.time()) % 100000 * 10 + count} REGISTER"),
    ]
    headers += [("Contact", f"<sip:{user}@{HOST}:{from_port}>"), ("Expires", "300")]
    headers += [("Authorization", proof)] if proof else []
    return sip.write(f"REGISTER {uri} SIP/2.0", headers)

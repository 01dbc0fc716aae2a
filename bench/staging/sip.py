"""As much SIP as a test telephone needs: messages read and written, digest answers, session descriptions."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field

_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
PTIME_MS = 60


@dataclass(frozen=True, slots=True)
class Message:
    """One request or response."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @property
    def method(self) -> str:
        """Of a request, or of the request that a response answers."""
        return self.get("CSeq").split()[-1] if self.is_response else self.start.split()[0]

    @property
    def is_response(self) -> bool:
        return self.start.startswith("SIP/2.0")

    @property
    def code(self) -> int:
        return int(self.start.split()[1]) if self.is_response else 0

    def get(self, name: str) -> str:
        """The first header of that name, or ''."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def branch(self) -> str:
        return parameter(self.get("Via"), "branch")


def parameter(value: str, name: str) -> str:
    """A `;name=value` parameter of a header, or ''."""
    found = re.search(rf";\s*{name}=([^;>,\s]+)", value)
    return found[1] if found else ""


def read(data: bytes) -> Message | None:
    """Read a datagram; None for a keep-alive."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    lines = head.split("\r\n")
    if not lines[0].strip("\0\r\n "):
        return None
    headers = tuple((name.strip(), value.strip()) for name, _, value in (x.partition(":") for x in lines[1:]))
    return Message(lines[0], headers, body)


def write(start: str, headers: list[tuple[str, str]], body: str = "") -> bytes:
    """The bytes of a message."""
    told = [*headers, *([("Content-Type", "application/sdp")] if body else [])]
    told.append(("Content-Length", str(len(body))))
    return (start + "\r\n" + "".join(f"{k}: {v}\r\n" for k, v in told) + "\r\n" + body).encode()


def response(request: Message, code: int, reason: str, *, tag: str, contact: str, body: str = "") -> bytes:
    """The answer to a request, by the same way back."""
    to = request.get("To")
    headers = [("Via", via) for via in request.all("Via")]
    headers += [("From", request.get("From"))]
    headers += [("To", to if parameter(to, "tag") or code == 100 else f"{to};tag={tag}")]
    headers += [("Call-ID", request.get("Call-ID")), ("CSeq", request.get("CSeq"))]
    headers += [("Contact", f"<{contact}>")]
    return write(f"SIP/2.0 {code} {reason}", headers, body)


@dataclass(slots=True)
class Digest:
    """Answers to a challenge (RFC 2617, MD5 with qop=auth)."""

    username: str
    password: str
    count: int = field(default=0)

    def answer(self, challenge: str, method: str, uri: str) -> str:
        given = {key: quoted or bare for key, quoted, bare in _PAIR.findall(challenge)}
        self.count += 1
        nonce, count, mine = given["nonce"], f"{self.count:08x}", secrets.token_hex(8)
        one = _md5(f"{self.username}:{given['realm']}:{self.password}")
        two = _md5(f"{method}:{uri}")
        reply = _md5(f"{one}:{nonce}:{count}:{mine}:auth:{two}")
        told = {"username": self.username, "realm": given["realm"], "nonce": nonce, "uri": uri}
        told |= {"response": reply, "cnonce": mine, "opaque": given.get("opaque", "")}
        quoted = ", ".join(f'{key}="{value}"' for key, value in told.items() if value)
        return f"Digest {quoted}, algorithm=MD5, qop=auth, nc={count}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def session(rtp_port: int) -> str:
    """An SDP for G.711 µ-law and keys."""
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    lines += [f"m=audio {rtp_port} RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000"]
    lines += ["a=rtpmap:101 telephone-event/8000", f"a=ptime:{PTIME_MS}", "a=sendrecv", ""]
    return "\r\n".join(lines)


def media_port(body: str) -> int:
    """The port that an SDP names."""
    found = re.search(r"^m=audio (\d+)", body, re.MULTILINE)
    return int(found[1]) if found else 0

"""Asks a provider, by a few SIP messages of our own, whether a line can work: OPTIONS, then REGISTER.

Nothing is changed at the provider: the REGISTER carries no Contact, which only asks for the present bindings
(RFC 3261, 10.2.3), so a line that is in use is not disturbed. Digest by RFC 7616 with MD5 or SHA-256.
UDP only, as most lines in Japan are. The words for people stand in `queries.explain`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

TRY_AGAIN_S = (0.5, 1.0, 1.5)
"""A request is sent again after so long (RFC 3261 timer E, shortened): 3 s until silence is believed."""

ORDINARY_CODECS = frozenset({"PCMU", "PCMA"})
_STATIC_CODECS = {"0": "PCMU", "8": "PCMA", "9": "G722", "18": "G729", "3": "GSM"}


class Finding(StrEnum):
    """What the probe found, worst first."""

    NO_SUCH_HOST = "no_such_host"
    NO_ANSWER = "no_answer"
    NO_LISTENER = "no_listener"
    """The machine is there and says that nobody listens on this port."""
    NOT_SIP = "not_sip"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a finding
    FORBIDDEN = "forbidden"
    UNKNOWN_LOGIN = "unknown_login"
    REGISTRATION_REJECTED = "registration_rejected"
    WRONG_CODEC = "wrong_codec"
    BUSY_SERVER = "busy_server"
    WORKS = "works"


@dataclass(frozen=True, slots=True)
class Target:
    """What to ask, and as whom; without a log-in no registration is tried."""

    host: str
    port: int = 5060
    login: str = ""
    secret: str = field(default="", repr=False)
    registers: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """One finding with what was seen on the way."""

    finding: Finding
    address: str = ""
    """The IP address that was asked."""
    answer: str = ""
    """Status line of the deciding answer, made printable."""
    codecs: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        return self.finding is Finding.WORKS


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    reason: str
    headers: dict[str, str]
    body: str

    def line(self) -> str:
        return f"{self.status} {self.reason}"


def probe(target: Target) -> Report:
    """Ask the provider; blocks for at most about 9 s. Raises nothing for what the network does."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
    except (socket.gaierror, UnicodeError):
        return Report(Finding.NO_SUCH_HOST)
    family, _kind, _proto, _name, address = found[0]
    with _line(family, address) as line:
        try:
            return _asked(line, target, str(address[0]))
        except TimeoutError:
            return Report(Finding.NO_ANSWER, str(address[0]))
        except ConnectionRefusedError:
            return Report(Finding.NO_LISTENER, str(address[0]))
        except OSError as error:
            return Report(Finding.NO_ANSWER, str(address[0]), error.strerror or "")
        except ValueError:
            return Report(Finding.NOT_SIP, str(address[0]))


def _asked(line: socket.socket, target: Target, address: str) -> Report:
    alive = _exchange(line, _request("OPTIONS", target, line))
    codecs = _codecs(alive.body)
    if codecs and not ORDINARY_CODECS & set(codecs):
        return Report(Finding.WRONG_CODEC, address, alive.line(), codecs)
    if alive.status in {500, 503}:
        return Report(Finding.BUSY_SERVER, address, alive.line(), codecs)
    if not target.registers:
        finding = Finding.FORBIDDEN if alive.status == 403 else Finding.WORKS
        return Report(finding, address, alive.line(), codecs)
    answer = _registered(line, target)
    return Report(_of_registration(answer.status), address, answer.line(), codecs)


def _registered(line: socket.socket, target: Target) -> _Answer:
    call_id, tag = _call_id(), secrets.token_hex(4)
    first = _exchange(line, _request("REGISTER", target, line, call_id=call_id, tag=tag))
    if first.status not in {401, 407}:
        return first
    asks = "www-authenticate" if first.status == 401 else "proxy-authenticate"
    header = "Authorization" if first.status == 401 else "Proxy-Authorization"
    answer = digest_answer(first.headers.get(asks, ""), target, "REGISTER", _uri(target))
    again = _request(
        "REGISTER", target, line, call_id=call_id, tag=tag, sequence=2, extra=f"{header}: {answer}\r\n"
    )
    return _exchange(line, again)


def _of_registration(status: int) -> Finding:
    if 200 <= status < 300:
        return Finding.WORKS
    return {
        401: Finding.WRONG_PASSWORD,
        407: Finding.WRONG_PASSWORD,
        403: Finding.FORBIDDEN,
        404: Finding.UNKNOWN_LOGIN,
        500: Finding.BUSY_SERVER,
        503: Finding.BUSY_SERVER,
    }.get(status, Finding.REGISTRATION_REJECTED)


def digest_answer(challenge: str, target: Target, method: str, uri: str) -> str:
    """The Authorization value for a digest challenge. Raises ValueError for a challenge that is none."""
    scheme, _space, rest = challenge.partition(" ")
    asked = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
    if scheme.lower() != "digest" or "nonce" not in asked:
        raise ValueError("the provider asks for something other than a digest")
    algorithm = asked.get("algorithm", "MD5")
    digests = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
    if algorithm.upper() not in digests:
        raise ValueError("the provider asks for an unknown digest")

    def digest(text: str) -> str:
        return digests[algorithm.upper()](text.encode()).hexdigest()

    realm, nonce, cnonce = asked.get("realm", ""), asked["nonce"], secrets.token_hex(8)
    who, what = digest(f"{target.login}:{realm}:{target.secret}"), digest(f"{method}:{uri}")
    counted = "auth" in [word.strip() for word in asked.get("qop", "").split(",")]
    middle = f"{nonce}:00000001:{cnonce}:auth" if counted else nonce
    said = {"username": target.login, "realm": realm, "nonce": nonce, "uri": uri}
    said["response"] = digest(f"{who}:{middle}:{what}")
    if "opaque" in asked:
        said["opaque"] = asked["opaque"]
    parts = [f'{name}="{value}"' for name, value in said.items()] + [f"algorithm={algorithm}"]
    if counted:
        parts += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"']
    return "Digest " + ", ".join(parts)


def _request(
    method: str,
    target: Target,
    line: socket.socket,
    *,
    call_id: str = "",
    tag: str = "",
    sequence: int = 1,
    extra: str = "",
) -> bytes:
    own, own_port = line.getsockname()[:2]
    own = f"[{own}]" if ":" in own else own
    user = target.login or "madoguchi"
    whom = f"<sip:{user}@{_host(target)}>"
    return (
        f"{method} {_uri(target)} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {own}:{own_port};branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: {whom};tag={tag or secrets.token_hex(4)}\r\nTo: {whom}\r\n"
        f"Call-ID: {call_id or _call_id()}\r\nCSeq: {sequence} {method}\r\n"
        f"{extra}Accept: application/sdp\r\nUser-Agent: Madoguchi\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def _exchange(line: socket.socket, request: bytes) -> _Answer:
    """Send until a final answer comes. Raises TimeoutError, ConnectionRefusedError, ValueError."""
    for wait_s in TRY_AGAIN_S:
        line.send(request)
        line.settimeout(wait_s)
        try:
            while True:
                answer = _read(line.recv(65535))
                if answer.status >= 200:
                    return answer
        except TimeoutError:
            continue
    raise TimeoutError


def _read(datagram: bytes) -> _Answer:
    head, _gap, body = datagram.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    found = re.fullmatch(r"SIP/2\.0 ([1-6]\d\d) ?(.*)", first)
    if found is None:
        raise ValueError("not a SIP answer")
    headers = {
        name.strip().lower(): value.strip() for name, _colon, value in (h.partition(":") for h in rest)
    }
    reason = "".join(c for c in found.group(2) if c.isprintable())[:80]
    return _Answer(int(found.group(1)), reason, headers, body)


def _codecs(body: str) -> tuple[str, ...]:
    media = re.search(r"^m=audio \d+ \S+ ([\d ]+)", body, re.MULTILINE)
    if media is None:
        return ()
    named = dict(re.findall(r"^a=rtpmap:(\d+) ([\w-]+)/", body, re.MULTILINE))
    names = (named.get(number, _STATIC_CODECS.get(number, "")) for number in media.group(1).split())
    return tuple(name.upper() for name in names if name and name.lower() != "telephone-event")


@contextmanager
def _line(family: int, address: tuple[object, ...]) -> Iterator[socket.socket]:
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        # Connected, so that the machine's "nobody listens here" comes back as ConnectionRefusedError.
        line.connect(address)
        yield line


def _host(target: Target) -> str:
    return f"[{target.host}]" if ":" in target.host else target.host


def _uri(target: Target) -> str:
    return f"sip:{_host(target)}" + ("" if target.port == 5060 else f":{target.port}")


def _call_id() -> str:
    return f"{secrets.token_hex(12)}@madoguchi"


_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')

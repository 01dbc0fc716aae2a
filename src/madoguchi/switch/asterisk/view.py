"""What Asterisk's configuration is made of, in plain values; and the wall no foreign text gets past.

An installation's settings and the office's trunks and operators are turned into a `SwitchView` by the
caller; `configuration.write` turns it into files. Everything that a person may type is examined here,
since one newline in a trunk's password would otherwise be a new section of pjsip.conf.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])")
_NUMBER = re.compile(r"[+0-9*#][0-9*#]{0,31}")
_PATH = re.compile(r"/[A-Za-z0-9._/+-]+")
_CODECS = frozenset({"ulaw", "alaw", "g722", "opus", "gsm"})
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


class ConfigurationRefused(Exception):
    """A value cannot be written into Asterisk's configuration; `field_name` says which one."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(f"{field_name}: {reason}")
        self.field_name = field_name
        self.reason = reason


class PhoneKind(StrEnum):
    BROWSER = "browser"
    """An operator's desk: WebRTC over the WebSocket."""
    DESK = "desk"
    """Any SIP telephone, by UDP, TCP or TLS."""
    VISITOR = "visitor"
    """A browser of the demonstration's visitor: reaches demonstration numbers and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """An endpoint that registers with us."""

    endpoint: str
    """Its random name (`op-…`, `visitor-…`), which is also its user name."""
    password: str
    kind: PhoneKind = PhoneKind.BROWSER
    number: str = ""
    """Its own caller number; empty leaves what the phone says."""

    def __post_init__(self) -> None:
        _check(NAME, "phone.endpoint", self.endpoint)
        check_text("phone.password", self.password)
        if len(self.password) < 12:
            raise ConfigurationRefused("phone.password", "must have at least 12 characters")
        if self.number:
            _check(_NUMBER, "phone.number", self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A provider's line. With `registers` we register there; calls come in from `networks` only."""

    name: str
    """Section name: what `CallArrived.trunk` and `trunk:NAME:NUMBER` carry. Never shown to strangers."""
    server: str = ""
    """`host` or `host:port` of the provider; empty for a line that only comes in."""
    networks: tuple[str, ...] = ()
    """Addresses or CIDR networks the provider calls from; the server's own address is always one."""
    registers: bool = False
    username: str = ""
    password: str = ""
    """Answers the provider's challenge, for registering and for calls out."""
    from_user: str = ""
    """The user part of our From, where a provider demands its own; else the caller number."""
    from_domain: str = ""
    contact_user: str = ""
    """The user part of our Contact, where calls by registration arrive; else the user name."""
    transport: str = "udp"
    codecs: tuple[str, ...] = ("ulaw", "alaw")
    sends_identity: bool = False
    """Adds P-Asserted-Identity to calls out."""
    checks_every_s: int = 60
    """Interval of the OPTIONS that tells whether the provider answers (`lines.seen`); 0 = never. A line that
    answers none is dialled all the same."""

    def __post_init__(self) -> None:
        _check(NAME, "trunk.name", self.name)
        if self.server:
            _check_server(self.server)
        elif self.registers:
            raise ConfigurationRefused("trunk.server", "a line by registration needs one")
        for network in self.networks:
            _check_network("trunk.networks", network)
        if self.registers and not self.username:
            raise ConfigurationRefused("trunk.username", "a line by registration needs one")
        if not self.server and not self.networks:
            raise ConfigurationRefused("trunk.networks", "name the server or a network calls come from")
        for part in ("username", "password", "from_user", "contact_user"):
            check_text(f"trunk.{part}", getattr(self, part))
        for part in ("from_user", "contact_user"):
            if re.search(r"[\s@;<>:?\"]", getattr(self, part)):
                raise ConfigurationRefused(f"trunk.{part}", "is the part of a SIP address before the @")
        if self.from_domain:
            _check(_HOST, "trunk.from_domain", self.from_domain)
        if self.transport not in {"udp", "tcp", "tls"}:
            raise ConfigurationRefused("trunk.transport", "is udp, tcp or tls")
        if not self.codecs or not set(self.codecs) <= _CODECS:
            raise ConfigurationRefused("trunk.codecs", f"are some of {', '.join(sorted(_CODECS))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchView:
    """Everything one Asterisk has to know."""

    node: str
    """Our name of it; begins the id of every leg that comes in."""
    ari_password: str
    share: Path
    """Asterisk's data folder, holding `documentation/`, `rest-api/` and `sounds/`."""
    modules: Path
    """Folder of the `.so` files."""
    work: Path
    """Run, spool, log and database folders are made in here."""
    recordings: Path | None = None
    """Where tracks are written; None = `work`/spool/recording."""
    ari_user: str = "madoguchi"
    application: str = "madoguchi"
    http_port: int = 18088
    """ARI and the browsers' WebSocket (/ws), on loopback always."""
    sip_bind: str = "127.0.0.1"
    sip_port: int = 15060
    tls_port: int = 0
    """SIP over TLS for phones and trunks; 0 = none. Needs `certificate` and `key`."""
    certificate: Path | None = None
    key: Path | None = None
    rtp_start: int = 20000
    rtp_end: int = 28000
    public_address: str = ""
    """Our address as the outside sees it, when a NAT stands between."""
    machine_address: str = ""
    """This machine's own address behind that NAT; both are then offered to browsers. See `own_address`."""
    local_networks: tuple[str, ...] = ()
    """Networks behind the same NAT as we."""
    trunks: tuple[Trunk, ...] = ()
    phones: tuple[Phone, ...] = ()
    demonstration_numbers: tuple[str, ...] = ()
    """All that a visitor's phone can reach."""
    music: Mapping[str, Path] = field(default_factory=dict)
    """Class of music → folder of audio files."""
    emergency_sound: str = ""
    """Absolute path without extension of what a caller hears when nobody can take the call at all."""
    controller_wait_s: int = 30
    """How long an arriving call rings on while control is away."""
    browser_silence_s: int = 4
    """A browser leg that sends no audio for so long is ended (a muted one sends silence)."""
    line_silence_s: int = 60
    """The same for trunks and desk phones, whose BYE may have been lost."""

    def __post_init__(self) -> None:
        for part in ("node", "ari_user", "application"):
            _check(NAME, part, getattr(self, part))
        check_text("ari_password", self.ari_password)
        _check_address("sip_bind", self.sip_bind)
        if self.public_address:
            _check(_HOST, "public_address", self.public_address)
        if self.machine_address:
            _check_address("machine_address", self.machine_address)
        for network in self.local_networks:
            _check_network("local_networks", network)
        for number in self.demonstration_numbers:
            _check(_NUMBER, "demonstration_numbers", number)
        for name, folder in self.music.items():
            _check(NAME, "music", name)
            _check(_PATH, "music", str(folder))
        if self.emergency_sound:
            _check(_PATH, "emergency_sound", self.emergency_sound)
        if self.tls_port and not (self.certificate and self.key):
            raise ConfigurationRefused("tls_port", "needs a certificate and its key")
        for path in (self.share, self.modules, self.work, self.recordings, self.certificate, self.key):
            if path is not None:
                _check(_PATH, "folder", str(path))
        _check_unique([t.name for t in self.trunks] + [p.endpoint for p in self.phones])

    @property
    def on_loopback(self) -> bool:
        """Whether SIP is heard on this machine only."""
        return ipaddress.ip_address(self.sip_bind).is_loopback

    @property
    def log(self) -> Path:
        return self.work / "log"

    @property
    def cel(self) -> Path:
        """The switch's own event log, read after an outage (`cel.read`)."""
        return self.log / "cel-custom" / "madoguchi.csv"

    @property
    def recording_folder(self) -> Path:
        return self.recordings or self.work / "spool" / "recording"


def own_address() -> str:
    """The address this machine speaks to the outside with; empty when it has loopback only.

    Nothing is sent: a UDP socket that is connected merely has its route chosen.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Reserved for documentation (RFC 5737): on every machine it goes the way of the default route.
            probe.connect(("198.51.100.1", 9))
            address: str = probe.getsockname()[0]
        except OSError:
            return ""
    return "" if ipaddress.ip_address(address).is_loopback else address


def check_text(field_name: str, value: str) -> str:
    """Give `value` back when it fits on one line; raises ConfigurationRefused."""
    if _UNPRINTABLE.search(value) or len(value) > 256:
        raise ConfigurationRefused(field_name, "must be one line of at most 256 characters")
    if value != value.strip():
        raise ConfigurationRefused(field_name, "must not begin or end with a space")
    return value


def escaped(value: str) -> str:
    """A text as Asterisk's files want it: `;` begins a comment there unless told otherwise."""
    return check_text("value", value).replace("\\", "\\\\").replace(";", "\\;")


def host_of(server: str) -> str:
    """The host part of `host:port`, as an `identify` section wants it."""
    if server.startswith("["):
        return server[1 : server.index("]")]
    return server.rsplit(":", 1)[0] if ":" in server else server


def _check(pattern: re.Pattern[str], field_name: str, value: str) -> None:
    if not pattern.fullmatch(value):
        raise ConfigurationRefused(field_name, f"“{value[:60]!r}” does not fit {pattern.pattern}")


def _check_server(server: str) -> None:
    host, colon, port = server.rpartition(":")
    if server.endswith("]") or not colon:
        host, port = server, ""
    _check(_HOST, "trunk.server", host)
    if port and not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise ConfigurationRefused("trunk.server", "has a port outside 1 to 65535")


def _check_network(field_name: str, network: str) -> None:
    try:
        ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        raise ConfigurationRefused(field_name, f"“{network[:60]!r}” is no address or network") from error


def _check_address(field_name: str, address: str) -> None:
    try:
        ipaddress.ip_address(address)
    except ValueError as error:
        raise ConfigurationRefused(field_name, f"“{address[:60]!r}” is no address") from error


def _check_unique(names: list[str]) -> None:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ConfigurationRefused("name", f"used twice: {', '.join(sorted(twice))}")

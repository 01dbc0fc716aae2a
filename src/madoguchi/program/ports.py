"""Who holds a port: asked before anything is started, so that nothing starts half."""

import contextlib
import pwd
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from madoguchi.config.installation import Installation


@dataclass(frozen=True, slots=True)
class Port:
    """A port we are going to listen on, and the setting that names it."""

    setting: str
    address: str
    number: int
    kind: socket.SocketKind = socket.SOCK_STREAM
    part: str = ""
    """Name of the part that listens there."""

    def is_free(self) -> bool:
        """True when we could listen there now."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        with socket.socket(family, self.kind) as probe:
            if self.kind is socket.SOCK_STREAM:
                # As the servers do it: connections that are just closing do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.address, self.number))
            except OSError:
                return False
        return True

    @property
    def protocol(self) -> str:
        return "TCP" if self.kind is socket.SOCK_STREAM else "UDP"

    @property
    def taken(self) -> str:
        """The sentence for whoever finds it taken, with the two ways out."""
        return (
            f"Port {self.number} ({self.protocol}) on {self.address} is taken by {self.holder()}. "
            f"Stop that, or set another {self.setting} (MADOGUCHI_{self.setting.upper()}=…)."
        )

    def is_held_by(self, pid: int) -> bool:
        """True when this very process listens there: an answer on the port may be another program's."""
        return bool({inode for inode, _owner in _listening(self)} & set(_sockets_of(pid)))

    def holder(self) -> str:
        """The program that listens there, as “name (process 123)”; in general words when hidden from us."""
        holders = dict(_listening(self))
        inodes = set(holders)
        for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            if inodes & set(_sockets_of(pid)):
                with contextlib.suppress(OSError):
                    return f"{Path(f'/proc/{pid}/comm').read_text().strip()} (process {pid})"
        for uid in holders.values():
            with contextlib.suppress(KeyError):
                return f"a program of the user {pwd.getpwuid(uid).pw_name}"
        return "another program"


def wanted(installation: Installation) -> list[Port]:
    """Every port this installation listens on, except the range for speech."""
    return [
        Port("http_port", installation.bind, installation.http_port, part="gate"),
        Port("asterisk_http_port", "127.0.0.1", installation.asterisk_http_port, part="asterisk"),
        Port("sip_port", installation.sip_bind, installation.sip_port, socket.SOCK_DGRAM, part="asterisk"),
        Port("sip_port", installation.sip_bind, installation.sip_port, part="asterisk"),
    ]


def missing(installation: Installation, part: str, pid: int) -> list[Port]:
    """The ports of `part` that the process `pid` does not hold."""
    return [port for port in wanted(installation) if port.part == part and not port.is_held_by(pid)]


def speech_taken(installation: Installation, ours: int | None = None) -> float:
    """Share (0–1) of the ports for speech that other programs hold; `ours` is our Asterisk's process.

    Asterisk opens them call by call and passes over those that are taken, so some do no harm.
    """
    first, last = installation.rtp_start, installation.rtp_end
    own = set(_sockets_of(ours)) if ours is not None else set()
    taken = {number for number, inode in _bound_udp() if first <= number <= last and inode not in own}
    return len(taken) / (last - first + 1)


def answers(address: str, number: int) -> bool:
    """True when somebody takes TCP connections there."""
    try:
        with socket.create_connection((address, number), timeout=1):
            return True
    except OSError:
        return False


def _listening(port: Port) -> Iterator[tuple[str, int]]:
    """Inode and owner of every socket that listens on the port."""
    transport = "tcp" if port.kind is socket.SOCK_STREAM else "udp"
    for table in (f"/proc/net/{transport}", f"/proc/net/{transport}6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                # 0A: listening; a UDP socket that is bound shows 07.
                if int(columns[1].rpartition(":")[2], 16) == port.number and columns[3] in {"0A", "07"}:
                    yield columns[9], int(columns[7])


def _bound_udp() -> Iterator[tuple[int, str]]:
    """Port and inode of every bound UDP socket of the machine."""
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                yield int(columns[1].rpartition(":")[2], 16), columns[9]


def _sockets_of(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(descriptor.readlink())
                if target.startswith("socket:["):
                    yield target[8:-1]

"""A private centre: its own data folder, ports and processes, each of which can be killed and brought back.

The parts are the product's own (`program.parts`), started by us instead of the supervisor, so that a bench
decides how long a dead one stays away. A keeper process ends all of them should the bench itself be killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from madoguchi.config import installation as installing
from madoguchi.config.installation import Installation
from madoguchi.program import asterisk, process
from madoguchi.program.parts import Parts
from madoguchi.program.supervisor import Part
from staging import keeper, seed
from staging.phones import Phones

ORDER = ("postgres", "asterisk", "gate", "control", "web", "worker")
HERE = Path(__file__).parent


class NotInTime(AssertionError):
    """Something that was to become true did not within its time."""


def wait_until(true: Callable[[], object], within_s: float, what: str, every_s: float = 0.05) -> float:
    """Wait until `true()` is truthy; returns after how many seconds. Raises NotInTime."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > within_s:
            raise NotInTime(f"not within {within_s:g} s: {what}")
        time.sleep(every_s)
    return time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Ports:
    """The numbers that a centre listens on, counted from one base."""

    base: int
    count: int = 2000

    def settings(self) -> dict[str, int]:
        names = {"sip_port": 60, "asterisk_http_port": 88, "http_port": 80}
        ports = {name: self.base + offset for name, offset in names.items()}
        return {**ports, "rtp_start": self.base + 200, "rtp_end": self.base + self.count - 1}

    @property
    def outside(self) -> int:
        """Where the line leads when the centre calls out."""
        return self.base + 161


@dataclass
class Centre:
    """One installation, as a context manager: everything is started on entry and gone after the exit."""

    operators: int = 6
    # Below the numbers that the kernel gives to outgoing connections.
    ports: Ports = Ports(26_000)
    queue: dict[str, Any] = field(default_factory=lambda: {"ring_s": 15, "wrap_up_s": 2, "cooling_off_s": 3})
    environment: dict[str, str] = field(default_factory=dict)
    """What else the processes are told."""
    without: tuple[str, ...] = ()
    """Parts that are not started."""
    demonstration: bool = False
    """Whether the database is first filled with the product's own demonstration."""
    filled_by: str = seed.__file__
    """The program that fills the database; what it writes is `seeded`."""

    def __enter__(self) -> Self:
        self.home = Path(tempfile.mkdtemp(prefix="mgb-", dir="/var/tmp"))
        # The database's user walks through it when we are root.
        self.home.chmod(0o711)
        self._keeper = subprocess.Popen(
            [sys.executable, keeper.__file__, str(self.home)], stdin=subprocess.PIPE, start_new_session=True
        )
        self.running: dict[str, process.Process] = {}
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self.phones = Phones(self.ports.settings()["sip_port"])
        try:
            self._set_up()
        except BaseException:
            self._tear_down()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tear_down()

    # -- processes

    def start(self, name: str, *, within_s: float = 30.0) -> float:
        """Start a part and wait until it is ready; returns the seconds it took."""
        part, began = self.parts[name], time.monotonic()
        self.running[name] = part.start()
        self._keep(self.running[name])
        try:
            wait_until(part.ready, within_s, f"{name} is ready", every_s=0.02)
        except NotInTime as late:
            raise NotInTime(f"{late}; it said: {self._words_of(name)}") from late
        return time.monotonic() - began

    def kill(self, name: str) -> float:
        """kill -9; returns the monotonic moment."""
        victim, at = self.running.pop(name), time.monotonic()
        if name == "postgres":
            # The way it dies when the machine's memory is out: the first process, and its children see it.
            os.kill(victim.pid, signal.SIGKILL)
        else:
            victim.signal(signal.SIGKILL, whole_group=True)
        wait_until(lambda: not victim.alive(), 10, f"{name} is dead", every_s=0.01)
        return at

    def revive(self) -> list[str]:
        """Start again what ended by itself, as the product's supervisor does; returns their names."""
        ended = [name for name, running in self.running.items() if not running.alive()]
        for name in ended:
            self.start(name)
        return ended

    def pause(self, name: str) -> None:
        self.running[name].signal(signal.SIGSTOP)

    def wake(self, name: str) -> None:
        self.running[name].signal(signal.SIGCONT)

    def run(self, *words: str, given: str = "", within_s: float = 120.0) -> str:
        """Run a Python program in the centre's environment to its end; returns what it wrote."""
        ran = subprocess.run(
            [sys.executable, *words],
            env=self._environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
            cwd="/",
        )
        if ran.returncode:
            raise RuntimeError(f"{' '.join(words)}: {ran.stderr[-3000:]}")
        return ran.stdout

    # -- what is believed

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database; a lost connection is opened anew. Raises psycopg.OperationalError when away."""
        for fresh in (False, True):
            if fresh or self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self._conninfo, autocommit=True, connect_timeout=2)
            try:
                found = self._connection.execute(query, values)
                return found.fetchall() if found.description else []
            except psycopg.OperationalError:
                self._connection.close()
                if fresh:
                    raise
        raise AssertionError  # the loop returns or raises

    def ring(self, section: str) -> None:
        """Ring control's doorbell, after rows were changed behind its back."""
        self.sql("SELECT pg_notify('madoguchi', %s)", json.dumps(["control", [section]]))

    def violations(self, last_s: float) -> list[str]:
        """What `madoguchi verify` finds in the last seconds."""
        return list(json.loads(self.run(seed.__file__, "--violations", str(last_s))))

    def words(self, name: str, lines: int = 30) -> str:
        """The last lines of a part's log."""
        log = self.installation.logs / f"{name}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""

    def cpu_s(self, name: str) -> float:
        """Processor seconds that a part (and, for PostgreSQL, its children) has used."""
        pids = [self.running[name].pid]
        if name == "postgres":
            pids += _children(pids[0])
        return sum(used_cpu_s(pid) for pid in pids)

    # -- setting up and tearing down

    def _set_up(self) -> None:
        (self.home / "madoguchi.toml").write_text(
            "".join(f"{key} = {value}\n" for key, value in self.ports.settings().items())
            + f"demo = {str(self.demonstration).lower()}\n"
        )
        self._assert_free()
        here = self.installation = self._load()
        for name in ("run", "run/static", "logs", "recordings", "prompts", "uploads"):
            (self.home / name).mkdir(mode=0o711, parents=True, exist_ok=True)
        made = Parts(installation=here, asterisk=asterisk.required(here.asterisk_prefix))
        self._parts_environment = made.environment
        os.environ.update({key: self._environment()[key] for key in _TOLD})
        self.parts: dict[str, Part] = {"postgres": made.postgres()}
        self.parts |= {part.name: part for part in made.after_the_database()}
        self._conninfo: str = _conninfo(here)
        self.start("postgres", within_s=60)
        self.run("-m", "madoguchi", "prepare")
        given = json.dumps({"operators": self.operators, **self.queue})
        self.seeded = json.loads(self.run(self.filled_by, given=given))
        self.number: str = self.seeded["number"]
        for name in ORDER[1:]:
            if name not in self.without:
                self.start(name)
        self.phones.start()

    def seat_operators(self) -> None:
        """Put a telephone before every operator and wait until control knows all of them reachable."""
        for one in self.seeded["operators"]:
            self.phones.operator(one["endpoint"], one["secret"])
        wait_until(self.all_reachable, 20, "all telephones are reachable")

    def all_reachable(self) -> bool:
        """Whether control believes every telephone to be registered."""
        return self.sql("SELECT count(*) FROM agents_agent WHERE phone_reachable") == [(self.operators,)]

    def _load(self) -> Installation:
        named = {"MADOGUCHI_HOME": str(self.home)}
        cache = os.environ.get("MADOGUCHI_ASTERISK_CACHE")
        return installing.load({**named, "MADOGUCHI_ASTERISK_CACHE": cache} if cache else named)

    def _environment(self) -> dict[str, str]:
        return {**self._parts_environment, **self.environment}

    def _assert_free(self) -> None:
        for name, port in self.ports.settings().items():
            if name.startswith("rtp"):
                continue
            kind = socket.SOCK_DGRAM if name == "sip_port" else socket.SOCK_STREAM
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))

    def _keep(self, started: process.Process) -> None:
        if self._keeper.stdin is not None:
            self._keeper.stdin.write(f"+{started.pid} {started.born}\n".encode())
            self._keeper.stdin.flush()

    def _words_of(self, name: str) -> str:
        return self.words(name, 3).replace("\n", " | ")

    def _tear_down(self) -> None:
        if self.phones.operators or self.phones.callers:
            self.phones.stop()
        for name in reversed(ORDER):
            running = self.running.pop(name, None)
            if running is not None:
                running.signal(signal.SIGCONT)
                sign = signal.SIGINT if name == "postgres" else signal.SIGTERM
                process.stop(running, sign, 8.0)
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)


_TOLD = ("MADOGUCHI_ASTERISK_MODULES", "MADOGUCHI_ASTERISK_SHARE")


def _conninfo(here: Installation) -> str:
    from madoguchi.program import database

    return database.cluster(here).conninfo


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def used_cpu_s(pid: int) -> float:
    try:
        fields: Sequence[str] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # Including what ended children used (15, 16 waited-for).
    return sum(int(fields[index]) for index in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")

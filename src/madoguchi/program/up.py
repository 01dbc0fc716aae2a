"""`madoguchi up`: everything of one installation, started in order, watched, and stopped cleanly."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from madoguchi.config.installation import Installation
from madoguchi.program import asterisk_install, ports, process
from madoguchi.program.errors import ProgramError
from madoguchi.program.parts import STOP_ORDER, Parts
from madoguchi.program.supervisor import Supervisor, Tell

LEAST_FREE_BYTES = 500_000_000
LOOK_EVERY_S = 0.1
MOST_SPEECH_TAKEN = 0.5


@dataclass(slots=True)
class Wish:
    """What the person at the terminal wants: set by Ctrl-C and SIGTERM."""

    stop: bool = False

    def listen(self) -> None:
        def wanted(_sign: int, _frame: object) -> None:
            self.stop = True

        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, wanted)


class RunsAlready(ProgramError):
    """Another program runs from the same data folder."""


class Stopped(Exception):
    """The person wished to stop while we were starting."""


def up(installation: Installation, tell: Tell) -> None:
    """Start everything and stay until told to stop; raises ProgramError when it cannot start whole."""
    wish = Wish()
    with alone(installation):
        examine(installation)
        switch = asterisk_install.ensure(installation.asterisk_cache, lambda text: tell("asterisk", text))
        parts = Parts(installation=installation, asterisk=switch, tell=tell)
        supervisor = Supervisor(tell)
        wish.listen()
        try:
            # Ctrl-C before everything runs is as good an end as Ctrl-C afterwards.
            with contextlib.suppress(Stopped):
                _start(installation, parts, supervisor, wish)
                _welcome(installation, tell)
                while not wish.stop:
                    supervisor.look()
                    time.sleep(LOOK_EVERY_S)
        finally:
            tell("madoguchi", "stopping")
            supervisor.stop(STOP_ORDER)
            tell("madoguchi", "stopped")


def examine(installation: Installation) -> None:
    """Refuse to start when it could only be half a start: a taken port, a full disk, an unreadable key."""
    for name in ("run", "run/static", "logs", "recordings", "prompts", "uploads"):
        (installation.home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(installation.home).free
    if free < LEAST_FREE_BYTES:
        raise ProgramError(
            f"The disk of {installation.home} has only {free >> 20} MB left; "
            f"{LEAST_FREE_BYTES >> 20} are needed. "
            "Delete something, or set MADOGUCHI_HOME to a folder on another disk."
        )
    for file in (installation.tls_certificate, installation.tls_key):
        if file is not None and not os.access(file, os.R_OK):
            raise ProgramError(f"{file} cannot be read by the user Madoguchi runs as. Let that user read it.")
    _examine_ports(installation)


def _examine_ports(installation: Installation) -> None:
    for port in ports.wanted(installation):
        survives = process.recall(installation.run / f"{port.part}.pid") is not None
        if not survives and not port.is_free():
            raise ProgramError(port.taken)
    if ports.speech_taken(installation) > MOST_SPEECH_TAKEN:
        raise ProgramError(
            f"Most of the ports for speech, {installation.rtp_start} to {installation.rtp_end} (UDP), are "
            "taken by other programs. Set another rtp_start and rtp_end."
        )


def _start(installation: Installation, parts: Parts, supervisor: Supervisor, wish: Wish) -> None:
    if installation.database_url is None:
        supervisor.start([parts.postgres()])
        _until(supervisor.all_ready, supervisor, wish)
    _prepare(parts, supervisor, wish)
    supervisor.start(parts.after_the_database())
    _until(supervisor.all_ready, supervisor, wish)


def _until(reached: Callable[[], bool], supervisor: Supervisor, wish: Wish) -> None:
    while not reached():
        if wish.stop:
            raise Stopped
        supervisor.look()
        failing = supervisor.failing()
        if failing is not None:
            raise ProgramError(
                f"{failing.part.name} does not start, so Madoguchi stops again: {failing.why}. "
                f"What it said is in {failing.part.log}."
            )
        time.sleep(0.03)


def _prepare(parts: Parts, supervisor: Supervisor, wish: Wish) -> None:
    """Run `madoguchi prepare` beside the watching: a process of its own, so that we stay small and quick."""
    with (parts.installation.logs / "prepare.log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "madoguchi", "prepare"],
            env=parts.environment,
            cwd="/",
            stdout=None,
            stderr=log,
            start_new_session=True,
        )
    try:
        _until(lambda: running.poll() is not None, supervisor, wish)
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait(10)
    if running.returncode != 0:
        said = (parts.installation.logs / "prepare.log").read_text(errors="replace").strip().splitlines()
        why = said[-1].removeprefix("madoguchi: ") if said else "no reason given"
        raise ProgramError(f"The database could not be prepared: {why}")


def _welcome(installation: Installation, tell: Tell) -> None:
    tell("madoguchi", f"ready: {installation.address}")
    for role, name, password in _log_ins(installation):
        tell("madoguchi", f"log in as {name} with {password} ({role})")


def _log_ins(installation: Installation) -> list[tuple[str, str, str]]:
    """Role, name and password of the demonstration's people; none once the centre is open to the network."""
    file = installation.home / "keys" / "demonstration.json"
    if installation.public or not file.exists():
        return []
    return [(role, name, password) for role, name, password in json.loads(file.read_text())]


@contextlib.contextmanager
def alone(installation: Installation) -> Iterator[None]:
    """Hold the data folder for the block. Raises RunsAlready while somebody else runs from it."""
    installation.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = installation.run / "up.lock"
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise RunsAlready(
                f"Madoguchi already runs from {installation.home} "
                f"(process {lock.read().strip() or 'unknown'})."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield

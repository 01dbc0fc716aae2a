"""One process of ours: started in a group of its own, found again by number and birth, ended for certain."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Process:
    """A running process: its number, and when it was born (a number alone is given to others later)."""

    pid: int
    born: str
    child: "subprocess.Popen[bytes] | None" = None
    """Set when it is our own child, whose end must be collected."""

    def alive(self) -> bool:
        """True while it runs; collects the end of our own child."""
        if self.child is not None:
            return self.child.poll() is None
        return birth(self.pid) == self.born

    def ending(self) -> str:
        """How it ended, in words."""
        code = None if self.child is None else self.child.poll()
        if code is None:
            return "ended"
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return "ended by itself" if code == 0 else f"ended with exit {code}"

    def signal(self, sign: signal.Signals, whole_group: bool = False) -> None:
        """Send a signal; nothing happens when it is gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.alive():
                (os.killpg if whole_group else os.kill)(self.pid, sign)

    def remember(self, file: Path, settings: str = "") -> None:
        """Write down who it is, and with which settings, so that a successor of ours finds it again."""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(f"{self.pid} {self.born} {settings}\n")


def start(command: list[str], environment: Mapping[str, str], log: Path, dies_with_us: bool) -> Process:
    """Start `command` in its own session, its words going to `log`.

    With `dies_with_us` the kernel ends it when we die, however we die; without it, it lives on.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as stream:
        child = subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            umask=0o077,
            # Runs between fork and exec; safe here since this program has one thread.
            preexec_fn=_bound_to(os.getpid()) if dies_with_us else None,
        )
    return Process(child.pid, birth(child.pid) or "", child)


def adopt(pid: int) -> Process | None:
    """The running process of that number, or None."""
    born = birth(pid)
    return None if born is None else Process(pid, born)


def recall(file: Path) -> Process | None:
    """The process written down in `file`, when exactly that one still runs."""
    try:
        pid, born = file.read_text().split()[:2]
    except (FileNotFoundError, ValueError):
        return None
    return Process(int(pid), born) if birth(int(pid)) == born else None


def settings_of(file: Path) -> str:
    """The settings written down beside the process in `file`."""
    return (file.read_text().split() + ["", "", ""])[2]


def birth(pid: int) -> str | None:
    """When the process began, in ticks since the machine's start; None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def age_s(pid: int) -> float:
    """Seconds since the process began; 0 when it is gone."""
    born = birth(pid)
    if born is None:
        return 0.0
    up_s = float(Path("/proc/uptime").read_text().split()[0])
    return up_s - int(born) / os.sysconf("SC_CLK_TCK")


def stop(process: Process, sign: signal.Signals, within_s: float) -> bool:
    """End a process and its group: ask, wait, insist. True when asking was enough."""
    process.signal(sign)
    if wait_for(lambda: not process.alive(), within_s):
        return True
    process.signal(signal.SIGKILL, whole_group=True)
    wait_for(lambda: not process.alive(), 2.0)
    return False


def wait_for(condition: Callable[[], bool], within_s: float) -> bool:
    """True as soon as `condition` holds, False when it did not within the time."""
    until = time.monotonic() + within_s
    while not condition():
        if time.monotonic() >= until:
            return False
        time.sleep(0.03)
    return True


def _bound_to(parent: int) -> Callable[[], None]:
    def bind() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        # The parent may have died before the line above: then nobody would ever send the signal.
        if os.getppid() != parent:
            os._exit(1)

    return bind

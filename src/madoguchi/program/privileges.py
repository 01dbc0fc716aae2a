"""Root only prepares; everything that runs, runs as the system user `madoguchi`."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from madoguchi.config import installation
from madoguchi.program import account
from madoguchi.program.errors import ProgramError


def leave_root() -> None:
    """As root: become the system user, for good, by starting this program anew; else do nothing.

    The data folder is made for that user, mode 0700. Raises ProgramError when that user cannot read us.
    """
    if os.geteuid() == 0:
        runs_as, home = _prepared()
        _become(runs_as, _command(sys.argv[1:]), _environment(home))


def delegate(
    arguments: Sequence[str],
    *,
    stdin: IO[bytes] | int | None = None,
    stdout: IO[bytes] | int | None = None,
    keep: Sequence[int] = (),
) -> bool:
    """As root: run `madoguchi ARGUMENTS` as the system user, on files that only root may open.

    Returns False, having done nothing, when we are not root. Its failure ends this program too.
    `keep` are descriptors that it holds open as well.
    """
    if os.geteuid() != 0:
        return False
    runs_as, home = _prepared()
    ran = subprocess.run(
        _command(arguments),
        check=False,
        stdin=stdin,
        stdout=stdout,
        pass_fds=keep,
        cwd="/",
        env=_environment(home),
        **runs_as.identity,
    )
    if ran.returncode != 0:
        raise SystemExit(ran.returncode)
    return True


def _prepared() -> tuple[account.Account, Path]:
    runs_as = account.of_servers()
    home = installation.home_of(os.environ)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    runs_as.own(home)
    if not runs_as.can_enter(home):
        raise ProgramError(
            f"The user {runs_as.name} cannot reach {home}. "
            "Set MADOGUCHI_HOME to a folder outside root's home."
        )
    if not runs_as.can_run([sys.executable, "-c", "import madoguchi.program.main"]):
        raise ProgramError(
            f"The user {runs_as.name} cannot read this program ({sys.prefix}). "
            "Start it with bin/run, which makes a copy for that user."
        )
    return runs_as, home


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "madoguchi", *arguments]


def _become(runs_as: account.Account, command: list[str], environment: dict[str, str]) -> None:
    os.umask(0o077)
    os.setgroups([])
    os.setgid(runs_as.gid)
    os.setuid(runs_as.uid)
    os.chdir("/")
    os.execve(command[0], command, environment)  # noqa: S606 - ourselves, with fewer rights


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "SUDO_"))}
    cache = os.environ.get("MADOGUCHI_ASTERISK_CACHE", "/var/cache/madoguchi/asterisk")
    return kept | {
        "HOME": str(home),
        "USER": account.NAME,
        "LOGNAME": account.NAME,
        "MADOGUCHI_HOME": str(home),
        "MADOGUCHI_ASTERISK_CACHE": cache,
    }

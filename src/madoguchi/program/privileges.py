"""Root only prepares; everything that runs, runs as the system user `madoguchi`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from madoguchi.config import installation
from madoguchi.program import account
from madoguchi.program.errors import ProgramError


def leave_root(arguments: Sequence[str] | None = None) -> None:
    """As root: become the system user, for good, by starting this program anew; else do nothing.

    The data folder is made for that user, mode 0700. Raises ProgramError when that user cannot read us.
    """
    if os.geteuid() != 0:
        return
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
    command = [sys.executable, "-m", "madoguchi", *(sys.argv[1:] if arguments is None else arguments)]
    _become(runs_as, command, _environment(home))


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

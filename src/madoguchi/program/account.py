"""The operating system's user as whom the servers run: never root, never `nobody`."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from madoguchi.program.errors import ProgramError

NAME = "madoguchi"


class PopenIdentity(TypedDict, total=False):
    """The arguments of `subprocess` that change who the child is."""

    user: int
    group: int
    extra_groups: list[int]
    umask: int


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system, by number."""

    name: str
    uid: int
    gid: int

    @property
    def identity(self) -> PopenIdentity:
        """Arguments for `subprocess` that make the child this user; none when we are this user already."""
        if os.geteuid() == self.uid:
            return {"umask": 0o077}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}

    def can_enter(self, folder: Path) -> bool:
        """True when this user may walk down to `folder`: every parent must let others through."""
        answer = subprocess.run(["/usr/bin/test", "-x", folder], check=False, **self.identity)
        return answer.returncode == 0

    def can_run(self, program: list[str | Path]) -> bool:
        """True when this user can really start `program` (found, readable, its libraries too)."""
        try:
            ran = subprocess.run(program, check=False, capture_output=True, cwd="/", **self.identity)
        except PermissionError:
            return False
        return ran.returncode == 0

    def own(self, folder: Path) -> None:
        """Give `folder` and what is in it to this user, when it is not theirs."""
        if os.geteuid() != 0 or folder.stat().st_uid == self.uid:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def of_servers() -> Account:
    """The user as whom servers run: ourselves, or for root the system user `madoguchi`, made when missing."""
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Account(me.pw_name, me.pw_uid, me.pw_gid)
    known = _look_up()
    if known is None:
        _create()
        known = _look_up()
    if known is None:
        raise ProgramError(f"The system user {NAME} could not be made. Make it with: useradd --system {NAME}")
    return known


def _look_up() -> Account | None:
    try:
        found = pwd.getpwnam(NAME)
    except KeyError:
        return None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def _create() -> None:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise ProgramError("useradd is missing. Install it with: apt-get install passwd")
    # --no-create-home: the data folder is made by us, with its own mode.
    subprocess.run(
        [useradd, "--system", "--user-group", "--no-create-home"]
        + ["--home-dir", "/var/lib/madoguchi", "--shell", "/usr/sbin/nologin", NAME],
        check=False,
        capture_output=True,
    )

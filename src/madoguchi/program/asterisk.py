"""The Asterisk in use: a private copy out of Debian's newer suites, or one from version 20 on the PATH.

The private copy runs through its own dynamic loader with its own libraries, so that no package of the
system is changed and no root is needed. How it gets here is told in `asterisk_install`.
"""

import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from madoguchi.program.errors import ProgramError

OLDEST = 20
# Debian's name of the library folder and of the loader, by machine.
ARCHITECTURES = {
    "x86_64": ("x86_64-linux-gnu", "usr/lib64/ld-linux-x86-64.so.2"),
    "aarch64": ("aarch64-linux-gnu", "usr/lib/ld-linux-aarch64.so.1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asterisk:
    """An Asterisk that was found to start."""

    version: str
    program: tuple[str, ...]
    """The command line up to Asterisk's own options."""
    modules: Path
    """`astmoddir`."""
    data: Path
    """Holds `documentation/`, `rest-api/`, `sounds/` and `moh/`."""

    def server(self, configuration: Path) -> list[str]:
        """Command line of the foreground server; SIGTERM ends it cleanly."""
        return [*self.program, "-C", str(configuration / "asterisk.conf"), "-f"]

    def console(self, configuration: Path, words: str) -> list[str]:
        """Command line that says `words` to the running server's console."""
        return [*self.program, "-C", str(configuration / "asterisk.conf"), "-rx", words]


def find(prefix: Path) -> Asterisk | None:
    """The Asterisk to use: the private copy at `prefix`, else the PATH's when it is new enough, else None."""
    return at(prefix) or _on_path()


def required(prefix: Path) -> Asterisk:
    """The Asterisk to use; raises ProgramError with the way to get one when there is none."""
    found = find(prefix)
    if found is None:
        raise ProgramError("No Asterisk is installed for Madoguchi. Get it with: madoguchi asterisk install")
    return found


def at(prefix: Path) -> Asterisk | None:
    """The private copy below `prefix`, when it is complete and starts."""
    if not (prefix / "root" / "usr" / "sbin" / "asterisk").exists():
        return None
    root = prefix.resolve() / "root"
    libraries, loader = _architecture()
    # The private libraries go after the loader's own option: LD_LIBRARY_PATH would reach Asterisk's children.
    program = (
        str(root / loader),
        "--argv0",
        "asterisk",
        "--library-path",
        f"{root / 'usr/lib' / libraries}:{root / 'usr/lib'}",
        str(root / "usr" / "sbin" / "asterisk"),
    )
    version = _version(program)
    if version is None:
        return None
    return Asterisk(
        version=version,
        program=program,
        modules=root / "usr" / "lib" / libraries / "asterisk" / "modules",
        data=root / "usr" / "share" / "asterisk",
    )


def _on_path() -> Asterisk | None:
    program = shutil.which("asterisk", path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin")
    version = _version((program,)) if program else None
    if program is None or version is None or int(version.split(".")[0]) < OLDEST:
        return None
    libraries, _ = _architecture()
    modules = _first(
        f"/usr/lib/{libraries}/asterisk/modules",
        "/usr/lib/asterisk/modules",
        "/usr/local/lib/asterisk/modules",
    )
    data = _first("/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk")
    if modules is None or data is None:
        return None
    return Asterisk(version=version, program=(program,), modules=modules, data=data)


def _first(*folders: str) -> Path | None:
    return next((Path(folder) for folder in folders if Path(folder).exists()), None)


def _architecture() -> tuple[str, str]:
    try:
        return ARCHITECTURES[platform.machine()]
    except KeyError as error:
        raise ProgramError(
            f"Asterisk cannot be fetched for {platform.machine()} machines; x86_64 and aarch64 are known."
        ) from error


def _version(program: tuple[str, ...]) -> str | None:
    try:
        said = subprocess.run([*program, "-V"], check=False, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"Asterisk (\d+(?:\.\d+)+)", said.stdout)
    return found[1] if said.returncode == 0 and found else None

"""Fetches Asterisk out of a newer Debian suite into a folder of its own, with apt's own tools and checks.

apt runs on a state of its own (an empty package list), so it fetches everything Asterisk needs, checks the
signatures, and touches nothing of the system. What was unpacked is started (`asterisk -V`) before the link
`current` is moved to it, so a failed fetch never takes away the version that works.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from madoguchi.program import asterisk
from madoguchi.program.errors import ProgramError

# forky is preferred: a package only comes there when it can be installed; it becomes a stable release.
SUITES = ("forky", "sid")
PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LEFT_OUT = ("doc", "man", "locale", "perl*", "info", "lintian", "bug")
SOURCES = "/etc/apt/sources.list.d/debian.sources"
LONGEST_STALE_DAYS = 60
Say = Callable[[str], None]


def install(cache: Path, say: Say) -> asterisk.Asterisk:
    """Bring the newest Asterisk of the first suite that has one into `cache` and make it the one in use.

    Returns at once with the one in use when another process has just brought it.
    """
    if shutil.which("apt-get") is None:
        raise ProgramError(
            "Asterisk is fetched by apt-get, which is missing here; install Asterisk 20 or later."
        )
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    began = time.time()
    with _alone(cache):
        current = cache / "current"
        if current.is_symlink() and current.lstat().st_mtime >= began - 1:
            return asterisk.required(current)
        mirror = _mirror()
        failures = []
        for suite in SUITES:
            try:
                return _install_from(suite, mirror, cache, say)
            except ProgramError as error:
                failures.append(f"{suite}: {error}")
    raise ProgramError("Asterisk could not be fetched. " + " ".join(failures))


def ensure(cache: Path, say: Say) -> asterisk.Asterisk:
    """The Asterisk in use, fetched first when there is none; waits when another process is fetching it."""
    found = asterisk.find(cache / "current")
    if found is not None:
        return found
    if cache.exists():
        with _alone(cache):
            found = asterisk.find(cache / "current")
    return found or install(cache, say)


def _install_from(suite: str, mirror: str, cache: Path, say: Say) -> asterisk.Asterisk:
    work = cache / ".work"
    shutil.rmtree(work, ignore_errors=True)
    try:
        say(f"asking Debian's {suite} for Asterisk")
        apt = _Apt.prepared(work, mirror, suite)
        apt.update(say)
        apt.fetch(say)
        debs = sorted(apt.archives.glob("*.deb"))
        version = _package_version(debs)
        target = cache / f"{version}-{suite}"
        if asterisk.at(target) is None:
            say(f"unpacking Asterisk {version} ({len(debs)} packages)")
            _unpack(debs, work / "prefix" / "root")
            shutil.rmtree(target, ignore_errors=True)
            (work / "prefix").rename(target)
        found = asterisk.at(target)
        if found is None:
            raise ProgramError(f"the Asterisk {version} that was unpacked does not start.")
        _switch(cache / "current", target)
        _forget_older(cache, target)
        say(f"Asterisk {found.version} is ready")
        return found
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Apt:
    """apt-get on a private state folder."""

    folder: Path

    @classmethod
    def prepared(cls, folder: Path, mirror: str, suite: str) -> "_Apt":
        for part in (
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
            "var/lib/apt/lists/partial",
            "var/cache/apt/archives/partial",
            "var/lib/dpkg",
        ):
            (folder / "apt" / part).mkdir(parents=True)
        # An empty list of installed packages: so everything that Asterisk needs is fetched.
        (folder / "apt/var/lib/dpkg/status").touch()
        (folder / "apt/etc/apt/sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
        (folder / "apt.conf").write_text(
            f'Dir "{folder}/apt";\nDir::State::status "{folder}/apt/var/lib/dpkg/status";\n'
            'Dir::Etc::parts "/etc/apt/apt.conf.d";\nAcquire::Languages "none";\n'
            'Acquire::Retries "2";\nAPT::Install-Recommends "false";\nAPT::Sandbox::User "root";\n'
            # Without it a mirror that cannot be reached is a mere warning, and the lists stay empty.
            'APT::Update::Error-Mode "any";\n'
        )
        return cls(folder)

    @property
    def archives(self) -> Path:
        return self.folder / "apt/var/cache/apt/archives"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C.UTF-8"}

    def run(self, *words: str) -> str:
        """Run apt-get; raises ProgramError with its last complaint."""
        ran = subprocess.run(
            ["apt-get", *words], check=False, capture_output=True, text=True, env=self.environment
        )
        if ran.returncode != 0:
            complaints = [line for line in ran.stderr.splitlines() if line.startswith(("E:", "W:"))]
            # The summary of all complaints comes last and says least.
            raise ProgramError((complaints or ["apt-get failed without a word"])[0])
        return ran.stdout

    def update(self, say: Say) -> None:
        """Fetch the suite's lists; a mirror that stands still for some weeks is taken, and said so.

        The lists of rolling suites expire after a week, and mirrors do get stuck. Their signature is checked
        all the same, so the worst that an old list brings is an Asterisk that is as old.
        """
        try:
            self.run("-qq", "update")
        except ProgramError as error:
            stale = re.search(r"is expired \(invalid since (?:(\d+)d)?", str(error))
            days = int(stale[1] or 0) if stale else LONGEST_STALE_DAYS + 1
            if days > LONGEST_STALE_DAYS:
                raise
            say(f"the mirror has stood still for {days} days; taking what it has")
            self.run("-qq", "-o", "Acquire::Check-Valid-Until=false", "update")

    def fetch(self, say: Say) -> None:
        """Fetch the packages and all they need, telling every few seconds how far it is."""
        lines = self.run("-qq", "-y", "--print-uris", "install", *PACKAGES).splitlines()
        whole = sum(int(line.split()[2]) for line in lines if line.startswith("'"))
        fetching = subprocess.Popen(
            ["apt-get", "-qq", "-y", "--download-only", "install", *PACKAGES],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        while True:
            try:
                _, complaints = fetching.communicate(timeout=3)
                break
            except subprocess.TimeoutExpired:
                say(f"fetching Asterisk: {self._fetched() >> 20} of {whole >> 20} MB")
        if fetching.returncode != 0:
            raise ProgramError((complaints.strip().splitlines() or ["the download failed"])[-1])

    def _fetched(self) -> int:
        sizes = 0
        for file in (*self.archives.glob("*.deb"), *self.archives.glob("partial/*")):
            with contextlib.suppress(FileNotFoundError):  # moved out of partial/ between the two looks
                sizes += file.stat().st_size
        return sizes


def _mirror() -> str:
    """The Debian mirror that this machine's own package sources name.

    Its label tells it where the lists are there; before the first update the sources alone must do.
    Raises ProgramError when there is none: which host to trust is the operator's choice, never ours.
    """
    for address, *marks in _sources("$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(COMPONENT)"):
        if marks == ["Debian", "Debian", "main"]:
            return address
    releases = {platform_codename(), "stable", "testing", "unstable", *SUITES}
    for address, release, component in _sources("$(REPO_URI)|$(RELEASE)|$(COMPONENT)", "--no-release-info"):
        if address.endswith("/debian") and release in releases and component == "main":
            return address
    raise ProgramError(
        "This machine names no Debian package source, so there is nowhere to fetch Asterisk from. "
        f"Write the mirror you use into {SOURCES}, in four lines: “Types: deb”, "
        "“URIs: ” and the mirror's address ending in /debian, "
        f"“Suites: {platform_codename() or SUITES[0]}”, “Components: main”; then start again. "
        "Or install Asterisk 20 or later yourself."
    )


def _sources(fields: str, *options: str) -> Iterator[list[str]]:
    """Every package list of this machine's sources, as its `fields`; the first is an address."""
    listed = subprocess.run(
        ["apt-get", "indextargets", *options, "--format", fields, "Created-By: Packages"],
        check=False,
        capture_output=True,
        text=True,
    )
    for line in listed.stdout.splitlines():
        address, *others = line.split("|")
        yield [address.rstrip("/"), *others]


def platform_codename() -> str:
    """The running Debian's name (`bookworm`), empty elsewhere."""
    with contextlib.suppress(OSError):
        for line in Path("/etc/os-release").read_text().splitlines():
            if line.startswith("VERSION_CODENAME="):
                return line.partition("=")[2].strip('"')
    return ""


def _package_version(debs: list[Path]) -> str:
    for deb in debs:
        if deb.name.startswith("asterisk_"):
            asked = subprocess.run(
                ["dpkg-deb", "-f", deb, "Version"], check=True, capture_output=True, text=True
            )
            # 1:22.10.1~dfsg+~cs6.15.60671435-1 → 22.10.1
            number = re.search(r"\d+(?:\.\d+)+", asked.stdout)
            return number[0] if number else asked.stdout.strip()
    raise ProgramError("the suite holds no package called asterisk.")


def _unpack(debs: list[Path], root: Path) -> None:
    root.mkdir(parents=True)
    left_out = [f"--exclude=./usr/share/{name}" for name in LEFT_OUT] + ["--exclude=./usr/lib/*/perl*"]
    for deb in debs:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as opened:
            unpacked = subprocess.run(
                ["tar", "-x", "-C", root, "--no-same-owner", "--no-same-permissions", *left_out],
                check=False,
                stdin=opened.stdout,
                capture_output=True,
                text=True,
            )
        if opened.returncode or unpacked.returncode:
            last = (unpacked.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ProgramError(f"{deb.name} could not be unpacked: {last}")
    # Other users of this machine run it too, and some folders come closed.
    subprocess.run(["chmod", "-R", "a+rX,u+w", root.parent], check=True)
    # Debian makes this link when it installs the package, which never happens here.
    sounds = root / "usr/share/asterisk/sounds"
    if (sounds / "en_US_f_Allison").exists() and not (sounds / "en").exists():
        (sounds / "en").symlink_to("en_US_f_Allison")


def _forget_older(cache: Path, kept: Path) -> None:
    """Keep the version in use and the one before it, which may still be running."""
    versions = [folder for folder in cache.iterdir() if folder.is_dir() and not folder.is_symlink()]
    older = [folder for folder in versions if folder != kept and not folder.name.startswith(".")]
    for folder in sorted(older, key=lambda folder: folder.stat().st_mtime)[:-1]:
        shutil.rmtree(folder, ignore_errors=True)


def _switch(link: Path, target: Path) -> None:
    draft = link.with_name(".current.new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target.name)
    draft.replace(link)


@contextlib.contextmanager
def _alone(cache: Path) -> Iterator[None]:
    lock = os.open(cache, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)

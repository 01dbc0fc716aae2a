"""The private Asterisk: found when it is whole, switched at once, fetched from a mirror that stands still."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.program import asterisk, asterisk_install
from madoguchi.program.errors import ProgramError

pytestmark = pytest.mark.live

STALE = (
    "E: Release file for http://mirror.example/debian/dists/forky/InRelease is expired "
    "(invalid since {}). Updates …"
)


class Apt(asterisk_install._Apt):
    """apt-get as a mirror's state makes it answer."""

    complaint: str
    ran: list[tuple[str, ...]]

    def run(self, *words: str) -> str:
        self.ran.append(words)
        if self.complaint and not any("Check-Valid-Until" in word for word in words):
            raise ProgramError(self.complaint)
        return ""


def _apt(complaint: str) -> Apt:
    apt = object.__new__(Apt)
    object.__setattr__(apt, "complaint", complaint)
    object.__setattr__(apt, "ran", [])
    return apt


def test_a_mirror_that_stands_still_for_weeks_is_taken_and_said_so() -> None:
    said: list[str] = []
    apt = _apt(STALE.format("15d 13h 26min 6s"))
    apt.update(said.append)
    assert said == ["the mirror has stood still for 15 days; taking what it has"]
    assert apt.ran[-1] == ("-qq", "-o", "Acquire::Check-Valid-Until=false", "update")


@pytest.mark.parametrize(
    "complaint",
    [STALE.format("400d 1h"), "E: The repository is not signed.", "E: Could not resolve 'mirror.example'"],
)
def test_any_other_complaint_of_the_mirror_stops_the_fetching(complaint: str) -> None:
    apt = _apt(complaint)
    with pytest.raises(ProgramError):
        apt.update(lambda _text: None)
    assert len(apt.ran) == 1


def test_the_link_moves_only_to_what_starts_and_older_versions_go(tmp_path: Path) -> None:
    for number, version in enumerate(("22.8.0-forky", "22.9.0-forky", "22.10.1-forky")):
        (tmp_path / version).mkdir()
        subprocess.run(["touch", "-d", f"2026-0{number + 1}-01", tmp_path / version], check=True)
        asterisk_install._switch(tmp_path / "current", tmp_path / version)
    asterisk_install._forget_older(tmp_path, tmp_path / "22.10.1-forky")
    assert (tmp_path / "current").resolve().name == "22.10.1-forky"
    assert sorted(folder.name for folder in tmp_path.iterdir()) == [
        "22.10.1-forky",
        "22.9.0-forky",
        "current",
    ]


def test_half_a_copy_is_no_asterisk(tmp_path: Path) -> None:
    assert asterisk.at(tmp_path) is None
    program = tmp_path / "root" / "usr" / "sbin" / "asterisk"
    program.parent.mkdir(parents=True)
    program.write_text("not a program")
    assert asterisk.at(tmp_path) is None


def test_what_fails_to_be_fetched_leaves_the_one_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "22.9.0-forky").mkdir()
    asterisk_install._switch(tmp_path / "current", tmp_path / "22.9.0-forky")
    subprocess.run(["touch", "-h", "-d", "2026-01-01", tmp_path / "current"], check=True)

    def fail(self: object, *words: str) -> str:
        raise ProgramError("E: Could not resolve 'mirror.example'")

    monkeypatch.setattr(asterisk_install, "_mirror", lambda: "http://mirror.example/debian")
    monkeypatch.setattr(asterisk_install._Apt, "run", fail)
    with pytest.raises(ProgramError, match=r"could not be fetched\. forky: .+ sid: .+resolve"):
        asterisk_install.install(tmp_path, lambda _text: None)
    assert (tmp_path / "current").resolve().name == "22.9.0-forky"
    assert not (tmp_path / ".work").exists()


DEB822 = "Types: deb\nURIs: {}\nSuites: {}\nComponents: main\n\n"


def _machine_with(sources: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """apt as on a machine that has only these package sources and has not fetched their lists yet."""
    for name in ("sources.list.d", "lists/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "sources.list.d" / "debian.sources").write_text(sources)
    configuration = folder / "apt.conf"
    configuration.write_text(
        f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{folder / "sources.list.d"}";\n'
        f'Dir::State::lists "{folder / "lists"}";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(configuration))


@pytest.mark.parametrize("suite", ["stable", asterisk_install.platform_codename() or "forky"])
def test_the_mirror_is_the_one_that_the_machine_uses(
    suite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = DEB822.format("http://other.example/tools", "stable")
    others += DEB822.format("http://mirror.example/debian-security", f"{suite}-security")
    _machine_with(others + DEB822.format("http://mirror.example/debian", suite), tmp_path, monkeypatch)
    assert asterisk_install._mirror() == "http://mirror.example/debian"


@pytest.mark.parametrize("sources", ["", DEB822.format("http://other.example/tools", "stable")])
def test_a_machine_that_names_no_mirror_is_told_what_to_write_where(
    sources: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _machine_with(sources, tmp_path, monkeypatch)
    with pytest.raises(ProgramError, match="names no Debian package source") as caught:
        asterisk_install.install(tmp_path / "cache", lambda _text: None)
    assert "/etc/apt/sources.list.d/debian.sources" in str(caught.value)
    assert "http" not in str(caught.value)


@pytest.mark.skipif(
    asterisk.find(settings.INSTALLATION.asterisk_prefix) is None, reason="no Asterisk on this machine"
)
def test_the_installed_one_has_what_we_need() -> None:
    found = asterisk.required(settings.INSTALLATION.asterisk_prefix)
    assert int(found.version.split(".")[0]) >= asterisk.OLDEST
    assert (found.data / "documentation").is_dir()
    assert (found.data / "sounds" / "en").is_dir()
    needed = (
        "chan_pjsip",
        "res_ari_channels",
        "res_stasis_snoop",
        "codec_opus_open_source",
        "chan_websocket",
    )
    assert [name for name in needed if not (found.modules / f"{name}.so").exists()] == []

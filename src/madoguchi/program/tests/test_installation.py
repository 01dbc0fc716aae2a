"""Settings: environment before file before default; wrong ones are refused in plain words."""

import json
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from madoguchi.config import installation, secrets
from madoguchi.config.installation import InstallationError
from madoguchi.program.tests.data_folder import data_folder

pytestmark = pytest.mark.pure


@pytest.fixture
def folder() -> Iterator[Path]:
    with data_folder() as own:
        yield own


def _load(home: Path, file: str = "", **environment: str) -> installation.Installation:
    home.mkdir(exist_ok=True)
    if file:
        (home / "madoguchi.toml").write_text(file)
    return installation.load({"MADOGUCHI_HOME": str(home), **environment})


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(folder: Path) -> None:
    here = _load(folder / "home", "http_port = 9000\nsip_port = 5060\n", MADOGUCHI_HTTP_PORT="9100")
    assert (here.http_port, here.sip_port, here.rtp_start) == (9100, 5060, 20000)
    assert here.address == "http://localhost:9100/"


def test_secrets_are_made_once_and_for_their_owner_only(folder: Path) -> None:
    first, second = _load(folder / "home"), _load(folder / "home")
    assert first.secrets == second.secrets
    file = folder / "home" / "keys" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first.secrets.django_key not in repr(first)
    assert first.secrets != _load(folder / "other").secrets


def test_a_secret_of_an_older_version_stays_and_the_file_is_not_written_anew(folder: Path) -> None:
    file = folder / "secrets.json"
    made = secrets.load(file)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"of_an_older_version": "x"}))
    written = file.stat()
    assert secrets.load(file) == made
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (written.st_ino, written.st_mtime_ns)


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can give files away.")
def test_a_secret_that_root_adds_can_be_read_by_the_owner_of_the_folder(folder: Path) -> None:
    file = folder / "keys" / "secrets.json"
    secrets.load(file)
    known = json.loads(file.read_text())
    file.write_text(json.dumps({name: word for name, word in known.items() if name != "gate_key"}))
    os.chown(file.parent, 12_345, 12_346)
    secrets.load(file)
    assert (file.stat().st_uid, file.stat().st_gid) == (12_345, 12_346)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_the_secrets(folder: Path) -> None:
    file = folder / "keys" / "secrets.json"
    with ThreadPoolExecutor(8) as pool:
        assert len({found.django_key for found in pool.map(lambda _: secrets.load(file), range(16))}) == 1


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"MADOGUCHI_HTTP_PORT": "eighty"}, "http_port must be a whole number"),
        ({"MADOGUCHI_HTTP_PORT": "99999"}, "http_port must be a port"),
        ({"MADOGUCHI_ASTERISK_HTTP_PORT": "8000"}, "must differ"),
        ({"MADOGUCHI_DEMO": "perhaps"}, "demo must be yes or no"),
        ({"MADOGUCHI_TIME_ZONE": "Asia/Nowhere"}, "names no zone"),
        ({"MADOGUCHI_RTP_START": "20000", "MADOGUCHI_RTP_END": "20010"}, "at least 20 ports"),
        ({"MADOGUCHI_TLS_KEY": "/key.pem"}, "go together"),
        ({"MADOGUCHI_BIND": "0.0.0.0"}, "set public = true"),
        ({"MADOGUCHI_PUBLIC": "yes"}, "demands TLS"),
    ],
)
def test_a_wrong_setting_is_named(folder: Path, environment: dict[str, str], complaint: str) -> None:
    with pytest.raises(InstallationError, match=complaint):
        _load(folder / "home", **environment)


@pytest.mark.parametrize(
    ("file", "complaint"),
    [("http_prot = 80", "do not know: http_prot"), ("http_port =", "not readable as TOML")],
)
def test_a_wrong_file_is_named(folder: Path, file: str, complaint: str) -> None:
    with pytest.raises(InstallationError, match=complaint):
        _load(folder / "home", file)


def test_a_data_folder_too_deep_for_its_sockets_is_refused(folder: Path) -> None:
    with pytest.raises(InstallationError, match="is too long for the sockets"):
        _load(folder / ("long" * 30))


def test_public_behind_a_proxy_is_served_by_its_name(folder: Path) -> None:
    here = _load(
        folder / "home", 'public = true\nbehind_proxy = true\npublic_address = "madoguchi.example.jp"\n'
    )
    assert here.address == "https://madoguchi.example.jp/"
    assert here.secure

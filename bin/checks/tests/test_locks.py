"""The check of lock files passes hashes and comments, and finds every way to name a registry."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

CHECK = Path(__file__).resolve().parents[1] / "locks.py"
HASH = f"--hash=sha256:{'0' * 64}"
GOOD = f"""# Written by a resolver, see https://example.org
aiohttp==3.14.5 \\
    {HASH} \\
    {HASH}
    # via -r somewhere.in
tzdata==2026.1 ; sys_platform == 'win32' \\
    {HASH}
"""


def said(folder: Path, lock: str, package_lock: str = "") -> tuple[int, list[str]]:
    """The exit code and the lines of the check, for a checkout with these locks."""
    (folder / "requirements").mkdir()
    (folder / "requirements" / "run.txt").write_text(lock)
    if package_lock:
        (folder / "package-lock.json").write_text(package_lock)
    ran = subprocess.run(
        [sys.executable, str(CHECK)], cwd=folder, capture_output=True, text=True, check=False, timeout=30
    )
    assert ran.stderr == ""
    return ran.returncode, ran.stdout.splitlines()


def test_hashes_and_comments_pass(tmp_path: Path) -> None:
    assert said(tmp_path, GOOD, '{"packages": {"lit": {"integrity": "sha512-x"}}}') == (0, [])


@pytest.mark.parametrize(
    "line",
    [
        "-i somewhere",
        "--index=somewhere",
        "--extra-index=somewhere",
        "--find-links somewhere",
        "  -f somewhere",
        f"lit==1 --config-settings x {HASH}",
        f"lit @ http://example.org/lit.whl {HASH}",
        f"lit @ git+ssh://example.org/lit {HASH}",
        f"lit @ file:///lit {HASH}",
    ],
)
def test_an_address_or_an_option_is_found(tmp_path: Path, line: str) -> None:
    code, found = said(tmp_path, f"{GOOD}{line}\n")
    assert code == 1
    assert found == [f"requirements/run.txt: holds an address or an option: {line.strip()[:80]}"]


def test_a_package_without_a_hash_is_found(tmp_path: Path) -> None:
    assert said(tmp_path, f"{GOOD}lit==1\n") == (1, ["requirements/run.txt: has no hash: lit==1"])


def test_where_a_browser_package_came_from_is_found(tmp_path: Path) -> None:
    came = '"resolved": "somewhere/lit.tgz"'
    assert said(tmp_path, GOOD, f'{{"lit": {{{came}}}}}') == (1, [f"package-lock.json: {came}"])

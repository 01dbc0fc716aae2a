"""The examples for systemd and nginx are taken by systemd and nginx, and pass on what the gate needs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

TOP = Path(__file__).resolve().parents[2]


def example(page: str, language: str) -> str:
    found = re.search(
        rf"^```{language}\n(.*?)^```", (TOP / "docs" / page).read_text(), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_has_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "madoguchi.service"
    unit.write_text(example("operations/running.md", "ini").replace("/srv/madoguchi", str(TOP)))
    ran = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, timeout=30
    )
    said = [line for line in ran.stderr.splitlines() if "madoguchi.service" in line]
    assert (said, ran.returncode) == ([], 0)


def test_the_proxy_passes_on_the_whole_host_and_the_upgrade() -> None:
    """Without the port in Host, forms and telephone are refused on any port but 443 (tried: nginx 1.22)."""
    told = dict(re.findall(r"proxy_set_header (\S+) (\S+);", example("operations/tls.md", "nginx")))
    assert told["Host"] == "$http_host"
    assert told["Upgrade"] == "$http_upgrade"
    assert told["X-Forwarded-Proto"] == "https"
    assert told["X-Forwarded-For"] == "$remote_addr"


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here")
def test_nginx_takes_the_example(tmp_path: Path) -> None:
    block = example("operations/tls.md", "nginx")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    server = f"server {{ listen 127.0.0.1:24499;\n{block}}}"
    text = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; {folders} {server} }}\n"
    (tmp_path / "nginx.conf").write_text(text)
    command = ["nginx", "-t", "-q", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert ran.returncode == 0, ran.stderr

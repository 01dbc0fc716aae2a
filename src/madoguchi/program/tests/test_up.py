"""`madoguchi up` for real: everything starts, outlives kill -9 of anything, and stops without a trace."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.program import asterisk, process
from madoguchi.program.tests.data_folder import data_folder

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        asterisk.find(settings.INSTALLATION.asterisk_prefix) is None,
        reason="no Asterisk here; get it with: madoguchi asterisk install",
    ),
]

# As root the real command becomes the system user, who cannot read a checkout below root's home.
UP = (
    "import time\nfrom madoguchi.config import installation\nfrom madoguchi.program import up\n"
    "up.up(installation.load(), lambda part, text: print(part, text, flush=True))"
)
PARTS = ("asterisk", "gate", "control", "web", "worker")
PORTS = 120
"""Of one installation."""


class Running:
    """One `up` on its own data folder and ports."""

    def __init__(self, home: Path, first_port: int, *, blind: bool = False, sip_port: int = 0) -> None:
        self.home = home
        self.code = UP.replace("\nup.up", "\nup._examine_ports = lambda _: None\nup.up") if blind else UP
        ports = {
            "HTTP_PORT": first_port,
            "ASTERISK_HTTP_PORT": first_port + 1,
            "SIP_PORT": sip_port or first_port + 2,
            "RTP_START": first_port + 10,
            "RTP_END": first_port + PORTS - 1,
        }
        self.environment = os.environ | {f"MADOGUCHI_{name}": str(port) for name, port in ports.items()}
        self.environment |= {"MADOGUCHI_HOME": str(home), "MADOGUCHI_DEMO": "no"}
        self.environment.pop("DATABASE_URL", None)
        self.start()

    def start(self) -> None:
        self.log = (self.home / "up.log").open("wb")
        self.up = subprocess.Popen(
            [sys.executable, "-c", self.code], env=self.environment, stdout=self.log, stderr=self.log
        )

    @property
    def told(self) -> str:
        return (self.home / "up.log").read_text()

    def wait(self, words: str, times: int = 1, within_s: float = 60) -> None:
        until = time.monotonic() + within_s
        while self.told.count(words) < times:
            assert self.up.poll() is None, self.told
            assert time.monotonic() < until, f"never told “{words}” {times} times:\n{self.told}"
            time.sleep(0.1)

    def process(self, name: str) -> process.Process | None:
        if name == "postgres":
            file = self.home / "postgres" / "postmaster.pid"
            return process.adopt(int(file.read_text().split()[0])) if file.exists() else None
        return process.recall(self.home / "run" / f"{name}.pid")

    def kill(self, name: str) -> int:
        found = self.process(name)
        assert found is not None, f"{name} does not run:\n{self.told}"
        os.kill(found.pid, signal.SIGKILL)
        return found.pid

    def all_pids(self) -> dict[str, int]:
        found = {name: self.process(name) for name in ("postgres", *PARTS)}
        return {name: one.pid for name, one in found.items() if one is not None}

    def stop(self) -> int:
        self.up.send_signal(signal.SIGINT)
        code = self.up.wait(30)
        self.log.close()
        return code


@pytest.fixture(scope="module")
def running(free_ports: Callable[[int], int]) -> Iterator[Running]:
    with data_folder("run") as home:
        one = Running(home, free_ports(PORTS))
        try:
            yield one
        finally:
            one.up.kill()
            one.up.wait()
            for pid in one.all_pids().values():
                os.kill(pid, signal.SIGKILL)


def test_everything_starts_and_the_log_in_page_comes(running: Running) -> None:
    running.wait("madoguchi ready: http://localhost:")
    assert set(running.all_pids()) == {"postgres", *PARTS}
    address = f"http://127.0.0.1:{running.environment['MADOGUCHI_HTTP_PORT']}/accounts/login/"
    with urllib.request.urlopen(address, timeout=5) as page:
        assert page.status == 200
        assert 'type="password"' in page.read().decode()


@pytest.mark.parametrize("name", ["web", "worker", "control", "gate", "asterisk", "postgres"])
def test_what_was_killed_is_back_within_seconds(running: Running, name: str) -> None:
    before = running.told.count(f"{name} ready")
    others = {part: pid for part, pid in running.all_pids().items() if part != name}
    killed = running.kill(name)
    running.wait(f"{name} ready", before + 1, within_s=15)
    assert running.all_pids()[name] != killed
    if name in {"web", "worker", "gate"}:
        assert {part: running.all_pids()[part] for part in others} == others


def test_a_second_program_on_the_same_folder_is_refused(running: Running) -> None:
    second = subprocess.run(
        [sys.executable, "-c", UP], env=running.environment, capture_output=True, text=True, check=False
    )
    assert second.returncode != 0
    assert f"already runs from {running.home} (process {running.up.pid})" in second.stderr


def test_speech_and_data_outlive_the_supervisor_and_are_taken_over(running: Running) -> None:
    before = running.all_pids()
    running.up.kill()
    running.up.wait()
    assert process.wait_for(lambda: set(running.all_pids()) == {"postgres", "asterisk", "gate"}, 8)
    running.start()
    running.wait("madoguchi ready:")
    after = running.all_pids()
    for name in ("postgres", "asterisk", "gate"):
        assert after[name] == before[name]
        assert f"{name} was still running (process {before[name]}), taken over" in running.told


def test_an_asterisk_that_lives_and_lets_nobody_listen_is_started_anew(running: Running) -> None:
    found = running.process("asterisk")
    assert found is not None
    ready = running.told.count("asterisk ready")
    # Stopped, it takes every connection, as the kernel does that for it, and answers none.
    os.kill(found.pid, signal.SIGSTOP)
    running.wait("asterisk takes connections and lets nobody listen for", within_s=100)
    running.wait("asterisk ready", ready + 1, within_s=20)
    assert running.told.count("lets nobody listen for") == 1
    assert running.all_pids()["asterisk"] != found.pid
    assert len((running.home / "run" / "asterisk.replaced").read_text().split()) == 1
    assert process.wait_for(lambda: not (running.home / "run" / "asterisk.deaf").exists(), 10)
    assert set(running.all_pids()) == {"postgres", *PARTS}


def test_it_stops_within_seconds_and_leaves_nobody_behind(running: Running) -> None:
    pids = running.all_pids()
    assert set(pids) == {"postgres", *PARTS}
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < 8
    assert [pid for pid in pids.values() if process.birth(pid) is not None] == []
    assert running.told.rstrip().endswith("madoguchi stopped")


def test_secrets_and_logs_are_for_their_owner_only(running: Running) -> None:
    assert (running.home / "logs").stat().st_mode & 0o077 == 0
    file = running.home / "keys" / "secrets.json"
    assert file.stat().st_mode & 0o077 == 0
    values = json.loads(file.read_text()).values()
    for log in (running.home / "logs").glob("*.log"):
        assert not any(value in log.read_text(errors="replace") for value in values)


def test_a_telephone_port_that_is_lost_between_looking_and_opening_ends_the_whole_start(
    free_ports: Callable[[int], int],
) -> None:
    with data_folder("run") as home, socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        one = Running(home, free_ports(PORTS), blind=True, sip_port=number)
        try:
            assert one.up.wait(60) != 0
            holder = rf"is taken by .+\(process {os.getpid()}\)"
            assert re.search(rf"asterisk does not start.+: Port {number} \(UDP\) .+ {holder}", one.told)
            assert one.all_pids() == {}
        finally:
            one.up.kill()
            one.up.wait()
            for pid in one.all_pids().values():
                os.kill(pid, signal.SIGKILL)

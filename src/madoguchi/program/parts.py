"""The parts of the program: how each is started, when it is ready, what outlives the program's own death.

PostgreSQL, Asterisk and the gate are not tied to our life: were the supervisor killed, answered calls go
on, and its successor adopts them. Web, worker and control end with it and are started anew in a second.
"""

import importlib.util
import os
import signal
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from madoguchi.config.installation import Installation
from madoguchi.program import database, process
from madoguchi.program.asterisk import Asterisk
from madoguchi.program.ports import answers
from madoguchi.program.supervisor import Part

STOP_ORDER = (("web", "worker", "control"), ("gate", "asterisk"), ("postgres",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Makes the parts of one installation."""

    installation: Installation
    asterisk: Asterisk

    @property
    def environment(self) -> dict[str, str]:
        """What every process of ours is told."""
        return os.environ | {
            "MADOGUCHI_HOME": str(self.installation.home),
            "MADOGUCHI_ASTERISK_CACHE": str(self.installation.asterisk_cache),
            "MADOGUCHI_ASTERISK_MODULES": str(self.asterisk.modules),
            "MADOGUCHI_ASTERISK_SHARE": str(self.asterisk.data),
            "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def postgres(self) -> Part:
        cluster = database.cluster(self.installation)

        def start() -> process.Process:
            cluster.prepare()
            with self._log("postgres").open("ab") as log:
                child = cluster.start(log)
            return process.Process(child.pid, process.birth(child.pid) or "", child)

        def survivor() -> process.Process | None:
            pid = cluster.survivor()
            return None if pid is None else process.adopt(pid)

        return Part(
            name="postgres",
            start=start,
            ready=cluster.answers,
            survivor=survivor,
            log=self._log("postgres"),
            # SIGINT ends the sessions; SIGTERM would wait for those that listen, which is for ever.
            stop_signal=signal.SIGINT,
            stop_within_s=20.0,
            # Recovery after a crash may have much to read.
            ready_within_s=600.0,
        )

    def after_the_database(self) -> list[Part]:
        """Everything that may start once the database is prepared."""
        parts = [self.asterisk_part(), self.web(), self.worker()]
        if importlib.util.find_spec("madoguchi.live.gate"):
            parts.append(self.gate())
        if importlib.util.find_spec("madoguchi.control.__main__"):
            parts.append(self.control())
        return parts

    def asterisk_part(self) -> Part:
        configuration = self.installation.asterisk_run
        return self._part(
            "asterisk",
            self.asterisk.server(configuration),
            ready=self._asterisk_answers,
            dies_with_us=False,
        )

    def gate(self) -> Part:
        address, port = self.installation.bind, self.installation.gate_port
        return self._part(
            "gate", _python("madoguchi.live.gate"), ready=lambda: answers(address, port), dies_with_us=False
        )

    def control(self) -> Part:
        # Control writes its process number there once it holds the switch.
        flag = self.installation.run / "control.ready"

        def ready() -> bool:
            running = process.recall(self._pid_file("control"))
            return (
                running is not None and flag.exists() and flag.read_text().split()[:1] == [str(running.pid)]
            )

        return self._part("control", _python("madoguchi.control"), ready=ready)

    def worker(self) -> Part:
        command = _python("madoguchi", "manage", "procrastinate", "worker", "--concurrency", "4")
        return self._part("worker", command, ready=self._has_lived)

    def web(self) -> Part:
        here = self.installation
        command = _python("uvicorn", "madoguchi.config.asgi:application")
        command += ["--host", here.bind, "--port", str(here.http_port), "--lifespan", "off"]
        # Pages are short; only the push streams stay, and they come back by themselves.
        command += ["--timeout-graceful-shutdown", "1", "--no-access-log", "--no-server-header"]
        if here.behind_proxy:
            command += ["--proxy-headers", "--forwarded-allow-ips", "127.0.0.1"]
        if here.tls_certificate is not None and here.tls_key is not None:
            command += ["--ssl-certfile", str(here.tls_certificate), "--ssl-keyfile", str(here.tls_key)]
        return self._part("web", command, ready=self._log_in_page_answers)

    def _part(
        self, name: str, command: list[str], *, ready: Callable[[], bool], dies_with_us: bool = True
    ) -> Part:
        file, log = self._pid_file(name), self._log(name)

        def start() -> process.Process:
            started = process.start(command, self.environment, log, dies_with_us)
            started.remember(file)
            return started

        return Part(name=name, start=start, ready=ready, survivor=lambda: process.recall(file), log=log)

    def _pid_file(self, name: str) -> Path:
        return self.installation.run / f"{name}.pid"

    def _log(self, name: str) -> Path:
        self.installation.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.installation.logs / f"{name}.log"

    def _has_lived(self) -> bool:
        running = process.recall(self._pid_file("worker"))
        return running is not None and process.age_s(running.pid) > 1.0

    def _asterisk_answers(self) -> bool:
        password = self.installation.secrets.ari_password
        return ari_ping(self.installation.ari_url, self.installation.ari_user, password)

    def _log_in_page_answers(self) -> bool:
        scheme = "http" if self.installation.tls_certificate is None else "https"
        host = self.installation.bind if self.installation.bind != "0.0.0.0" else "127.0.0.1"  # noqa: S104
        return fetches(f"{scheme}://{host}:{self.installation.http_port}/accounts/login/")


def ari_ping(url: str, user: str, password: str) -> bool:
    """True when Asterisk answers over ARI with our password."""
    request = urllib.request.Request(f"{url}/asterisk/ping")  # noqa: S310 - our own loopback address
    manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
    manager.add_password(None, url, user, password, is_authenticated=True)
    opener = urllib.request.build_opener(
        urllib.request.HTTPBasicAuthHandler(manager), urllib.request.ProxyHandler({})
    )
    try:
        with opener.open(request, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def fetches(url: str) -> bool:
    """True when the page comes without a server's error; a certificate for another name is no matter here."""
    lenient = ssl.create_default_context()
    lenient.check_hostname = False
    lenient.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=lenient), urllib.request.ProxyHandler({})
    )
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _python(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]

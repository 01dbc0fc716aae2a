"""The parts of the program: how each is started, when it is ready, what outlives the program's own death.

PostgreSQL, Asterisk and the gate are not tied to our life: were the supervisor killed, answered calls go
on, and its successor adopts them. Web, worker and control end with it and are started anew in a second.
"""

import hashlib
import ipaddress
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from madoguchi.config.installation import Installation
from madoguchi.program import asterisk_deaf, database, knock, ports, process
from madoguchi.program.asterisk import Asterisk
from madoguchi.program.errors import ProgramError
from madoguchi.program.supervisor import Part, Tell

PORTS_OPEN_WITHIN_S = 3.0
"""Asterisk opens its ports within half a second of its start; what is not open by then was taken."""
STOP_ORDER = (("web", "worker", "control"), ("gate", "asterisk"), ("postgres",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Makes the parts of one installation."""

    installation: Installation
    asterisk: Asterisk
    tell: Tell = lambda part, text: None

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
        return [self.asterisk_part(), self.gate(), self.control(), self.web(), self.worker()]

    def asterisk_part(self) -> Part:
        configuration = self.installation.asterisk_run
        return self._part(
            "asterisk",
            self.asterisk.server(configuration),
            ready=self._asterisk_answers,
            dies_with_us=False,
            hopeless=asterisk_deaf.Watch(self.installation, self._asterisk_pid, self.tell).hopeless,
        )

    def _asterisk_pid(self) -> int | None:
        running = process.recall(self._pid_file("asterisk"))
        return None if running is None else running.pid

    def gate(self) -> Part:
        here = self.installation
        scheme = "http" if here.tls_certificate is None else "https"
        host = "127.0.0.1" if ipaddress.ip_address(here.bind).is_unspecified else here.bind
        health = f"{scheme}://{host}:{here.http_port}/gate/healthz"
        return self._part(
            "gate", _python("madoguchi.gate"), ready=lambda: knock.fetches(health), dies_with_us=False
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
        command = _python("django", "procrastinate", "worker", "--concurrency", "4")
        return self._part("worker", command, ready=self._has_lived)

    def web(self) -> Part:
        socket = self.installation.web_socket
        command = _python("uvicorn", "madoguchi.config.asgi:application", "--uds", str(socket))
        # The gate says who asks; nobody else reaches the socket.
        command += ["--proxy-headers", "--forwarded-allow-ips", "*", "--no-server-header"]
        # Pages are short; only the push streams stay, and they come back by themselves.
        command += ["--timeout-graceful-shutdown", "1", "--no-access-log", "--lifespan", "off"]
        return self._part("web", command, ready=lambda: knock.fetches_by_socket(socket, "/accounts/login/"))

    def _part(
        self,
        name: str,
        command: list[str],
        *,
        ready: Callable[[], bool],
        dies_with_us: bool = True,
        hopeless: Callable[[], str | None] = lambda: None,
    ) -> Part:
        file, log = self._pid_file(name), self._log(name)

        settings = self._fingerprint(command)

        def start() -> process.Process:
            started = process.start(command, self.environment, log, dies_with_us)
            started.remember(file, settings)
            return started

        def survivor() -> process.Process | None:
            found = process.recall(file)
            if found is not None and process.settings_of(file) != settings:
                process.stop(found, signal.SIGTERM, 5.0)
                return None
            return found

        return Part(name=name, start=start, ready=ready, survivor=survivor, log=log, hopeless=hopeless)

    def _fingerprint(self, command: list[str]) -> str:
        """What a survivor must have been started with to be of use still."""
        here = self.installation
        network = (here.bind, here.http_port, here.asterisk_http_port, here.sip_bind, here.sip_port)
        names = (here.tls_certificate, here.tls_key, here.public_address, here.behind_proxy)
        return hashlib.sha256(repr((command, network, names)).encode()).hexdigest()[:16]

    def _pid_file(self, name: str) -> Path:
        return self.installation.run / f"{name}.pid"

    def _log(self, name: str) -> Path:
        self.installation.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.installation.logs / f"{name}.log"

    def _has_lived(self) -> bool:
        running = process.recall(self._pid_file("worker"))
        return running is not None and process.age_s(running.pid) > 1.0

    def _asterisk_answers(self) -> bool:
        """Whether it answers and holds its ports: without its SIP port it runs on, and no call comes in."""
        here = self.installation
        running = process.recall(self._pid_file("asterisk"))
        if running is None or not knock.ari_ping(here.ari_url, here.ari_user, here.secrets.ari_password):
            return False
        missing = ports.missing(here, "asterisk", running.pid)
        if missing and process.age_s(running.pid) > PORTS_OPEN_WITHIN_S:
            raise ProgramError(_unopened(missing[0]))
        return not missing


def _unopened(port: ports.Port) -> str:
    if port.is_free():
        return f"Asterisk did not open port {port.number} ({port.protocol}) on {port.address}."
    return port.taken


def _python(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]

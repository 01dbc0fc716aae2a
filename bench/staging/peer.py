"""Asterisk's own app_queue as the peer: the same program, the same telephones, a configuration as small."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from madoguchi.program import process
from madoguchi.program.asterisk import Asterisk


class AppQueue:
    """An Asterisk that does nothing but Queue(); a context manager."""

    def __init__(self, asterisk: Asterisk, phones: Sequence[str], *, sip_port: int, phones_port: int) -> None:
        self._asterisk, self._phones = asterisk, phones
        self._sip_port, self._phones_port = sip_port, phones_port

    def __enter__(self) -> Self:
        self._home = tempfile.TemporaryDirectory(prefix="mgb-peer-", dir="/var/tmp")
        self._folder = Path(self._home.name)
        self._write()
        log = self._folder / "said.log"
        self.running = process.start(self._asterisk.server(self._folder), {}, log, dies_with_us=True)
        for _ in range(100):
            time.sleep(0.2)
            if "Asterisk" in self._say("core show version") and "bench" in self._say("queue show bench"):
                break
        else:
            raise RuntimeError(f"app_queue did not start: {log.read_text()[-2000:]}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process.stop(self.running, signal.SIGTERM, 5.0)
        self._home.cleanup()

    def _say(self, words: str) -> str:
        ran = subprocess.run(
            self._asterisk.console(self._folder, words), capture_output=True, text=True, check=False
        )
        return ran.stdout

    def _write(self) -> None:
        for name in ("run", "db", "keys", "keys/keys", "spool", "log", "data", "data/sounds"):
            (self._folder / name).mkdir(exist_ok=True)
        for name in ("documentation", "rest-api", "static-http", "moh"):
            if (self._asterisk.data / name).exists():
                (self._folder / "data" / name).symlink_to(self._asterisk.data / name)
        for voice in ("en", "en_US_f_Allison"):
            if (self._asterisk.data / "sounds" / voice).exists():
                (self._folder / "data" / "sounds" / "en").symlink_to(self._asterisk.data / "sounds" / voice)
                break
        here = self._folder
        places = {"astetcdir": here, "astmoddir": self._asterisk.modules, "astrundir": here / "run"}
        places |= {"astvarlibdir": here, "astdbdir": here / "db", "astkeydir": here / "keys"}
        places |= {"astdatadir": here / "data", "astspooldir": here / "spool", "astlogdir": here / "log"}
        directories = "".join(f"{name} => {place}\n" for name, place in places.items())
        texts = {
            "asterisk.conf": f"[directories]\n{directories}[options]\nverbose = 0\n",
            "modules.conf": "[modules]\nautoload=yes\n",
            "rtp.conf": "[general]\nrtpstart=40000\nrtpend=44999\n",
            # No Answer() before it: that waits half a second for media, which these callers do not send.
            "musiconhold.conf": "[default]\nmode=files\ndirectory=moh\n",
            "extensions.conf": "[from-trunk]\nexten => _X.,1,Queue(bench)\n",
            "queues.conf": self._queue(),
            "pjsip.conf": self._pjsip(),
        }
        for name, text in texts.items():
            (self._folder / name).write_text(text)

    def _queue(self) -> str:
        rules = "strategy=rrmemory\ntimeout=20\nwrapuptime=1\nringinuse=no\nautofill=yes\njoinempty=yes\n"
        return f"[general]\npersistentmembers=no\n[bench]\n{rules}" + "".join(
            f"member => PJSIP/{phone}\n" for phone in self._phones
        )

    def _pjsip(self) -> str:
        media = "disallow=all\nallow=ulaw\ndirect_media=no\nrtp_symmetric=yes\nmedia_address=127.0.0.1\n"
        parts = [
            "[global]\ntype=global\nendpoint_identifier_order=username,ip\n[system]\ntype=system\ndisable_tcp_switch=yes",
            f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{self._sip_port}",
            f"[line]\ntype=endpoint\ncontext=from-trunk\n{media}",
            "[line]\ntype=identify\nendpoint=line\nmatch=127.0.0.1",
        ]
        for phone in self._phones:
            parts.append(f"[{phone}]\ntype=endpoint\naors={phone}\ncontext=nowhere\n{media}")
            parts.append(f"[{phone}]\ntype=aor\ncontact=sip:{phone}@127.0.0.1:{self._phones_port}")
        return "\n\n".join(parts) + "\n"

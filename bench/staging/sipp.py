"""SIPp as a crowd: callers at a set rate, and one telephone program that answers for all operators."""

from __future__ import annotations

import csv
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).parent.parent / "calls_sipp"
_CALL = re.compile(r"call (\d+) (\d+)(?:\.\d+)? (\d+)")
_RING = re.compile(r"ring \s*(\d+) (\d+)(?:\.\d+)? (\d+)")


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of callers came to."""

    rate: float
    offered: int
    succeeded: int
    failed: int
    retransmitted: int
    called_at: dict[str, float]
    """Number of the caller → seconds since 1970."""
    rang_at: dict[str, float]
    """The same number → when an operator's phone got the call."""

    def delays_s(self) -> list[float]:
        """From the caller's INVITE to the operator's, sorted."""
        return sorted(self.rang_at[one] - at for one, at in self.called_at.items() if one in self.rang_at)


def percentile(ordered: list[float], share: float) -> float:
    """The value below which that share lies; nan of nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Crowd:
    """Runs both SIPps against one switch."""

    def __init__(self, *, server_port: int, number: str, base_port: int, talk_s: float, media: bool) -> None:
        self._server = f"127.0.0.1:{server_port}"
        self._number, self._base, self._media = number, base_port, media
        self._folder = Path(tempfile.mkdtemp(prefix="mgb-sipp-", dir="/var/tmp"))
        self._write(
            "operator.xml",
            (SCENARIOS / "operator.xml").read_text().replace("@TALK_MS@", f"{talk_s * 1000:.0f}"),
        )
        self._write("caller.xml", self._caller())
        self._runs = 0
        self._operators: subprocess.Popen[bytes] | None = None

    @property
    def operators_port(self) -> int:
        return self._base

    def seat(self) -> None:
        """Start the operators' program on its port, which must be free."""
        echo = ["-rtp_echo"] if self._media else []
        self._operators = self._start(
            "operator", self._base, [*echo, "-trace_logs", "-log_file", self._log("ring")]
        )

    def call(self, rate: float, for_s: float, *, patience_s: float = 75.0, limit: int = 0) -> Load:
        """Call at `rate` a second for that long and wait for the calls' ends; then the operators leave."""
        count = max(1, round(rate * for_s))
        words = [
            "-inf",
            self._numbers(count),
            "-s",
            self._number,
            "-r",
            f"{rate:g}",
            "-m",
            str(count),
            "-l",
            str(limit or count),
        ]
        words += ["-trace_stat", "-stf", str(self._folder / "stat.csv"), "-fd", "1"]
        words += ["-trace_logs", "-log_file", self._log("call"), self._server]
        callers = self._start("caller", self._base + 1, words)
        try:
            callers.wait(for_s + patience_s)
        except subprocess.TimeoutExpired:
            callers.send_signal(signal.SIGUSR1)
            callers.kill()
            callers.wait()
        self._leave()
        row = list(csv.DictReader((self._folder / "stat.csv").open(), delimiter=";"))[-1]
        succeeded = int(row["SuccessfulCall(C)"])
        load = Load(
            rate=count / for_s,
            offered=count,
            succeeded=succeeded,
            failed=count - succeeded,
            retransmitted=int(row["Retransmissions(C)"]),
            called_at=self._times("call", _CALL),
            rang_at=self._times("ring", _RING),
        )
        self._runs += 1
        return load

    def close(self) -> None:
        self._leave()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _numbers(self, count: int) -> str:
        """Callers' numbers, each used once in all runs."""
        first = 10_000_000 + self._runs * 1_000_000
        file = self._folder / f"numbers-{self._runs}.csv"
        file.write_text("SEQUENTIAL\n" + "".join(f"090{first + n:08d};\n" for n in range(count)))
        return str(file)

    def _leave(self) -> None:
        if self._operators is not None:
            self._operators.kill()
            self._operators.wait()
            self._operators = None

    def _start(self, name: str, port: int, words: list[str]) -> subprocess.Popen[bytes]:
        media_port = str(port + 2 if name == "operator" else port + 20)
        command = ["sipp", "-sf", str(self._folder / f"{name}.xml"), "-i", "127.0.0.1", "-p", str(port)]
        command += ["-mi", "127.0.0.1", "-mp", media_port, "-nostdin", "-trace_err"]
        command += ["-error_file", self._log(f"{name}-errors"), *words]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, cwd=self._folder)

    def _log(self, name: str) -> str:
        return str(self._folder / f"{name}-{self._runs}.log")

    def _times(self, name: str, pattern: re.Pattern[str]) -> dict[str, float]:
        file = Path(self._log(name))
        text = file.read_text(errors="replace") if file.exists() else ""
        return {who: int(sec) + int(usec) / 1e6 for who, sec, usec in pattern.findall(text)}

    def _caller(self) -> str:
        text = (SCENARIOS / "caller.xml").read_text()
        if not self._media:
            return text.replace("<!--MEDIA-->", "")
        sound = self._folder / "voice.ulaw"
        # A second of quiet noise, repeated: the recorder does not care, silence suppression might.
        sound.write_bytes(bytes((i * 37) % 32 + 0x60 for i in range(8000)))
        play = f'<nop><action><exec rtp_stream="{sound},-1,0"/></action></nop>'
        return text.replace("<!--MEDIA-->", play)

    def _write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text)

"""A real SIP telephone (pjsua2, in a process of its own) that can be asked what it hears just now."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from madoguchi.program import caller

PHONE = Path(caller.__file__).with_name("phone.py")
SILENT_DBFS = -50.0
ONE_TONE_HZ = 80
"""What lies nearer to a tone belongs to it: a voice that falters, as on a busy computer, is spread so far."""


class NotHeard(AssertionError):
    """The telephone did not hear or see in time what it was to."""


class Telephone:
    """Started with a plan (see the head of phone.py); `what` happened is kept in `told`."""

    def __init__(self, folder: Path, name: str, *, lives_s: float = 90, **plan: Any) -> None:
        self.told: list[dict[str, Any]] = []
        self._heard = folder / f"{name}.wav"
        given = {"bind": "127.0.0.1", "listens": True, "seconds": lives_s, "heard": str(self._heard), **plan}
        self._process = subprocess.Popen(
            [sys.executable, str(PHONE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={"PHONE_DEADLINE_S": str(lives_s + 20)},
        )
        self._say(given)
        threading.Thread(target=self._read, daemon=True).start()

    def order(self, do: str, **fields: Any) -> None:
        self._say({"do": do, **fields})

    def events(self, what: str) -> list[dict[str, Any]]:
        return [line for line in list(self.told) if line["what"] == what]

    def wait_for(self, what: str, within_s: float = 15.0, count: int = 1) -> dict[str, Any]:
        """Wait until that happened so many times; returns the latest. Raises NotHeard."""
        until(
            lambda: len(self.events(what)) >= count,
            within_s,
            lambda: f"“{what}” of {[line['what'] for line in self.told]}",
        )
        return self.events(what)[count - 1]

    def pitches(self, last_s: float = 0.6) -> set[int]:
        """The tones heard in the last moment, to 10 Hz; empty when it is silent."""
        samples, rate = self._last(last_s)
        return _tones(samples, rate)

    def loudness_dbfs(self, last_s: float = 0.6) -> float:
        samples, _ = self._last(last_s)
        return _loudness_dbfs(samples)

    def hears(self, hertz: int, last_s: float = 0.6) -> bool:
        return hertz in self.pitches(last_s)

    def wait_to_hear(self, hertz: int, within_s: float = 15.0) -> float:
        """Wait for a tone; returns after how many seconds. Raises NotHeard."""
        return until(lambda: self.hears(hertz), within_s, lambda: f"{hertz} Hz, but {self.pitches()}")

    def wait_not_to_hear(self, hertz: int, within_s: float = 15.0) -> float:
        return until(lambda: not self.hears(hertz), within_s, lambda: f"{hertz} Hz is still heard")

    def hang_up(self) -> None:
        if self._process.poll() is None:
            self.order("hang_up")

    def close(self) -> None:
        """End the call and the process."""
        if self._process.poll() is None:
            self.order("quit")
            try:
                self._process.wait(4)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(4)

    def _say(self, line: dict[str, Any]) -> None:
        stdin = self._process.stdin
        if stdin is not None:
            stdin.write(json.dumps(line) + "\n")
            stdin.flush()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            if line.startswith("{"):
                self.told.append(json.loads(line))

    def _last(self, last_s: float) -> tuple[np.ndarray, int]:
        # The file is still being written, so its header does not know its length yet.
        try:
            raw = self._heard.read_bytes()
        except FileNotFoundError:
            return np.zeros(0), 8000
        if len(raw) < 44:
            return np.zeros(0), 8000
        rate = int(struct.unpack("<I", raw[24:28])[0])
        body = raw[44 : 44 + (len(raw) - 44) // 2 * 2]
        return np.frombuffer(body, dtype="<i2")[-int(last_s * rate) :] / 32768.0, rate


def until(true: Callable[[], bool], within_s: float, what: Callable[[], str]) -> float:
    """Wait until `true()`; returns after how many seconds. Raises NotHeard."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > within_s:
            raise NotHeard(f"not within {within_s:g} s: {what()}")
        time.sleep(0.1)
    return time.monotonic() - began


def tones_of(samples: np.ndarray, rate: int) -> set[int]:
    """The tones in a piece of sound, to 10 Hz, down to a tenth of the strongest."""
    return _tones(samples, rate)


def _loudness_dbfs(samples: np.ndarray) -> float:
    level = float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
    return 20 * float(np.log10(level)) if level > 0 else -120.0


def _tones(samples: np.ndarray, rate: int) -> set[int]:
    if len(samples) < rate // 10 or _loudness_dbfs(samples) < SILENT_DBFS:
        return set()
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), n=rate))
    rises, falls = spectrum[1:-1] > spectrum[:-2], spectrum[1:-1] >= spectrum[2:]
    peaks = [int(peak) for peak in np.flatnonzero(rises & falls) + 1 if spectrum[peak] > spectrum.max() / 10]
    found: list[int] = []
    for peak in sorted(peaks, key=lambda peak: -spectrum[peak]):
        if all(abs(peak - other) > ONE_TONE_HZ for other in found):
            found.append(peak)
    return {round(peak / 10) * 10 for peak in found}

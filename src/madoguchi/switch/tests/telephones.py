"""Real telephones for the contract: processes that speak a tone each and record what they hear."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

TONES_HZ = {"caller": 400, "agent": 1000, "prompt": 600, "music": 1700, "second": 750}
_PHONE_PROGRAM = Path(__file__).parents[2] / "program" / "caller" / "phone.py"


@dataclass
class Telephone:
    """A telephone's process."""

    name: str
    plan: dict[str, Any]
    heard: Path
    told: list[dict[str, Any]] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None
    reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(_PHONE_PROGRAM), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.order(**self.plan)
        self.reading = asyncio.create_task(self._read())
        await self.until("ready")

    async def until(self, what: str, within_s: float = 15) -> dict[str, Any]:
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            for told in self.told:
                if told["what"] == what:
                    return told
            await asyncio.sleep(0.01)
        raise AssertionError(f"the telephone never told {what}; it told {self.told}")

    async def _read(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        async for line in self.process.stdout:
            if line.startswith(b"{"):
                self.told.append(json.loads(line))

    def order(self, **words: Any) -> None:
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.write(json.dumps(words).encode() + b"\n")

    def hears(self) -> set[str]:
        """Whose tones were in the last 0.6 seconds; the file's header is not written yet, its sound is."""
        sound = np.frombuffer(self.heard.read_bytes()[44:][: 2**26], dtype="<i2")
        return whose(sound[-9600:].astype(float) / 32768, 16000)

    async def stop(self) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.order(do="quit")
            try:
                await asyncio.wait_for(self.process.wait(), 15)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        if self.reading is not None:
            await self.reading


def tone(file: Path, name: str, seconds: float) -> None:
    """Write a sound file of somebody's tone."""
    time_s = np.arange(0, seconds, 1 / 8000)
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * TONES_HZ[name] * time_s), 8000, subtype="PCM_16")


def whose(samples: np.ndarray, rate: int) -> set[str]:
    """Whose tones are in a sound."""
    if len(samples) < rate // 5:
        return set()
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) / len(samples)
    step_hz = rate / len(samples)

    def level(hertz: int) -> float:
        peak = round(hertz / step_hz)
        return float(spectrum[peak - 2 : peak + 3].max())

    return {name for name, hertz in TONES_HZ.items() if level(hertz) > 0.005}

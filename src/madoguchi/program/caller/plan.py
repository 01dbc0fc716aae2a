"""What a telephone is to do, out of what was asked on the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_USER = re.compile(r"[A-Za-z0-9+*#._-]{1,64}")
_ADDRESS = re.compile(r"[A-Za-z0-9.\[\]:-]{1,200}")


class PlanError(Exception):
    """What was asked cannot be done; the message says which part and what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants the telephone to do."""

    to: str = ""
    """The number to call; empty = wait for calls."""
    caller: str = "0901234567"
    name: str = ""
    trunk: str = "127.0.0.1:15060"
    """Where calls and registrations go, `host:port`."""
    username: str = ""
    password: str = ""
    """With a user name, the telephone registers and answers challenges."""
    say: Path | None = None
    tone_hz: int | None = None
    keys: str = ""
    keys_after_s: float = 1.5
    seconds: float = 20.0
    answer_after_s: float | None = None
    """For a telephone that waits: None lets it ring."""
    answer_code: int = 200
    port: int = 0
    bind: str = "127.0.0.1"
    """Own address of signalling and media."""
    heard: Path | None = None
    """Where to write what is heard, as WAV."""


def plan(wish: Wish, folder: Path) -> dict[str, Any]:
    """The telephone's plan (see `phone.py`); writes what is to be said into `folder`. Raises PlanError."""
    user = wish.username or wish.caller
    _check(_USER, "--from", user)
    _check(_ADDRESS, "--trunk", wish.trunk)
    values: dict[str, Any] = {
        "own_uri": f"sip:{user}@{wish.trunk if wish.username else wish.bind}",
        "own_name": wish.name.replace('"', ""),
        "bind": wish.bind,
        "port": wish.port,
        "seconds": wish.seconds,
        "tone_hz": wish.tone_hz,
        "keys": wish.keys,
        "keys_after_s": wish.keys_after_s,
        "answer_after_s": wish.answer_after_s,
        "answer_code": wish.answer_code,
        "heard": str(wish.heard) if wish.heard else "",
    }
    if wish.to:
        _check(_USER, "--to", wish.to)
        values["call"] = f"sip:{wish.to}@{wish.trunk}"
    if wish.username:
        values |= {"username": wish.username, "password": wish.password}
        values["registrar"] = f"sip:{wish.trunk}" if not wish.to else ""
    if wish.say is not None:
        values["say"] = str(_speakable(wish.say, folder))
    if not re.fullmatch(r"[0-9*#A-D]*", wish.keys):
        raise PlanError("--keys are some of 0–9, *, # and A–D.")
    return values


def _speakable(file: Path, folder: Path) -> Path:
    import soundfile  # with all of NumPy, which the other commands need not wait for

    # The telephone reads 16-bit mono WAV only; soundfile reads nearly everything.
    try:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise PlanError(f"--say: {file} is no sound that can be read.") from error
    spoken = folder / "say.wav"
    soundfile.write(spoken, samples.mean(axis=1), rate, subtype="PCM_16")
    return spoken


def _check(pattern: re.Pattern[str], option: str, value: str) -> None:
    if not pattern.fullmatch(value):
        raise PlanError(f"{option}: “{value[:80]}” is no part of a SIP address.")

"""What became of a call, out of what the telephone told, as text or JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madoguchi.program.caller.hearing import Second

NOT_ANSWERED = 1
FAILED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One call, as its caller lived it. Times are seconds from the moment of calling."""

    ringing_after_s: float | None = None
    answered_after_s: float | None = None
    ended_after_s: float | None = None
    talked_s: float = 0.0
    sip_code: int = 0
    """Final SIP status: 200 after a call that was answered, else the refusal."""
    sip_reason: str = ""
    cause: str = ""
    """The Reason header the call ended with, e.g. `Q.850;cause=16`; empty when there was none."""
    ended_by: str = ""
    """`us` or `them`."""
    keys_pressed: str = ""
    keys_heard: str = ""
    heard_file: str = ""
    heard: tuple[Second, ...] = ()
    error: str = ""

    @property
    def exit_code(self) -> int:
        """0 answered, 1 not answered, 3 not even called."""
        if self.error:
            return FAILED
        return 0 if self.answered_after_s is not None else NOT_ANSWERED

    def as_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        return dataclasses.asdict(self) | {"exit_code": self.exit_code}

    def as_text(self) -> str:
        """Everything, for people."""
        return "\n".join(_lines(self))


def report(told: Iterable[Mapping[str, Any]]) -> Report:
    """Put together what the telephone told, line by line."""
    values: dict[str, Any] = {}
    began_at = 0.0
    for line in told:
        after_s = round(line["at"] - began_at, 3)
        match line["what"]:
            case "calling" | "comes_in":
                began_at = line["at"]
            case "ringing":
                values.setdefault("ringing_after_s", after_s)
            case "answered":
                values.setdefault("answered_after_s", after_s)
            case "hangs_up":
                values.setdefault("ended_by", "us")
            case "ended":
                values |= {"ended_after_s": after_s, "talked_s": round(line["talked_s"], 3)}
                values |= {"sip_code": line["code"], "sip_reason": line["reason"], "cause": line["cause"]}
                values.setdefault("ended_by", "them")
            case "pressed":
                values["keys_pressed"] = values.get("keys_pressed", "") + line["keys"]
            case "key":
                values["keys_heard"] = values.get("keys_heard", "") + line["key"]
            case "heard":
                values.setdefault("heard_file", line["file"])
            case "error":
                values.setdefault("error", line["text"])
    return Report(**values, heard=_heard(values.get("heard_file", "")))


def _heard(file: str) -> tuple[Second, ...]:
    if not file:
        return ()
    import soundfile  # with all of NumPy, which the other commands need not wait for

    from madoguchi.program.caller.hearing import seconds_of

    try:
        return seconds_of(Path(file))
    except soundfile.LibsndfileError:
        # The call ended before a single block of sound was written.
        return ()


def _lines(call: Report) -> Iterable[str]:
    if call.error:
        yield f"The call could not be made: {call.error}"
    for after_s, words in ((call.ringing_after_s, "ringing"), (call.answered_after_s, "answered")):
        if after_s is not None:
            yield f"{after_s:7.2f} s  {words}"
    if call.keys_pressed:
        yield f"           pressed {call.keys_pressed}"
    if call.keys_heard:
        yield f"           heard the keys {call.keys_heard}"
    if call.ended_after_s is not None:
        cause = f" ({call.cause})" if call.cause else ""
        words = f"{call.sip_code} {call.sip_reason}{cause}"
        yield f"{call.ended_after_s:7.2f} s  ended by {call.ended_by}: {words}"
        yield f"           talked {call.talked_s:.1f} s"
    if call.heard:
        yield f"Heard ({call.heard_file}):"
    for second in call.heard:
        pitches = ", ".join(f"{pitch} Hz" for pitch in second.pitches_hz) or "silence"
        yield f"  second {second.at_s:3}  {second.loudness_dbfs:6.1f} dBFS  {pitches}"

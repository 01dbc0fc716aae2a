"""The switch's own event log (CEL): what happened while nobody was listening.

Asterisk writes one line per event, by itself, whether a controller is there or not. The log is CSV; its
last line may be half written, and its files are rotated by `rotate`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from madoguchi.kit.clock import check_aware
from madoguchi.switch.asterisk.arrival import decode, endpoint_of, plain
from madoguchi.switch.asterisk.events import came_in, is_nobody
from madoguchi.switch.asterisk.plain_files import CEL_FIELDS
from madoguchi.switch.port import CallArrived, PastLeg

_KEPT_FILES = 9
_ROTATE_AT_BYTES = 16 * 1024 * 1024
_BEGIN = re.compile(r'"[A-Z_]{4,20}","\d{9,11}\.\d{6}",')
_PURPOSES = {"from-trunk": "in", "from-visitor": "in", "from-desk": "desk"}


@dataclass(slots=True)
class _Leg:
    leg_id: str
    began_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: int = 0
    released_to: str = ""
    channel: str = ""
    context: str = ""
    called: str = ""
    caller: str = ""
    caller_name: str = ""
    facts: str = ""


def read(file: Path, *, node: str, since: datetime) -> tuple[PastLeg, ...]:
    """Legs that began or ended at or after `since`, oldest first; lines that are not whole are left out.

    The leg's ids tell who made it: those of calls that came in begin with the node's name.
    """
    check_aware(since)
    legs: dict[str, _Leg] = {}
    for row in _rows(_files(file, since)):
        _note(legs, row)
    past = (_past(leg, node) for leg in legs.values() if leg.began_at is not None)
    wanted = [leg for leg in past if max(leg.began_at, leg.ended_at or leg.began_at) >= since]
    return tuple(sorted(wanted, key=lambda leg: leg.began_at))


def rotate(file: Path, *, at_bytes: int = _ROTATE_AT_BYTES) -> bool:
    """Put the log aside when it has grown to `at_bytes`; Asterisk begins a new one with its next line."""
    if not file.exists() or file.stat().st_size < at_bytes:
        return False
    _aside(file, _KEPT_FILES).unlink(missing_ok=True)
    for number in range(_KEPT_FILES - 1, 0, -1):
        older = _aside(file, number)
        if older.exists():
            older.replace(_aside(file, number + 1))
    file.replace(_aside(file, 1))
    return True


def _aside(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.{number}")


def _files(file: Path, since: datetime) -> list[Path]:
    """The files to read, oldest first: those written since, and one before, where their legs may begin."""
    numbered = [file, *(_aside(file, number) for number in range(1, _KEPT_FILES + 1))]
    chosen: list[Path] = []
    for candidate in numbered:
        if not candidate.exists():
            continue
        chosen.append(candidate)
        if candidate.stat().st_mtime < since.timestamp():
            break
    return chosen[::-1]


def _rows(files: Iterable[Path]) -> Iterator[dict[str, str]]:
    for file in files:
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            # Rotated away between listing and reading; its lines are in the next file of the list.
            continue
        whole, _, _half = data.rpartition(b"\n")
        # Line by line, so that a quote which a crash left open ends with its line.
        for line in whole.decode("utf-8", "replace").split("\n"):
            values = _values(line)
            if len(values) == len(CEL_FIELDS):
                yield dict(zip(CEL_FIELDS, values, strict=True))


def _values(line: str) -> list[str]:
    begins = list(_BEGIN.finditer(line))
    if not begins:
        return []
    # After a crash the next process writes on where the last one stopped: only the last beginning is whole.
    try:
        return next(csv.reader([line[begins[-1].start() :].replace("\x00", "")], strict=True))
    except csv.Error:
        return []


def _note(legs: dict[str, _Leg], row: dict[str, str]) -> None:
    if is_nobody(row["channame"]) or not row["uniqueid"]:
        return
    try:
        at = datetime.fromtimestamp(float(row["eventtime"]), UTC)
    except (ValueError, OverflowError, OSError):
        return
    leg = legs.setdefault(row["uniqueid"], _Leg(row["uniqueid"]))
    match row["eventtype"]:
        case "CHAN_START":
            leg.began_at, leg.channel, leg.context = at, row["channame"], row["context"]
            leg.called, leg.caller, leg.caller_name = row["exten"], row["num"], row["name"]
        case "ANSWER":
            leg.answered_at = leg.answered_at or at
        case "HANGUP":
            leg.cause = _cause(row["extra"])
        case "CHAN_END":
            leg.ended_at = at
        case "ARRIVAL":
            leg.facts = row["extra"]
        case "RELEASED":
            leg.released_to = _extra(row["extra"])


def _cause(extra: str) -> int:
    try:
        return int(json.loads(extra)["hangupcause"])
    except (ValueError, KeyError, TypeError):
        return 0


def _extra(text: str) -> str:
    """What CELGenUserEvent was given: Asterisk wraps it as `{"extra":"…"}`."""
    try:
        return str(json.loads(text)["extra"])
    except (ValueError, KeyError, TypeError):
        return text


def _past(leg: _Leg, node: str) -> PastLeg:
    began_at = leg.began_at or datetime.fromtimestamp(0, UTC)
    return PastLeg(
        leg_id=leg.leg_id,
        arrival=_arrival(leg, node, began_at) if came_in(leg.leg_id, node) else None,
        began_at=began_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        cause=leg.cause,
        released_to=leg.released_to,
    )


def _arrival(leg: _Leg, node: str, at: datetime) -> CallArrived:
    facts = decode(_extra(leg.facts))
    return CallArrived(
        node=node,
        at=at,
        leg_id=leg.leg_id,
        trunk=endpoint_of(leg.channel),
        called_raw=plain(leg.called),
        caller_raw=plain(leg.caller),
        caller_name=plain(leg.caller_name),
        presentation=facts.presentation,
        # A call that ended before its dialplan began left no facts; where it came in tells its purpose.
        purpose=facts.purpose or _PURPOSES.get(leg.context, ""),
        headers=facts.headers,
    )

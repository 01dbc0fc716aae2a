"""What a call that comes in brings with it: the variable written by our dialplan, read back as facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from madoguchi.switch.asterisk.dialplan import COLON
from madoguchi.switch.port import CallArrived

_LIMIT = 256
# RFC 3323 section 4.2, RFC 3325 section 9.3: each of them asks that nobody is shown who calls.
_HIDING = frozenset({"id", "user", "header", "session"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The parts of an arrival that are not in the channel itself."""

    purpose: str = ""
    presentation: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def decode(text: str) -> Facts:
    """Facts out of `purpose=in&presentation=…&From=…`, each value URI-encoded; what is odd is left out."""
    values: dict[str, str] = {}
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        if equals:
            values[name] = plain(unquote_to_bytes(value))
    purpose, presentation = values.pop("purpose", ""), values.pop("presentation", "")
    headers = {name: value.replace(COLON, ":") for name, value in values.items() if value}
    if _asks_to_hide(headers.get("Privacy", "")) and not presentation.startswith("prohib"):
        # Asterisk obeys Privacy only beside a P-Asserted-Identity, and takes the number from From otherwise.
        presentation = "prohib"
    return Facts(purpose=purpose, presentation=presentation, headers=headers)


def _asks_to_hide(privacy: str) -> bool:
    words = re.split(r"[;,]", privacy)
    return not _HIDING.isdisjoint(word.strip().lower() for word in words)


def arrived(channel: Mapping[str, Any], facts: Facts, *, node: str, at: datetime) -> CallArrived:
    """The event for a channel of ARI that we did not dial. Raises KeyError or TypeError when it is none."""
    caller = channel["caller"]
    return CallArrived(
        node=node,
        at=at,
        leg_id=channel["id"],
        trunk=endpoint_of(channel["name"]),
        called_raw=plain(channel["dialplan"]["exten"]),
        caller_raw=plain(caller["number"]),
        caller_name=plain(caller["name"]),
        presentation=facts.presentation,
        purpose=facts.purpose,
        headers=facts.headers,
    )


def endpoint_of(channel_name: str) -> str:
    """`PJSIP/line-a-0000001f` → `line-a`."""
    return channel_name.partition("/")[2].rpartition("-")[0]


def plain(value: str | bytes) -> str:
    """A stranger's text: decoded with replacement, NUL taken out (PostgreSQL has no such text), cut."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    # A lone surrogate is possible in JSON and impossible in UTF-8.
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:_LIMIT]

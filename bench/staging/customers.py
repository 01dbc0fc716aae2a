"""Customers with real telephones: they call in over the line, or stand behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from staging.telephone import Telephone

CUSTOMER_HZ = 910
"""The voice of every customer; no note of our music."""


class Customers:
    """Makes telephones of customers; all of them are gone after the test."""

    def __init__(self, folder: Path, sip_port: int) -> None:
        self._folder, self._sip_port = folder, sip_port
        self.made: list[Telephone] = []

    def call(self, number: str, called: str, **plan: Any) -> Telephone:
        """Call one of our numbers from `number`, speaking CUSTOMER_HZ."""
        return self._make(
            own_uri=f"sip:{number}@127.0.0.1",
            call=f"sip:{called}@127.0.0.1:{self._sip_port}",
            tone_hz=CUSTOMER_HZ,
            **plan,
        )

    def _make(self, **plan: Any) -> Telephone:
        self.made.append(Telephone(self._folder, f"heard-{len(self.made)}", **plan))
        return self.made[-1]


def outside(folder: Path, port: int) -> Telephone:
    """A customer behind the line, who answers whenever we call out.

    It is to stand there before the switch starts: a line that does not answer is not called over.
    """
    phone = Telephone(
        folder,
        "outside",
        lives_s=900,
        own_uri="sip:outside@127.0.0.1",
        port=port,
        tone_hz=CUSTOMER_HZ,
        answer_after_s=1.0,
    )
    phone.wait_for("ready")
    return phone

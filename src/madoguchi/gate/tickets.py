"""Tickets for the SIP WebSocket: made by a screen that knows who is there, read by the gate.

The gate asks no database, so that an outage of the database cuts no telephone. What it needs to know stands
in the ticket, signed: whose it is, for which endpoint, and since when. One ticket opens one connection.
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

MAX_AGE_S = 60
_SALT = "madoguchi.gate"


class TicketRefused(Exception):
    """A ticket is forged, altered, too old, or was used before."""


@dataclass(frozen=True, slots=True)
class Ticket:
    holder: str
    """Who is let in: an account's id, or `visitor:…` in the demonstration. Connections are counted by it."""
    endpoint: str
    """Name of their phone at the switch."""
    nonce: str


def ticket(holder: int | str, endpoint: str, *, key: str | None = None) -> str:
    """Sign a ticket for one connection within `MAX_AGE_S`; the key is the installation's own by default."""
    body = {"h": str(holder), "e": endpoint, "n": secrets.token_urlsafe(9)}
    return _signer(key or _own_key()).sign_object(body)


def read(text: str, *, key: str) -> Ticket:
    """The ticket that `text` is. Raises TicketRefused."""
    try:
        body = _signer(key).unsign_object(text, max_age=MAX_AGE_S)
        return Ticket(holder=str(body["h"]), endpoint=str(body["e"]), nonce=str(body["n"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError) as error:
        raise TicketRefused(type(error).__name__) from error


def _signer(key: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(key=key, salt=_SALT, fallback_keys=[])


def _own_key() -> str:
    # Read late: the gate itself runs without Django's settings.
    key: str = settings.INSTALLATION.secrets.gate_key
    return key

"""Passwords of telephones and lines, sealed in the database with a key that lies outside of it.

The switch needs them in clear, so they cannot be hashed; whoever has the database alone, or a dump of it, has
no use of them. Fernet (AES-128-CBC with HMAC-SHA256, random IV), by the installation's `sealing_key`: one
key, or several with commas between, the newest first. All of them open, the first one seals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class SealBroken(MadoguchiError):
    """A stored password was sealed with a key that this installation does not have (any more)."""

    code = "seal_broken"
    message = _(
        "Stored passwords of telephones and lines cannot be read: keys/secrets.json is not the file that they"
        " were sealed with. Put that file back from a backup. If it is lost: madoguchi reseal --forget"
    )
    status = 500


def seal(text: str) -> str:
    """What to store for `text`; nothing for nothing. Twice the same text is sealed differently."""
    return _sealer(settings.INSTALLATION.secrets.sealing_key).encrypt(text.encode()).decode() if text else ""


def opened(sealed: str) -> str:
    """The text that was sealed. Raises SealBroken."""
    if not sealed:
        return ""
    try:
        return _sealer(settings.INSTALLATION.secrets.sealing_key).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken from error


def opens(sealed: str) -> bool:
    """Whether we have the key of a sealed text."""
    try:
        opened(sealed)
    except SealBroken:
        return False
    return True


def convert(rows: models.QuerySet[models.Model], name: str, by: Callable[[str], str]) -> None:
    """Put each row's text `name` through `seal` or `opened`: for migrations."""
    changed: list[models.Model] = list(rows.only(name).select_for_update())
    for row in changed:
        setattr(row, name, by(getattr(row, name)))
    rows.model._default_manager.bulk_update(changed, [name], batch_size=500)


def unreadable(sealed: Iterable[str]) -> int:
    """How many of these texts we have no key for."""
    return sum(not opens(one) for one in sealed)


@lru_cache(maxsize=4)
def _sealer(keys: str) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])

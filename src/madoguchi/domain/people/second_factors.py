"""Where allauth keeps what a second factor is made of: sealed, as passwords of telephones are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Data = dict[str, Any]
SEALED = ("totp", "recovery_codes")
"""Types of authenticators with secrets; of a security key only the public half is stored."""
_TEXTS, _LISTS = ("secret", "seed"), ("migrated_codes",)


def put_through(data: Data, by: Callable[[str], str]) -> Data:
    """The data of an authenticator, each secret in it put through `seal` or `opened`.

    >>> put_through({"seed": "abc", "used_mask": 3}, str.upper)
    {'seed': 'ABC', 'used_mask': 3}
    """
    texts = {name: by(data[name]) for name in _TEXTS if name in data}
    lists = {name: [by(one) for one in data[name]] for name in _LISTS if name in data}
    return {**data, **texts, **lists}


def secrets_of(data: Data) -> Iterator[str]:
    """Every secret in the data of an authenticator, as it is stored."""
    yield from (data[name] for name in _TEXTS if name in data)
    for name in _LISTS:
        yield from data.get(name, ())

"""The only writer of trunks. Every change rings at control, which writes the switch's configuration anew."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.domain.ledger.actions import announce, note
from madoguchi.domain.ledger.changes import HIDDEN, applied
from madoguchi.domain.switchboard.sealing import opens, seal
from madoguchi.domain.trunks.errors import TrunkGone
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.probe import Report, Target, probe
from madoguchi.kit.phone_numbers import TrunkRules

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|[0-9A-Fa-f:]+")
LONGEST_SECRET = 200
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


@transaction.atomic
def create_trunk(values: Mapping[str, Any], *, demonstration: bool = False, acting_user: int | None) -> Trunk:
    """Add a line; `values` are fields of `Trunk`. Its endpoint gets a random name. Raises ValidationError."""
    trunk = Trunk(endpoint=f"line-{secrets.token_hex(6)}", demonstration=demonstration)
    return _store(trunk, values, "created_trunk", acting_user)


@transaction.atomic
def change_trunk(trunk_id: int, values: Mapping[str, Any], *, acting_user: int | None) -> Trunk:
    """Change a line. An empty `secret` keeps the old password. Raises ValidationError, TrunkGone."""
    return _store(_trunk(trunk_id), values, "changed_trunk", acting_user)


@transaction.atomic
def reseal(*, forget: bool) -> tuple[int, int]:
    """Seal every line's password with the newest key; how many were sealed, and how many forgotten.

    One that cannot be read is forgotten with `forget`, and must be typed anew; else SealBroken is raised.
    """
    sealed = forgotten = 0
    for trunk in Trunk.objects.select_for_update().exclude(secret_sealed=""):
        lost = forget and not opens(trunk.secret_sealed)
        trunk.secret_sealed = "" if lost else seal(trunk.secret)
        trunk.save(update_fields=["secret_sealed"])
        sealed, forgotten = sealed + (not lost), forgotten + lost
        if lost:
            note("forgot_trunk_secret", "trunk", trunk.pk, acting_user=None)
    announce(("control", "configuration"))
    return sealed, forgotten


def test_trunk(trunk_id: int, *, acting_user: int | None) -> Report:
    """Ask the provider whether this line can work; takes up to about 9 s. Raises TrunkGone.

    `queries.explain` says the report in words.
    """
    trunk = _trunk(trunk_id)
    # Outside of any transaction: the provider may take seconds to be silent.
    report = probe(
        Target(
            host=trunk.host,
            port=trunk.port,
            login=trunk.login,
            secret=trunk.secret,
            registers=trunk.kind == Trunk.Kind.REGISTRATION,
        )
    )
    note("tested_trunk", "trunk", trunk_id, acting_user=acting_user, finding=report.finding)
    return report


def _store(trunk: Trunk, values: Mapping[str, Any], verb: str, acting_user: int | None) -> Trunk:
    given = dict(values)
    secret = str(given.pop("secret", ""))
    changes = applied(trunk, given)
    # The stored one is not opened: a new password must be possible when the key of the old one is lost.
    problems = _problems(trunk, secret)
    if problems:
        raise ValidationError(problems)
    if secret:
        changes["secret"] = [None if trunk.pk is None else HIDDEN, HIDDEN]
        trunk.secret_sealed = seal(secret)
    trunk.save()
    note(verb, "trunk", trunk.pk, acting_user=acting_user, changes=changes)
    announce(("control", "configuration"))
    return trunk


def _problems(trunk: Trunk, secret: str) -> dict[str, list[str]]:
    """What the switch would refuse, by field: told here, where somebody can mend it."""
    found: dict[str, list[str]] = {}
    if not HOST.fullmatch(trunk.host):
        found["host"] = [_("This is no host name or address. Write it like sip.example.jp or 203.0.113.5.")]
    if not 1 <= trunk.port <= 65535:
        found["port"] = [_("A port lies between 1 and 65535.")]
    for name, value in (("login", trunk.login), ("secret", secret)):
        if UNPRINTABLE.search(value) or value != value.strip():
            found[name] = [_("It must be one line without spaces at its ends.")]
    if len(secret) > LONGEST_SECRET:
        found["secret"] = [_("A password has at most %(n)s letters.") % {"n": LONGEST_SECRET}]
    if trunk.kind == Trunk.Kind.REGISTRATION and not trunk.login:
        found["login"] = [_("A line by registration needs the log-in that the provider gave you.")]
    for network in trunk.match_networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            found["match_networks"] = [_("“%(text)s” is no address or network.") % {"text": network}]
    try:
        TrunkRules.from_stored(trunk.number_rules)
    except ValueError as error:
        found["number_rules"] = [str(error)]
    return found


def _trunk(trunk_id: int) -> Trunk:
    found = Trunk.objects.filter(pk=trunk_id).first()
    if found is None:
        raise TrunkGone
    return found

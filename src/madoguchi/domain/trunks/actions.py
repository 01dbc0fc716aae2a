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
from madoguchi.domain.ledger.changes import applied
from madoguchi.domain.trunks.errors import TrunkGone
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.probe import Report, Target, probe
from madoguchi.kit.phone_numbers import TrunkRules

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|[0-9A-Fa-f:]+")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


@transaction.atomic
def create_trunk(values: Mapping[str, Any], *, demonstration: bool = False, acting_user: int | None) -> Trunk:
    """Add a line; `values` are fields of `Trunk`. Its endpoint gets a random name. Raises ValidationError."""
    trunk = Trunk(endpoint=f"line-{secrets.token_hex(6)}", demonstration=demonstration)
    return _store(trunk, values, "created_trunk", acting_user)


@transaction.atomic
def change_trunk(trunk_id: int, values: Mapping[str, Any], *, acting_user: int | None) -> Trunk:
    """Change a line. An empty `secret` keeps the old password. Raises ValidationError, TrunkGone."""
    given = {name: value for name, value in values.items() if name != "secret" or value}
    return _store(_trunk(trunk_id), given, "changed_trunk", acting_user)


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
    changes = applied(trunk, values, hidden={"secret"})
    problems = _problems(trunk)
    if problems:
        raise ValidationError(problems)
    trunk.save()
    note(verb, "trunk", trunk.pk, acting_user=acting_user, changes=changes)
    announce(("control", "configuration"))
    return trunk


def _problems(trunk: Trunk) -> dict[str, list[str]]:
    """What the switch would refuse, by field: told here, where somebody can mend it."""
    found: dict[str, list[str]] = {}
    if not HOST.fullmatch(trunk.host):
        found["host"] = [_("This is no host name or address. Write it like sip.example.jp or 203.0.113.5.")]
    if not 1 <= trunk.port <= 65535:
        found["port"] = [_("A port lies between 1 and 65535.")]
    for name in ("login", "secret"):
        value = getattr(trunk, name)
        if UNPRINTABLE.search(value) or value != value.strip():
            found[name] = [_("It must be one line without spaces at its ends.")]
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

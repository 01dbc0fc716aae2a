"""The only writer of trunks. Every change rings at control, which writes the switch's configuration anew."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.domain.ledger.actions import announce, note, step, write
from madoguchi.domain.ledger.changes import HIDDEN, applied
from madoguchi.domain.switchboard.sealing import opens, seal
from madoguchi.domain.trunks.errors import TrunkGone
from madoguchi.domain.trunks.health import Health, Tried, dead_since, judge
from madoguchi.domain.trunks.models import Trunk, TrunkWatch
from madoguchi.domain.trunks.probe import Report, probe
from madoguchi.domain.trunks.queries import target_of
from madoguchi.kit.phone_numbers import TrunkRules
from madoguchi.switch.lines import LineSeen

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|[0-9A-Fa-f:]+")
LONGEST_SECRET = 200
ASK_AGAIN = timedelta(minutes=5)
"""So often a line that does not work is asked why: the reason may change, and nobody is to be pestered."""
USER = re.compile(r"[^\s@;<>:?\"]+")
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
    report = probe(target_of(trunk))
    note("tested_trunk", "trunk", trunk_id, acting_user=acting_user, finding=report.finding)
    return report


@transaction.atomic
def lines_seen(seen: Mapping[str, LineSeen], tried: Mapping[str, Tried], *, at: datetime) -> list[int]:
    """Take in how the lines look at `at`, and what calls tell of them; both by endpoint.

    Writes only what changed, tells the floor of a line that died or came back, and returns the lines that
    should be asked why they do not work.
    """
    unexplained = []
    for trunk in Trunk.objects.filter(active=True, endpoint__in=list(seen)).select_related("watch"):
        watch = getattr(trunk, "watch", None) or TrunkWatch(trunk=trunk, since=at)
        changed = _take(watch, seen[trunk.endpoint], tried.get(trunk.endpoint, Tried()), at)
        if changed or watch._state.adding:
            watch.save()
        asked = watch.asked_at is not None and at - watch.asked_at < ASK_AGAIN
        if watch.health != Health.WORKS and not asked:
            unexplained.append(trunk.pk)
    return unexplained


@transaction.atomic
def line_explained(trunk_id: int, report: Report, *, at: datetime) -> None:
    """Keep what the provider said when it was asked why the line is dead."""
    TrunkWatch.objects.filter(trunk_id=trunk_id).update(
        finding=report.finding,
        address=report.address[:60],
        answer=report.answer[:120],
        asked_at=at,
    )
    announce(("floor", "attention"))


def _store(trunk: Trunk, values: Mapping[str, Any], verb: str, acting_user: int | None) -> Trunk:
    given = dict(values)
    secret = str(given.pop("secret", ""))
    before = _connection(trunk)
    changes = applied(trunk, given)
    # The stored one is not opened: a new password must be possible when the key of the old one is lost.
    problems = _problems(trunk, secret)
    if problems:
        raise ValidationError(problems)
    if secret:
        changes["secret"] = [None if trunk.pk is None else HIDDEN, HIDDEN]
        trunk.secret_sealed = seal(secret)
    trunk.save()
    if secret or _connection(trunk) != before:
        # What was known is of another line.
        TrunkWatch.objects.filter(trunk=trunk).delete()
    note(verb, "trunk", trunk.pk, acting_user=acting_user, changes=changes)
    announce(("control", "configuration"))
    return trunk


def _connection(trunk: Trunk) -> tuple[object, ...]:
    return (trunk.kind, trunk.host, trunk.port, trunk.login, trunk.active)


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
    if trunk.shown_in == Trunk.ShownIn.ASSERTED and not USER.fullmatch(trunk.login):
        found["shown_in"] = [_("From can carry the log-in only when it is a name or number without spaces.")]
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


def _take(watch: TrunkWatch, seen: LineSeen, tried: Tried, at: datetime) -> bool:
    changed = False
    if seen.answers != watch.answers:
        watch.answers, watch.answers_since, changed = seen.answers, at, True
    if seen.answers and not watch.has_answered:
        watch.has_answered = changed = True
    if seen.registered != watch.registered:
        watch.registered, watch.registered_since, changed = seen.registered, at, True
    if tried.heard_at is not None and tried.heard_at != watch.heard_at:
        watch.heard_at, changed = tried.heard_at, True
    if tried.in_vain_since != watch.in_vain_since:
        watch.in_vain_since, changed = tried.in_vain_since, True
    return _judge(watch, at) or changed


def _judge(watch: TrunkWatch, at: datetime) -> bool:
    old, new = watch.health, judge(watch.evidence, at, before=Health(watch.health))
    if new == old:
        return False
    watch.health = new
    watch.since = (dead_since(watch.evidence) if new == Health.DEAD else None) or at
    if new == Health.WORKS:
        watch.finding = watch.address = watch.answer = ""
    if old == Health.WORKS:
        watch.asked_at = None
    cause = {"answers": watch.answers, "registered": watch.registered, "in_vain": bool(watch.in_vain_since)}
    write([step("line", watch.trunk_id, old, new, event="seen", at=at, cause=cause)])
    if Health.DEAD in {old, new}:
        announce(("floor", "attention"))
    return True

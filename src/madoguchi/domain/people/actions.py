"""The only writer of accounts, and of what people without one may do."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection, transaction

from madoguchi.domain.ledger.actions import announce, note
from madoguchi.domain.ledger.changes import applied
from madoguchi.domain.people.allowances import counted_as
from madoguchi.domain.people.errors import LastAdministrator, NotYourself
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.people.second_factors import SEALED, put_through, secrets_of
from madoguchi.domain.switchboard.sealing import opened, opens, seal

LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not mistaken for each other when a password is read from paper."""


def new_password() -> str:
    """A random first password, 60 bits, in three groups that can be read aloud."""
    return "-".join("".join(secrets.choice(LEGIBLE) for _ in range(4)) for _ in range(3))


LONGEST_SPAN = timedelta(hours=1)
"""Counts are forgotten after so long, whatever they count."""
MOST_COUNTED = 10_000
"""With more addresses at once strangers are refused: whoever has so many means no good."""


@transaction.atomic
def create_account(values: Mapping[str, Any], *, acting_user: int | None) -> tuple[Account, str]:
    """Give somebody an account; returns it with its first password, which is never to be had again.

    They choose another one before anything else (`choose_password`). Raises ValidationError.
    """
    account, password = Account(), new_password()
    account.set_password(password)
    changes = applied(account, values)
    account.must_change_password = not account.demonstration
    account.save()
    note("created_account", "account", account.pk, acting_user=acting_user, changes=changes)
    return account, password


def note_log_in(account_id: int, *, address: str | None) -> None:
    """Put on record who came in, and from where."""
    note("logged_in", "account", account_id, acting_user=account_id, address=address)


def note_refused_log_in(username: str, *, address: str | None) -> None:
    """Put on record that somebody was not let in; what they typed is kept only where it names an account.

    People type their password into the wrong field.
    """
    known = Account.objects.filter(username=username[:150].replace("\0", "")).first()
    note("log_in_refused", "account", known.pk if known else "", acting_user=None, address=address)


@transaction.atomic
def change_account(account_id: int, values: Mapping[str, Any], *, acting_user: int | None) -> Account:
    """Rename an account, change its role or language. Raises ValidationError, LastAdministrator."""
    account = Account.objects.select_for_update().get(pk=account_id)
    if values.get("role", account.role) != Role.ADMINISTRATOR:
        _check_not_last(account)
    changes = applied(account, values)
    account.save()
    note("changed_account", "account", account_id, acting_user=acting_user, changes=changes)
    announce(("floor", "people"))
    return account


@transaction.atomic
def deactivate(account_id: int, *, even_the_last: bool = False, acting_user: int | None) -> None:
    """End a person's access at once. Nothing of theirs is deleted: history keeps its names.

    Raises NotYourself, LastAdministrator.
    """
    account = Account.objects.select_for_update().get(pk=account_id)
    if account_id == acting_user:
        raise NotYourself
    if not even_the_last:
        _check_not_last(account)
    account.is_active = False
    account.save(update_fields=["is_active"])
    _end_sessions(account)
    note("deactivated_account", "account", account_id, acting_user=acting_user)
    announce(("floor", "people"), ("control", "configuration"))


@transaction.atomic
def reactivate(account_id: int, *, acting_user: int | None) -> None:
    """Let a person in again, with the password they had."""
    Account.objects.filter(pk=account_id).update(is_active=True)
    note("reactivated_account", "account", account_id, acting_user=acting_user)
    announce(("floor", "people"), ("control", "configuration"))


@transaction.atomic
def reset_password(account_id: int, *, acting_user: int | None) -> str:
    """Give a person a new random password and end their sessions; returns the password, shown once.

    Who gave it knows it: the person chooses another one before anything else.
    """
    account, password = Account.objects.select_for_update().get(pk=account_id), new_password()
    account.set_password(password)
    # The demonstration prints its log-ins for everybody to try.
    account.must_change_password = not account.demonstration
    account.save(update_fields=["password", "must_change_password"])
    _end_sessions(account)
    note("reset_password", "account", account_id, acting_user=acting_user)
    return password


@transaction.atomic
def choose_password(account_id: int, password: str) -> Account:
    """Take a person's own password, examined already; nobody else knows it, so everything is open to them."""
    account = Account.objects.select_for_update().get(pk=account_id)
    account.set_password(password)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    note("chose_password", "account", account_id, acting_user=account_id)
    return account


@transaction.atomic
def reset_second_factor(account_id: int, *, acting_user: int | None) -> int:
    """Take away the second factors of somebody who lost theirs; returns how many there were."""
    removed, _by_model = Authenticator.objects.filter(user_id=account_id).delete()
    note("reset_second_factor", "account", account_id, acting_user=acting_user, removed=removed)
    return int(removed)


@transaction.atomic
def reseal_second_factors(*, forget: bool) -> tuple[int, int]:
    """Seal what second factors are made of with the newest key; how many were sealed, how many forgotten.

    One that cannot be read is taken away with `forget`, and its person sets up a new one; else SealBroken.
    """
    sealed = forgotten = 0
    for factor in Authenticator.objects.select_for_update().filter(type__in=SEALED):
        if forget and not all(opens(secret) for secret in secrets_of(factor.data)):
            factor.delete()
            note("forgot_second_factor", "account", factor.user_id, acting_user=None)
            forgotten += 1
            continue
        factor.data = put_through(factor.data, lambda secret: seal(opened(secret)))
        factor.save(update_fields=["data"])
        sealed += 1
    return sealed, forgotten


_FORGET = """
DELETE FROM people_allowance WHERE id IN
    (SELECT id FROM people_allowance WHERE began_at <= %(old)s ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
"""
_COUNT = """
INSERT INTO people_allowance AS a (what, who, began_at, used)
SELECT %(what)s, %(who)s, %(at)s, 1
WHERE (SELECT count(*) FROM people_allowance) < %(most)s
   OR EXISTS (SELECT FROM people_allowance WHERE what = %(what)s AND who = %(who)s)
ON CONFLICT (what, who) DO UPDATE SET
    used = CASE WHEN a.began_at <= %(since)s THEN 1 ELSE a.used + 1 END,
    began_at = CASE WHEN a.began_at <= %(since)s THEN excluded.began_at ELSE a.began_at END
RETURNING used
"""


@transaction.atomic
def use_allowance(what: str, address: str, *, at_most: int, within: timedelta, at: datetime) -> bool:
    """Count that somebody at an address does something; False when it was too often within the span.

    One statement counts, so that no two processes count past each other. Old counts are cleared on the way.
    """
    values: dict[str, Any] = {"what": what, "who": counted_as(address), "at": at, "since": at - within}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"old": at - LONGEST_SPAN})
        cursor.execute(_COUNT, values | {"most": MOST_COUNTED})
        found = cursor.fetchone()
    return found is not None and found[0] <= at_most


def _check_not_last(account: Account) -> None:
    if account.role != Role.ADMINISTRATOR or not account.is_active:
        return
    # Locked, so that two administrators cannot demote each other at the same moment.
    others = Account.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    if not any(other.pk != account.pk for other in others):
        raise LastAdministrator(name=account.name)


def _end_sessions(account: Account) -> None:
    for session in UserSession.objects.filter(user=account):
        session.end()

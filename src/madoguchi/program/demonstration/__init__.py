"""The demonstration: a small centre with two clients, people to log in as, and three weeks of past."""

from __future__ import annotations

import json
from random import Random

from django.conf import settings
from django.db import transaction

from madoguchi.domain.people.models import Account
from madoguchi.domain.queues.actions import let_go
from madoguchi.kit.clock import local, now
from madoguchi.program.demonstration import centre, past, people_who_call, roster

LogIn = tuple[str, str, str]
SEED = 20_261_121
"""Fixed, so that two demonstrations of the same day tell the same stories."""


def seed() -> list[LogIn]:
    """Fill a new database in one transaction; returns role, log-in and password of each person.

    Does nothing, and returns an empty list, when anybody has an account already. The caller keeps the
    passwords for printing: here only their hashes stay.
    """
    with transaction.atomic():
        if Account.objects.exists():
            return []
        chance, at = Random(SEED), now()  # noqa: S311 - stories, not secrets
        today = local(at).date()
        made = centre.build(today)
        people = people_who_call.invite(made.clients, chance, today)
        people_who_call.date_points(made.agents["sato"].account_id, at)
        past.write(made, people, chance, at)
        roster.plan(made.agents, today)
        return made.log_ins


def remove() -> int:
    """End the access of everybody the demonstration made, and forget their passwords; returns how many.

    The accounts stay as names in the history; what was set up in the office stays too. Unlike the office,
    this may lock out the last administrator: `madoguchi` makes a new one on the command line.
    """
    with transaction.atomic():
        theirs = list(Account.objects.filter(demonstration=True, is_active=True).order_by("pk"))
        for account in theirs:
            let_go(account.pk, acting_user=None, even_the_last=True)
    (settings.INSTALLATION.home / "keys" / "demonstration.json").unlink(missing_ok=True)
    return len(theirs)


def log_ins() -> list[LogIn]:
    """The log-ins that were kept for printing while the demonstration lasts."""
    file = settings.INSTALLATION.home / "keys" / "demonstration.json"
    return [(role, name, word) for role, name, word in json.loads(file.read_text())] if file.exists() else []

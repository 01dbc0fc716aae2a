"""What happens between “the database answers” and “the others start”: tables, demonstration, switch files.

Imported after Django is set up, since it reaches the models.
"""

import json
import os
from collections.abc import Callable, Iterable

from django.utils import translation

from madoguchi.config.installation import Installation
from madoguchi.control import configuring
from madoguchi.domain.people import actions
from madoguchi.domain.people.models import Account
from madoguchi.domain.switchboard.sealing import SealBroken
from madoguchi.program import database, demonstration, upgrading
from madoguchi.program.demonstration import LogIn
from madoguchi.program.errors import ProgramError

Say = Callable[[str], None]


def prepare(installation: Installation, say: Say) -> None:
    """Bring the database up to date, fill a new one with the demonstration, write Asterisk's configuration.

    Repeating it changes nothing.
    """
    if installation.database_url is None:
        database.cluster(installation).create_database()
    upgrading.upgrade(installation, say)
    if installation.public:
        _remove_demonstration(say)
    elif installation.demo and not Account.objects.exists():
        say("filling the new database with the demonstration centre")
        _keep(installation, demonstration.seed())
    elif installation.demo and not (installation.home / "keys" / "demonstration.json").exists():
        _renew_log_ins(installation)
    try:
        configuring.write()
    except SealBroken as error:
        # The terminal speaks English throughout.
        with translation.override("en"):
            raise ProgramError(error.shown()) from error


def _renew_log_ins(installation: Installation) -> None:
    """Give the demonstration's people new passwords: the program died before it had kept the first ones."""
    people = Account.objects.filter(demonstration=True, is_active=True).order_by("pk")
    made = [
        (str(one.get_role_display()), one.username, actions.reset_password(one.pk, acting_user=None))
        for one in people
    ]
    if made:
        _keep(installation, made)


def _remove_demonstration(say: Say) -> None:
    removed = demonstration.remove()
    if removed:
        say(f"{removed} accounts of the demonstration are closed, since the centre is open to the network")
    if not Account.objects.filter(is_active=True).exists():
        say("nobody can log in yet: make the first account with: madoguchi administrator NAME")


def _keep(installation: Installation, made: Iterable[LogIn]) -> None:
    file = installation.home / "keys" / "demonstration.json"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(list(made), stream, ensure_ascii=False)

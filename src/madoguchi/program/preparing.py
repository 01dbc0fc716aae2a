"""What happens between “the database answers” and “the others start”: tables, demonstration, switch files."""

import importlib.util
import json
import os
from collections.abc import Callable, Iterable

from madoguchi.config.installation import Installation
from madoguchi.program import asterisk, database, switch_view
from madoguchi.switch.asterisk import configuration

LogIn = tuple[str, str, str]
"""Role, user name, password."""
Say = Callable[[str], None]


def prepare(installation: Installation, say: Say) -> None:
    """Bring the database up to date, fill a new one with the demonstration, write Asterisk's configuration.

    Repeating it changes nothing.
    """
    if installation.database_url is None:
        database.cluster(installation).create_database()
    applied = database.migrate(installation)
    if applied:
        say(f"tables brought up to date ({applied} migrations)")
    if installation.demo and not installation.public and database.is_new():
        _seed(installation, say)
    configuration.write(
        switch_view.of(installation, asterisk.required(installation.asterisk_prefix)),
        installation.asterisk_run,
    )


def log_ins(installation: Installation) -> list[LogIn]:
    """The demonstration's log-ins; none once the centre is opened to the network."""
    file = installation.home / "keys" / "demonstration.json"
    if installation.public or not file.exists():
        return []
    return [(role, name, password) for role, name, password in json.loads(file.read_text())]


def _seed(installation: Installation, say: Say) -> None:
    if importlib.util.find_spec("madoguchi.program.demonstration") is None:
        return
    demonstration = importlib.import_module("madoguchi.program.demonstration")
    say("filling the new database with the demonstration centre")
    _keep(installation, demonstration.seed())


def _keep(installation: Installation, made: Iterable[LogIn]) -> None:
    file = installation.home / "keys" / "demonstration.json"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(list(made), stream, ensure_ascii=False)

"""The command `madoguchi upgrade`."""

import os
import sys

import click

from madoguchi import __version__
from madoguchi.config import installation
from madoguchi.program import database, privileges, up
from madoguchi.program.errors import ProgramError


@click.command()
@click.option("--check", is_flag=True, help="Only say what would be done; ends with 1 when something would.")
@click.option(
    "--backup/--no-backup", default=True, help="Write database and keys into the data folder first."
)
@click.option("--anyway", is_flag=True, help="Although other programs are connected to the database.")
def upgrade(check: bool, backup: bool, anyway: bool) -> None:
    """Bring the tables of the database to this version; the centre must be stopped."""
    privileges.leave_root()
    os.umask(0o077)
    here = installation.load()
    database.set_up_django()
    from madoguchi.program import upgrading

    if check:
        _check(here)
        return
    try:
        with up.alone(here), database.running(here):
            taken = upgrading.upgrade(here, click.echo, keep_backup=backup, anyway=anyway)
    except up.RunsAlready as error:
        raise ProgramError(
            f"{error} Stop it first (Ctrl-C, or systemctl stop madoguchi): calls end then."
        ) from error
    click.echo(f"✓ {taken} steps taken, the tables are those of {__version__}" if taken else _up_to_date())


def _check(here: installation.Installation) -> None:
    from madoguchi.program import upgrading

    with database.running(here):
        found = upgrading.look()
    upgrading.demand_not_newer(found)
    if not found.missing:
        click.echo(_up_to_date())
        return
    click.echo(f"from {found.version or 'a version that was not kept'} to {__version__}, by these steps:")
    for step in found.missing:
        click.echo(f"  {step}")
    sys.exit(1)


def _up_to_date() -> str:
    return f"✓ the tables are those of {__version__} already"

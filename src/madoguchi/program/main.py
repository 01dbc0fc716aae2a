"""The `madoguchi` command: each subcommand says in one line what it does and hands over."""

import contextlib
import errno
import os
import sys
import time
import traceback
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from madoguchi import __version__
from madoguchi.config import installation
from madoguchi.program import asterisk_install, database, moving, privileges
from madoguchi.program import up as upping
from madoguchi.program.call import call
from madoguchi.program.errors import ProgramError
from madoguchi.program.staffing import staffing
from madoguchi.program.upgrade import upgrade
from madoguchi.program.verify import verify

# The clock of whoever sits at the terminal, taken before Django puts its own zone into the process.
_ZONE = datetime.now().astimezone().tzinfo


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="madoguchi")
def program() -> None:
    """Madoguchi 窓口, an open-source contact centre."""
    # Read when NumPy is imported, which no command has done yet, and by all that `up` starts. Our matrices
    # are small: on two threads a forecast takes seven times the processor of one, and is no sooner there.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@program.command()
@click.option("--demo/--no-demo", default=None, help="Fill a new database with the demonstration centre.")
def up(demo: bool | None) -> None:
    """Start everything and keep it running until Ctrl-C."""
    if demo is not None:
        os.environ["MADOGUCHI_DEMO"] = "yes" if demo else "no"
    if os.geteuid() == 0:
        # While we still may write there: the cache is shared by all users of this machine.
        os.umask(0o022)
        cache = Path(os.environ.get("MADOGUCHI_ASTERISK_CACHE", "/var/cache/madoguchi/asterisk"))
        asterisk_install.ensure(cache, lambda text: tell("asterisk", text))
        privileges.leave_root()
    os.umask(0o077)
    upping.up(installation.load(), tell)


@program.command(hidden=True)
def prepare() -> None:
    """Bring the database up to date and write the switch's configuration (run by `up`)."""
    database.set_up_django()
    from madoguchi.program import preparing

    preparing.prepare(installation.load(), lambda text: tell("database", text))


@program.command()
@click.argument("name")
def administrator(name: str) -> None:
    """Make an account for an administrator, when nobody else can; prints its first password."""
    privileges.leave_root()
    database.set_up_django()
    from madoguchi.domain.people import actions
    from madoguchi.domain.people.models import Role

    _, password = actions.create_account(
        {"username": name, "name": name, "role": Role.ADMINISTRATOR}, acting_user=None
    )
    click.echo(f"{name} may log in with {password} and is asked to choose another password then.")


@program.command()
@click.option("--forget", is_flag=True, help="Give up the passwords whose key is lost.")
def reseal(forget: bool) -> None:
    """Seal the passwords of telephones and lines with the newest key of keys/secrets.json."""
    privileges.leave_root()
    here = installation.load()
    database.set_up_django()
    from madoguchi.program import sealing

    # With the key lost nothing else of us starts.
    with database.running(here):
        for line in sealing.reseal(forget=forget):
            click.echo(line)


@program.command()
@click.argument("file", type=click.Path(dir_okay=False))
def backup(file: str) -> None:
    """Write database, recordings, prompts and keys into FILE (a tar; - is the standard output)."""
    with moving.output(file) as target:
        if privileges.delegate(["backup", "-"], stdout=target):
            return
        os.umask(0o077)
        database.set_up_django()
        from madoguchi.program import backup as copying

        count = copying.write(installation.load(), target)
    click.echo(f"{count} files written", err=True)


@program.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--draft", is_flag=True, hidden=True, help="MADOGUCHI_HOME is the folder to fill, not its name."
)
def restore(file: str, draft: bool) -> None:
    """Fill a new data folder from a backup FILE (- is the standard input): the whole of it, or nothing."""
    with moving.input(file) as source:
        if draft:
            _fill_draft(source)
            return
        home = installation.home_of(os.environ)
        with moving.folder(home) as new:
            os.environ["MADOGUCHI_HOME"] = str(new.folder)
            if not privileges.delegate(["restore", "--draft", "-"], stdin=source, keep=[new.lock]):
                _fill_draft(source)
    click.echo(f"{home} holds what the backup held; start it with: madoguchi up", err=True)


def _fill_draft(source: IO[bytes]) -> None:
    os.umask(0o077)
    database.set_up_django()
    from madoguchi.program import restoring

    manifest = restoring.restore(installation.load(), source, lambda text: click.echo(text, err=True))
    click.echo(f"restored what was written on {manifest['made']}", err=True)


@program.command()
def doctor() -> None:
    """Examine every part and say how to mend what is wrong."""
    privileges.leave_root()
    here = installation.load()
    database.set_up_django()
    from madoguchi.program import doctor as examining

    findings = list(examining.examine(here))
    for found in findings:
        click.echo(f"{found.verdict} {found.part:<12} {found.said}")
        if found.mend:
            click.echo(f"  {'':<12} → {found.mend}")
    if any(found.verdict is examining.Verdict.BAD for found in findings):
        sys.exit(1)


@program.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own commands."""
    privileges.leave_root()
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
    execute_from_command_line(["madoguchi manage", *arguments])


program.add_command(call)
program.add_command(staffing)
program.add_command(verify)
program.add_command(upgrade)


@program.group()
def asterisk() -> None:
    """The telephone switch's program."""


@asterisk.command("install")
def install_asterisk() -> None:
    """Fetch the newest Asterisk into the cache and make it the one in use from the next start on."""
    os.umask(0o022)
    cache = Path(os.environ.get("MADOGUCHI_ASTERISK_CACHE") or installation.default_cache(os.environ))
    asterisk_install.install(cache, lambda text: tell("asterisk", text))


def tell(part: str, text: str) -> None:
    """Print one event of one part as one line."""
    # Whoever read our lines may be gone; that must not stop what runs.
    with contextlib.suppress(BrokenPipeError):
        click.echo(f"{datetime.now(_ZONE):%H:%M:%S}  {part:<9}  {text}")
        sys.stdout.flush()


def main() -> None:
    """Run the command; whatever goes wrong is one line, with the way to more."""
    try:
        program(prog_name="madoguchi", standalone_mode=True)
    except (ProgramError, installation.InstallationError) as error:
        _give_up(str(error))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            _give_up("The disk is full. Delete something, or set MADOGUCHI_HOME to a folder on another disk.")
        _give_up(f"{error.strerror or error}: {error.filename or 'the system gave no name'}.")
    except Exception as error:  # noqa: BLE001 - the outermost wall: nobody is to meet a traceback
        _give_up(f"Unexpected: {type(error).__name__}: {error}. The details are in {_details()}.")


def _give_up(message: str) -> None:
    click.echo(f"madoguchi: {message}", err=True)
    sys.exit(1)


def _details() -> Path | str:
    file = installation.home_of(os.environ) / "logs" / "program.log"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("a") as stream:
            _write_down(stream)
    except OSError:
        return "no file, since the data folder cannot be written"
    return file


def _write_down(stream: IO[str]) -> None:
    stream.write(f"\n{time.strftime('%Y-%m-%d %H:%M:%S')} {' '.join(sys.argv)}\n")
    traceback.print_exc(file=stream)

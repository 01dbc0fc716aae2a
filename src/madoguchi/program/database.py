"""The installation's database: its embedded cluster, and the way to it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from madoguchi.config.installation import Installation
from madoguchi.program import account, postgres
from madoguchi.program.errors import ProgramError


def programs(installation: Installation, version: int | None = None) -> Path:
    """Folder of PostgreSQL's programs: the server's own, and `pg_dump` with its kin.

    With `version` those of that major version, where they are installed: a server is best read by its own.
    """
    for folder in postgres.debian_clients() if version is not None else ():
        if folder.parent.name == str(version):
            return folder
    return postgres.find_programs(account.of_servers(), installation.home / "programs")


def cluster(installation: Installation, password: str | None = None) -> postgres.Cluster:
    """The embedded PostgreSQL of this installation; `password` when it is not the settings' one."""
    runs_as = account.of_servers()
    return postgres.Cluster(
        programs=programs(installation),
        data=installation.postgres_data,
        socket=installation.postgres_socket,
        password=password or installation.secrets.database_password,
        account=runs_as,
    )


@contextlib.contextmanager
def running(installation: Installation) -> Iterator[None]:
    """Let the database run for as long as the block; a server, or one that runs already, is left alone.

    Raises ProgramError when this data folder has none yet.
    """
    if installation.database_url is not None:
        yield
        return
    here = cluster(installation)
    if not (here.data / "PG_VERSION").exists():
        raise ProgramError(f"{installation.home} holds no database yet. Start it with: madoguchi up")
    here.prepare()
    if here.survivor() is not None:
        yield
        return
    installation.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = installation.logs / "postgres.log"
    with log.open("ab") as stream:
        server = here.start(stream)
    try:
        # After a crash it may have much to read before it answers.
        if not here.wait_until_ready(600, server):
            raise ProgramError(f"The database does not start. What it said is in {log}.")
        yield
    finally:
        postgres.stop(server.pid, 20)
        server.wait(10)


def set_up_django() -> None:
    """Make Django ready in this process, which asks a little and leaves; needed before models are touched."""
    import django

    os.environ["MADOGUCHI_POOL_MAX"] = "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
    django.setup()

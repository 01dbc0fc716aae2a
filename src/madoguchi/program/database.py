"""The installation's database: its embedded cluster, and its tables brought up to date."""

import os
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from madoguchi.config.installation import Installation
from madoguchi.program import account, postgres
from madoguchi.program.errors import ProgramError

# Held while migrating: two programs on one server must not migrate at the same time.
_MIGRATION_LOCK = 7_361_004


def programs(installation: Installation) -> Path:
    """Folder of PostgreSQL's programs: the server's own, and `pg_dump` with its kin."""
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


def migrate(installation: Installation) -> int:
    """Bring the tables up to date; returns how many migrations were applied."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            _demand_version(int(cursor.fetchone()[0]))
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
            executor = MigrationExecutor(connection)
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if missing:
                call_command("migrate", interactive=False, verbosity=0)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
    except OperationalError as error:
        where = "DATABASE_URL" if installation.database_url else str(installation.postgres_socket)
        raise ProgramError(f"The database at {where} does not answer: {str(error).strip()}") from error
    return len(missing)


def is_new() -> bool:
    """True while nobody has an account: the demonstration may be put in."""
    from django.contrib.auth import get_user_model

    return not get_user_model()._default_manager.exists()


def _demand_version(number: int) -> None:
    if number < postgres.OLDEST * 10_000:
        raise ProgramError(
            f"PostgreSQL {number // 10_000} is too old: Madoguchi needs {postgres.OLDEST} or later. "
            "Point DATABASE_URL at a newer server."
        )


def set_up_django() -> None:
    """Make Django ready in this process, which asks a little and leaves; needed before models are touched."""
    import django

    os.environ["MADOGUCHI_POOL_MAX"] = "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
    django.setup()

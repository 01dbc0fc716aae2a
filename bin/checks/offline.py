"""Django's commands where no database runs: `makemigrations --check`, `check`."""

import os
import sys
from unittest import mock

from django.core.management import execute_from_command_line
from django.db.migrations.loader import MigrationLoader


def main() -> None:
    """Run one of Django's commands that compares the code with itself, not with a database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
    # It would ask the database whether what was applied fits the files; here only the files count.
    with mock.patch.object(MigrationLoader, "check_consistent_history"):
        execute_from_command_line(["madoguchi", *sys.argv[1:]])


if __name__ == "__main__":
    main()

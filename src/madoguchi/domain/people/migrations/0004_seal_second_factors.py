"""What second factors are made of is sealed; on the way back it is opened again."""

from collections.abc import Callable
from typing import Any

from django.db import migrations

from madoguchi.domain.people.second_factors import SEALED, put_through
from madoguchi.domain.switchboard import sealing


def _all(apps: Any, by: Callable[[str], str]) -> None:
    stored = apps.get_model("mfa", "Authenticator").objects.filter(type__in=SEALED)
    for row in stored.select_for_update():
        row.data = put_through(row.data, by)
        row.save(update_fields=["data"])


def seal(apps: Any, _editor: Any) -> None:
    _all(apps, sealing.seal)


def open_again(apps: Any, _editor: Any) -> None:
    _all(apps, sealing.opened)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_allowances"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(seal, open_again)]

"""Passwords of lines are sealed; on the way back they are opened again."""

from typing import Any

from django.db import migrations, models

from madoguchi.domain.switchboard import sealing


def seal(apps: Any, _editor: Any) -> None:
    sealing.convert(apps.get_model("trunks", "Trunk").objects.all(), "secret_sealed", sealing.seal)


def open_again(apps: Any, _editor: Any) -> None:
    sealing.convert(apps.get_model("trunks", "Trunk").objects.all(), "secret_sealed", sealing.opened)


class Migration(migrations.Migration):
    dependencies = [("trunks", "0001_initial")]

    operations = [
        migrations.RenameField("trunk", "secret", "secret_sealed"),
        migrations.AlterField("trunk", "secret_sealed", models.TextField(blank=True, editable=False)),
        migrations.RunPython(seal, open_again),
    ]

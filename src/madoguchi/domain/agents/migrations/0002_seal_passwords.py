"""Passwords of telephones are sealed; on the way back they are opened again."""

from typing import Any

from django.db import migrations, models

from madoguchi.domain.switchboard import sealing


def seal(apps: Any, _editor: Any) -> None:
    sealing.convert(apps.get_model("agents", "Agent").objects.all(), "sip_secret_sealed", sealing.seal)


def open_again(apps: Any, _editor: Any) -> None:
    sealing.convert(apps.get_model("agents", "Agent").objects.all(), "sip_secret_sealed", sealing.opened)


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]

    operations = [
        migrations.RenameField("agent", "sip_secret", "sip_secret_sealed"),
        migrations.AlterField("agent", "sip_secret_sealed", models.TextField(editable=False)),
        migrations.RunPython(seal, open_again),
    ]

"""Who has a password that somebody else made chooses another one first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="must_change_password",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]

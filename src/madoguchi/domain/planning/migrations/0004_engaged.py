from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0003_what_ifs"),
    ]

    operations = [
        migrations.AddField(
            model_name="causereport",
            name="engaged",
            field=models.PositiveIntegerField(default=0),
        ),
    ]

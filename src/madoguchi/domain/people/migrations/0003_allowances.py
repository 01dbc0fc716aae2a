"""What strangers may do is counted in the database, and so are wrong guesses at the log-in."""

from django.db import migrations, models

# As `createcachetable` makes it; a migration, so that nobody has to know of that command.
CACHE = """
CREATE TABLE people_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
);
CREATE INDEX people_cache_expires ON people_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_must_change_password")]

    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=32)),
                ("who", models.CharField(max_length=64)),
                ("began_at", models.DateTimeField(db_index=True)),
                ("used", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("what", "who"), name="one_allowance")],
            },
        ),
        migrations.RunSQL(CACHE, "DROP TABLE people_cache"),
    ]

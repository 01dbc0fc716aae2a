import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="customernumber",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["e164"], name="customer_number_part", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]

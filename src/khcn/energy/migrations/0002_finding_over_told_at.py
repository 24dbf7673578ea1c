"""When people were told that a fault is over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("energy", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="over_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

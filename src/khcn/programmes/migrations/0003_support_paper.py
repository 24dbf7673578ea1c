"""Requests for support that came on paper; consents of requests outside the calls of programmes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns with defaults, one that may be empty."""

    dependencies = [("programmes", "0002_consent_texts")]

    operations = [
        migrations.AddField("supportrequest", "received_on", models.DateField(blank=True, null=True)),
        migrations.AddField(
            "supportrequest",
            "source",
            models.CharField(
                choices=[("web", "Trên trang này"), ("paper", "Trên giấy")], default="web", max_length=5
            ),
        ),
        migrations.AlterField(
            "consent",
            "programme",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="programmes.programme",
            ),
        ),
    ]

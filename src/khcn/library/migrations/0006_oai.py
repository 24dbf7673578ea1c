"""Tables of the area "oai"."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0005_usage_by_day")]

    operations = [
        migrations.CreateModel(
            name="OaiFollower",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("seq", models.BigIntegerField(default=0)),
                ("stamp", models.DateTimeField()),
                ("turn", models.BigIntegerField(default=0)),
                ("confirmed", models.BooleanField(default=True)),
                ("since", models.DateTimeField()),
                ("namespace", models.CharField(max_length=253)),
                ("swept_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "bộ theo dõi OAI-PMH",
                "verbose_name_plural": "bộ theo dõi OAI-PMH",
            },
        ),
        migrations.CreateModel(
            name="OaiRecord",
            fields=[
                (
                    "work_id",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="tài liệu"),
                ),
                ("datestamp", models.DateTimeField(verbose_name="mốc thời gian")),
                ("deleted", models.BooleanField(default=False, verbose_name="không còn công khai")),
                ("digest", models.CharField(max_length=32)),
            ],
            options={
                "verbose_name": "bản ghi OAI-PMH",
                "verbose_name_plural": "bản ghi OAI-PMH",
                "indexes": [models.Index(fields=["datestamp", "work_id"], name="library_oai_stamp")],
            },
        ),
        migrations.CreateModel(
            name="OaiSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("spec", models.CharField(max_length=100, verbose_name="tập hợp")),
                ("datestamp", models.DateTimeField(verbose_name="mốc thời gian")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sets",
                        to="library.oairecord",
                    ),
                ),
            ],
            options={
                "verbose_name": "tập hợp của bản ghi OAI-PMH",
                "verbose_name_plural": "tập hợp của bản ghi OAI-PMH",
                "indexes": [
                    models.Index(fields=["spec", "datestamp", "record"], name="library_oai_set_stamp")
                ],
                "constraints": [models.UniqueConstraint(fields=("record", "spec"), name="library_oai_set")],
            },
        ),
    ]

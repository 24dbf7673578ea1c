"""Tables of the area "versions"; works get their number by a default of the database, their first version when needed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0008_catalogue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="work",
            name="version",
            field=models.PositiveSmallIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.CreateModel(
            name="WorkVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="bản")),
                ("made_at", models.DateTimeField()),
                ("note", models.TextField(blank=True, verbose_name="có gì thay đổi")),
                ("snapshot", models.JSONField(default=dict)),
                ("files", models.JSONField(default=list)),
                ("hidden_reason", models.CharField(blank=True, max_length=500, verbose_name="lý do ẩn")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="library.importbatch",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "work",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="library.work",
                    ),
                ),
            ],
            options={
                "verbose_name": "bản của tài liệu",
                "verbose_name_plural": "các bản của tài liệu",
                "ordering": ["work", "-number"],
            },
        ),
        migrations.CreateModel(
            name="VersionCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("note", models.CharField(max_length=500, verbose_name="đã sửa gì")),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="library.workversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "sửa nhỏ",
                "verbose_name_plural": "các sửa nhỏ",
                "ordering": ["-made_at", "-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="workversion",
            constraint=models.UniqueConstraint(fields=("work", "number"), name="library_version_once"),
        ),
        migrations.AddConstraint(
            model_name="workversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="library_version_from_one"
            ),
        ),
    ]

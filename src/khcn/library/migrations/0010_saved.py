"""Tables of the area "saved": searches that people keep, what they were told, the columns they exported last."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0009_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("columns", models.JSONField(default=list)),
                ("kind", models.CharField(default="xlsx", max_length=8)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "cột đã chọn khi xuất",
                "verbose_name_plural": "cột đã chọn khi xuất",
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.EmailField(blank=True, max_length=254)),
                ("name", models.CharField(max_length=120, verbose_name="tên")),
                ("params", models.CharField(max_length=2000)),
                (
                    "alert",
                    models.CharField(
                        choices=[
                            ("never", "Không báo"),
                            ("daily", "Mỗi ngày một lần"),
                            ("weekly", "Mỗi tuần một lần, sáng thứ Hai"),
                        ],
                        default="never",
                        max_length=8,
                        verbose_name="báo tin",
                    ),
                ),
                ("by_mail", models.BooleanField(default=False, verbose_name="báo bằng thư điện tử")),
                ("on_desk", models.BooleanField(default=False, verbose_name="báo trên bàn làm việc")),
                ("created_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("nonce", models.CharField(max_length=32)),
                ("told_at", models.DateTimeField()),
                ("told_id", models.BigIntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
                ("seen_id", models.BigIntegerField(default=0)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_searches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "lần tìm đã lưu",
                "verbose_name_plural": "lần tìm đã lưu",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SavedDigest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slot", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("work_ids", models.JSONField(default=list)),
                ("total", models.PositiveIntegerField(default=0)),
                (
                    "search",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digests",
                        to="library.savedsearch",
                    ),
                ),
            ],
            options={
                "verbose_name": "bản tin tài liệu mới",
                "verbose_name_plural": "bản tin tài liệu mới",
                "ordering": ["-id"],
            },
        ),
        migrations.AddIndex(
            model_name="savedsearch",
            index=models.Index(fields=["owner", "-id"], name="library_saved_owner"),
        ),
        migrations.AddIndex(
            model_name="savedsearch",
            index=models.Index(
                condition=models.Q(("address", ""), _negated=True),
                fields=["address"],
                name="library_saved_address",
            ),
        ),
        migrations.AddIndex(
            model_name="savedsearch",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="library_saved_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("owner__isnull", False), ("address", "")),
                    models.Q(("owner__isnull", True), models.Q(("address", ""), _negated=True)),
                    _connector="OR",
                ),
                name="library_saved_one_reader",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.CheckConstraint(
                condition=models.Q(("alert__in", ["never", "daily", "weekly"])), name="library_saved_alert"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("next_at__isnull", True), ("confirmed_at__isnull", False), _connector="OR"
                ),
                name="library_saved_nothing_before_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("address", ""), _negated=True),
                fields=("address", "params"),
                name="library_saved_once_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="saveddigest",
            constraint=models.UniqueConstraint(fields=("search", "slot"), name="library_saved_digest_once"),
        ),
    ]

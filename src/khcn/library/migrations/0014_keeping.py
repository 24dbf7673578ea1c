"""Fixity: what the last look at each original found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0013_viewer")]

    operations = [
        migrations.CreateModel(
            name="FileCheck",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("size_bytes", models.PositiveBigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("intact", "Nguyên vẹn"),
                            ("changed", "Nội dung đã khác"),
                            ("missing", "Không còn tệp"),
                            ("unreadable", "Không đọc được"),
                        ],
                        max_length=10,
                        verbose_name="kết quả",
                    ),
                ),
                ("found_sha256", models.CharField(blank=True, max_length=64)),
                ("checked_at", models.DateTimeField(verbose_name="kiểm tra lúc")),
                ("since", models.DateTimeField(verbose_name="từ lúc")),
            ],
            options={
                "verbose_name": "lần kiểm tra tệp gốc",
                "verbose_name_plural": "lần kiểm tra tệp gốc",
                "ordering": ["checked_at"],
                "indexes": [
                    models.Index(fields=["checked_at"], name="library_check_oldest"),
                    models.Index(
                        condition=models.Q(("state__in", ["changed", "missing", "unreadable"])),
                        fields=["sha256"],
                        name="library_check_faults",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["intact", "changed", "missing", "unreadable"])),
                        name="library_check_state",
                    )
                ],
            },
        ),
    ]

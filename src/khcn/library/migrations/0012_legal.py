"""Tables of the area "legal": dates and parts of relations, proposals read from texts.

Safe while the previous release runs: new tables, new columns that are empty or have a default of the database.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RELATIONS = [
    ("amends", "sửa đổi, bổ sung"),
    ("replaces", "thay thế"),
    ("repeals", "bãi bỏ, làm hết hiệu lực"),
    ("corrects", "đính chính"),
    ("consolidates", "hợp nhất"),
    ("suspends", "ngưng hiệu lực"),
    ("guides", "hướng dẫn thi hành"),
    ("based_on", "căn cứ vào"),
    ("related", "liên quan đến"),
]
SOURCES = [
    ("stated", "có trong hồ sơ tài liệu"),
    ("proposed", "máy đọc từ văn bản, chưa ai kiểm"),
    ("accepted", "đọc từ văn bản, biên tập viên đã kiểm"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0011_usage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LegalScan",
            fields=[
                (
                    "work",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="legal_scan",
                        serialize=False,
                        to="library.work",
                    ),
                ),
                ("text_hash", models.CharField(max_length=64)),
                ("rules", models.PositiveSmallIntegerField()),
                ("scanned_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "lần đọc đề xuất",
                "verbose_name_plural": "lần đọc đề xuất",
            },
        ),
        migrations.AddField(
            model_name="workrelation",
            name="effective_date",
            field=models.DateField(blank=True, null=True, verbose_name="có hiệu lực từ ngày"),
        ),
        migrations.AddField(
            model_name="workrelation",
            name="part",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="phần được nhắc đến"
            ),
        ),
        migrations.AddField(
            model_name="workrelation",
            name="source",
            field=models.CharField(
                choices=SOURCES, db_default="stated", default="stated", max_length=10, verbose_name="nguồn"
            ),
        ),
        migrations.AddField(
            model_name="workrelation",
            name="until_date",
            field=models.DateField(blank=True, null=True, verbose_name="đến trước ngày"),
        ),
        migrations.AlterField(
            model_name="workrelation",
            name="kind",
            field=models.CharField(choices=RELATIONS, max_length=12, verbose_name="quan hệ"),
        ),
        migrations.CreateModel(
            name="LegalProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("based_on", "căn cứ vào"),
                            ("amends", "sửa đổi, bổ sung"),
                            ("replaces", "thay thế"),
                            ("repeals", "bãi bỏ, làm hết hiệu lực"),
                            ("corrects", "đính chính"),
                            ("consolidates", "hợp nhất"),
                            ("suspends", "ngưng hiệu lực"),
                            ("guides", "hướng dẫn thi hành"),
                            ("effective", "có hiệu lực từ ngày"),
                            ("expired", "hết hiệu lực từ ngày"),
                        ],
                        max_length=12,
                        verbose_name="quan hệ",
                    ),
                ),
                ("passive", models.BooleanField(default=False)),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="số, ký hiệu")),
                ("title", models.CharField(blank=True, max_length=500, verbose_name="tên văn bản")),
                ("cited_key", models.CharField(blank=True, editable=False, max_length=210)),
                ("issued_date", models.DateField(blank=True, null=True, verbose_name="ngày ban hành")),
                ("effective_date", models.DateField(blank=True, null=True, verbose_name="từ ngày")),
                ("part", models.CharField(blank=True, max_length=500, verbose_name="phần được nhắc đến")),
                ("sentence", models.CharField(max_length=700, verbose_name="câu trong văn bản")),
                ("page", models.PositiveIntegerField(blank=True, null=True, verbose_name="trang")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Chờ xem"),
                            ("accepted", "Đã chấp nhận"),
                            ("refused", "Đã bỏ qua"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "relation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="library.workrelation",
                    ),
                ),
                (
                    "work",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="library.work",
                    ),
                ),
            ],
            options={
                "verbose_name": "đề xuất quan hệ văn bản",
                "verbose_name_plural": "đề xuất quan hệ văn bản",
                "ordering": ["page", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["work"],
                        name="library_proposal_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("work", "kind", "passive", "cited_key", "part"), name="library_proposal_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "based_on",
                                    "amends",
                                    "replaces",
                                    "repeals",
                                    "corrects",
                                    "consolidates",
                                    "suspends",
                                    "guides",
                                    "effective",
                                    "expired",
                                ],
                            )
                        ),
                        name="library_proposal_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "accepted", "refused"])),
                        name="library_proposal_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True), ("decided_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="library_proposal_decided_when",
                    ),
                ],
            },
        ),
    ]

"""Tables of the area "harvest"."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0006_oai"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HarvestSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=36, unique=True, verbose_name="mã")),
                ("name", models.CharField(max_length=200, verbose_name="tên nguồn")),
                ("base_url", models.URLField(max_length=1000, verbose_name="địa chỉ OAI-PMH")),
                ("set_spec", models.CharField(blank=True, max_length=500, verbose_name="bộ")),
                ("set_name", models.CharField(blank=True, max_length=300)),
                ("prefix", models.CharField(default="oai_dc", max_length=100, verbose_name="định dạng")),
                ("granularity", models.CharField(default="day", max_length=6)),
                ("deleted_records", models.CharField(default="no", max_length=10)),
                ("private_network", models.BooleanField(default=False)),
                ("every_hours", models.PositiveIntegerField(default=24, verbose_name="lịch")),
                (
                    "rights",
                    models.CharField(
                        choices=[
                            (
                                "official",
                                "Văn bản hành chính, pháp luật (không thuộc phạm vi bảo hộ quyền tác giả)",
                            ),
                            ("public-domain", "Thuộc về công chúng"),
                            ("cc-by-4.0", "CC BY 4.0: dùng tự do, ghi nguồn"),
                            ("cc-by-sa-4.0", "CC BY-SA 4.0: dùng tự do, ghi nguồn, chia sẻ tương tự"),
                            ("cc-by-nc-4.0", "CC BY-NC 4.0: không dùng để kinh doanh, ghi nguồn"),
                            ("all-rights-reserved", "Giữ mọi quyền: chỉ để đọc"),
                            ("unknown", "Chưa rõ quyền sử dụng"),
                        ],
                        default="unknown",
                        max_length=24,
                        verbose_name="quyền sử dụng",
                    ),
                ),
                ("publish", models.BooleanField(default=False, verbose_name="đăng ngay")),
                ("offer_again", models.BooleanField(default=False, verbose_name="chia sẻ tiếp")),
                ("delete_percent", models.PositiveSmallIntegerField(default=10, verbose_name="ngưỡng xoá")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Đang thu thập"),
                            ("paused", "Tạm ngừng"),
                            ("failing", "Đang lỗi, sẽ thử lại"),
                            ("asking", "Chờ bạn quyết định"),
                        ],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("last_error", models.TextField(blank=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("last_success_at", models.DateTimeField(blank=True, null=True)),
                ("last_full_at", models.DateTimeField(blank=True, null=True)),
                ("next_run_at", models.DateTimeField(blank=True, null=True)),
                ("since", models.CharField(blank=True, max_length=20)),
                ("token", models.TextField(blank=True)),
                ("busy_by", models.CharField(blank=True, max_length=32)),
                ("busy_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
                (
                    "collection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="library.collection",
                        verbose_name="bộ sưu tập",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.unit",
                        verbose_name="đơn vị phụ trách",
                    ),
                ),
            ],
            options={
                "verbose_name": "nguồn thu thập",
                "verbose_name_plural": "nguồn thu thập",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="HarvestRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Đang chờ"),
                            ("running", "Đang chạy"),
                            ("done", "Xong"),
                            ("failed", "Dừng vì lỗi"),
                            ("stopped", "Bị dừng"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("full", models.BooleanField(default=False)),
                ("since", models.CharField(blank=True, max_length=20)),
                ("next_since", models.CharField(blank=True, max_length=20)),
                ("listed", models.BooleanField(default=False)),
                ("mark", models.CharField(blank=True, max_length=24)),
                ("total", models.PositiveIntegerField(blank=True, null=True)),
                ("pages", models.PositiveIntegerField(default=0)),
                ("records", models.PositiveIntegerField(default=0)),
                ("new", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("deleted", models.PositiveIntegerField(default=0)),
                ("skipped", models.PositiveIntegerField(default=0)),
                ("resumed", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("job_id", models.PositiveBigIntegerField(blank=True, null=True)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="library.harvestsource",
                    ),
                ),
            ],
            options={
                "verbose_name": "lần thu thập",
                "verbose_name_plural": "lần thu thập",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="HarvestItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(max_length=200)),
                ("identifier", models.TextField(verbose_name="mã ở nguồn")),
                ("title", models.CharField(blank=True, max_length=500)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("written", models.CharField(blank=True, max_length=64)),
                ("datestamp", models.CharField(blank=True, max_length=20)),
                ("deleted", models.BooleanField(default=False)),
                ("gone", models.BooleanField(default=False)),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Không"),
                            ("broken", "Không dùng được"),
                            ("duplicate", "Trùng tài liệu đã có"),
                            ("edited", "Đã sửa ở thư viện này, nguồn cũng đổi"),
                            ("closed", "Thủ thư đã trả lại, tạm dừng hoặc rút"),
                            ("gone-edited", "Nguồn đã xoá, nhưng đã được sửa ở thư viện này"),
                            ("sensitive", "Có dấu hiệu nhạy cảm, chờ xem"),
                            ("kept", "Nguồn đã xoá, thư viện giữ lại"),
                        ],
                        max_length=12,
                    ),
                ),
                ("message", models.TextField(blank=True)),
                ("held", models.JSONField(blank=True, null=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="library.work",
                    ),
                ),
                (
                    "work",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="library.work",
                    ),
                ),
                (
                    "seen_run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="library.harvestrun",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="library.harvestsource",
                    ),
                ),
            ],
            options={
                "verbose_name": "biểu ghi thu thập",
                "verbose_name_plural": "biểu ghi thu thập",
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="harvestsource",
            index=models.Index(fields=["state", "next_run_at"], name="library_harvest_due"),
        ),
        migrations.AddConstraint(
            model_name="harvestsource",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["active", "paused", "failing", "asking"])),
                name="library_source_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="harvestsource",
            constraint=models.CheckConstraint(
                condition=models.Q(("delete_percent__lte", 100)), name="library_source_percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="harvestrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "running", "done", "failed", "stopped"])),
                name="library_run_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="harvestrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=("source",),
                name="library_run_one_open",
            ),
        ),
        migrations.AddIndex(
            model_name="harvestitem",
            index=models.Index(
                condition=models.Q(("problem", ""), _negated=True),
                fields=["source", "problem"],
                name="library_harvest_problem",
            ),
        ),
        migrations.AddIndex(
            model_name="harvestitem",
            index=models.Index(
                condition=models.Q(("gone", True)), fields=["source", "gone"], name="library_harvest_gone"
            ),
        ),
        migrations.AddConstraint(
            model_name="harvestitem",
            constraint=models.UniqueConstraint(fields=("source", "external_id"), name="library_harvest_once"),
        ),
        migrations.AddConstraint(
            model_name="harvestitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "problem__in",
                        ["", "broken", "duplicate", "edited", "closed", "gone-edited", "sensitive", "kept"],
                    )
                ),
                name="library_harvest_problem_known",
            ),
        ),
    ]

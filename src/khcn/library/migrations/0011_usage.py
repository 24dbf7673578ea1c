"""Tables of the area "usage": sums by month, different readers, and which files of the spool were added up."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Sum
from django.db.models.functions import TruncMonth


def sum_up(apps, schema_editor):
    """Fill the months from the days counted so far. The daily duty does the same for what an old release adds."""
    days, months = apps.get_model("library", "UsageDay"), apps.get_model("library", "UsageMonth")
    rows = (
        days.objects.order_by()
        .annotate(first=TruncMonth("day"))
        .values("work_id", "first")
        .annotate(seen=Sum("views"), taken=Sum("downloads"))
    )
    made = [
        months(work_id=row["work_id"], month=row["first"], views=row["seen"], downloads=row["taken"])
        for row in rows.iterator(chunk_size=2000)
    ]
    months.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("library", "0010_saved")]

    operations = [
        migrations.CreateModel(
            name="UsageIntake",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True)),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "tệp đếm lượt đã cộng",
                "verbose_name_plural": "tệp đếm lượt đã cộng",
            },
        ),
        migrations.AddField(
            model_name="usageday",
            name="unique_downloads",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="usageday",
            name="unique_views",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="UsageMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("views", models.PositiveIntegerField(default=0)),
                ("downloads", models.PositiveIntegerField(default=0)),
                ("unique_views", models.PositiveIntegerField(default=0)),
                ("unique_downloads", models.PositiveIntegerField(default=0)),
                (
                    "work",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usage_months",
                        to="library.work",
                    ),
                ),
            ],
            options={
                "verbose_name": "lượt xem, tải theo tháng",
                "verbose_name_plural": "lượt xem, tải theo tháng",
                "ordering": ["-month"],
            },
        ),
        migrations.AddIndex(
            model_name="usagemonth",
            index=models.Index(fields=["month"], name="library_usage_month"),
        ),
        migrations.AddConstraint(
            model_name="usagemonth",
            constraint=models.UniqueConstraint(fields=("work", "month"), name="library_usage_once_a_month"),
        ),
        migrations.RunPython(sum_up, migrations.RunPython.noop, elidable=True),
    ]

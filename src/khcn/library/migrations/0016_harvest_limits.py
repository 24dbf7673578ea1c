"""Limits of a source that its operator sets: how much a run takes, how large an answer may be, at what hour it begins."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """New columns only, empty or with a default in the database: the previous release goes on beside them."""

    dependencies = [("library", "0015_api")]

    operations = [
        migrations.AddField(
            "harvestsource",
            "most_works",
            models.PositiveIntegerField(blank=True, null=True, verbose_name="nhiều nhất mỗi lần"),
        ),
        migrations.AddField(
            "harvestsource",
            "answer_mb",
            models.PositiveSmallIntegerField(db_default=32, default=32, verbose_name="cỡ câu trả lời (MB)"),
        ),
        migrations.AddField(
            "harvestsource",
            "at_hour",
            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="giờ bắt đầu"),
        ),
        migrations.AddField("harvestrun", "stop_at", models.PositiveIntegerField(blank=True, null=True)),
    ]

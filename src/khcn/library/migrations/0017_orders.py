"""Indexes that give the lists of published works in their whole order, so that no page sorts the library."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Each new index begins like the one that it takes the place of; the previous release is served by it too."""

    dependencies = [("library", "0016_harvest_limits")]

    operations = [
        migrations.AddIndex(
            "work", models.Index(fields=["state", "-updated_at", "-id"], name="library_work_changed")
        ),
        migrations.AddIndex(
            "work", models.Index(fields=["state", "sort_key", "id"], name="library_work_by_title")
        ),
        migrations.AddIndex("work", models.Index(fields=["state", "id"], name="library_work_number")),
        migrations.RemoveIndex("work", "library_work_desk"),
    ]

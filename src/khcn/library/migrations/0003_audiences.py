"""The audiences every library begins with; a librarian renames, adds and orders them later."""

from django.db import migrations

from khcn.engines.text.collate import sort_key

AUDIENCES = (
    ("pupils", "Học sinh"),
    ("teachers", "Giáo viên"),
    ("young_entrepreneurs", "Thanh niên khởi nghiệp"),
    ("workers_smes", "Người lao động, doanh nghiệp nhỏ và vừa"),
    ("officials", "Cán bộ, công chức"),
    ("public", "Mọi người"),
)


def seed(apps, schema_editor):
    audience = apps.get_model("library", "Audience")
    for place, (key, name) in enumerate(AUDIENCES, start=1):
        audience.objects.get_or_create(
            key=key, defaults={"name": name, "position": 10 * place, "sort_key": sort_key(name)}
        )


class Migration(migrations.Migration):
    dependencies = [("library", "0002_search")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

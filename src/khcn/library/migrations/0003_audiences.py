"""The audiences every library begins with; a librarian renames, adds and orders them later."""

from django.db import migrations

from khcn.engines.text.collate import sort_key

AUDIENCES = (
    ("pupils", "Học sinh", "Thí nghiệm, bài học, cuộc thi"),
    ("teachers", "Giáo viên", "Học liệu dùng lại được trên lớp"),
    ("young_entrepreneurs", "Thanh niên khởi nghiệp", "Bảo hộ ý tưởng, tìm vốn, thử nghiệm"),
    ("workers_smes", "Người lao động, doanh nghiệp nhỏ và vừa", "Nhãn hiệu, đo lường, chất lượng, chuyển đổi số"),
    ("officials", "Cán bộ, công chức", "Văn bản, kế hoạch, báo cáo"),
    ("public", "Mọi người", "Kiến thức cho đời sống hằng ngày"),
)


def seed(apps, schema_editor):
    audience = apps.get_model("library", "Audience")
    for place, (key, name, description) in enumerate(AUDIENCES, start=1):
        values = {"name": name, "description": description, "position": 10 * place, "sort_key": sort_key(name)}
        audience.objects.get_or_create(key=key, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("library", "0002_search")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

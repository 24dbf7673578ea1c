"""Deposits by programs: their origin, and the key by which they came."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A nullable column, and a state that older code never meets."""

    dependencies = [("core", "0002_api_answers"), ("library", "0014_keeping")]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="token",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="core.apitoken",
            ),
        ),
        migrations.AlterField(
            model_name="importbatch",
            name="origin",
            field=models.CharField(
                choices=[
                    ("web", "Biểu mẫu trên web"),
                    ("files", "Lệnh nhập tệp"),
                    ("jsonl", "Lệnh nhập JSONL"),
                    ("demo", "Nội dung mẫu"),
                    ("api", "Chương trình gửi qua API"),
                ],
                max_length=8,
            ),
        ),
    ]

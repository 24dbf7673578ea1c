"""Tables of the area "oai"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0005_usage_by_day")]

    operations = []

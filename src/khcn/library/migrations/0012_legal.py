"""Tables of the area "legal"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0011_usage")]

    operations = []

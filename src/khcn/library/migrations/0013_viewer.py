"""Tables of the area "viewer"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0012_legal")]

    operations = []

"""Tables of the area "saved"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0009_versions")]

    operations = []

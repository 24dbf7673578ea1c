"""Tables of the area "keeping"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0013_viewer")]

    operations = []

"""Tables of the area "usage"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0010_saved")]

    operations = []

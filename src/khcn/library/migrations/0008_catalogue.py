"""Tables of the area "catalogue"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0007_harvest")]

    operations = []

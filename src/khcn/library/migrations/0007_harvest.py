"""Tables of the area "harvest"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0006_oai")]

    operations = []

"""Tables of the area "versions"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0008_catalogue")]

    operations = []

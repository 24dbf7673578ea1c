"""Django application settings of ``khcn.orgs``."""

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """The app ``orgs``."""

    name = "khcn.orgs"
    label = "orgs"

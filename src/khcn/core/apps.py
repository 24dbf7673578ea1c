"""Django application settings of ``khcn.core``."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The app ``core``."""

    name = "khcn.core"
    label = "core"

"""Django application settings of ``khcn.ui``."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The app ``ui``."""

    name = "khcn.ui"
    label = "ui"

"""Django application settings of ``khcn.web``."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app ``web``."""

    name = "khcn.web"
    label = "web"

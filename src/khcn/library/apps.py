"""Django application settings of ``khcn.library``."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """The app ``library``."""

    name = "khcn.library"
    label = "library"

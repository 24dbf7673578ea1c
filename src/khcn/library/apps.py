"""Django application settings of ``khcn.library``."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """The app ``library``."""

    name = "khcn.library"
    label = "library"

    def ready(self) -> None:
        """Offer the library's parts to the others."""
        from khcn.library import wiring  # noqa: PLC0415  # models exist only now

        wiring.connect()

"""Django application settings of ``khcn.programmes``."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """The app ``programmes``: courses, visits, contests, support, exhibitions, from announcement to result."""

    name = "khcn.programmes"
    label = "programmes"

    def ready(self) -> None:
        """Offer the parts of this app to the others."""
        from khcn.programmes import wiring  # noqa: PLC0415  # models exist only now

        wiring.connect()

"""Django application settings of ``khcn.energy``."""

from django.apps import AppConfig


class EnergyConfig(AppConfig):
    """The app ``energy``: rooftop solar, meters and savings of public units."""

    name = "khcn.energy"
    label = "energy"

    def ready(self) -> None:
        """Offer the parts of this app to the others."""
        from khcn.energy import wiring  # noqa: PLC0415  # models exist only now

        wiring.connect()

"""Django application settings of ``khcn.markets``."""

from django.apps import AppConfig


class MarketsConfig(AppConfig):
    """The app ``markets``: market halls and the flow of their visitors."""

    name = "khcn.markets"
    label = "markets"

    def ready(self) -> None:
        """Offer the parts of this app to the others."""
        from khcn.markets import wiring  # noqa: PLC0415  # models exist only now

        wiring.connect()

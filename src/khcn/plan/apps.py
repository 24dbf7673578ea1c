"""Django application settings of ``khcn.plan``."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    """The app ``plan``: plans, work, money, reports, documents."""

    name = "khcn.plan"
    label = "plan"

    def ready(self) -> None:
        """Offer the parts of this app to the others."""
        from khcn.plan import wiring  # noqa: PLC0415  # models exist only now

        wiring.connect()

"""Django application settings of ``khcn.core``."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The app ``core``."""

    name = "khcn.core"
    label = "core"

    def ready(self) -> None:
        """Register core's periodic duties (needs the models, hence the late import)."""
        from khcn.core.duties import register_duties  # noqa: PLC0415

        register_duties()

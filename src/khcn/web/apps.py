"""Django application settings of ``khcn.web``."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app ``web``."""

    name = "khcn.web"
    label = "web"

    def ready(self) -> None:
        """Put what belongs to no single app into the desk's navigation."""
        from django.utils.translation import gettext as _  # noqa: PLC0415  # apps are ready only now

        from khcn.ui.desk import DeskSection, desk_sections  # noqa: PLC0415
        from khcn.web.desk import system_items  # noqa: PLC0415

        desk_sections.register("web", DeskSection(order=90, label=lambda: _("Hệ thống"), items=system_items))

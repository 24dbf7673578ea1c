"""``khcn assets``: build style sheets, fonts, scripts and charts' bundle."""

from typing import Any

from django.core.management.base import BaseCommand

from khcn.ui import build


class Command(BaseCommand):
    """Build what the pages need."""

    help = "Dựng giao diện / build the assets"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Build when a source has changed."""
        build.main()

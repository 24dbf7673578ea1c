"""``khcn config``: every setting with its meaning and its value here."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from pydantic import SecretStr

from khcn.web.settings_page import settings_markdown


class Command(BaseCommand):
    """Show the settings."""

    help = "Xem cấu hình / show the settings"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--markdown", action="store_true", help="trang tài liệu / the page of the docs")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the settings; secrets are never shown."""
        if options["markdown"]:
            self.stdout.write(settings_markdown(type(settings.KHCN)))
            return
        values = {
            f"KHCN_{name.upper()}": "***" if isinstance(value, SecretStr) else value
            for name, value in settings.KHCN.model_dump().items()
        }
        if options["json"]:
            self.stdout.write(json.dumps(values, ensure_ascii=False, indent=2, default=str))
            return
        for name, value in values.items():
            self.stdout.write(f"{name}={value}")

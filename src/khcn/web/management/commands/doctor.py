"""``khcn doctor``: what is configured, what is missing and how to mend it."""

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from khcn.core.prepare import ensure_ready
from khcn.web.doctor import Level, examine

_SIGNS = {Level.OK: "✓", Level.WATCH: "!", Level.BAD: "✗"}


class Command(BaseCommand):
    """Report on this installation; exit status 1 when something is bad."""

    help = "Kiểm tra cài đặt / examine this installation"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--lang", choices=["vi", "en"], default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine and print."""
        ensure_ready()
        with translation.override(options["lang"]):
            findings = examine()
        bad = any(finding.level == Level.BAD for finding in findings)
        if options["json"]:
            report = {"ok": not bad, "findings": [finding.as_dict() for finding in findings]}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            for finding in findings:
                self.stdout.write(f"{_SIGNS[finding.level]} {finding.name}: {finding.text}")
                if finding.mend and finding.level != Level.OK:
                    self.stdout.write(f"    → {finding.mend}")
        if bad:
            sys.exit(1)

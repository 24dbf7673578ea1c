"""``khcn markets models | analyse | evaluate | forecast | watch``: see ``docs/contract.md``."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from khcn.markets.counting import DEEDS, add_deeds, run_deed


class Command(BaseCommand):
    """Counting from the command line. The first four deeds need no database, and ``khcn`` runs them without Django."""

    help = "models | analyse | evaluate | forecast | watch: counts visitors of market halls"
    requires_system_checks: list[str] = []  # the checks cost half a second; `khcn doctor` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the deed and its options."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        add_deeds(deeds)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one deed."""
        if options["deed"] in DEEDS:
            status = run_deed(
                options,
                data_dir=Path(settings.KHCN.data_dir),
                out=getattr(self.stdout, "_out", sys.stdout),
                err=getattr(self.stderr, "_out", sys.stderr),
            )
            if status:
                raise SystemExit(status)

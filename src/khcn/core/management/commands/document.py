"""``khcn document check FILE.docx [--json]``: see ``docs/contract.md``."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from khcn.core.papers.command import add_deeds, run_deed


class Command(BaseCommand):
    """Documents from the command line; needs no database, and ``khcn`` runs it without Django."""

    help = "check FILE.docx"
    requires_system_checks: list[str] = []  # the checks cost half a second; `khcn doctor` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the deed and its options."""
        add_deeds(parser.add_subparsers(dest="deed", required=True))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the deed; what cannot be read is one line on standard error and exit code 1."""
        out, err = getattr(self.stdout, "_out", sys.stdout), getattr(self.stderr, "_out", sys.stderr)
        status = run_deed(options, out=out, err=err)
        if status:
            raise SystemExit(status)

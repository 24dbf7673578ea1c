"""``khcn profile list`` and ``khcn profile load NAME``: the units and words of a place."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready
from khcn.orgs.profiles import profile_names
from khcn.orgs.services.profiles import profile_load


class Command(BaseCommand):
    """Show or load data profiles."""

    help = "Nạp bộ dữ liệu đơn vị / load a data profile"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("deed", choices=["list", "load"])
        parser.add_argument("name", nargs="?", default=settings.KHCN.profile)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """List the profiles, or load one."""
        if options["deed"] == "list":
            names = profile_names()
            self.stdout.write(json.dumps(names) if options["json"] else "\n".join(names))
            return
        ensure_ready()
        try:
            result = profile_load(name=options["name"], actor=None, today=timezone.localdate())
        except KhcnError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps({"profile": options["name"], **asdict(result)}))
        else:
            self.stdout.write(
                f"{options['name']}: {result.created} đơn vị mới, {result.updated} đổi, {result.unchanged} giữ nguyên"
            )

"""``khcn web``: serve the site over plain HTTP on this machine."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from khcn.core.prepare import ensure_ready


class Command(BaseCommand):
    """Serve the site. A reverse proxy adds HTTPS in front (see deploy/)."""

    help = "Chạy trang web / serve the web site"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--address", default="127.0.0.1")
        parser.add_argument("--workers", type=int, default=settings.KHCN.web_workers)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the data folder, then become the server process (SIGTERM ends it within seconds)."""
        ensure_ready()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # threads share their free memory: a smaller process
        command = [
            sys.executable, "-m", "granian", "khcn.config.wsgi:application",
            "--interface", "wsgi",
            "--host", options["address"], "--port", str(options["port"]),
            "--workers", str(options["workers"]),
            "--blocking-threads", str(settings.KHCN.web_threads),
            "--workers-kill-timeout", "5",
            "--respawn-failed-workers",
            "--log-level", "warning",
            "--no-ws",
        ]  # fmt: skip
        self.stderr.write(f"Trang web: http://{options['address']}:{options['port']}/")
        self.stderr.flush()
        os.execv(sys.executable, command)  # noqa: S606  # the server replaces this process, no shell

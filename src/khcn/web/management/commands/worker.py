"""``khcn worker``: background work - queued tasks, the search index, periodic duties."""

import logging
import threading
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from khcn.core.prepare import ensure_ready
from khcn.core.tasks import run_due
from khcn.library.search.changes import IndexFollower

logger = logging.getLogger("khcn.worker")
TICK_SECONDS = 5.0


class Command(BaseCommand):
    """Run until stopped. Any number of workers may run beside each other."""

    help = "Chạy việc nền / run background work"

    def handle(self, *args: Any, **options: Any) -> None:
        """Follow index changes and periodic duties in threads; run queued tasks in the main thread."""
        ensure_ready()
        stop = threading.Event()
        helpers = [
            threading.Thread(target=self.follow_index, args=(stop,), name="index", daemon=True),
            threading.Thread(target=self.tick, args=(stop,), name="tick", daemon=True),
        ]
        for helper in helpers:
            helper.start()
        try:
            call_command(
                "db_worker", queue_name="*", interval=0.5, verbosity=0, startup_delay=False, reload=False
            )
        finally:
            stop.set()
            for helper in helpers:
                helper.join(timeout=5)

    def follow_index(self, stop: threading.Event) -> None:
        """Apply index changes as they come."""
        IndexFollower().run(stop.wait)

    def tick(self, stop: threading.Event) -> None:
        """Run what is due; a failure is logged and tried again at the next tick."""
        while not stop.wait(TICK_SECONDS):
            try:
                run_due(timezone.now())
            except Exception:
                logger.exception("periodic duties failed; next try in %s s", TICK_SECONDS)
            finally:
                close_old_connections()

"""``khcn demo``: load the demo content. Running it again changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from khcn.core.demo import load_demo
from khcn.core.prepare import ensure_ready


class Command(BaseCommand):
    """Load the demo content of every app."""

    help = "Nạp nội dung mẫu / load demo content"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, telling how far it is on standard error."""
        ensure_ready()
        load_demo(self.say)

    def say(self, text: str) -> None:
        """Write one line of progress."""
        self.stderr.write(text)
        self.stderr.flush()

"""Demo content of programmes: every area registers its part in :mod:`khcn.programmes.areas`."""

from django.utils import timezone

from khcn.core.demo import Progress
from khcn.programmes.areas import demo_parts


def load_demo(progress: Progress) -> None:
    """Load every part in order; a second run changes nothing."""
    now = timezone.now()
    for part in sorted(demo_parts.all(), key=lambda one: one.order):
        part.load(progress, now)

"""Loads the demo markets."""

from khcn.core.demo import Progress


def load_demo(progress: Progress) -> None:
    """Load what is missing of the demo markets."""

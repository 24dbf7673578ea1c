"""What the area "usage" of the library offers to the others, registered when Django is ready."""

from datetime import timedelta

from khcn.core.tasks import register_periodic
from khcn.library.services.usage_intake import months_settle, usage_take_in


def connect() -> None:
    """Register the area's parts."""
    register_periodic("library.usage", timedelta(minutes=5), usage_take_in)
    register_periodic("library.usage_months", timedelta(days=1), months_settle)

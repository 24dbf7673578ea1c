"""How long raw readings are kept."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

RAW_DAYS: Final = 90


def raw_days() -> int:
    """Return for how many days raw readings stay (``KHCN_ENERGY_RAW_DAYS``; intervals stay for ever)."""
    return int(getattr(settings.KHCN, "energy_raw_days", RAW_DAYS))


def raw_horizon(now: datetime) -> datetime:
    """Return the moment before which no raw readings are kept."""
    return now - timedelta(days=raw_days())

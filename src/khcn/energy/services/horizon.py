"""How long raw readings are kept."""

from datetime import datetime, timedelta

from django.conf import settings


def raw_days() -> int:
    """Return for how many days raw readings stay (``KHCN_ENERGY_RAW_DAYS``; intervals stay for ever)."""
    return int(settings.KHCN.energy_raw_days)


def raw_horizon(now: datetime) -> datetime:
    """Return the moment before which no raw readings are kept."""
    return now - timedelta(days=raw_days())

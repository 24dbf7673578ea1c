"""When a source is read again, and when everything of it: plain rules over its settings."""

from datetime import datetime, timedelta
from typing import Final

from khcn.core.calendar.rules import LOCAL_ZONE

_DAY_H: Final = 24
# Without word of deletions from the source, only reading everything shows what has vanished.
_FULL_EVERY: Final = {"no": timedelta(days=7), "transient": timedelta(days=30)}


def next_run(every_hours: int, at_hour: int | None, now: datetime) -> datetime | None:
    """Return when the clock starts the next run, ``None`` when only people start it.

    :param every_hours: 0 for never by itself.
    :param at_hour: the hour of the day in local time (0 to 23) at which runs begin, ``None`` for any. Only for sources
        that are read once a day or less.
    """
    if not every_hours:
        return None
    then = now + timedelta(hours=every_hours)
    if at_hour is None or every_hours < _DAY_H:
        return then
    slot = then.astimezone(LOCAL_ZONE).replace(hour=at_hour, minute=0, second=0, microsecond=0)
    return slot if slot > now else slot + timedelta(days=1)


def due_whole(deleted_records: str, last_full_at: datetime | None, now: datetime) -> bool:
    """Return whether only reading everything shows what has vanished (the source does not keep track of deletions)."""
    every = _FULL_EVERY.get(deleted_records)
    return every is not None and (last_full_at is None or last_full_at + every <= now)

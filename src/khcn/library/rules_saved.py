"""When digests of saved searches are due: in the morning, never at night."""

from datetime import datetime, time, timedelta
from typing import Final

from khcn.core.calendar.rules import LOCAL_ZONE
from khcn.library.enums import Alert

MORNING: Final = time(7, 30)
_MONDAY: Final = 0


def next_slot(after: datetime, alert: str) -> datetime | None:
    """Return the first morning after a moment on which an alert is due; ``None`` for none.

    Daily ones are due every morning, weekly ones on Mondays, half past seven local time.
    """
    if alert == Alert.NEVER:
        return None
    here = after.astimezone(LOCAL_ZONE)
    day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
    if alert == Alert.WEEKLY:
        day += timedelta(days=(_MONDAY - day.weekday()) % 7)
    return datetime.combine(day, MORNING, LOCAL_ZONE)

"""Camera trouble, re-derived from the reported minutes around the hours that changed: late reports mend the past."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from khcn.markets.models import Camera, CameraHour, CameraTrouble
from khcn.markets.rules.packing import HEALTH_BITS, Kind, unpack
from khcn.markets.rules.troubles import BRIDGE, MINUTE, Span, cut_out, joined, spans_of

HOUR = timedelta(hours=1)


def camera_troubles_refresh(
    camera: Camera, hours: Collection[datetime], *, heard_before: datetime | None
) -> None:
    """Make the troubles of one camera fit its minutes in ``hours``, in the caller's transaction.

    ``heard_before``: ``last_minute_at`` before this change; ``camera.last_minute_at`` is already the new one. A
    trouble that lasts until the last reported minute is still open.
    """
    if camera.last_minute_at is None:
        return
    last_end = camera.last_minute_at + MINUTE
    for start, end in _runs(hours):
        reports = _reports(camera, start, end)
        for kind, bit in HEALTH_BITS.items():
            window = _Window(camera, start, end, reports, heard_before, last_end)
            _refresh_kind(window, kind, bit)


@dataclass(frozen=True, slots=True)
class _Window:
    """Neighbouring hours of one camera with their reports, and until when it had been heard before and is now."""

    camera: Camera
    start: datetime
    end: datetime
    reports: dict[datetime, int]
    heard_before: datetime | None
    last_end: datetime


def _refresh_kind(window: _Window, kind: str, bit: int) -> None:
    camera, start, end, reports = window.camera, window.start, window.end, window.reports
    near = CameraTrouble.objects.filter(camera=camera, kind=kind, started_at__lte=end + BRIDGE).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=start - BRIDGE)
    )
    held = {row.started_at: row for row in near}
    spans = spans_of(reports, bit)
    for row in held.values():
        until = row.ended_at or max(row.started_at + MINUTE, (window.heard_before or row.started_at) + MINUTE)
        spans += cut_out(Span(row.started_at, until), start, end)
    wanted = {span.start: span.end for span in joined(spans, reports, bit)}
    for started_at, row in held.items():
        if started_at not in wanted:
            row.delete()
    for started_at, ended in wanted.items():
        ended_at = None if ended >= window.last_end else ended
        existing = held.get(started_at)
        if existing is None:
            CameraTrouble.objects.create(camera=camera, kind=kind, started_at=started_at, ended_at=ended_at)
        elif existing.ended_at != ended_at:
            existing.ended_at = ended_at
            existing.save(update_fields=["ended_at"])


def _runs(hours: Collection[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Yield windows (start, end) around neighbouring hours."""
    start: datetime | None = None
    end: datetime | None = None
    for hour in sorted(hours):
        if start is None or end is None:
            start, end = hour, hour + HOUR
        elif hour <= end:
            end = hour + HOUR
        else:
            yield start, end
            start, end = hour, hour + HOUR
    if start is not None and end is not None:
        yield start, end


def _reports(camera: Camera, start: datetime, end: datetime) -> dict[datetime, int]:
    """Return the health bits of every reported minute in the window."""
    found: dict[datetime, int] = {}
    rows = CameraHour.objects.filter(camera=camera, hour__gte=start, hour__lt=end)
    for hour, raw in rows.values_list("hour", "minutes"):
        minutes = unpack(Kind.CAMERA, raw)
        health = minutes.column("health")
        for minute in range(60):
            if minutes.present[minute]:
                found[hour + minute * MINUTE] = int(health[minute])
    return found

"""What the system counted at one gate over whole minutes, to lay beside a person's count."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from khcn.markets.models import Gate, GateHour
from khcn.markets.rules.packing import Kind, unpack

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SystemCount:
    """What the system counted at a gate in whole minutes. ``minutes``: (start, in, out) of the measured ones."""

    count_in: int
    count_out: int
    layout: int
    missing: int
    minutes: list[tuple[datetime, int, int]]


def system_count(gate: Gate, start: datetime, end: datetime) -> SystemCount:
    """Return the system's own count from ``start`` to ``end`` (whole minutes)."""
    first = start.replace(minute=0, second=0, microsecond=0)
    rows = GateHour.objects.filter(gate=gate, hour__gte=first, hour__lt=end).order_by("hour")
    found: list[tuple[datetime, int, int]] = []
    layout = 0
    for row in rows:
        packed = unpack(Kind.GATE, row.minutes)
        layout = max(layout, row.layout)
        ins, outs = packed.column("count_in"), packed.column("count_out")
        for minute in range(60):
            at = row.hour + minute * MINUTE
            if start <= at < end and packed.present[minute]:
                found.append((at, int(ins[minute]), int(outs[minute])))
    wanted = int((end - start) / MINUTE)
    total_in, total_out = sum(row[1] for row in found), sum(row[2] for row in found)
    return SystemCount(total_in, total_out, layout, wanted - len(found), found)

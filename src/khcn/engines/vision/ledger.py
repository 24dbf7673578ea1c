"""Which minute is which: the wall clock under suspicion, and minutes that come in several parts.

A minute is cut when a connection breaks, a layout changes, the box restarts or its clock is set. The centre replaces a
minute by a later report of the same one, so the parts are added up here before they are sent.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any

from khcn.engines.vision.minutes import CameraMinute, GateMinute, ZoneMinute

SLEW_S = 2.0  # the wall clock may stray this far from ours before it is looked at again
STEP_S = 30.0  # from here on a correction is a step that people must know of
KEEP = timedelta(hours=3)


@dataclass(slots=True)
class WallClock:
    """UTC for monotonic seconds. The wall clock is trusted until it steps; then the old minutes are closed first."""

    wall: Callable[[], datetime]
    monotonic: Callable[[], float]
    zero: datetime = field(init=False)  # UTC of monotonic 0

    def __post_init__(self) -> None:
        self.zero = self._now_zero()

    def _now_zero(self) -> datetime:
        return self.wall().astimezone(UTC) - timedelta(seconds=self.monotonic())

    def stepped(self) -> float:
        """Return by how many seconds the wall clock has left ours (0: it has not), and follow it from now on."""
        now = self._now_zero()
        away = (now - self.zero).total_seconds()
        if abs(away) < SLEW_S:
            return 0.0
        self.zero = now
        return away

    def at(self, mono: float) -> datetime:
        """Return UTC of a monotonic moment."""
        return self.zero + timedelta(seconds=mono)


class Ledger:
    """The minutes of the last hours, so that parts of one minute are added, never replaced."""

    def __init__(self, known: Iterable[CameraMinute] = ()) -> None:
        self._minutes: dict[tuple[str, datetime], CameraMinute] = {}
        for minute in known:  # in order of writing: the last one holds the sum
            self._minutes[minute.camera, minute.start] = minute

    def __contains__(self, key: tuple[str, datetime]) -> bool:
        return key in self._minutes

    def add(self, minute: CameraMinute) -> CameraMinute:
        """Return the minute with every part that came before."""
        key = (minute.camera, minute.start)
        before = self._minutes.get(key)
        whole = minute if before is None else merged(before, minute)
        self._minutes[key] = whole
        if len(self._minutes) > 4096:
            newest = max(start for _, start in self._minutes)
            self._minutes = {key: one for key, one in self._minutes.items() if key[1] > newest - KEEP}
        return whole


def merged(a: CameraMinute, b: CameraMinute) -> CameraMinute:
    """Add two parts of one minute. More than 60 measured seconds (a clock set back) are scaled to 60; people who
    walked through a gate are never scaled away."""
    measured = a.measured_s + b.measured_s
    part = min(1.0, 60.0 / measured) if measured > 0 else 1.0
    heat = dict(a.heat)
    for cell, seconds in b.heat.items():
        heat[cell] = heat.get(cell, 0.0) + seconds
    return CameraMinute(
        camera=a.camera,
        start=a.start,
        measured_s=measured * part,
        person_s=(a.person_s + b.person_s) * part,
        peak=max(a.peak, b.peak),
        layout=max(a.layout, b.layout),
        gates=_gates(a.gates, b.gates),
        zones=_zones(a.zones, b.zones, part),
        heat={cell: seconds * part for cell, seconds in heat.items()},
        health=tuple(sorted({*a.health, *b.health})),
    )


def _gates(a: tuple[GateMinute, ...], b: tuple[GateMinute, ...]) -> tuple[GateMinute, ...]:
    found = {gate.id: gate for gate in a}
    for gate in b:
        old = found.get(gate.id, GateMinute(gate.id))
        found[gate.id] = GateMinute(gate.id, old.count_in + gate.count_in, old.count_out + gate.count_out)
    return tuple(found.values())


def _zones(a: tuple[ZoneMinute, ...], b: tuple[ZoneMinute, ...], part: float) -> tuple[ZoneMinute, ...]:
    found = {zone.id: zone for zone in a}
    for zone in b:
        old = found.get(zone.id, ZoneMinute(zone.id))
        stays = tuple(x + y for x, y in zip_longest(old.stays, zone.stays, fillvalue=0))
        found[zone.id] = ZoneMinute(
            zone.id, old.person_s + zone.person_s, old.entries + zone.entries, max(old.peak, zone.peak), stays
        )
    return tuple(replace(zone, person_s=zone.person_s * part) for zone in found.values())


def minute_from_json(data: Mapping[str, Any]) -> CameraMinute:
    """Read the wire form back. Raises KeyError, TypeError or ValueError."""
    return CameraMinute(
        camera=str(data["camera"]),
        start=datetime.fromisoformat(data["start"]).astimezone(UTC),
        measured_s=float(data["measured_s"]),
        person_s=float(data["person_s"]),
        peak=int(data["peak"]),
        layout=int(data["layout"]),
        gates=tuple(GateMinute(str(g["id"]), int(g["in"]), int(g["out"])) for g in data["gates"]),
        zones=tuple(
            ZoneMinute(
                str(z["id"]), float(z["person_s"]), int(z["entries"]), int(z["peak"]), tuple(z["stays"])
            )
            for z in data["zones"]
        ),
        heat={str(cell): float(seconds) for cell, seconds in data["heat"].items()},
        health=tuple(data["health"]),
    )

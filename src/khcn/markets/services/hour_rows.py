"""The hours that a set of minutes touches: read once, changed in memory, written in bulk.

The caller holds the transaction and the locks of the cameras (on SQLite the transaction is IMMEDIATE), so nobody else
changes these rows between reading and writing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from khcn.markets.models import Camera, CameraHour, Gate, GateHour, Zone, ZoneHour
from khcn.markets.rules.packing import STAY_BINS, HourMinutes, Kind, Policy, unpack
from khcn.markets.rules.wire import WireMinute

CHUNK = 500
Place = tuple[int, datetime]  # (primary key of the gate, zone or camera; hour)


@dataclass(slots=True)
class _Pile:
    """Minutes of one kind, by place; later ones of the same minute replace earlier ones."""

    minutes: dict[Place, dict[int, tuple[int, ...]]] = field(default_factory=lambda: defaultdict(dict))
    layout: dict[Place, int] = field(default_factory=dict)

    def add(self, place: Place, minute: int, values: tuple[int, ...], layout: int) -> None:
        self.minutes[place][minute] = values
        self.layout[place] = max(layout, self.layout.get(place, 0))


@dataclass(slots=True)
class Written:
    """What writing did: changed minutes of cameras, and the hours whose entrances changed (market id, hour)."""

    minutes: int = 0
    parts: int = 0
    market_hours: set[tuple[int, datetime]] = field(default_factory=set)
    camera_hours: dict[int, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    unhealthy: set[int] = field(
        default_factory=set
    )  # cameras with trouble in an hour that changed, before or after


@dataclass(frozen=True, slots=True)
class _Sort:
    """One of the three tables: its model, the column of its owner, and how its minutes are packed."""

    model: Any
    owner: str
    kind: Kind


class HourRows:
    """Collects checked minutes of known cameras, gates and zones, and writes their hours."""

    def __init__(self, cameras: Iterable[Camera]) -> None:
        ids = [camera.pk for camera in cameras]
        self.gates = {(g.camera_id, g.key): g for g in Gate.objects.filter(camera_id__in=ids)}
        self.zones = {(z.camera_id, z.key): z for z in Zone.objects.filter(camera_id__in=ids)}
        self._gates, self._zones, self._cameras = _Pile(), _Pile(), _Pile()
        self._heat: dict[Place, dict[int, WireMinute]] = defaultdict(dict)
        self._market_of = {gate.pk: gate.market_id for gate in self.gates.values() if gate.is_entrance}

    def add_camera(self, camera: Camera, minute: WireMinute) -> None:
        """Take the camera's own part of a minute."""
        place, number = (camera.pk, minute.hour), minute.start.minute
        values = (minute.person_cs, minute.peak, minute.measured_cs, minute.health)
        self._cameras.add(place, number, values, minute.layout)
        if minute.heat:
            self._heat[place][number] = minute

    def add_gate(self, gate: Gate, minute: WireMinute, ins: int, outs: int) -> None:
        """Take one gate's part of a minute; nothing when the minute was not measured."""
        if minute.measured_cs:
            values = (ins, outs, minute.measured_cs)
            self._gates.add((gate.pk, minute.hour), minute.start.minute, values, minute.layout)

    def add_zone(
        self, zone: Zone, minute: WireMinute, numbers: tuple[int, int, int], stays: tuple[int, ...]
    ) -> None:
        """Take one zone's part (person-hundredths, entries, peak; stays by length)."""
        if minute.measured_cs:
            values = (*numbers, minute.measured_cs, *stays, *((0,) * (STAY_BINS - len(stays))))
            self._zones.add((zone.pk, minute.hour), minute.start.minute, values, minute.layout)

    def write(self, policy: Policy) -> Written:
        """Merge everything taken into the rows and write those that changed."""
        written = Written()
        gate_rows = list(self._merge(_Sort(GateHour, "gate_id", Kind.GATE), self._gates, policy, written))
        for row in gate_rows:
            market_id = self._market_of.get(row.gate_id)
            if market_id is not None:
                written.market_hours.add((market_id, row.hour))
        zone_rows = list(self._merge(_Sort(ZoneHour, "zone_id", Kind.ZONE), self._zones, policy, written))
        camera_sort = _Sort(CameraHour, "camera_id", Kind.CAMERA)
        camera_rows = list(self._merge(camera_sort, self._cameras, policy, written))
        for row in camera_rows:
            written.camera_hours[row.camera_id].add(row.hour)
        _upsert(GateHour, "gate", gate_rows, ["count_in", "count_out", "measured_s", "layout", "minutes"])
        _upsert(
            ZoneHour,
            "zone",
            zone_rows,
            ["person_s", "entries", "peak", "measured_s", "stays", "layout", "minutes"],
        )
        _upsert(
            CameraHour, "camera", camera_rows, ["person_s", "peak", "measured_s", "heat", "lost", "minutes"]
        )
        return written

    def _merge(self, sort: "_Sort", pile: _Pile, policy: Policy, written: Written) -> Iterator[Any]:
        """Yield the rows that changed, in the order of their place."""
        held = _held(sort.model, sort.owner, pile.minutes)
        camera = sort.kind == Kind.CAMERA
        for place in sorted(pile.minutes):
            row = held.get(place) or sort.model(**{sort.owner: place[0], "hour": place[1]})
            hour = unpack(sort.kind, row.minutes)
            before = int(hour.column("person_cs").sum()) if camera else 0
            troubled = camera and bool(hour.column("health").any())
            merged = hour.merge(pile.minutes[place], policy)
            if not merged.count:
                continue
            written.parts += merged.count
            row.minutes = hour.pack()
            for name, value in hour.sums().items():
                setattr(row, name, value)
            if camera:
                written.minutes += merged.count
                if troubled or hour.column("health").any():
                    written.unhealthy.add(place[0])
                taken = {
                    minute: int(old[0]) for minute, old in merged.before.items() if merged.changed[minute]
                }
                row.heat = _warmed(row.heat, before, hour, taken, self._heat.get(place, {}))
            else:
                row.layout = max(row.layout, pile.layout[place])
            yield row


def _warmed(
    heat: dict[str, float],
    before: int,
    hour: HourMinutes,
    taken: dict[int, int],
    minutes: dict[int, WireMinute],
) -> dict[str, float]:
    """Return the hour's heat with the heat of new minutes added.

    Heat is not kept by the minute. Where a minute replaces an earlier report, its heat counts by the presence that
    it adds; where it takes presence away, the whole map is scaled down. So the sum of the map stays in step with the
    person-seconds, and a repeated report changes nothing.
    """
    found = dict(heat)
    less = sum(max(0, old - int(hour.column("person_cs")[minute])) for minute, old in taken.items())
    if less and before:
        found = {cell: seconds * (before - less) / before for cell, seconds in found.items()}
    for minute, old in taken.items():
        wire = minutes.get(minute)
        if wire is None or not wire.person_cs or wire.person_cs <= old:
            continue
        share = (wire.person_cs - old) / wire.person_cs
        for cell, seconds in wire.heat.items():
            found[cell] = found.get(cell, 0.0) + seconds * share
    return {cell: round(seconds, 2) for cell, seconds in found.items() if seconds >= 0.005}


def _held(model: Any, owner: str, places: Iterable[Place]) -> dict[Place, Any]:
    """Return the rows that exist at these places."""
    wanted = set(places)
    owners, hours = sorted({place[0] for place in wanted}), sorted({place[1] for place in wanted})
    found: dict[Place, Any] = {}
    for first in range(0, len(hours), CHUNK):
        chosen = {f"{owner}__in": owners, "hour__in": hours[first : first + CHUNK]}
        for row in model.objects.filter(**chosen):
            place = (getattr(row, owner), row.hour)
            if place in wanted:
                found[place] = row
    return found


def _upsert(model: Any, owner: str, rows: list[Any], fields: list[str]) -> None:
    for row in rows:
        row.pk = None  # the natural key decides, also for rows that were read
    model.objects.bulk_create(
        rows,
        batch_size=CHUNK,
        update_conflicts=True,
        update_fields=fields,
        unique_fields=[owner, "hour"],
    )

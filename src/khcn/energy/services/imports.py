"""Files of readings into a site: the columns that a MAP names become series of devices, made where they are missing.

Idempotent and resumable: readings are known by channel and time, so a file that was broken off, or one that overlaps an
earlier one, is simply given again.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.db.models import Sum
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.energy import permissions
from khcn.energy.enums import DeviceKind, Driver, MeterRole
from khcn.energy.errors import ImportSpecError
from khcn.energy.models import Channel, Device, IntervalDay, QualityEvent, Site, Touched
from khcn.energy.rules.days import days_touched
from khcn.energy.rules.import_map import ImportMap, ImportMapError, MappedColumn, read_map
from khcn.energy.rules.packing import unpack_day
from khcn.energy.services.devices import channels_ensure, device_create
from khcn.energy.services.figures import figures_refresh
from khcn.energy.services.ingest import batch_ingest
from khcn.energy.services.parcels import Sender
from khcn.energy.setup_errors import require
from khcn.engines.energy.devices.units import to_canonical
from khcn.engines.energy.devices.values import raw_text
from khcn.engines.energy.metrics import Meaning, metric_of
from khcn.engines.energy.table.reader import Table, read_table
from khcn.engines.energy.table.times import Times, read_times
from khcn.engines.energy.types import Millis, Quality, Values

OLDEST_MS: Final = 946_684_800_000  # 01/01/2000
READINGS_AT_ONCE: Final = 60_000
Say = Callable[[str], Any]


@dataclass(slots=True)
class SeriesImported:
    """What became of one series."""

    device: str
    metric: str
    readings: int = 0
    kept: int = 0
    duplicates: int = 0
    unusable: int = 0
    flags: dict[str, int] = field(default_factory=dict)
    total: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Imported:
    """What became of a file. ``rows``: data rows; ``kept``/``duplicates``: rows with something new, and without."""

    rows: int = 0
    rows_without_time: int = 0
    readings: int = 0
    readings_kept: int = 0
    set_aside: int = 0
    days: int = 0
    devices_made: list[str] = field(default_factory=list)
    series: list[SeriesImported] = field(default_factory=list)
    events: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the answer of the contract."""
        kept = max((one.kept for one in self.series), default=0)
        flags: Counter[str] = Counter()
        for one in self.series:
            flags.update(one.flags)
        return {
            "rows": self.rows,
            "kept": min(kept, self.rows),
            "duplicates": max(0, self.rows - self.rows_without_time - kept),
            "rows_without_time": self.rows_without_time,
            "readings": {
                "read": self.readings,
                "kept": self.readings_kept,
                "duplicates": sum(one.duplicates for one in self.series),
                "unusable": sum(one.unusable for one in self.series),
                "set_aside": self.set_aside,
            },
            "flags": dict(flags),
            "events": self.events,
            "days": self.days,
            "devices_made": self.devices_made,
            "series": [one.as_json() for one in self.series],
            "notes": self.notes,
        }


def file_import(
    *, actor: Actor, site: Site, path: Path, spec: Mapping[str, Any], now: datetime, say: Say = str
) -> Imported:
    """Bring a CSV or XLSX file of readings into a site and derive what it touches.

    :raises PermissionDeniedError, ImportSpecError, EnergyError (the file or the MAP), OSError:
    """
    require(permissions.can_connect(actor, site), _("nhập số liệu của công trình này"))
    table = read_table(path, sheet=spec.get("sheet"))
    try:
        mapped = read_map(spec, table.names, zone=site.zone)
    except ImportMapError as error:
        raise ImportSpecError(
            _("MAP thiếu hoặc sai phần “%(part)s”. Hãy xem mẫu trong tài liệu rồi sửa.") % {"part": error}
        ) from error
    times = read_times(table, mapped.time, zone=mapped.zone, time_format=mapped.time_format)
    found = Imported(rows=table.rows, rows_without_time=int((~times.valid).sum()))
    found.notes = [str(note) for note in (*table.notes, *times.notes)]
    pieces = _Pieces(_Import(actor, site, now), table, times, mapped)
    found.devices_made = pieces.devices_made
    digest = hashlib.sha256(path.read_bytes() + json.dumps(spec, sort_keys=True, default=str).encode())
    sender = Sender(f"import:{site.key}"[:100], digest.hexdigest()[:32], site_id=site.pk)
    for number, piece in enumerate(pieces.all(found), start=1):
        result = batch_ingest(sender=sender, seq=number, series=[piece], now=now, oldest_ms=OLDEST_MS)
        one = next(s for s in found.series if (s.device, s.metric) == (piece["device"], piece["metric"]))
        one.readings += result.readings
        one.kept += result.kept
        one.duplicates += result.duplicates
        one.unusable += len(piece["p"])
        found.readings, found.readings_kept = (
            found.readings + result.readings,
            found.readings_kept + result.kept,
        )
        found.set_aside += result.set_aside
        say(_("Đã nhận %(count)s số đọc.") % {"count": found.readings})
    found.notes += pieces.notes
    _derive(site, now, say, found)
    _flags(site, times, found)
    audit_record(
        actor=actor,
        action="energy.import",
        target=site,
        after={"file": path.name, "rows": found.rows, "kept": found.readings_kept},
        at=now,
    )
    return found


def _derive(site: Site, now: datetime, say: Say, found: Imported) -> None:
    marked = Touched.objects.filter(channel__device__site=site)
    if marked.exists():
        say(_("Đang tính các khoảng 15 phút…"))
    before = -1
    while (left := marked.count()) and left != before:
        before = left
        found.days += figures_refresh(now, site_id=site.pk).days


def _flags(site: Site, times: Times, found: Imported) -> None:
    """Count the intervals of the days of the file by quality, and the events noticed in them."""
    good = times.ms[times.valid]
    if not len(good):
        return
    days = days_touched(int(good.min()), int(good.max()) + 1, site.zone)
    for one in found.series:
        channel = Channel.objects.filter(device__key=one.device, metric=one.metric).first()
        if channel is None:
            continue
        rows = IntervalDay.objects.filter(channel=channel, day__gte=days[0], day__lte=days[-1])
        one.flags = _counted(rows.values_list("packed", flat=True))
        total = rows.aggregate(total=Sum("total"))["total"]
        one.total = (
            round(total, 4) if total is not None and metric_of(one.metric).unit in {"kW", "kWh"} else None
        )
        for code in QualityEvent.objects.filter(channel=channel).values_list("code", flat=True):
            found.events[code] = found.events.get(code, 0) + 1


def _counted(rows: Any) -> dict[str, int]:
    """Return how many intervals carry each quality, and how many carry none."""
    counts: Counter[str] = Counter()
    for packed in rows:
        _values, flags = unpack_day(packed)
        for bit in Quality:
            if bit and bit.name:
                counts[bit.name.lower()] += int((flags & int(bit) != 0).sum())
        counts["missing"] += int((flags & (int(Quality.MEASURED) | int(Quality.INTERPOLATED)) == 0).sum())
    return {name: count for name, count in counts.items() if count}


@dataclass(frozen=True, slots=True)
class _Import:
    """Who brings something where, and when."""

    actor: Actor
    site: Site
    now: datetime


class _Pieces:
    """The pieces of a file, as batches take them."""

    def __init__(self, work: _Import, table: Table, times: Times, mapped: ImportMap) -> None:
        self._work, self._table, self._times, self._map = work, table, times, mapped
        self.notes: list[str] = []
        self.devices_made: list[str] = []
        self._groups = self._by_device()
        for key in self._groups:
            self._ensure(key)

    def _by_device(self) -> dict[str, Any]:
        """Return which rows belong to which device."""
        rows = np.flatnonzero(self._times.valid)
        if not self._map.device_column:
            return dict.fromkeys(self._map.device_keys(), rows)
        names = np.array(self._table.text(self._map.device_column))
        return {
            str(name): rows[names[rows] == name] for name in dict.fromkeys(names[rows].tolist()) if str(name)
        }

    def _ensure(self, key: str) -> None:
        """Make a device that is missing; one of another site is refused."""
        device = Device.objects.filter(key=key).first()
        if device is not None and device.site_id != self._work.site.pk:
            raise ImportSpecError(
                _("Thiết bị “%(key)s” thuộc công trình khác. Hãy sửa mã thiết bị trong MAP.") % {"key": key}
            )
        metrics = [one.metric for one in self._map.columns if one.device in {"", key}]
        if device is None:
            about = dict(self._map.devices.get(key, {}))
            device = device_create(
                actor=self._work.actor, site=self._work.site, now=self._work.now, key=_key(key),
                values={
                    "name": str(about.get("name") or key)[:150], "driver": Driver.FILES,
                    **_described(about, metrics),
                },
                metrics=metrics,
            )  # fmt: skip
            self.devices_made.append(device.key)
        channels_ensure(device, metrics)

    def all(self, found: Imported) -> Iterator[dict[str, Any]]:
        """Yield pieces, none too long."""
        for key, rows in self._groups.items():
            for column in self._map.columns:
                if column.device in {"", key}:
                    found.series.append(SeriesImported(_key(key), column.metric))
                    yield from self._column(_key(key), column, rows)

    def _column(self, key: str, column: MappedColumn, rows: Any) -> Iterator[dict[str, Any]]:
        t = self._times.ms[rows]
        cells = self._table.column(column.column)
        numbers = self._table.numbers(column.column)[rows]
        values, unknown = _canonical(numbers, column)
        if unknown:
            self.notes.append(
                _("Cột “%(column)s”: đơn vị “%(unit)s” không hợp với đại lượng “%(metric)s”, nên để riêng.")
                % {"column": column.column, "unit": column.unit, "metric": column.metric}
            )
        problems, raws = _unusable(cells, rows, numbers, unknown=unknown)
        if column.per_period:
            t, values, problems, raws = _registered(t, values, self._times.step_ms)
        for first in range(0, len(t), READINGS_AT_ONCE):
            part = slice(first, first + READINGS_AT_ONCE)
            inside = [at for at in problems if part.start <= at < part.stop]
            blank = [at for at in inside if problems[at] == "blank"]
            keep = np.ones(len(t[part]), np.bool_)
            keep[[at - first for at in blank]] = False
            place = np.cumsum(keep) - 1
            told = {str(int(place[at - first])): problems[at] for at in inside if problems[at] != "blank"}
            yield {
                "device": key,
                "metric": column.metric,
                "t": t[part][keep].tolist(),
                "v": [value if value == value else None for value in values[part][keep].tolist()],  # noqa: PLR0124  # nan
                "p": told,
                "raw": {str(int(place[at - first])): raws[at] for at in inside if at in raws},
            }


def _key(name: str) -> str:
    from khcn.engines.text.slug import slugify_vi  # noqa: PLC0415  # only where a key has to be made

    return (
        name
        if name.replace("-", "").isalnum() and name.isascii() and name == name.lower()
        else slugify_vi(name)[:80]
    )


def _canonical(numbers: Values, column: MappedColumn) -> tuple[Values, bool]:
    """Return values in the metric's unit; True when the unit measures something else."""
    one, zero = (to_canonical(x, column.unit, metric_of(column.metric).unit) for x in (1.0, 0.0))
    if one is None or zero is None:
        return np.full(len(numbers), np.nan), True
    return (numbers * (one - zero) + zero) * column.scale, False


def _unusable(
    cells: list[Any], rows: Any, numbers: Values, *, unknown: bool
) -> tuple[dict[int, str], dict[int, str]]:
    """Return problem and raw text of cells that are no numbers; an empty cell is no reading at all."""
    problems: dict[int, str] = {}
    raws: dict[int, str] = {}
    for at in range(len(rows)) if unknown else np.flatnonzero(~np.isfinite(numbers)).tolist():
        cell = cells[int(rows[at])]
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            problems[at] = "blank"
        else:
            problems[at] = "reading-unit" if unknown else "reading-not-number"
            raws[at] = raw_text(cell)
    return problems, raws


def _registered(
    t: Millis, values: Values, step_ms: int
) -> tuple[Millis, Values, dict[int, str], dict[int, str]]:
    """Turn kWh of periods into a register read at their ends."""
    order = np.argsort(t, kind="stable")
    t, values = t[order], values[order]
    first = np.ones(len(t), np.bool_)
    first[1:] = t[1:] != t[:-1]
    known = first & np.isfinite(values)
    t, values = t[known], values[known]
    if not len(t):
        return t, values, {}, {}
    ends = t + step_ms
    total: Values = np.cumsum(values, dtype=np.float64)
    return (
        np.concatenate((t[:1], ends)),
        np.asarray(np.round(np.concatenate((np.zeros(1), total)), 6), np.float64),
        {},
        {},
    )


def _described(about: Mapping[str, Any], metrics: list[str]) -> dict[str, Any]:
    """Return kind, role and ratings of a device to be made: as the MAP says, else by what it measures."""
    meanings = {metric_of(name).meaning for name in metrics}
    kind, role = DeviceKind.INVERTER, MeterRole.NONE
    if meanings & {Meaning.IMPORT, Meaning.EXPORT}:
        kind, role = DeviceKind.METER, MeterRole.GRID
    elif Meaning.LOAD in meanings:
        kind, role = DeviceKind.METER, MeterRole.LOAD
    elif meanings and meanings <= {Meaning.WEATHER}:
        kind = DeviceKind.WEATHER
    found: dict[str, Any] = {"kind": about.get("kind") or kind, "role": about.get("role") or role}
    for name in ("rated_kw", "kwp"):
        value = about.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            found[name] = round(float(value), 3)
    return found

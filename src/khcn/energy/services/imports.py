"""Files of readings into a site: the columns that a MAP names become series of devices, made where they are missing.

Idempotent and resumable: readings are known by channel and time, so a file that was broken off, or one that overlaps an
earlier one, is simply given again.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from khcn.energy.models import Channel, Device, IntervalDay, QualityEvent, Site, Touched
from khcn.energy.rules.days import days_touched
from khcn.energy.rules.import_map import Devices, usual_form
from khcn.energy.rules.packing import unpack_day
from khcn.energy.services.devices import channels_ensure, device_create
from khcn.energy.services.figures import figures_refresh
from khcn.energy.services.ingest import batch_ingest
from khcn.energy.services.parcels import Sender
from khcn.energy.setup_errors import require
from khcn.engines.energy.metrics import Meaning, metric_of
from khcn.engines.energy.table.mapping import (
    Series,
    apply_mapping,
    guess_mapping,
    mapping_from_json,
    mapping_times,
)
from khcn.engines.energy.table.reader import read_table
from khcn.engines.energy.table.times import Times
from khcn.engines.energy.types import Quality
from khcn.engines.text.slug import slugify_vi

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
    rows_kept: int = 0
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
        timed = self.rows - self.rows_without_time
        kept = min(self.rows_kept, timed)
        flags: Counter[str] = Counter()
        for one in self.series:
            flags.update(one.flags)
        return {
            "rows": self.rows,
            "kept": kept,
            "duplicates": timed - kept,
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

    :raises PermissionDeniedError, RegisterError, EnergyError (the file or the MAP), OSError:
    """
    require(permissions.can_connect(actor, site), _("nhập số liệu của công trình này"))
    document, devices = usual_form(spec, zone=site.zone)
    table = read_table(path, sheet=document.get("sheet"))
    mapping = mapping_from_json(document)
    if not mapping.time:
        mapping = replace(mapping, time=guess_mapping(table).mapping.time)
    times = mapping_times(table, mapping)
    found = Imported(rows=table.rows, rows_without_time=int((~times.valid).sum()))
    pieces = _Pieces(_Import(actor, site, now), devices)
    series = list(apply_mapping(table, mapping, times))
    found.notes = [str(note) for note in (*table.notes, *times.notes)]
    digest = hashlib.sha256(path.read_bytes() + json.dumps(spec, sort_keys=True, default=str).encode())
    sender = Sender(f"import:{site.key}"[:100], digest.hexdigest()[:32], site_id=site.pk)
    for number, piece in enumerate(pieces.all(series, found), start=1):
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
    found.devices_made = pieces.devices_made
    found.rows_kept = _rows_kept(series, pieces, found)
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


def _rows_kept(series: Sequence[Series], pieces: "_Pieces", found: Imported) -> int:
    """Return how many rows brought something new: a row of several devices or metrics counts once, and so does one
    whose period became two readings."""
    new = np.zeros(found.rows)
    for one in series:
        key = pieces.key_of(one.device)
        said = next(s for s in found.series if (s.device, s.metric) == (key, one.metric))
        rows = np.unique(np.concatenate([one.rows, np.array([cell.row for cell in one.bad], np.int64)]))
        share = min(1.0, said.kept / said.readings) if said.readings else 0.0
        new[rows] = np.maximum(new[rows], share)
    return round(float(new.sum()))


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
    """The pieces of a file, as batches take them; devices are made where they are missing."""

    def __init__(self, work: _Import, about: Devices) -> None:
        self._work, self._about = work, about
        self._keys: dict[str, str] = {}
        self.devices_made: list[str] = []

    def all(self, series: Sequence[Series], found: Imported) -> Iterator[dict[str, Any]]:
        """Yield pieces, none too long."""
        metrics: dict[str, list[str]] = {}
        for one in series:
            metrics.setdefault(one.device, []).append(one.metric)
        for name, given in metrics.items():
            self._ensure(name, given)
        for one in series:
            key = self._keys[one.device]
            if not any((s.device, s.metric) == (key, one.metric) for s in found.series):
                found.series.append(SeriesImported(key, one.metric))
            yield from _cut(key, one)

    def key_of(self, name: str) -> str:
        """Return the key of the device that stands for ``name`` in the file."""
        return self._keys[name]

    def _ensure(self, name: str, metrics: list[str]) -> None:
        """Make a device that is missing. A name that another site has already gets the site's name in front."""
        site, own = self._work.site, slugify_vi(name)[:70] or "tep"
        longer = f"{site.key}-{own}"[:80]
        device = Device.objects.filter(site=site, key__in=[name, own, longer]).order_by("pk").first()
        if device is None:
            free = own != "tep" and not Device.objects.filter(key=own).exists()
            about = self._about.get(name, {})
            device = device_create(
                actor=self._work.actor, site=site, now=self._work.now, key=own if free else longer,
                values={
                    "name": str(about.get("name") or name)[:150], "driver": Driver.FILES,
                    **_described(about, metrics),
                },
            )  # fmt: skip
            self.devices_made.append(device.key)
        channels_ensure(device, metrics)
        self._keys[name] = device.key


def _cut(key: str, one: Series) -> Iterator[dict[str, Any]]:
    """Yield the readings of a series, cells that are no numbers beside, in pieces that are not too long."""
    t = [*one.ms.tolist(), *(cell.ms for cell in one.bad)]
    v = [*one.values.tolist(), *(None for _cell in one.bad)]
    good = len(one.ms)
    for first in range(0, len(t), READINGS_AT_ONCE):
        last = min(first + READINGS_AT_ONCE, len(t))
        bad = range(max(first, good), last)
        yield {
            "device": key,
            "metric": one.metric,
            "t": t[first:last],
            "v": v[first:last],
            "p": {str(at - first): "reading-not-number" for at in bad},
            "raw": {str(at - first): one.bad[at - good].raw for at in bad},
        }


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

"""``khcn energy faults``: stale, interpolated, clipped and outlying rows of one series, and shifts of its clock."""

import argparse
import math
from datetime import UTC, datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import numpy as np

from khcn.energy.deeds.main import Options, add_table, read_json
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.faults.rows import find_faults
from khcn.engines.energy.table.reader import Table, read_table
from khcn.engines.energy.table.times import Times, read_times

_KINDS = (
    ("stale", "đứng giá trị"), ("interpolated", "nội suy"), ("clipping", "chạm trần công suất"),
    ("outlier", "bất thường"),
)  # fmt: skip


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_table(parser)


def run(options: Options, err: TextIO) -> tuple[dict[str, Any], str, int]:
    """Look for faults; return (document, text, 0). Raises EnergyError, OSError."""
    spec = read_json(options["spec"])
    table = read_table(options["input"])
    document = faults_document(table, spec)
    return document, _text(document), 0


def faults_document(table: Table, spec: dict[str, Any]) -> dict[str, Any]:
    """Return what ``--json`` prints. Raises EnergyError."""
    zone = _word(spec, "tz") or "UTC"
    times = read_times(
        table, _word(spec, "time", required=True), zone=zone, time_format=_word(spec, "time_format") or None
    )
    values = table.numbers(_word(spec, "value", required=True))
    longitude = _number(spec, "longitude", 180.0)
    _number(spec, "latitude", 90.0)
    # one fixed offset: what the zone did with its clock must not look like a fault, what the logger did must
    offset = _offset_ms(times, zone)
    local = np.where(times.valid, times.ms + offset, 0)
    found = find_faults(local, values, times.valid, step_ms=times.step_ms or None)
    document = found.document()
    if longitude is not None and found.noon_minute is not None:
        expected = 720.0 - 4.0 * longitude + offset / 60_000.0
        late = (found.noon_minute - expected + 720.0) % 1440.0 - 720.0
        document["clock_late_minutes"] = round(late)
    document["notes"] = [{"code": note.code, "text": str(note)} for note in [*table.notes, *times.notes]]
    return document


def _offset_ms(times: Times, zone: str) -> int:
    if not times.valid.any():
        return 0
    first = datetime.fromtimestamp(int(times.ms[times.valid][0]) / 1000, UTC)
    offset = first.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds() * 1000) if offset is not None else 0


def _word(spec: dict[str, Any], key: str, *, required: bool = False) -> str:
    value = spec.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value and key != "time"):
        raise SpecError("faults-spec-word", key=key)
    return value


def _number(spec: dict[str, Any], key: str, most: float) -> float | None:
    value = spec.get(key)
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or abs(value) > most
    ):
        raise SpecError("faults-spec-number", key=key, most=f"{most:.0f}")
    return float(value)


def _text(document: dict[str, Any]) -> str:
    rows = document["rows"]
    lines = [f"{len(rows[key]):>8} dòng {name}" for key, name in _KINDS]
    lines += [f"{one['date']}: đồng hồ lệch thêm {one['minutes']:+d} phút" for one in document["shifts"]]
    lines += [note["text"] for note in document["notes"]]
    return "\n".join(lines)

"""The MAP of ``khcn energy import``: which column of a file is which series of which device.

::

    {"time": "Thời gian", "tz": "Asia/Ho_Chi_Minh", "time_format": null, "device": "inv-1",
     "columns": {"P (W)": {"device": "inv-1", "metric": "ac_power", "unit": "W", "scale": 1.0},
                 "Chỉ số": "ac_energy"},
     "devices": {"inv-1": {"name": "Biến tần 1", "kind": "inverter", "role": "none", "rated_kw": 30, "kwp": 32}}}

``columns`` may also be a list of ``{"column", "device", "metric", ...}``, or run the other way (``{"ac_power": "P (W)"}``).
``device_column``: a file that holds many devices in rows names them in this column. ``per_period``: the column holds the
kWh of each row's period, which begins at the row's time, and is summed up to a register.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from khcn.engines.energy.metrics import METRICS

METRIC: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,59}")
_UNIT: Final = re.compile(r"[(\[]([^()\[\]]{1,12})[)\]]\s*$")
DEFAULT_ZONE: Final = "Asia/Ho_Chi_Minh"
_TIMES: Final = (
    "time",
    "timestamp",
    "datetime",
    "date",
    "ngày giờ",
    "thời gian",
    "start time",
    "statistical period",
)


class ImportMapError(ValueError):
    """A MAP that does not fit together; ``str`` names the part that is wrong."""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column of the file. ``device`` "" with a device column: the device of the row."""

    column: str
    device: str
    metric: str
    unit: str = ""
    scale: float = 1.0
    per_period: bool = False


@dataclass(frozen=True, slots=True)
class ImportMap:
    """A whole map. ``devices``: what is known of devices that may have to be made."""

    time: str
    zone: str
    time_format: str | None
    columns: tuple[MappedColumn, ...]
    device_column: str = ""
    devices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def device_keys(self) -> tuple[str, ...]:
        """Return the devices named by columns, in order."""
        return tuple(dict.fromkeys(column.device for column in self.columns if column.device))


def read_map(document: Mapping[str, Any], names: list[str], *, zone: str) -> ImportMap:
    """Read a MAP for a file with the columns ``names``. Raises ImportMapError, which says what is wrong."""
    columns = tuple(_columns(document, names))
    if not columns:
        raise ImportMapError("columns")
    device_column = document.get("device_column") or ""
    missing = [one.column for one in columns if not one.device]
    if missing and not device_column:
        raise ImportMapError(f"device ({missing[0]})")
    devices = document.get("devices") or {}
    if isinstance(devices, list):
        devices = {str(one.get("key", "")): one for one in devices if isinstance(one, dict)}
    if not isinstance(devices, dict) or not all(isinstance(one, dict) for one in devices.values()):
        raise ImportMapError("devices")
    given = document.get("tz") or document.get("zone") or zone
    return ImportMap(
        _time(document, names),
        str(given),
        str(document["time_format"]) if document.get("time_format") else None,
        columns,
        str(device_column),
        devices,
    )


def _time(document: Mapping[str, Any], names: list[str]) -> str:
    said = document.get("time")
    if isinstance(said, str) and said:
        return said
    for wanted in _TIMES:
        for name in names:
            if name.strip().casefold() == wanted:
                return name
    raise ImportMapError("time")


def _columns(document: Mapping[str, Any], names: list[str]) -> Iterator[MappedColumn]:
    given = document.get("columns", document.get("series"))
    default = document.get("device")
    default = default.get("key") if isinstance(default, dict) else default
    default = default if isinstance(default, str) else ""
    items: list[tuple[Any, Any]]
    if isinstance(given, dict):
        items = list(given.items())
    elif isinstance(given, list):
        items = [(one.get("column", one.get("name")), one) for one in given if isinstance(one, dict)]
    else:
        raise ImportMapError("columns")
    for key, said in items:
        yield _column(key, said, default, names)


def _column(key: Any, said: Any, default: str, names: list[str]) -> MappedColumn:
    about: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    if isinstance(said, str):
        turned = key in METRICS and key not in names
        column, metric = (said, key) if turned else (key, said)
    else:
        metric = about.get("metric")
        column = about.get("column", about.get("name", key))
        if metric is None and key in METRICS:
            metric = key
    if not isinstance(column, str) or not column or not isinstance(metric, str):
        raise ImportMapError(str(key)[:60])
    if not METRIC.fullmatch(metric):
        raise ImportMapError(f"metric {metric[:40]}")
    scale = about.get("scale", 1.0)
    if isinstance(scale, bool) or not isinstance(scale, int | float) or scale == 0:
        raise ImportMapError(f"scale ({column[:40]})")
    unit, bracketed = about.get("unit"), _UNIT.search(column)
    return MappedColumn(
        column=column,
        device=str(about.get("device") or default),
        metric=metric,
        unit=str(unit) if unit is not None else (bracketed[1] if bracketed else ""),
        scale=float(scale),
        per_period=about.get("per_period") is True,
    )

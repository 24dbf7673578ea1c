"""Which column of an export is which metric: as the device's options say, or guessed from the names portals use.

``options["columns"]``: ``{"ac_power": "Active power(kW)"}`` or ``{"ac_energy": {"column": "PV Yield (kWh)", "unit":
"kWh", "per_period": true}}``; ``options["time"]`` and ``options["time_format"]`` for the time column.
``per_period``: each row holds the energy of its own period, not a counter.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from khcn.engines.energy.errors import DeviceError

_UNIT: Final = re.compile(r"[(\[]([^)\]]{1,10})[)\]]\s*$")
_TIME_NAMES: Final = (
    "statistical period", "statistical time", "start time", "collect time", "time", "date", "datetime", "timestamp",
    "thời gian", "thời điểm", "ngày", "ngày giờ",
)  # fmt: skip
# name without its unit, in small letters -> (metric, per_period)
_KNOWN: Final[dict[str, tuple[str, bool]]] = {
    "pv yield": ("dc_energy", True), "inverter yield": ("ac_energy", True), "yield": ("ac_energy", True),
    "export": ("export_energy", True), "feed-in energy": ("export_energy", True), "import": ("import_energy", True),
    "consumption": ("load_energy", True), "charge": ("charge_energy", True), "discharge": ("discharge_energy", True),
    "active power": ("ac_power", False), "total active power": ("ac_power", False),
    "total input power": ("dc_power", False), "input power": ("dc_power", False),
    "cumulative energy": ("ac_energy", False), "total yield": ("ac_energy", False),
    "daily energy": ("ac_energy_today", False), "internal temperature": ("cabinet_temperature", False),
    "average temperature": ("ambient_temperature", False), "grid frequency": ("frequency", False),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column to read."""

    metric: str
    name: str
    unit: str = ""
    per_period: bool = False


def columns_of(options: Mapping[str, Any], names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns to read from a file whose columns are ``names``. Raises DeviceError ``files-columns``."""
    given = options.get("columns")
    found = (
        tuple(_column(metric, said) for metric, said in given.items())
        if isinstance(given, dict)
        else _guess(names)
    )
    if not found:
        raise DeviceError("files-columns", detail=", ".join(f"«{name}»" for name in names[:20]))
    return found


def time_column(options: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the name of the time column. Raises DeviceError ``files-columns``."""
    said = options.get("time")
    if isinstance(said, str) and said:
        return said
    plain = {_plain(name): name for name in reversed(names)}
    for known in _TIME_NAMES:
        if known in plain:
            return plain[known]
    raise DeviceError("files-columns", detail=", ".join(f"«{name}»" for name in names[:20]))


def _guess(names: Sequence[str]) -> tuple[Column, ...]:
    found: dict[str, Column] = {}
    for name in names:
        known = _KNOWN.get(_plain(name))
        if known is not None and known[0] not in found:
            unit = _UNIT.search(name)
            found[known[0]] = Column(known[0], name, unit[1] if unit else "", known[1])
    return tuple(found.values())


def _plain(name: str) -> str:
    return " ".join(_UNIT.sub("", name).casefold().split())


def _column(metric: Any, said: Any) -> Column:
    about = said if isinstance(said, dict) else {"column": said}
    name = about.get("column")
    if not isinstance(metric, str) or not metric or not isinstance(name, str) or not name:
        raise DeviceError("files-columns", detail=str(metric)[:60])
    unit = about.get("unit", "")
    bracketed = _UNIT.search(name)
    return Column(
        metric, name, unit if isinstance(unit, str) and unit else (bracketed[1] if bracketed else ""),
        about.get("per_period") is True,
    )  # fmt: skip

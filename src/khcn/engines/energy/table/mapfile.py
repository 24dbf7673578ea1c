"""MAP.json: which column of a file is which metric of which device. Described in ``docs/contract.md``, "energy import"."""

import math
from collections.abc import Mapping as AnyMapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from khcn.engines.energy.devices.units import to_canonical
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.metrics import METRICS, metric_of
from khcn.engines.energy.table.zones import zone_of
from khcn.engines.energy.types import ChannelKind

DEFAULT_ZONE: Final = "Asia/Ho_Chi_Minh"
DEFAULT_DEVICE: Final = "tep"  # a file that names no device is one device
LABELS: Final = ("start", "end")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """One column (or, in a long file, one name in the metric column) and what it holds.

    ``unit``: as written ("": the metric's own). ``scale``: the values are multiplied by it first (-1 turns a sign).
    ``period``: each row holds the energy (or the mean) of its own period, not a counter or a moment. ``only``: rows that
    belong to it, column -> values.
    """

    column: str
    metric: str
    device: str = ""
    unit: str = ""
    scale: float = 1.0
    period: bool = False
    only: AnyMapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        canonical = metric_of(self.metric).unit
        if to_canonical(1.0, self.unit, canonical) is None and not self._irradiation:
            raise SpecError(
                "map-unit", unit=self.unit, column=self.column, canonical=canonical or "?", metric=self.metric
            )
        if self.period and metric_of(self.metric).kind in {ChannelKind.COUNTER, ChannelKind.STATE}:
            raise SpecError("map-period", column=self.column, metric=self.metric)

    @property
    def _irradiation(self) -> bool:
        return self.period and metric_of(self.metric).unit == "W/m2" and bool(irradiation_factor(self.unit))


@dataclass(frozen=True, slots=True)
class LongMap:
    """A file with one value a row: the columns that name the metric and hold the value."""

    metric: str
    value: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a file is read. ``time``: column, or two joined by " + "; ``device_column``: names the device of each row."""

    time: str
    columns: tuple[ColumnMap, ...]
    zone: str = DEFAULT_ZONE
    time_format: str = ""
    period_label: str = "start"
    device: str = DEFAULT_DEVICE
    device_column: str = ""
    only: AnyMapping[str, tuple[str, ...]] = field(default_factory=dict)
    long: LongMap | None = None
    sheet: str = ""
    layout: str = ""


def irradiation_factor(unit: str) -> float:
    """Return the kWh/m2 in one ``unit`` of irradiation, 0.0 when it is none."""
    plain = unit.replace("㎡", "m2").replace("²", "2").replace(" ", "").lower()
    return {"kwh/m2": 1.0, "wh/m2": 1e-3, "mj/m2": 1 / 3.6, "j/m2": 1 / 3.6e6}.get(plain, 0.0)


def mapping_from_json(document: AnyMapping[str, Any]) -> Mapping:
    """Return the mapping in ``document``. Raises SpecError (``map-field map-unknown map-empty map-unit map-period``)."""
    known = ("time", "zone", "time_format", "period_label", "device", "device_column", "only", "columns", "long", "sheet", "layout")  # fmt: skip
    _known(document, known)
    time = document.get("time", "")
    if isinstance(time, dict):
        _known(time, ("column", "format", "zone"))
        document = {
            **document,
            "zone": time.get("zone") or document.get("zone"),
            "time_format": time.get("format"),
        }
        time = time.get("column", "")
    label = _word(document, "period_label") or "start"
    if label not in LABELS:
        raise SpecError("map-field", field="period_label", value=label, expected="start hoặc end")
    long = document.get("long")
    columns = document.get("columns") or []
    if not isinstance(columns, list):
        raise SpecError(
            "map-field", field="columns", value=type(columns).__name__, expected="một danh sách [...]"
        )
    if not columns:
        raise SpecError("map-empty")
    zone = _word(document, "zone") or DEFAULT_ZONE
    zone_of(zone)
    return Mapping(
        time=str(time if time is not None else ""),
        columns=tuple(_column(one) for one in columns),
        zone=zone,
        time_format=_word(document, "time_format"),
        period_label=label,
        device=_word(document, "device") or DEFAULT_DEVICE,
        device_column=_word(document, "device_column"),
        only=_only(document.get("only")),
        long=_long(long),
        sheet=_word(document, "sheet"),
        layout=_word(document, "layout"),
    )


def mapping_to_json(mapping: Mapping) -> dict[str, Any]:
    """Return ``mapping`` as MAP.json holds it; defaults are left out."""
    document = asdict(mapping)
    time = {
        "column": document.pop("time"),
        "format": document.pop("time_format") or None,
        "zone": document.pop("zone"),
    }
    plain = Mapping("", ())
    kept = {key: value for key, value in document.items() if value and value != getattr(plain, key)}
    blank = ColumnMap("", "")
    kept["columns"] = [
        {
            key: value
            for key, value in one.items()
            if key in {"column", "metric"} or value != getattr(blank, key)
        }
        for one in document["columns"]
    ]
    return {"time": time, **kept}


def _column(one: Any) -> ColumnMap:
    if not isinstance(one, dict):
        raise SpecError(
            "map-field", field="columns", value=str(one)[:40], expected="các đối tượng {column, metric}"
        )
    _known(one, ("column", "metric", "device", "unit", "scale", "period", "only"))
    scale = one.get("scale", 1.0)
    if (
        isinstance(scale, bool)
        or not isinstance(scale, int | float)
        or scale == 0
        or not math.isfinite(scale)
    ):
        raise SpecError("map-field", field="scale", value=str(scale), expected="một số khác 0")
    metric = _word(one, "metric")
    if not metric:
        raise SpecError("map-field", field="metric", value="", expected=", ".join(list(METRICS)[:12]) + "…")
    if one.get("period") is True and f"{metric}_today" in METRICS:
        metric = f"{metric}_today"  # the energy of periods adds up within a day
    if not isinstance(one.get("column", ""), str):
        raise SpecError("map-field", field="column", value=str(one["column"]), expected="tên cột")
    period = one.get("period", False)
    if not isinstance(period, bool):
        raise SpecError("map-field", field="period", value=str(period), expected="true hoặc false")
    return ColumnMap(
        str(one.get("column", "")), metric, _word(one, "device"), _word(one, "unit"), float(scale), period, _only(one.get("only"))
    )  # fmt: skip


def _long(long: Any) -> LongMap | None:
    if long is None:
        return None
    if not isinstance(long, dict):
        raise SpecError("map-field", field="long", value=str(long)[:40], expected="{metric, value}")
    _known(long, ("metric", "value"))
    return LongMap(_word(long, "metric"), _word(long, "value"))


def _only(found: Any) -> dict[str, tuple[str, ...]]:
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise SpecError(
            "map-field", field="only", value=str(found)[:40], expected="{cột: giá trị hoặc [giá trị]}"
        )
    return {
        str(column): tuple(str(one) for one in (values if isinstance(values, list | tuple) else [values]))
        for column, values in found.items()
    }


def _word(document: AnyMapping[str, Any], name: str) -> str:
    found = document.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise SpecError("map-field", field=name, value=str(found)[:40], expected="một chuỗi chữ")
    return found


def _known(document: AnyMapping[str, Any], known: tuple[str, ...]) -> None:
    for name in document:
        if name not in known:
            raise SpecError("map-unknown", field=name, known=", ".join(known))

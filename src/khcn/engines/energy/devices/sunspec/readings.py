"""Which points of which SunSpec models are which of our metrics."""

from collections.abc import Iterable, Mapping
from typing import Final

from khcn.engines.energy.devices.sunspec.models import PointValue, SunSpecModel
from khcn.engines.energy.devices.units import to_canonical
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.types import Sample

_PHASES: Final = {
    "AphA": "current_l1", "AphB": "current_l2", "AphC": "current_l3",
    "PhVphA": "voltage_l1", "PhVphB": "voltage_l2", "PhVphC": "voltage_l3",
    "Hz": "frequency", "VA": "apparent_power", "PF": "power_factor",
}  # fmt: skip
_INVERTER: Final = {
    "W": "ac_power", "WH": "ac_energy", "DCW": "dc_power", "DCV": "dc_voltage", "DCA": "dc_current",
    "TmpCab": "cabinet_temperature", "St": "state", "VAr": "reactive_power", **_PHASES,
}  # fmt: skip
# SunSpec meters count power into the building as positive; a meter fitted the other way has ``swap_direction``.
_METER: Final = {
    "W": "grid_power", "TotWhImp": "import_energy", "TotWhExp": "export_energy", "VAR": "reactive_power", **_PHASES,
}  # fmt: skip
_DER: Final = {
    "W": "ac_power", "TotWhInj": "ac_energy", "Hz": "frequency", "VA": "apparent_power", "Var": "reactive_power",
    "PF": "power_factor", "AL1": "current_l1", "AL2": "current_l2", "AL3": "current_l3", "VL1": "voltage_l1",
    "VL2": "voltage_l2", "VL3": "voltage_l3", "TmpCab": "cabinet_temperature", "InvSt": "state",
}  # fmt: skip
# model id -> point -> metric; earlier models win when two give the same metric (an inverter before its meter)
MAPPED: Final[dict[int, dict[str, str]]] = {
    **dict.fromkeys((101, 102, 103, 111, 112, 113), _INVERTER),
    701: _DER,
    **dict.fromkeys((201, 202, 203, 204, 211, 212, 213, 214), _METER),
    302: {"irradiance.GHI": "ghi", "repeating.GHI": "ghi", "repeating.POAI": "poa_irradiance"},
    303: {"TmpBOM": "module_temperature", "repeating.TmpBOM": "module_temperature"},
    307: {"TmpAmb": "ambient_temperature", "WndSpd": "wind_speed"},
    713: {"SoC": "battery_soc"},
    802: {"SoC": "battery_soc"},
}
_SUMMED: Final = {160: ("module", {"DCW": "dc_power", "DCWH": "dc_energy"})}
# What an inverter cannot do without: a missing value is told, not left out.
_EXPECTED: Final = {"ac_power", "ac_energy", "grid_power", "import_energy"}
_UNITS: Final = {"Tms": "", "Pct": "%", "W/m2": "W/m2", "C": "°C", "deg C": "°C", "mps": "m/s", "VAr": "var"}


def readings_of(models: Iterable[SunSpecModel], *, device: str, now_ms: int) -> list[Sample]:
    """Return the samples of ``models``: values in canonical units, and what was expected but is not implemented."""
    found: dict[str, Sample] = {}
    for model in sorted(models, key=lambda one: list(MAPPED).index(one.id) if one.id in MAPPED else 1000):
        for metric, value, unit in _values(model):
            number = _number(value, unit, metric)
            if metric in found and found[metric].value is not None:
                continue
            if number is not None:
                found[metric] = Sample(device, metric, now_ms, number)
            elif metric in _EXPECTED:
                raw = f"{model.id}.{metric}: {value!r}"
                found.setdefault(metric, Sample(device, metric, now_ms, None, "reading-not-implemented", raw))
    return list(found.values())


def _values(model: SunSpecModel) -> Iterable[tuple[str, PointValue, str]]:
    for name, metric in MAPPED.get(model.id, {}).items():
        group, _, point = name.rpartition(".")
        if group:
            first = next(iter(model.groups.get(group, ())), None)
            if first is not None and point in first:
                yield metric, first[point], model.units.get(name, "")
        elif name in model.points:
            yield metric, model.points[name], model.units.get(name, "")
    if model.id in _SUMMED:
        group, names = _SUMMED[model.id]
        for point, metric in names.items():
            yield metric, _sum(model.groups.get(group, ()), point), model.units.get(f"{group}.{point}", "")


def _sum(groups: Iterable[Mapping[str, PointValue]], point: str) -> PointValue:
    numbers = [one.get(point) for one in groups]
    known = [one for one in numbers if isinstance(one, int | float)]
    # One string that does not say would make the sum too small: then there is none.
    return float(sum(known)) if known and len(known) == len(numbers) else None


def _number(value: PointValue, unit: str, metric: str) -> float | None:
    if not isinstance(value, int | float):
        return None
    if metric == "power_factor":
        number = value / 100 if unit in {"Pct", "%"} or abs(value) > 1 else float(value)
        return number if abs(number) <= 1 else None
    return to_canonical(float(value), _UNITS.get(unit, unit), metric_of(metric).unit)

"""What a meter's values mean at the place where it was fitted: at the grid, behind the inverters, at the load.

Options of a device, the same for every driver: ``role`` (``grid``: as the meter says; ``production``: it measures the
PV system; ``load``: it measures what is used), ``swap_direction`` (the current clamps sit the wrong way round),
``ratio`` (transformers that the meter does not know of: powers, energies and currents times this).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.types import Sample

_SWAPPED: Final = {
    "import_energy": "export_energy", "export_energy": "import_energy",
    "import_power": "export_power", "export_power": "import_power",
}  # fmt: skip
_SIGNED: Final = {
    "grid_power",
    "ac_power",
    "load_power",
    "current_l1",
    "current_l2",
    "current_l3",
    "power_factor",
}
_ROLES: Final[dict[str, dict[str, str]]] = {
    "grid": {},
    "production": {"grid_power": "ac_power", "import_power": "ac_power", "import_energy": "ac_energy"},
    "load": {"grid_power": "load_power", "import_power": "load_power", "import_energy": "load_energy"},
}
_SCALED_UNITS: Final = {"kW", "kWh", "A", "kVA", "kvar"}


def in_role(samples: Sequence[Sample], options: Mapping[str, Any]) -> list[Sample]:
    """Return ``samples`` under the names and signs that they have at this place."""
    names = _ROLES.get(str(options.get("role", "grid")), {})
    swap = options.get("swap_direction") is True
    ratio = options.get("ratio")
    factor = (
        float(ratio) if isinstance(ratio, int | float) and not isinstance(ratio, bool) and ratio > 0 else 1.0
    )
    if not names and not swap and factor == 1.0:
        return list(samples)
    return [_turned(sample, names, swap, factor) for sample in samples]


def _turned(sample: Sample, names: Mapping[str, str], swap: bool, factor: float) -> Sample:
    metric, value = sample.metric, sample.value
    if value is not None:
        if metric_of(metric).unit in _SCALED_UNITS:
            value *= factor
        if swap and metric in _SIGNED:
            value = -value
    if swap:
        metric = _SWAPPED.get(metric, metric)
    return replace(sample, metric=names.get(metric, metric), value=value)

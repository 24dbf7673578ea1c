"""A SunSpec device that does not exist: writes a register image of models and serves values that move."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from khcn.engines.energy.devices.modbus.simulator import Registers, SimulatedRegisters, Values
from khcn.engines.energy.devices.sunspec.models import model_table, model_tables

_MARK: Final = [0x5375, 0x6E53]
Points = Mapping[str, Any]
# scale factors of a usual three-phase inverter
_SCALES: Final = {"A_SF": -2, "V_SF": -1, "W_SF": 0, "Hz_SF": -2, "VA_SF": 0, "VAr_SF": 0, "PF_SF": -1, "WH_SF": 0,
                  "DCA_SF": -2, "DCV_SF": -1, "DCW_SF": 0, "Tmp_SF": -1, "VAR_SF": 0, "TotWh_SF": 0}  # fmt: skip


def sunspec_image(models: Sequence[tuple[int, Points]], *, base: int = 40_000) -> dict[int, int]:
    """Return the registers of a device with ``models``: (id, points). Scaled points are given in real units.

    Points that are not given are "not implemented". Raises ValueError for a model without a public table.
    """
    registers = list(_MARK)
    for model_id, points in models:
        registers += _model_registers(model_id, points)
    registers += [0xFFFF, 0]
    return {base + at: one for at, one in enumerate(registers)}


def _model_registers(model_id: int, points: Points) -> list[int]:
    definition = model_table(model_id)
    if definition is None:
        raise ValueError(f"no public SunSpec model {model_id}")
    model = model_tables().Model(model_id, model_def=definition)
    # Scale factors first: a scaled value is stored with the factor that stands beside it.
    for name in sorted(points, key=lambda one: not one.endswith("_SF")):
        value = points[name]
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        point = model.points[name]
        if point.pdef.get("sf") is not None:
            point.cvalue = value
        else:
            point.value = value
    data = model.get_mb()
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


class SunSpecDevice(SimulatedRegisters):
    """A three-phase inverter (models 1, 103) and, when ``meter`` is given, its meter (203), with values of now."""

    def __init__(
        self, inverter: Values | None, *, meter: Values | None = None, unit: int = 1, base: int = 40_000,
        identity: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(unit, {})
        self._sources: list[tuple[int, Values, Callable[[Mapping[str, float | None]], dict[str, Any]]]] = []
        if inverter is not None:
            self._sources.append((103, inverter, _inverter_points))
        if meter is not None:
            self._sources.append((203, meter, _meter_points))
        self._base = base
        usual = {"Mn": "HCMC-Sim", "Md": "SIM-SunSpec", "Vr": "1.0", "SN": "SIM-0001"}
        self._identity = {**usual, **(identity or {})}

    def areas(self) -> dict[str, list[tuple[int, int]]]:
        """Return the one area that the models fill."""
        return {"holding": [(self._base, len(self.registers("holding")))]}

    def registers(self, kind: str) -> Registers:
        """Return the image with the values of now; at night everything measured is "not implemented"."""
        if kind != "holding":
            return {}
        models: list[tuple[int, Points]] = [(1, {**self._identity, "DA": self.unit})]
        for model_id, values, points_of in self._sources:
            models.append((model_id, points_of({} if self.fault == "night" else values())))
        return sunspec_image(models, base=self._base)


def _inverter_points(now: Mapping[str, float | None]) -> dict[str, Any]:
    amps = [now.get(f"current_l{phase}") for phase in (1, 2, 3)]
    known = [one for one in amps if one is not None and not math.isnan(one)]
    return {
        **{name: scale for name, scale in _SCALES.items() if name not in {"VAR_SF", "TotWh_SF"}},
        "A": sum(known) if known else None, "AphA": amps[0], "AphB": amps[1], "AphC": amps[2],
        "PhVphA": now.get("voltage_l1"), "PhVphB": now.get("voltage_l2"), "PhVphC": now.get("voltage_l3"),
        "Hz": now.get("frequency"), "W": _times(now.get("ac_power"), 1000), "WH": _whole(now.get("ac_energy"), 1000),
        "DCW": _times(now.get("dc_power"), 1000), "DCV": now.get("dc_voltage"),
        "TmpCab": now.get("cabinet_temperature"), "St": _whole(now.get("state"), 1),
    }  # fmt: skip


def _meter_points(now: Mapping[str, float | None]) -> dict[str, Any]:
    amps = [now.get(f"current_l{phase}") for phase in (1, 2, 3)]
    known = [one for one in amps if one is not None and not math.isnan(one)]
    return {
        "A_SF": -2, "V_SF": -1, "Hz_SF": -2, "W_SF": 1, "TotWh_SF": 0, "PF_SF": -2, "A": sum(known) if known else None,
        "AphA": amps[0], "AphB": amps[1], "AphC": amps[2], "PhVphA": now.get("voltage_l1"),
        "PhVphB": now.get("voltage_l2"), "PhVphC": now.get("voltage_l3"), "Hz": now.get("frequency"),
        "W": _times(now.get("grid_power"), 1000), "TotWhImp": _whole(now.get("import_energy"), 1000),
        "TotWhExp": _whole(now.get("export_energy"), 1000),
    }  # fmt: skip


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None or math.isnan(value) else value * factor


def _whole(value: float | None, factor: float) -> int | None:
    return None if value is None or math.isnan(value) else round(value * factor)

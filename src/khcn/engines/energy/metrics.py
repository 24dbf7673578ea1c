"""The metrics that devices may give: names, canonical units, how they are to be understood, what they mean for a site.

Names follow IEC 61724-1 where it has one. An unknown metric is kept as a gauge; it never stops a batch.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from khcn.engines.energy.types import ChannelKind


class Meaning(StrEnum):
    """What a series is to a site."""

    PRODUCTION = "production"  # AC side of the PV system
    IMPORT = "import"  # from the grid
    EXPORT = "export"  # to the grid
    LOAD = "load"  # used by the unit
    ARRAY = "array"  # DC side
    CHARGE = "charge"
    DISCHARGE = "discharge"
    WEATHER = "weather"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``lowest``/``highest``: limits of what is physically possible, in ``unit`` (None: the device's rating)."""

    key: str
    unit: str
    kind: ChannelKind
    meaning: Meaning
    label: str  # Vietnamese
    lowest: float | None = None
    highest: float | None = None


_C, _D, _P, _G, _S = (
    ChannelKind.COUNTER, ChannelKind.DAILY_COUNTER, ChannelKind.POWER, ChannelKind.GAUGE, ChannelKind.STATE,
)  # fmt: skip
_ALL: Final = (
    Metric("ac_power", "kW", _P, Meaning.PRODUCTION, "Công suất phát"),
    Metric("ac_energy", "kWh", _C, Meaning.PRODUCTION, "Điện phát lũy kế"),
    Metric("ac_energy_today", "kWh", _D, Meaning.PRODUCTION, "Điện phát trong ngày"),
    Metric("dc_power", "kW", _P, Meaning.ARRAY, "Công suất một chiều"),
    Metric("dc_energy", "kWh", _C, Meaning.ARRAY, "Điện một chiều lũy kế"),
    Metric("import_power", "kW", _P, Meaning.IMPORT, "Công suất lấy từ lưới"),
    Metric("import_energy", "kWh", _C, Meaning.IMPORT, "Điện lấy từ lưới lũy kế"),
    Metric("export_power", "kW", _P, Meaning.EXPORT, "Công suất đẩy lên lưới"),
    Metric("export_energy", "kWh", _C, Meaning.EXPORT, "Điện đẩy lên lưới lũy kế"),
    Metric("grid_power", "kW", _P, Meaning.IMPORT, "Công suất trao đổi với lưới (dương là lấy vào)"),
    Metric("load_power", "kW", _P, Meaning.LOAD, "Công suất tiêu thụ"),
    Metric("load_energy", "kWh", _C, Meaning.LOAD, "Điện tiêu thụ lũy kế"),
    Metric("charge_energy", "kWh", _C, Meaning.CHARGE, "Điện nạp pin lũy kế"),
    Metric("discharge_energy", "kWh", _C, Meaning.DISCHARGE, "Điện xả pin lũy kế"),
    # Energy since midnight, as portals' hourly and daily exports become (table.mapping, "period")
    Metric("dc_energy_today", "kWh", _D, Meaning.ARRAY, "Điện một chiều trong ngày"),
    Metric("import_energy_today", "kWh", _D, Meaning.IMPORT, "Điện lấy từ lưới trong ngày"),
    Metric("export_energy_today", "kWh", _D, Meaning.EXPORT, "Điện đẩy lên lưới trong ngày"),
    Metric("load_energy_today", "kWh", _D, Meaning.LOAD, "Điện tiêu thụ trong ngày"),
    Metric("charge_energy_today", "kWh", _D, Meaning.CHARGE, "Điện nạp pin trong ngày"),
    Metric("discharge_energy_today", "kWh", _D, Meaning.DISCHARGE, "Điện xả pin trong ngày"),
    Metric("battery_soc", "%", _G, Meaning.HEALTH, "Mức pin", 0, 100),
    Metric("poa_irradiance", "W/m2", _G, Meaning.WEATHER, "Bức xạ trên mặt tấm pin", -20, 1600),
    Metric("ghi", "W/m2", _G, Meaning.WEATHER, "Bức xạ mặt ngang", -20, 1600),
    Metric("module_temperature", "°C", _G, Meaning.WEATHER, "Nhiệt độ tấm pin", -20, 110),
    Metric("ambient_temperature", "°C", _G, Meaning.WEATHER, "Nhiệt độ không khí", -20, 60),
    Metric("wind_speed", "m/s", _G, Meaning.WEATHER, "Tốc độ gió", 0, 75),
    Metric("cabinet_temperature", "°C", _G, Meaning.HEALTH, "Nhiệt độ máy", -40, 130),
    Metric("voltage_l1", "V", _G, Meaning.HEALTH, "Điện áp pha A", 0, 40_000),
    Metric("voltage_l2", "V", _G, Meaning.HEALTH, "Điện áp pha B", 0, 40_000),
    Metric("voltage_l3", "V", _G, Meaning.HEALTH, "Điện áp pha C", 0, 40_000),
    Metric("current_l1", "A", _G, Meaning.HEALTH, "Dòng điện pha A", -5000, 5000),
    Metric("current_l2", "A", _G, Meaning.HEALTH, "Dòng điện pha B", -5000, 5000),
    Metric("current_l3", "A", _G, Meaning.HEALTH, "Dòng điện pha C", -5000, 5000),
    Metric("dc_voltage", "V", _G, Meaning.HEALTH, "Điện áp một chiều", 0, 2000),
    Metric("dc_current", "A", _G, Meaning.HEALTH, "Dòng điện một chiều", -1000, 1000),
    Metric("frequency", "Hz", _G, Meaning.HEALTH, "Tần số", 40, 70),
    Metric("power_factor", "", _G, Meaning.HEALTH, "Hệ số công suất", -1, 1),
    Metric("apparent_power", "kVA", _G, Meaning.HEALTH, "Công suất biểu kiến"),
    Metric("reactive_power", "kvar", _G, Meaning.HEALTH, "Công suất phản kháng"),
    Metric("state", "", _S, Meaning.HEALTH, "Trạng thái máy"),
)
METRICS: Final[dict[str, Metric]] = {metric.key: metric for metric in _ALL}


def metric_of(key: str) -> Metric:
    """Return the metric; an unknown one is a gauge of its own name without a unit."""
    return METRICS.get(key) or Metric(key, "", ChannelKind.GAUGE, Meaning.HEALTH, key)

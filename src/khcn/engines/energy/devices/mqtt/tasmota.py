"""Tasmota energy telegrams (``tele/<topic>/SENSOR``).

``Time`` is local without a zone; values are arrays when a device has several channels (``channel``: 1, 2, ... picks
one, else powers and energies are added and voltages and currents are phases); ``Total`` is kWh and starts again when
``TotalStartTime`` changes, which is passed on as the metric ``counter_start`` (s since 1970).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from khcn.engines.energy.devices.mqtt.message import Collected, Message, as_object
from khcn.engines.energy.devices.protocol import DeviceConfig
from khcn.engines.energy.devices.values import raw_text, read_number, read_time
from khcn.engines.energy.types import Sample

# field -> (metric, unit): of the whole device
_TOTALS: Final = {
    "Power": ("grid_power", "W"), "Total": ("import_energy", "kWh"), "ExportActive": ("export_energy", "kWh"),
    "ApparentPower": ("apparent_power", "VA"), "ReactivePower": ("reactive_power", "var"),
}  # fmt: skip
_PHASES: Final = {"Voltage": ("voltage_l%d", "V"), "Current": ("current_l%d", "A")}
_MEANS: Final = {"Frequency": ("frequency", "Hz"), "Factor": ("power_factor", "")}
_OTHER: Final = re.compile(r"/(LWT|STATE|INFO\d?|RESULT|UPTIME|STATUS\d*|MARGINS)$")


def parse(message: Message, config: DeviceConfig) -> list[Sample]:
    """Return the samples of a telegram; none for Tasmota's other topics."""
    if _OTHER.search(message.topic):
        return []
    got = Collected(message, config)
    document, problem = as_object(message.payload)
    if problem:
        return got.fail(problem)
    status = document.get("StatusSNS")
    document = status if isinstance(status, dict) else document
    energy = document.get("ENERGY")
    if not isinstance(energy, dict):
        return got.fail("payload-shape")
    if "Time" not in document and message.retained:
        return got.fail("reading-retained")
    got.at(document.get("Time"))
    _read_energy(got, energy, config)
    return got.finish()


def _read_energy(got: Collected, energy: Mapping[str, Any], config: DeviceConfig) -> None:
    channel = config.options.get("channel")
    picked = channel if isinstance(channel, int) and not isinstance(channel, bool) and channel > 0 else None
    for name, (metric, unit) in _TOTALS.items():
        if name in energy:
            _add_total(got, metric, unit, energy[name], picked)
    for name, (pattern, unit) in _PHASES.items():
        if name in energy:
            _add_phases(got, pattern, unit, energy[name], picked)
    for name, (metric, unit) in _MEANS.items():
        said = energy.get(name)
        if isinstance(said, list):
            said = said[min(picked or 1, len(said)) - 1] if said else None
        if said is not None:
            got.add(metric, said, unit)
    start = energy.get("TotalStartTime")
    if start is not None:
        ms, problem = read_time(start, config.zone, got.message.received_ms)
        value = None if ms is None else ms / 1000
        got.samples.append(
            Sample(got.device, "counter_start", got.ts_ms, value, problem, raw_text(start)[:80])
        )


def _add_total(got: Collected, metric: str, unit: str, said: Any, picked: int | None) -> None:
    if not isinstance(said, list):
        got.add(metric, said, unit)
    elif picked is not None:
        got.add(metric, said[picked - 1] if picked <= len(said) else None, unit)
    else:
        numbers = [read_number(one)[0] for one in said]
        known = [one for one in numbers if one is not None]
        # A sum with a hole in it would be too small: then the whole list is kept as it was said.
        got.add(metric, sum(known) if known and len(known) == len(numbers) else said, unit)


def _add_phases(got: Collected, pattern: str, unit: str, said: Any, picked: int | None) -> None:
    values = said if isinstance(said, list) else [said]
    if picked is not None:
        values = values[picked - 1 : picked]
    for phase, one in enumerate(values[:3], 1):
        got.add(pattern % phase, one, unit)

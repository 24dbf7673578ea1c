"""Shelly devices, first and second generation.

Second generation: ``<id>/status/em:0`` and the like, and ``<id>/events/rpc`` with NotifyStatus (``ts`` is an epoch with
fractions; the ``id`` inside a component may differ from its key, the key is right). Energies are Wh; what flows back
has a counter of its own. First generation: one plain number a topic; ``relay/N/energy`` is watt-minutes.

``options["channel"]`` picks a component by its number (default 0); ``options["channels"]`` (``{"0": "meter-a", ...}``)
gives each component to a device of its own.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from khcn.engines.energy.devices.mqtt.message import Collected, Message, as_object, read_text
from khcn.engines.energy.devices.protocol import DeviceConfig
from khcn.engines.energy.types import Sample

Fields = Mapping[str, tuple[str, str]]
_ONE: Final[Fields] = {
    "act_power": ("grid_power", "W"), "apower": ("grid_power", "W"), "voltage": ("voltage_l1", "V"),
    "current": ("current_l1", "A"), "aprt_power": ("apparent_power", "VA"), "pf": ("power_factor", ""),
    "freq": ("frequency", "Hz"), "total_act_energy": ("import_energy", "Wh"),
    "total_act_ret_energy": ("export_energy", "Wh"),
}  # fmt: skip
_THREE: Final[Fields] = {
    "total_act_power": ("grid_power", "W"), "total_aprt_power": ("apparent_power", "VA"),
    "total_act": ("import_energy", "Wh"), "total_act_ret": ("export_energy", "Wh"),
    "a_voltage": ("voltage_l1", "V"), "b_voltage": ("voltage_l2", "V"), "c_voltage": ("voltage_l3", "V"),
    "a_current": ("current_l1", "A"), "b_current": ("current_l2", "A"), "c_current": ("current_l3", "A"),
    "a_freq": ("frequency", "Hz"), "a_pf": ("power_factor", ""),
}  # fmt: skip
_COMPONENTS: Final[dict[str, Fields]] = {
    "em": _THREE, "emdata": _THREE, "em1": _ONE, "em1data": _ONE, "switch": _ONE, "pm1": _ONE, "cover": _ONE,
}  # fmt: skip
KEY: Final = re.compile(r"(em|emdata|em1|em1data|switch|pm1|cover):(\d{1,3})")
FIRST: Final = re.compile(r"(?:^|/)(emeter|relay)/(\d{1,2})/(\w+)$")
_FIRST_FIELDS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("emeter", "power"): ("grid_power", "W"), ("emeter", "total"): ("import_energy", "Wh"),
    ("emeter", "total_returned"): ("export_energy", "Wh"), ("emeter", "voltage"): ("voltage_l%d", "V"),
    ("emeter", "current"): ("current_l%d", "A"), ("emeter", "pf"): ("power_factor", ""),
    ("relay", "power"): ("grid_power", "W"), ("relay", "energy"): ("import_energy", "Wmin"),
}  # fmt: skip
STATUS: Final = {"NotifyStatus", "NotifyFullStatus"}


def parse(message: Message, config: DeviceConfig) -> list[Sample]:
    """Return the samples of a Shelly message; none for topics without measurements."""
    first = FIRST.search(message.topic)
    if first:
        return _first_generation(message, config, first[1], int(first[2]), first[3])
    got = Collected(message, config)
    tail = message.topic.rsplit("/", 1)[-1]
    if tail in {"online", "announce", "info", "input"}:
        return []
    document, problem = as_object(message.payload)
    if problem:
        return got.fail(problem)
    key = KEY.fullmatch(tail)
    if key:
        if message.retained:
            return got.fail("reading-retained")
        return _component(message, config, (key[1], int(key[2])), document, None)
    return _notification(message, config, document)


def channels_of(message: Message) -> tuple[int, ...]:
    """Return the numbers of the measuring components that a message names: for the wizard."""
    document, _ = as_object(message.payload)
    params = document.get("params")
    names = [message.topic.rsplit("/", 1)[-1], *(params if isinstance(params, dict) else ())]
    return tuple(sorted({int(key[2]) for name in names if (key := KEY.fullmatch(str(name)))}))


def _notification(message: Message, config: DeviceConfig, document: Mapping[str, Any]) -> list[Sample]:
    got = Collected(message, config)
    method, params = document.get("method"), document.get("params")
    if not isinstance(method, str) or method not in STATUS:
        # Events and answers are the device's business; anything else is not what was declared.
        return [] if isinstance(method, str) or "result" in document else got.fail("payload-shape")
    if not isinstance(params, dict):
        return got.fail("payload-shape")
    samples: list[Sample] = []
    named = False
    for name, component in params.items():
        key = KEY.fullmatch(str(name))
        if key:
            named = True
            samples += _component(message, config, (key[1], int(key[2])), component, params.get("ts"))
    return samples if named or method == "NotifyStatus" else got.fail("payload-no-values")


def _component(
    message: Message, config: DeviceConfig, key: tuple[str, int], said: Any, ts: Any
) -> list[Sample]:  # fmt: skip
    device = _device(config, key[1])
    if device is None:
        return []
    got = Collected(message, config, device)
    if not isinstance(said, dict):
        return got.fail("payload-shape")
    if ts is not None:
        got.at(ts)
    for name, (metric, unit) in _COMPONENTS[key[0]].items():
        if name in said and said[name] is not None:
            got.add(metric, said[name], unit)
    for name, metric in (("aenergy", "import_energy"), ("ret_aenergy", "export_energy")):
        counter = said.get(name)
        if isinstance(counter, dict) and "total" in counter:
            got.add(metric, counter["total"], "Wh")
    return got.samples


def _first_generation(
    message: Message, config: DeviceConfig, kind: str, number: int, name: str
) -> list[Sample]:  # fmt: skip
    field = _FIRST_FIELDS.get((kind, name))
    several = isinstance(config.options.get("channels"), dict) or "channel" in config.options
    phases = field is not None and "%d" in field[0] and not several
    device = config.key if phases else _device(config, number)
    if field is None or device is None:
        return []
    got = Collected(message, config, device)
    if message.retained:
        return got.fail("reading-retained")
    text, problem = read_text(message.payload)
    if problem:
        return got.fail(problem)
    metric = field[0] % (number + 1 if phases else 1) if "%d" in field[0] else field[0]
    got.add(metric, text, field[1])
    return got.samples


def _device(config: DeviceConfig, number: int) -> str | None:
    channels = config.options.get("channels")
    if isinstance(channels, dict):
        found = channels.get(str(number))
        return found if isinstance(found, str) and found else None
    wanted = config.options.get("channel", 0)
    return config.key if wanted == number else None

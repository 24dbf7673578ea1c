"""Any JSON (dotted paths to values) and plain numbers on a topic, as the device's options describe them.

JSON: ``options["fields"]`` is ``{"ac_power": "pv.power"}`` or ``{"ac_power": {"path": "meters[0].p", "unit": "W",
"scale": -1}}``; ``options["time_path"]`` names the time, if there is one. Plain: ``options["metric"]`` and ``unit``, or
``options["topics"]``: ``{"site/inv/power": {"metric": "ac_power", "unit": "W"}}`` (the end of the topic is enough).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from khcn.engines.energy.devices.mqtt.message import Collected, Message, read_json, read_text
from khcn.engines.energy.devices.protocol import DeviceConfig
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.types import Sample

_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d{1,4})\]")
_METRIC: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Field:
    """Where one value is and what it is: ``path`` empty for a plain number."""

    metric: str
    path: str
    unit: str = ""
    scale: float = 1.0


def fields_of(options: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the described fields of JSON messages. Raises DeviceError ``mqtt-fields``."""
    given = options.get("fields")
    if not isinstance(given, dict) or not given or len(given) > 200:
        raise DeviceError(
            "mqtt-fields", detail="cần ít nhất một đại lượng và đường dẫn, ví dụ ac_power: pv.power"
        )
    return tuple(_field(metric, said) for metric, said in given.items())


def topics_of(options: Mapping[str, Any]) -> dict[str, Field]:
    """Return the described plain topics (end of topic -> field). Raises DeviceError ``mqtt-fields``."""
    given = options.get("topics")
    if isinstance(given, dict) and given:
        found = {}
        for topic, said in given.items():
            about = said if isinstance(said, dict) else {"metric": said}
            found[str(topic).strip("/")] = _field(about.get("metric"), {**about, "path": "."})
        return found
    metric = options.get("metric")
    return {
        "": _field(metric, {"path": ".", "unit": options.get("unit", ""), "scale": options.get("scale", 1)})
    }


def parse_fields(message: Message, config: DeviceConfig) -> list[Sample]:
    """Return the samples of a JSON message."""
    got = Collected(message, config)
    document, problem = read_json(message.payload)
    if problem:
        return got.fail(problem)
    if not isinstance(document, dict | list):
        return got.fail("payload-shape")
    path = config.options.get("time_path")
    said = find(document, path) if isinstance(path, str) and path else None
    if message.retained and (said is None or said is _MISSING):
        return got.fail("reading-retained")
    if isinstance(path, str) and path:
        got.at("" if said is _MISSING else said)
    fields = fields_of(config.options)
    values = [(field, find(document, field.path)) for field in fields]
    if all(value is _MISSING for _, value in values):
        return got.fail("payload-no-values")
    for field, value in values:
        if value is not _MISSING:
            got.add(field.metric, value, field.unit, scale=field.scale)
    return got.samples


def parse_plain(message: Message, config: DeviceConfig) -> list[Sample]:
    """Return the sample of a plain number; none for a topic that is not described."""
    field = next(
        (
            one
            for end, one in topics_of(config.options).items()
            if not end or f"/{message.topic}".endswith(f"/{end}")
        ),
        None,
    )
    if field is None:
        return []
    got = Collected(message, config)
    if message.retained:
        return got.fail("reading-retained")
    text, problem = read_text(message.payload)
    if problem:
        return got.fail(problem)
    got.add(field.metric, text, field.unit, scale=field.scale)
    return got.samples


def find(document: Any, path: str) -> Any:
    """Return what is at ``a.b[0].c``; a marker when there is nothing. A key with dots in it is found whole first."""
    if isinstance(document, dict) and path in document:
        return document[path]
    place = document
    for name, number in _PART.findall(path):
        if number and isinstance(place, list):
            place = place[int(number)] if int(number) < len(place) else _MISSING
        elif name and isinstance(place, dict):
            place = place.get(name, _MISSING)
        else:
            return _MISSING
        if place is _MISSING:
            return _MISSING
    return place


def _field(metric: Any, said: Any) -> Field:
    about = said if isinstance(said, dict) else {"path": said}
    path, unit, scale = about.get("path"), about.get("unit", ""), about.get("scale", 1)
    if not isinstance(metric, str) or not _METRIC.fullmatch(metric):
        raise DeviceError("mqtt-fields", detail=f"tên đại lượng “{str(metric)[:40]}” không hợp lệ")
    if not isinstance(path, str) or not path or len(path) > 200:
        raise DeviceError("mqtt-fields", detail=f"{metric} chưa có đường dẫn")
    if (
        not isinstance(unit, str)
        or isinstance(scale, bool)
        or not isinstance(scale, int | float)
        or not scale
    ):
        raise DeviceError("mqtt-fields", detail=f"{metric}: đơn vị phải là chữ, hệ số phải là số khác 0")
    return Field(metric, path, unit, float(scale))

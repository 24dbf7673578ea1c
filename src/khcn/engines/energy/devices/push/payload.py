"""Readings that a device or gateway pushes over HTTP, read without trust.

Two shapes, one meaning; both may be mixed in one object::

    {"device": "inv-1", "readings": [{"t": "2026-05-04T10:00:00+07:00", "metric": "ac_power", "value": 12.3,
                                      "unit": "kW"}, {"t": 1777863600, "values": {"ac_power": "12300 W"}}]}
    {"series": [{"device": "inv-1", "metric": "ac_energy", "unit": "Wh", "t": [1777863600, ...], "v": [1, ...]}]}

``t``: ISO (without a zone: local to the site) or an epoch in s, ms, us, ns; without ``t`` a reading is of now.
``unit`` may be left out when the value is in the metric's own unit. What cannot be used stays as a sample with its
problem and its raw text, so nothing sent is lost; what cannot even be placed (no device, no metric) is a problem.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from khcn.engines.energy.devices.messages import DEVICES
from khcn.engines.energy.devices.protocol import Notice
from khcn.engines.energy.devices.values import raw_text, read_time, read_value
from khcn.engines.energy.types import Sample

MOST_VALUES: Final = 50_000
MOST_BYTES: Final = 8 * 1024 * 1024
_MOST_PROBLEMS: Final = 50
_EMPTY: Final = '""'
_METRIC: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,59}")


@dataclass(frozen=True, slots=True)
class PushResult:
    """What a push holds. ``refused``: the whole push must be sent again otherwise (too large, not the right shape).

    ``samples`` hold usable values and, with ``value=None``, unusable ones; ``problems`` are sentences for the sender,
    at most 50, the count of all in ``problem_count``.
    """

    samples: tuple[Sample, ...] = ()
    problems: tuple[Notice, ...] = ()
    refused: bool = False
    problem_count: int = 0


@dataclass(slots=True)
class _Reader:
    received_ms: int
    zone: str
    device: str
    samples: list[Sample] = field(default_factory=list)
    problems: list[Notice] = field(default_factory=list)
    count: int = 0

    def complain(self, code: str, **params: Any) -> None:
        self.count += 1
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Notice(code, params))

    def device_of(self, item: dict[str, Any], index: int) -> str | None:
        name = item.get("device", self.device)
        if isinstance(name, str) and 1 <= len(name.strip()) <= 100 and name.isprintable():
            return name.strip()
        self.complain("push-device", index=index)
        return None

    def metric_of(self, said: Any, index: int) -> str | None:
        name = said.strip().lower() if isinstance(said, str) else ""
        if _METRIC.fullmatch(name):
            return name
        self.complain("push-metric", index=index)
        return None

    def add(self, place: tuple[str, str, int], when: Any, value: Any, unit: Any) -> None:
        device, metric, index = place
        unit = unit if isinstance(unit, str) else ""
        ts, wrong = (self.received_ms, "") if when is None else read_time(when, self.zone, self.received_ms)
        number, problem = read_value(value, metric, unit)
        raw = ""
        if wrong or problem:
            # A batch holds the past: a reading without a believable time is kept, but is no value of any moment.
            said = f"{raw_text(value) or _EMPTY} {unit}".strip()
            raw = raw_text(f"{raw_text(when)}: {said}" if wrong else said)
            number, problem = None, wrong or problem
            if wrong == "reading-time":
                self.complain("push-time", index=index, said=raw_text(when)[:40])
            else:
                self.complain("push-row", index=index, reason=DEVICES[wrong or problem])
        self.samples.append(
            Sample(device, metric, self.received_ms if ts is None else ts, number, problem, raw)
        )


def parse_push(
    payload: Any,
    *,
    received_ms: int,
    zone: str = "Asia/Ho_Chi_Minh",
    device: str = "",
    limit: int = MOST_VALUES,
) -> PushResult:
    """Read a push: parsed JSON, or its text or bytes. ``device``: the one that the token stands for. Never raises."""
    if isinstance(payload, bytes | bytearray | str):
        payload, wrong = _parsed(payload)
        if wrong:
            return _refused(wrong)
    found = payload if isinstance(payload, dict) else {}
    readings, series = found.get("readings"), found.get("series")
    if [type(part) for part in (readings, series) if part is not None] not in ([list], [list, list]):
        return _refused("push-shape")
    count = _count(readings or [], series or [])
    if count > limit:
        return _refused("push-too-many", count=count, limit=limit)
    named = found.get("device")
    reader = _Reader(received_ms, zone, named if isinstance(named, str) else device)
    _read_readings(reader, readings or [])
    _read_series(reader, series or [])
    return PushResult(tuple(reader.samples), tuple(reader.problems), False, reader.count)


def _parsed(text: bytes | bytearray | str) -> tuple[Any, str]:
    if len(text) > MOST_BYTES:
        return None, "payload-too-large"
    try:
        return json.loads(text), ""
    except (ValueError, RecursionError):
        return None, "payload-not-json"


def _refused(code: str, **params: Any) -> PushResult:
    return PushResult((), (Notice(code, params),), True, 1)


def _count(readings: list[Any], series: list[Any]) -> int:
    many = sum(len(item["values"]) for item in readings if _holds(item, "values", dict))
    long = sum(len(item[name]) for item in series for name in ("t", "v") if _holds(item, name, list)) // 2
    longest = max(
        (len(item[name]) for item in series for name in ("t", "v") if _holds(item, name, list)), default=0
    )
    return len(readings) + len(series) + many + max(long, longest)


def _holds(item: Any, name: str, kind: type) -> bool:
    return isinstance(item, dict) and isinstance(item.get(name), kind)


def _read_readings(reader: _Reader, readings: list[Any]) -> None:
    for index, item in enumerate(readings):
        if not isinstance(item, dict):
            reader.complain("push-row", index=index, reason=raw_text(item)[:60])
            continue
        device = reader.device_of(item, index)
        if device is None:
            continue
        when = item.get("t", item.get("ts", item.get("time")))
        for said, value in _values(item):
            metric = reader.metric_of(said, index)
            if metric is not None:
                reader.add((device, metric, index), when, value, item.get("unit"))


def _values(item: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    if isinstance(item.get("values"), dict):
        yield from item["values"].items()
        if "metric" not in item:
            return
    yield item.get("metric"), item.get("value", item.get("v"))


def _read_series(reader: _Reader, series: list[Any]) -> None:
    for index, item in enumerate(series):
        if not isinstance(item, dict):
            reader.complain("push-row", index=index, reason=raw_text(item)[:60])
            continue
        device, metric = reader.device_of(item, index), reader.metric_of(item.get("metric"), index)
        times, values = item.get("t"), item.get("v")
        if device is None or metric is None:
            continue
        if not isinstance(times, list) or not isinstance(values, list):
            reader.complain("push-row", index=index, reason="t, v")
            continue
        if len(times) != len(values):
            reader.complain("push-lengths", index=index, times=len(times), values=len(values))
        for when, value in zip_longest(times, values):
            # None among times is a missing time, not "now": a series is history.
            reader.add((device, metric, index), "" if when is None else when, value, item.get("unit"))

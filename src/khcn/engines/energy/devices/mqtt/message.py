"""One MQTT message and what every payload reader needs: safe JSON, times, samples. Nothing here raises."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from khcn.engines.energy.devices.protocol import PAYLOAD, DeviceConfig
from khcn.engines.energy.devices.units import scaled
from khcn.engines.energy.devices.values import raw_text, read_time, read_value
from khcn.engines.energy.types import Sample

LARGEST: Final = 256 * 1024  # bytes: the longest honest status of a device is a few kB
_DEEPEST: Final = 24
CLOCK: Final = "device_clock"
"""Metric of a sample that only says: the clock of this device is wrong."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came. ``retained``: the broker kept it; it may be of any age."""

    topic: str
    payload: bytes
    received_ms: int
    retained: bool = False


@dataclass(slots=True)
class Collected:
    """The samples of one message while they are gathered."""

    message: Message
    config: DeviceConfig
    device: str = ""
    samples: list[Sample] = field(default_factory=list)
    ts_ms: int = 0

    def __post_init__(self) -> None:
        self.device = self.device or self.config.key
        self.ts_ms = self.message.received_ms

    def at(self, said: Any) -> None:
        """Take the message's own time if it can be believed; else the time of receipt, and say so.

        A live message with a wrong clock is still of now: its values are good, its time is not.
        """
        ms, problem = read_time(said, self.config.zone, self.message.received_ms)
        if ms is not None:
            self.ts_ms = ms
        elif said is not None:
            self.samples.append(
                Sample(self.device, CLOCK, self.message.received_ms, None, problem, raw_text(said)[:80])
            )

    def add(self, metric: str, said: Any, unit: str = "", *, scale: float = 1.0) -> None:
        """Add one value in ``unit``; a value that cannot be used is added with its problem."""
        value, problem = read_value(said, metric, unit)
        if value is not None and scale != 1.0:
            value = scaled(value, scale)
        raw = f"{raw_text(said)} {unit}".strip() if problem else ""
        self.samples.append(Sample(self.device, metric, self.ts_ms, value, problem, raw))

    def fail(self, problem: str) -> list[Sample]:
        """Return the one sample that keeps a message which could not be read."""
        text = self.message.payload[:2000].decode("utf-8", "replace")
        return [Sample(self.device, PAYLOAD, self.message.received_ms, None, problem, raw_text(text))]

    def finish(self) -> list[Sample]:
        """Return the samples, or a problem when there are none."""
        return self.samples or self.fail("payload-no-values")


def read_text(payload: bytes) -> tuple[str, str]:
    """Return (text, problem code)."""
    if len(payload) > LARGEST:
        return "", "payload-too-large"
    try:
        text = payload.decode("utf-8-sig").strip().strip("\0")
    except UnicodeDecodeError:
        return "", "payload-not-text"
    return (text, "") if text else ("", "payload-empty")


def read_json(payload: bytes) -> tuple[Any, str]:
    """Return (document, problem code). Nested beyond reason, huge or broken JSON is a problem, never an exception."""
    text, problem = read_text(payload)
    if problem:
        return None, problem
    if _depth(text) > _DEEPEST:
        return None, "payload-too-deep"
    try:
        return json.loads(text), ""
    except (ValueError, RecursionError):
        return None, "payload-not-json"


def as_object(payload: bytes) -> tuple[Mapping[str, Any], str]:
    """Return (object, problem code): JSON that must be an object."""
    document, problem = read_json(payload)
    if problem:
        return {}, problem
    return (document, "") if isinstance(document, dict) else ({}, "payload-shape")


def _depth(text: str) -> int:
    """Return how deep brackets nest, strings left out, without recursion."""
    deepest = depth = 0
    inside = escaped = False
    for sign in text:
        if inside:
            inside = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            inside = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest

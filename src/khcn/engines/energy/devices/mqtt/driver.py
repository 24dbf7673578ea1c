"""The MQTT driver: listens to a device's topic and passes on what its messages say.

``template`` is the format (:data:`.payloads.FORMATS`). Options: those of the format's module,
``least_s`` (a value of one metric is passed on at most this often, default 1 s: a flood of messages tells nothing more
about a counter), and those of :mod:`khcn.engines.energy.devices.roles`.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from khcn.engines.energy.devices.mqtt.hub import Hub, broker_of, hub_at
from khcn.engines.energy.devices.mqtt.message import Message
from khcn.engines.energy.devices.mqtt.payloads import check_format, guess_format, parse_message
from khcn.engines.energy.devices.mqtt.shelly import channels_of
from khcn.engines.energy.devices.protocol import Clock, DeviceConfig, Notice, Pace, ProbeResult, Sink
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.types import ChannelKind, Sample

_PROBLEM_EVERY_MS = 10_000
_TOLD_EVERY_MS = 60_000
THINNED = "readings_thinned"
"""Metric: how many readings of a flood were passed over in the last minute."""


@dataclass(slots=True)
class Sieve:
    """Lets each metric through at most once in ``least_ms``, each problem once in ten seconds, and counts the rest."""

    least_ms: int
    _last: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _held: int = 0
    _told_ms: int = 0

    def sift(self, samples: list[Sample], now_ms: int) -> list[Sample]:
        """Return the samples to pass on at ``now_ms``."""
        passed = [sample for sample in samples if self._passes(sample, now_ms)]
        self._held += len(samples) - len(passed)
        if self._held and now_ms - self._told_ms >= _TOLD_EVERY_MS and samples:
            passed.append(Sample(samples[0].device, THINNED, now_ms, float(self._held)))
            self._held, self._told_ms = 0, now_ms
        return passed

    def _passes(self, sample: Sample, now_ms: int) -> bool:
        key = (sample.device, sample.metric, sample.problem)
        # By the time of the reading, not of its coming: what a broker kept for an hour comes all at once and is news.
        moment, least = (now_ms, _PROBLEM_EVERY_MS) if sample.problem else (sample.ts_ms, self.least_ms)
        last = self._last.get(key)
        if last is not None and abs(moment - last) < least:
            return False
        if len(self._last) > 5000:  # a device that invents metrics without end must not fill the memory
            self._last.clear()
        self._last[key] = moment
        return True


class MqttDriver:
    """One device that publishes."""

    pushes = True
    pace = Pace()

    def __init__(self, config: DeviceConfig) -> None:
        check_format(config)
        self.config, self.broker = config, broker_of(config)
        topic = config.address.get("topic")
        if not isinstance(topic, str) or not topic.strip() or len(topic.encode()) > 1000 or "\0" in topic:
            raise DeviceError(
                "device-address", field="topic", expected="chủ đề MQTT, ví dụ tele/den-1/SENSOR"
            )
        self.topic = topic.strip()
        least = config.options.get("least_s", 1.0)
        known = isinstance(least, int | float) and not isinstance(least, bool) and 0 <= least <= 3600
        self._sieve = Sieve(round(1000 * least) if known else 1000)
        self._hub: Hub | None = None

    def poll(self, now_ms: int) -> list[Sample]:
        """Return nothing: this device speaks when it likes."""
        return []

    def listen(self, sink: Sink, clock: Clock) -> None:
        """Pass what comes to ``sink`` until :meth:`close`; the connection repairs itself. Raises DeviceError."""

        def take(message: Message) -> None:
            samples = self._sieve.sift(parse_message(message, self.config), message.received_ms)
            if samples:
                sink(samples)

        self._hub = hub_at(self.broker, clock)
        self._hub.add(id(self), self.topic, take)

    def state(self) -> str:
        """Return the code of what is wrong with the connection, "" when it stands."""
        return self._hub.trouble if self._hub is not None else ""

    def close(self) -> None:
        """Stop listening."""
        if self._hub is not None:
            self._hub.drop(id(self))
            self._hub = None


def make(config: DeviceConfig) -> MqttDriver:
    """Return the driver of a device. Raises DeviceError for a description that cannot work."""
    return MqttDriver(config)


def probe(config: DeviceConfig, *, timeout_s: float, now_ms: int) -> ProbeResult:
    """Listen until the device has said something usable, at most ``timeout_s``."""
    begun = time.monotonic()
    driver = make(config)
    messages: list[Message] = []
    heard = threading.Event()

    def take(message: Message) -> None:
        if len(messages) < 50:
            messages.append(message)
        if any(sample.value is not None for sample in parse_message(message, config)):
            heard.set()

    hub = hub_at(driver.broker, lambda: now_ms + round((time.monotonic() - begun) * 1000))
    hub.add(id(driver), driver.topic, take)
    try:
        while not heard.wait(0.05) and time.monotonic() - begun < timeout_s:
            if hub.trouble in {"mqtt-password", "mqtt-refused", "mqtt-topic"}:
                break
        connected, trouble, reason = hub.connected.is_set(), hub.trouble, hub.reason
    finally:
        hub.drop(id(driver))
    took = round((time.monotonic() - begun) * 1000)
    if not messages:
        return ProbeResult(
            False, problems=(_silence(driver, connected, trouble, reason, took),), took_ms=took
        )
    return _judge(driver, messages, took)


def _silence(driver: MqttDriver, connected: bool, trouble: str, reason: str, took_ms: int) -> Notice:
    where = {"host": driver.broker.host, "port": driver.broker.port}
    if trouble == "mqtt-topic":
        return Notice("mqtt-topic", {"topic": driver.topic})
    if connected:
        return Notice("mqtt-silent", {"seconds": round(took_ms / 1000), "topic": driver.topic})
    code = trouble if trouble not in {"", "mqtt-disconnected", "mqtt-held"} else "device-unreachable"
    return Notice(code, {**where, "reason": reason or "?"})


def _judge(driver: MqttDriver, messages: list[Message], took_ms: int) -> ProbeResult:
    points: dict[tuple[str, str], Sample] = {}
    for message in messages:
        for sample in parse_message(message, driver.config):
            held = points.get((sample.device, sample.metric))
            if held is None or sample.value is not None:
                points[sample.device, sample.metric] = sample
    ok = any(sample.value is not None for sample in points.values())
    problems = [Notice(code) for code in dict.fromkeys(one.problem for one in points.values() if one.problem)]
    suggestions = []
    guesses = {guess_format(message) for message in messages} - {"", driver.config.template}
    if not ok and len(guesses) == 1:
        suggestions.append(Notice("mqtt-looks-like", {"format": guesses.pop()}))
    channels = sorted({channel for message in messages for channel in channels_of(message)})
    if driver.config.template == "shelly" and channels and (len(channels) > 1 or not ok):
        suggestions.append(Notice("mqtt-channels", {"channels": ", ".join(map(str, channels))}))
    late = _hours_late(points.values(), messages)
    if late:
        suggestions.append(Notice("device-clock-zone", {"hours": late}))
    suggestions += _units_in_doubt(points.values(), driver.config.rated_kw)
    raw = {message.topic: message.payload[:1000].decode("utf-8", "replace") for message in messages[:20]}
    identity = {"topic": messages[0].topic}
    return ProbeResult(
        ok, identity, tuple(points.values()), raw, tuple(problems), tuple(suggestions), took_ms
    )


def _units_in_doubt(points: Iterable[Sample], rated_kw: float | None) -> list[Notice]:
    """Return doubts about powers that fit the device only when they are a thousandth: W sent where kW was said."""
    most = (rated_kw or 2000.0) * 5
    return [
        Notice("device-unit-guess", {"metric": metric_of(one.metric).label, "value": f"{one.value:g}"})
        for one in points
        if one.value is not None and metric_of(one.metric).kind is ChannelKind.POWER and abs(one.value) > most
    ]


def _hours_late(points: Iterable[Sample], messages: list[Message]) -> int:
    """Return by how many whole hours live messages are late: a device set to another time zone."""
    live = [message for message in messages if not message.retained]
    stamps = [one.ts_ms for one in points if one.value is not None]
    if not live or not stamps:
        return 0
    hours = (live[-1].received_ms - max(stamps)) / 3_600_000
    return round(hours) if hours > 0.9 and abs(hours - round(hours)) < 0.05 else 0

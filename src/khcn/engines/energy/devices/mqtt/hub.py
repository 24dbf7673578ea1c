"""One connection per MQTT broker and account, shared by all devices that speak through it.

A message is acknowledged only after every device's sink has taken it; a sink that fails leaves it with the broker,
which sends it again after a reconnection. That helps, but is not relied upon: a broker's queue may drop silently, so
counters are read as counters, and a gap stays visible.
"""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from khcn.engines.energy.devices.address import whole
from khcn.engines.energy.devices.mqtt.message import Message
from khcn.engines.energy.devices.protocol import Clock, DeviceConfig
from khcn.engines.energy.errors import DeviceError

Taker = Callable[[Message], None]
_KEEPALIVE_S: Final = 30
_RETRY_S: Final = (1, 60)
_HELD_S = 5.0  # how long a message that the sink did not take stays with the broker


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is and who asks. ``client_id`` given: a lasting session, the broker queues while we are away."""

    host: str
    port: int = 1883
    username: str = ""
    password: str = ""
    tls: bool = False
    ca_file: str = ""
    client_id: str = ""

    def __repr__(self) -> str:
        """Describe the broker without its password."""
        return f"Broker({self.host}:{self.port}, username={self.username!r}, tls={self.tls})"


def broker_of(config: DeviceConfig) -> Broker:
    """Return the broker of a device. Raises DeviceError ``device-address``."""
    address = config.address
    host = address.get("host")
    if not isinstance(host, str) or not host.strip():
        raise DeviceError("device-address", field="host", expected="địa chỉ IP hoặc tên máy chủ MQTT")
    tls = address.get("tls") is True
    texts = {name: address.get(name) or "" for name in ("username", "password", "ca_file", "client_id")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise DeviceError("device-address", field=name, expected="chữ")
    file = address.get("password_file")
    if isinstance(file, str) and file:
        try:
            texts["password"] = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise DeviceError("device-address", field="password_file", expected="tệp đọc được") from error
    port = whole(address, "port", 1, 65_535, 8883 if tls else 1883)
    return Broker(
        host.strip(), port, texts["username"], texts["password"], tls, texts["ca_file"], texts["client_id"]
    )


class Hub:
    """The connection to one broker. Use :func:`hub_at`; leave it by :meth:`drop`."""

    def __init__(self, broker: Broker, clock: Clock) -> None:
        self.broker, self.clock = broker, clock
        self.trouble = "mqtt-disconnected"
        self.reason = ""
        self.connected = threading.Event()
        self.changed = threading.Event()  # something was learnt of the connection: good or bad
        self._takers: dict[int, tuple[str, Taker]] = {}
        self._lock = threading.Lock()
        self._client = self._make()

    def add(self, key: int, topic: str, taker: Taker) -> None:
        """Give messages of ``topic`` to ``taker`` from now on."""
        with self._lock:
            first = not self._takers
            self._takers[key] = (topic, taker)
        if first:
            self._client.connect_async(self.broker.host, self.broker.port, _KEEPALIVE_S)
            self._client.loop_start()
        elif self.connected.is_set():
            self._client.subscribe(topic, qos=1)

    def drop(self, key: int) -> None:
        """Stop giving messages to a taker; the last one closes the connection."""
        with _REGISTER_LOCK:
            with self._lock:
                self._takers.pop(key, None)
                last = not self._takers
            if last and _HUBS.get(self.broker) is self:
                del _HUBS[self.broker]
        if last:
            self._client.disconnect()
            self._client.loop_stop()

    def _make(self) -> Any:
        try:
            from paho.mqtt.client import Client  # noqa: PLC0415  # only a process that speaks MQTT loads it
            from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise DeviceError("device-library", library="paho-mqtt") from error
        lasting = bool(self.broker.client_id)
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.broker.client_id,
            clean_session=not lasting,
            manual_ack=True,
        )
        if self.broker.username:
            client.username_pw_set(self.broker.username, self.broker.password or None)
        if self.broker.tls:
            try:
                client.tls_set(ca_certs=self.broker.ca_file or None)
            except (OSError, ValueError) as error:
                where = {"host": self.broker.host, "port": self.broker.port}
                raise DeviceError("mqtt-tls", **where, reason=type(error).__name__) from error
        client.reconnect_delay_set(*_RETRY_S)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_connect_fail, client.on_message = self._on_fail, self._on_message
        client.on_subscribe = self._on_subscribe
        return client

    def _on_connect(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            said = str(reason)
            refused = "authori" in said.lower() or "password" in said.lower()
            self._tell("mqtt-password" if refused else "mqtt-refused", said)
            return
        with self._lock:
            topics = {topic for topic, _ in self._takers.values()}
        self._tell("", "")
        self.connected.set()
        for topic in topics:
            client.subscribe(topic, qos=1)

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self._tell("mqtt-topic", "")

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected.clear()
        if self.trouble in {"", "mqtt-topic"}:
            self._tell("mqtt-disconnected", str(reason))

    def _on_fail(self, _client: Any, _data: Any) -> None:
        self.connected.clear()
        self._tell("mqtt-tls" if self.broker.tls else "device-unreachable", "")

    def _tell(self, code: str, reason: str) -> None:
        self.trouble, self.reason = code, reason
        self.changed.set()

    def _on_message(self, client: Any, _data: Any, said: Any) -> None:
        from paho.mqtt.client import topic_matches_sub  # noqa: PLC0415

        try:
            topic = said.topic
        except UnicodeDecodeError:
            client.ack(said.mid, said.qos)
            return
        message = Message(topic, bytes(said.payload), self.clock(), bool(said.retain))
        with self._lock:
            takers = [taker for wanted, taker in self._takers.values() if topic_matches_sub(wanted, topic)]
        try:
            for taker in takers:
                taker(message)
        except Exception as error:  # the sink's disk is full, say: the message stays with the broker
            self._tell("mqtt-held", type(error).__name__)
            timer = threading.Timer(_HELD_S, self._again)
            timer.daemon = True
            timer.start()
            return
        if self.trouble == "mqtt-held":
            self._tell("", "")
        client.ack(said.mid, said.qos)

    def _again(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._client.reconnect()


_HUBS: Final[dict[Broker, Hub]] = {}
_REGISTER_LOCK: Final = threading.RLock()


def hub_at(broker: Broker, clock: Clock) -> Hub:
    """Return the hub of ``broker``; the first taker connects it. Raises DeviceError (library, TLS files)."""
    with _REGISTER_LOCK:
        if broker not in _HUBS:
            _HUBS[broker] = Hub(broker, clock)
        return _HUBS[broker]

"""A simulated site on the wire: its inverters, meters and sensors answer Modbus, publish, and push, all at once.

``transports`` says how each device of the site speaks; what is left out gets a usual way. The values are those of
:class:`.simulated_site.SimulatedSite` at a simulated time that may run faster than the clock; the stamps in messages
are of the clock.
"""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from khcn.engines.energy.devices.modbus.simulator import ModbusSimulator, SimulatedRegisters, TemplateDevice
from khcn.engines.energy.devices.modbus.template import find_template
from khcn.engines.energy.devices.mqtt.hub import Broker
from khcn.engines.energy.devices.mqtt.simulator import Publisher, messages, options_for, topic_of
from khcn.engines.energy.devices.protocol import DeviceConfig
from khcn.engines.energy.devices.push.simulator import Pusher
from khcn.engines.energy.devices.simulated_site import SimulatedSite, SiteSpec
from khcn.engines.energy.devices.sunspec.simulator import SunSpecDevice
from khcn.engines.energy.errors import SpecError

Clock = Callable[[], int]
DRIVERS: Final = ("sunspec", "modbus", "mqtt", "push")


@dataclass(frozen=True, slots=True)
class Transport:
    """How one device speaks. ``fault``: a fault of its registers (:data:`.modbus.simulator.FAULTS`)."""

    driver: str
    template: str = ""
    port: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Outlets:
    """What there is to speak through. ``modbus_port``: the first of consecutive ports, 0 for free ones."""

    modbus_port: int = 0
    broker: Broker | None = None
    push_url: str = ""
    push_token: str = ""
    every_s: float = 10.0


class LiveSite:
    """The values of a site now: simulated time begins at ``start_ms`` and runs ``speed`` times as fast as ``clock``."""

    def __init__(
        self, spec: SiteSpec, clock: Clock, *, start_ms: int | None = None, speed: float = 1.0
    ) -> None:
        self.spec, self.site = spec, SimulatedSite(spec)
        self._clock, self._speed = clock, speed
        self._begun = clock()
        self._start = max(spec.since_ms, self._begun if start_ms is None else start_ms)
        self._lock = threading.Lock()
        self._second, self._held = -1, dict[str, dict[str, float | None]]()

    def now_ms(self) -> int:
        """Return the simulated time."""
        return self._start + round((self._clock() - self._begun) * self._speed)

    def values(self, device: str) -> Mapping[str, float | None]:
        """Return the values of ``device`` now, None for what it does not say; one moment for all devices."""
        with self._lock:
            second = self.now_ms() // 1000
            if second != self._second:
                series = self.site.readings_at(np.array([second * 1000], dtype=np.int64)).series
                held: dict[str, dict[str, float | None]] = {}
                for (name, metric), found in series.items():
                    value = float(found[0])
                    held.setdefault(name, {})[metric] = None if math.isnan(value) else value
                self._second, self._held = second, held
            return self._held.get(device, {})


@dataclass(slots=True)
class Plant:
    """A running simulated site. Begin with :meth:`start`; ``configs`` then says how to reach every device."""

    live: LiveSite
    outlets: Outlets
    clock: Clock
    transports: Mapping[str, Transport] = field(default_factory=dict)
    configs: list[DeviceConfig] = field(default_factory=list)
    pushed: list[str] = field(default_factory=list)
    published: int = 0
    _servers: list[ModbusSimulator] = field(default_factory=list)
    _talkers: list[tuple[str, str]] = field(default_factory=list)
    _publisher: Publisher | None = None
    _pusher: Pusher | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> "Plant":
        """Serve and speak. Raises DeviceError (no broker), SpecError (a transport that cannot be), OSError (ports)."""
        try:
            for key, transport in self._plan().items():
                self._begin(key, transport)
        except BaseException:
            self.close()
            raise
        if self._talkers or self.pushed:
            self._thread = threading.Thread(target=self._speak, daemon=True)
            self._thread.start()
        return self

    def close(self) -> None:
        """Fall silent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)
        for server in self._servers:
            server.close()
        if self._publisher is not None:
            self._publisher.close()

    def __enter__(self) -> "Plant":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def tick(self) -> None:
        """Publish and push once (the thread of :meth:`start` does so every ``every_s``)."""
        if self._publisher is not None:
            for key, template in self._talkers:
                for topic, payload in messages(template, key, self.live.values(key), self.clock()):
                    self._publisher.publish(topic, payload)
                    self.published += 1
        if self._pusher is not None:
            for key in self.pushed:
                self._pusher.add(key, self.live.values(key), self.clock())
            self._pusher.send()

    @property
    def pusher(self) -> Pusher | None:
        """What pushes, if anything does."""
        return self._pusher

    def _plan(self) -> dict[str, Transport]:
        spec, outlets = self.live.spec, self.outlets
        makers = ("", "huawei-sun2000", "sungrow-sg", "growatt")
        found: dict[str, Transport] = {}
        for number, inverter in enumerate(spec.inverters):
            template = makers[number % len(makers)]
            found[inverter.key] = Transport("modbus" if template else "sunspec", template)
        if spec.meter is not None:
            found[spec.meter] = (
                Transport("mqtt", "shelly") if outlets.broker else Transport("modbus", "eastron-sdm")
            )
        if spec.weather is not None and outlets.push_url:
            found[spec.weather] = Transport("push")
        elif spec.weather is not None and outlets.broker:
            found[spec.weather] = Transport("mqtt", "json")
        unknown = set(self.transports) - {key for key in (*found, spec.weather) if key}
        if unknown:
            raise SpecError("simulate-device", device=sorted(unknown)[0])
        return {**found, **self.transports}

    def _begin(self, key: str, transport: Transport) -> None:
        rated = next((one.rated_kw for one in self.live.spec.inverters if one.key == key), None)
        if transport.driver in {"sunspec", "modbus"}:
            self._serve(key, transport, rated)
        elif transport.driver == "mqtt" and self.outlets.broker is not None:
            broker = self.outlets.broker
            if self._publisher is None:
                self._publisher = Publisher(broker)
            self._talkers.append((key, transport.template))
            address = {"host": broker.host, "port": broker.port, "topic": topic_of(transport.template, key)}
            options = options_for(transport.template, sorted(self.live.values(key)))
            self.configs.append(DeviceConfig(key, "mqtt", transport.template, address, options, rated))
        elif transport.driver == "push" and self.outlets.push_url:
            if self._pusher is None:
                self._pusher = Pusher(self.outlets.push_url, self.outlets.push_token)
            self.pushed.append(key)
        else:
            raise SpecError("simulate-outlet", device=key, driver=transport.driver)

    def _serve(self, key: str, transport: Transport, rated: float | None) -> None:
        def values() -> Mapping[str, float | None]:
            return self.live.values(key)

        device: SimulatedRegisters
        if transport.driver == "modbus":
            device = TemplateDevice(find_template(transport.template), values, serial=f"SIM-{key}")
        elif key == self.live.spec.meter:
            device = SunSpecDevice(None, meter=values, identity={"SN": f"SIM-{key}"})
        else:
            device = SunSpecDevice(values, identity={"SN": f"SIM-{key}"})
        device.fault = transport.fault
        port = transport.port
        if not port and self.outlets.modbus_port:
            port = self.outlets.modbus_port + len(self._servers)
        server = ModbusSimulator([device], port=port).start()
        self._servers.append(server)
        address = {"host": "127.0.0.1", "port": server.port, "unit": device.unit}
        self.configs.append(DeviceConfig(key, transport.driver, transport.template, address, {}, rated))

    def _speak(self) -> None:
        while not self._stop.is_set():
            self.tick()
            self._stop.wait(self.outlets.every_s)


def config_document(config: DeviceConfig) -> dict[str, Any]:
    """Return a device's description as JSON holds it."""
    return asdict(config)

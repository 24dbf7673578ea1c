"""Devices that do not exist but publish as Tasmota, Shelly and plain gateways do, to any broker."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from khcn.engines.energy.devices.mqtt.hub import Broker
from khcn.engines.energy.errors import DeviceError

Now = Mapping[str, float | None]
Published = tuple[str, str]
"""(topic, payload)."""


def topic_of(template: str, key: str) -> str:
    """Return the topic that a listener subscribes to for the simulated device ``key``."""
    return {"tasmota": f"tele/{key}/SENSOR", "shelly": f"{key}/events/rpc", "plain": f"{key}/+"}.get(
        template, f"{key}/json"
    )


def messages(
    template: str, key: str, now: Now, at_ms: int, *, zone: str = "Asia/Ho_Chi_Minh"
) -> list[Published]:
    """Return what a device of ``template`` publishes when its values are ``now``; nothing when it says nothing."""
    known = {metric: value for metric, value in now.items() if value is not None}
    if not known:
        return []
    makers = {"tasmota": _tasmota, "shelly": _shelly}
    if template in makers:
        return [(topic_of(template, key), json.dumps(makers[template](key, known, at_ms, zone)))]
    if template == "plain":
        return [(f"{key}/{metric}", f"{value:.3f}") for metric, value in known.items()]
    return [(topic_of(template, key), json.dumps({"t": at_ms / 1000, "v": known}))]


def options_for(template: str, metrics: list[str]) -> dict[str, Any]:
    """Return the options of the device that listens to such messages."""
    if template == "json":
        return {"time_path": "t", "fields": {metric: f"v.{metric}" for metric in metrics}}
    if template == "plain":
        return {"topics": {metric: {"metric": metric} for metric in metrics}}
    return {}


def _power(now: Mapping[str, float]) -> float:
    return next((now[name] for name in ("grid_power", "load_power", "ac_power") if name in now), 0.0)


def _energy(now: Mapping[str, float]) -> float:
    return next((now[name] for name in ("import_energy", "load_energy", "ac_energy") if name in now), 0.0)


def _tasmota(key: str, now: Mapping[str, float], at_ms: int, zone: str) -> dict[str, Any]:
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    watts = 1000 * _power(now)
    volts = now.get("voltage_l1", 230.0)
    energy = {
        "TotalStartTime": "2026-01-01T00:00:00", "Total": round(_energy(now), 3), "Power": round(watts),
        "ApparentPower": round(abs(watts) / 0.95), "Factor": 0.95, "Voltage": round(volts),
        "Current": round(abs(watts) / 0.95 / volts, 3),
    }  # fmt: skip
    if "export_energy" in now:
        energy["ExportActive"] = round(now["export_energy"], 3)
    return {"Time": local.isoformat(timespec="seconds"), "ENERGY": energy}


def _shelly(key: str, now: Mapping[str, float], at_ms: int, zone: str) -> dict[str, Any]:
    phases: dict[str, float] = {}
    for letter, phase in zip("abc", (1, 2, 3), strict=True):
        for name, metric in (("voltage", "voltage"), ("current", "current")):
            value = now.get(f"{metric}_l{phase}")
            if value is not None:
                phases[f"{letter}_{name}"] = value
    return {
        "src": key, "dst": f"{key}/events", "method": "NotifyStatus",
        "params": {
            "ts": round(at_ms / 1000, 2),
            "em:0": {"id": 0, "total_act_power": round(1000 * _power(now), 1), **phases},
            "emdata:0": {"id": 0, "total_act": round(1000 * _energy(now), 2),
                         "total_act_ret": round(1000 * now.get("export_energy", 0.0), 2)},
        },
    }  # fmt: skip


class Publisher:
    """A client that publishes to a broker, with quality 1, and connects again when it must."""

    def __init__(self, broker: Broker, *, wait_s: float = 10.0) -> None:
        from paho.mqtt.client import Client  # noqa: PLC0415  # only who simulates MQTT loads it
        from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415

        self.count = 0
        self._ready = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        if broker.username:
            self._client.username_pw_set(broker.username, broker.password or None)
        if broker.tls:
            self._client.tls_set(ca_certs=broker.ca_file or None)
        self._client.on_connect = self._on_connect
        self._client.connect_async(broker.host, broker.port, 30)
        self._client.loop_start()
        if not self._ready.wait(wait_s):
            self.close()
            raise DeviceError("device-unreachable", host=broker.host, port=broker.port)

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False, wait_s: float = 0.0) -> None:
        """Publish one message; with ``wait_s`` wait until the broker has it."""
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        self.count += 1
        if wait_s:
            sent.wait_for_publish(wait_s)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            self._ready.set()

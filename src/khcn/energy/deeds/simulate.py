"""``khcn energy simulate``: run a whole site of simulated devices until it is stopped.

Standard output holds one JSON line a device while it runs (with ``--json``; a readable line without), and the summary
as the last line.
"""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from khcn.energy.deeds.main import read_json
from khcn.engines.energy.devices.mqtt.hub import Broker
from khcn.engines.energy.devices.simulated_plant import (
    DRIVERS,
    LiveSite,
    Outlets,
    Plant,
    Transport,
    config_document,
)
from khcn.engines.energy.devices.simulated_site import Fault, FaultKind, InverterSpec, SiteSpec
from khcn.engines.energy.errors import SpecError

_HOUR_MS: Final = 3_600_000
_HISTORY_MS: Final = 48 * _HOUR_MS


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--spec", type=Path, default=None, help="SITE.json; without it a school with two inverters"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast simulated time runs")
    parser.add_argument(
        "--start", default=None, help="simulated local time to begin at, e.g. 2026-03-02T09:00"
    )
    parser.add_argument(
        "--seconds", type=float, default=None, help="stop after so many seconds (default: never)"
    )
    parser.add_argument("--every", type=float, default=10.0, help="seconds between publications and pushes")
    parser.add_argument("--modbus-port", type=int, default=0, help="first Modbus port (default: free ones)")
    parser.add_argument("--broker", default=None, help="MQTT broker, e.g. 127.0.0.1:1883")
    parser.add_argument("--mqtt-port", type=int, default=None, help="port of a broker on this machine")
    parser.add_argument("--mqtt-user", default="", help="account at the broker")
    parser.add_argument("--mqtt-password-file", type=Path, default=None)
    parser.add_argument("--push", default="", help="URL that takes pushed readings")
    parser.add_argument("--token-file", type=Path, default=None, help="file with the device token for --push")
    parser.add_argument(
        "--config", type=Path, default=None, help="write a configuration for khcn energy collect here"
    )


def run(options: Mapping[str, Any], err: TextIO) -> tuple[dict[str, Any], str, int]:
    """Run the site; return its summary. Raises SpecError, DeviceError, OSError."""
    for name, low, high in (("speed", 0.001, 10_000), ("seconds", 0.1, 1e9), ("every", 0.1, 3600)):
        if options[name] is not None and not low <= options[name] <= high:
            raise SpecError("device-option", option=f"--{name}", low=low, high=high)
    given = read_json(options["spec"]) if options["spec"] is not None else {}
    start_ms = _start(options["start"], given)
    spec = site_of(given, start_ms)
    live = LiveSite(spec, _now_ms, start_ms=start_ms, speed=options["speed"])
    plant = Plant(live, _outlets(options), _now_ms, transports_of(given))
    begun = time.monotonic()
    stop = threading.Event()
    _on_terminate(stop)
    with plant:
        devices = [config_document(config) for config in plant.configs]
        if options["config"] is not None:
            place = {"latitude": spec.latitude, "longitude": spec.longitude}
            held = {"collector": spec.key, "devices": devices, "site": place}
            options["config"].write_text(json.dumps(held, ensure_ascii=False, indent=2) + "\n", "utf-8")
        for device in devices:
            _say(device, options["json"])
        for key in plant.pushed:
            _say(
                {"key": key, "driver": "push", "template": "", "address": {"url": options["push"]}},
                options["json"],
            )
        try:
            stop.wait(options["seconds"])
        except KeyboardInterrupt:
            err.write("\nĐã dừng.\n")
    pusher = plant.pusher
    document = {
        "site": spec.key, "devices": len(devices) + len(plant.pushed), "seconds": round(time.monotonic() - begun, 1),
        "published": plant.published, "pushed": pusher.sent if pusher is not None else 0,
        "push_trouble": pusher.last_trouble if pusher is not None else "",
    }  # fmt: skip
    text = f"{spec.key}: {document['devices']} thiết bị, {document['published']} tin MQTT, {document['pushed']} lần đẩy"
    return document, text, 0


def site_of(given: Mapping[str, Any], start_ms: int) -> SiteSpec:
    """Return the site that SITE.json describes. Raises SpecError ``simulate-spec``."""
    simple = {"key": str, "load_kind": str, "load_kw": float, "night_kw": float, "latitude": float, "longitude": float,
              "utc_offset_h": float, "seed": int}  # fmt: skip
    known = {*simple, "inverters", "meter", "weather", "faults", "transports", "start"}
    for name in given:
        if name not in known:
            raise SpecError("simulate-spec", field=name, reason=f"không có trong: {', '.join(sorted(known))}")
    usual = SiteSpec()
    values: dict[str, Any] = {
        name: _typed(given, name, kind, getattr(usual, name)) for name, kind in simple.items()
    }
    for name in ("meter", "weather"):
        values[name] = given.get(name, getattr(usual, name))
        if values[name] is not None and not isinstance(values[name], str):
            raise SpecError("simulate-spec", field=name, reason="phải là tên thiết bị hoặc null")
    inverters = (
        tuple(_inverter(item) for item in _list(given, "inverters"))
        if "inverters" in given
        else usual.inverters
    )
    faults = tuple(_fault(item, start_ms) for item in _list(given, "faults"))
    keys = [one.key for one in inverters] + [values[name] for name in ("meter", "weather") if values[name]]
    if len(keys) != len(set(keys)):
        raise SpecError("simulate-spec", field="key", reason="hai thiết bị trùng tên")
    return SiteSpec(**values, inverters=inverters, faults=faults, since_ms=start_ms - _HISTORY_MS)


def transports_of(given: Mapping[str, Any]) -> dict[str, Transport]:
    """Return how the devices of SITE.json speak. Raises SpecError ``simulate-spec``."""
    found = given.get("transports", {})
    if not isinstance(found, dict):
        raise SpecError("simulate-spec", field="transports", reason="phải là một bảng tên thiết bị")
    transports = {}
    for key, item in found.items():
        names = {one.name for one in fields(Transport)}
        if not isinstance(item, dict) or item.get("driver") not in DRIVERS or not set(item) <= names:
            raise SpecError(
                "simulate-spec", field=f"transports.{key}", reason=f"driver: {', '.join(DRIVERS)}"
            )
        transports[key] = Transport(
            item["driver"], _typed(item, "template", str, ""), _typed(item, "port", int, 0), _typed(item, "fault", str, "")
        )  # fmt: skip
    return transports


def _inverter(item: Any) -> InverterSpec:
    if not isinstance(item, dict) or not isinstance(item.get("key"), str) or not item["key"]:
        raise SpecError("simulate-spec", field="inverters", reason="mỗi biến tần cần key")
    kwp = _typed(item, "kwp", float, 30.0)
    rated = _typed(item, "rated_kw", float, 0.9 * kwp)
    if kwp <= 0 or rated <= 0:
        raise SpecError("simulate-spec", field=item["key"], reason="kwp và rated_kw phải lớn hơn 0")
    return InverterSpec(
        item["key"], kwp, rated, _typed(item, "tilt_deg", float, 10.0), _typed(item, "azimuth_deg", float, 180.0),
        start_kwh=_typed(item, "start_kwh", float, 0.0),
    )  # fmt: skip


def _fault(item: Any, start_ms: int) -> Fault:
    kinds = ", ".join(kind.value for kind in FaultKind)
    if not isinstance(item, dict) or item.get("kind") not in [kind.value for kind in FaultKind]:
        raise SpecError("simulate-spec", field="faults", reason=f"kind: {kinds}")
    first = start_ms + round(_HOUR_MS * _typed(item, "after_hours", float, 0.0))
    last = first + round(_HOUR_MS * _typed(item, "hours", float, 1.0))
    return Fault(
        _typed(item, "device", str, ""),
        FaultKind(item["kind"]),
        first,
        last,
        _typed(item, "size", float, 0.0),
    )


def _typed(item: Mapping[str, Any], name: str, kind: type, usual: Any) -> Any:
    found = item.get(name, usual)
    fits = isinstance(found, int | float if kind is float else kind) and not isinstance(found, bool)
    if not fits:
        raise SpecError("simulate-spec", field=name, reason="phải là chữ" if kind is str else "phải là số")
    return kind(found)


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    found = given.get(name, [])
    if not isinstance(found, list):
        raise SpecError("simulate-spec", field=name, reason="phải là danh sách")
    return found


def _start(said: str | None, given: Mapping[str, Any]) -> int:
    text = said or given.get("start")
    if text is None:
        return _now_ms()
    offset = given.get("utc_offset_h", 7.0)
    try:
        moment = datetime.fromisoformat(text)
        local = (
            moment.timestamp()
            if moment.tzinfo
            else (moment - datetime(1970, 1, 1)).total_seconds() - 3600 * offset
        )
    except (TypeError, ValueError) as error:
        raise SpecError("simulate-spec", field="start", reason="viết dạng 2026-03-02T09:00") from error
    return round(local * 1000)


def _outlets(options: Mapping[str, Any]) -> Outlets:
    broker = None
    where = options["broker"] or (f"127.0.0.1:{options['mqtt_port']}" if options["mqtt_port"] else "")
    if where:
        host, _, port = where.rpartition(":") if ":" in where else (where, "", "1883")
        if not port.isdecimal() or not host:
            raise SpecError(
                "simulate-spec", field="--broker", reason="viết dạng máy:cổng, ví dụ 127.0.0.1:1883"
            )
        broker = Broker(host, int(port), options["mqtt_user"], _secret(options["mqtt_password_file"]))
    push = options["push"]
    if push and not push.startswith(("http://", "https://")):
        raise SpecError("simulate-spec", field="--push", reason="phải bắt đầu bằng http:// hoặc https://")
    return Outlets(options["modbus_port"], broker, push, _secret(options["token_file"]), options["every"])


def _secret(path: Path | None) -> str:
    return path.read_text("utf-8").strip() if path is not None else ""


def _say(device: Mapping[str, Any], as_json: bool) -> None:
    line = json.dumps(device, ensure_ascii=False) if as_json else (
        f"{device['key']:<12} {device['driver']:<8} {device['template']:<16} {json.dumps(device['address'])}"
    )  # fmt: skip
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _on_terminate(stop: threading.Event) -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: stop.set())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""Addresses of devices as people type them, checked field by field."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from khcn.engines.energy.devices.modbus.bus import Place
from khcn.engines.energy.errors import DeviceError


def modbus_place(address: Mapping[str, Any], *, port: int = 502) -> Place:
    """Return where a Modbus device is. Raises DeviceError ``device-address``."""
    host = address.get("host")
    if (
        not isinstance(host, str)
        or not host.strip()
        or len(host) > 253
        or any(sign.isspace() for sign in host.strip())
    ):
        raise DeviceError(
            "device-address", field="host", expected="địa chỉ IP hoặc tên máy, ví dụ 192.168.1.20"
        )
    framer = address.get("framer", "socket")
    if framer not in ("socket", "rtu"):  # a list typed by mistake has no hash
        raise DeviceError("device-address", field="framer", expected="socket hoặc rtu")
    return Place(host.strip(), whole(address, "port", 1, 65_535, port), framer)


def whole(fields: Mapping[str, Any], name: str, low: int, high: int, usual: int) -> int:
    """Return a whole number of ``fields`` (``"502"`` counts too). Raises DeviceError ``device-address``."""
    found = fields.get(name)
    if found is None or found == "":
        return usual
    if isinstance(found, str) and found.strip().isdecimal():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or not low <= found <= high:
        raise DeviceError("device-address", field=name, expected=f"số nguyên từ {low} đến {high}")
    return found


def seconds(fields: Mapping[str, Any], name: str, usual: float) -> float:
    """Return a time limit of ``fields`` between 0.1 and 120 seconds, else ``usual``."""
    found = fields.get(name)
    if isinstance(found, int | float) and not isinstance(found, bool) and 0.1 <= found <= 120:
        return float(found)
    return usual


def place_of_url(url: str) -> Place:
    """Return the place of ``tcp://host:port`` (port 502 when left out). Raises DeviceError ``device-url``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise DeviceError("device-url", url=url) from error
    if (
        parts.scheme not in {"tcp", "rtu"}
        or not host
        or parts.path not in {"", "/"}
        or parts.query
        or parts.username
    ):
        raise DeviceError("device-url", url=url)
    return Place(host, 502 if port is None else port, "rtu" if parts.scheme == "rtu" else "socket")

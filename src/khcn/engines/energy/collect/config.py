"""Which devices a collector reads: from a file at the site, or from the centre (kept on disk for starts without a net).

A device that is described wrongly is named with a sentence; the others run.
"""

import json
import logging
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from khcn.engines.energy.collect.shelf import replace_json
from khcn.engines.energy.devices.protocol import DeviceConfig, driver_names
from khcn.engines.energy.errors import SpecError

logger = logging.getLogger(__name__)

MOST_DEVICES: Final = 500
ZONE: Final = "Asia/Ho_Chi_Minh"
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_HOST: Final = re.compile(r"[A-Za-z0-9._:%-]{1,253}")
_FIELDS: Final = frozenset({"key", "driver", "template", "address", "options", "rated_kw", "zone", "poll_s"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the description of one device (``key`` "" when it has none)."""

    key: str
    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TestRequest:
    """The centre asks for a live test of a device."""

    id: str
    device: DeviceConfig


@dataclass(frozen=True, slots=True)
class CollectorConfig:
    """What to do. ``place``: latitude and longitude of the site (for day and night)."""

    key: str = ""
    devices: tuple[DeviceConfig, ...] = ()
    tests: tuple[TestRequest, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    place: tuple[float, float] = (10.755, 106.667)
    centre_url: str = ""
    centre_token_file: Path | None = None


@dataclass(slots=True)
class _Reading:
    """Puts troubles down while a description is read."""

    troubles: list[Trouble] = field(default_factory=list)

    def wrong(self, of: str, code: str, **params: Any) -> None:
        self.troubles.append(Trouble(of, code, params))


def read_file(path: Path) -> CollectorConfig:
    """Read a TOML or JSON file. Raises SpecError (``config-syntax``, ``config-form``), OSError."""
    try:
        text = path.read_text("utf-8-sig")
        document = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as error:  # both decoders' errors are ValueErrors; neither quotes the text
        raise SpecError("config-syntax", name=path.name, why=str(error)[:200]) from error
    return parse(document, beside=path.parent)


def parse(document: Any, *, beside: Path | None = None) -> CollectorConfig:
    """Return the configuration of its wire form. Raises SpecError ``config-form``; devices' faults are ``troubles``."""
    if not isinstance(document, Mapping) or not isinstance(document.get("devices", []), list):
        raise SpecError("config-form")
    reading = _Reading()
    given = document.get("devices", [])
    if len(given) > MOST_DEVICES:
        reading.wrong("", "config-too-many", most=MOST_DEVICES)
    devices: dict[str, DeviceConfig] = {}
    for number, item in enumerate(given[:MOST_DEVICES], 1):
        device = _device(item, number, reading)
        if device is None:
            continue
        if device.key in devices:
            reading.wrong(device.key, "config-key-twice", key=device.key)
            continue
        devices[device.key] = device
    centre = document.get("centre")
    centre = centre if isinstance(centre, Mapping) else {}
    token = str(centre.get("token_file") or "")
    return CollectorConfig(
        key=str(document.get("collector") or document.get("key") or "")[:80],
        devices=tuple(devices.values()),
        tests=tuple(_tests(document.get("tests"))),
        troubles=tuple(reading.troubles),
        place=_place(document.get("site")),
        centre_url=str(centre.get("url") or ""),
        centre_token_file=((beside or Path()) / token) if token else None,
    )


def _tests(given: Any) -> Iterable[TestRequest]:
    for item in given if isinstance(given, list) else ():
        if isinstance(item, Mapping) and item.get("id") is not None:
            device = item.get("device")
            if isinstance(device, Mapping):
                found = _device({"key": "test", **device}, 0, _Reading())
                if found is not None:
                    yield TestRequest(str(item["id"])[:80], found)


def _place(given: Any) -> tuple[float, float]:
    with suppress(TypeError, KeyError, ValueError):
        latitude, longitude = float(given["latitude"]), float(given["longitude"])
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
    return CollectorConfig().place


def _device(item: Any, number: int, reading: _Reading) -> DeviceConfig | None:
    if not isinstance(item, Mapping):
        reading.wrong("", "config-device-form", number=number)
        return None
    key = item.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        reading.wrong("", "config-key", number=number)
        return None
    driver = item.get("driver")
    if driver not in driver_names():
        reading.wrong(key, "config-driver", key=key, driver=str(driver)[:40], known=", ".join(driver_names()))
        return None
    fault = _fault(item)
    if fault is not None:
        reading.wrong(key, "config-value", key=key, name=fault[0], why=fault[1])
        return None
    zone = item.get("zone") or ZONE
    if not _is_zone(zone):
        reading.wrong(key, "config-zone", key=key, zone=str(zone)[:60])
        return None
    options = dict(item.get("options") or {})
    if item.get("poll_s") is not None:
        options.setdefault("every_s", float(item["poll_s"]))
    rated = item.get("rated_kw")
    return DeviceConfig(
        key=key, driver=str(driver), template=str(item.get("template") or ""), address=dict(item.get("address") or {}),
        options=options, rated_kw=None if rated is None else float(rated), zone=str(zone),
    )  # fmt: skip


def _fault(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return name and reason of the first value that cannot be, never the value of something secret."""
    unknown = sorted(set(item) - _FIELDS - {"name"})
    address, options = item.get("address") or {}, item.get("options") or {}
    if unknown:
        return str(unknown[0])[:40], "mục không có trong mẫu cấu hình"
    if not isinstance(address, Mapping) or not isinstance(options, Mapping):
        return "address" if not isinstance(address, Mapping) else "options", "phải là một bảng"
    host, port = address.get("host"), address.get("port")
    if host is not None and not (isinstance(host, str) and _HOST.fullmatch(host)):
        return "address.host", "phải là tên máy hoặc địa chỉ IP"
    if port is not None and not (_is_number(port) and port == int(port) and 1 <= port <= 65_535):
        return "address.port", "phải là số từ 1 đến 65535"
    for name, least, most in (("rated_kw", 0, 1e6), ("poll_s", 1, 86_400)):
        value = item.get(name)
        if value is not None and not (_is_number(value) and least <= value <= most):
            return name, f"phải là số từ {least:g} đến {most:g}"
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124  # no NaN


def _is_zone(name: Any) -> bool:
    try:
        ZoneInfo(str(name))
    except (ValueError, OSError, KeyError):
        return False
    return True


class ConfigCache:
    """The last configuration of the centre, on disk, readable by its owner only (it holds passwords of brokers)."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.json"

    def save(self, document: Mapping[str, Any], etag: str) -> None:
        """Keep it; a disk that refuses costs only the next start without a net."""
        try:
            replace_json(self.path, {"etag": etag, "config": dict(document)}, mode=0o600)
        except OSError as error:
            logger.warning("config: not kept (%s)", error.strerror)

    def load(self) -> tuple[Mapping[str, Any], str] | None:
        """Return what was kept and its tag."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(self.path.read_text("utf-8"))
            if isinstance(found["config"], dict):
                return found["config"], str(found["etag"])
        return None

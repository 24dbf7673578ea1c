"""The MAP of ``khcn energy import`` in its usual form (see ``docs/contract.md``), from the forms in which people write it.

Besides the engine's own form: ``tz`` for the zone; ``columns`` as an object, either way round (``{"P (W)": "ac_power"}``,
``{"ac_power": {"column": "P (W)", "unit": "W"}}``); ``per_period`` for ``period``; ``devices`` with what is known of devices
that may have to be made: ``{"inv-1": {"name", "kind", "role", "rated_kw", "kwp"}}``.
"""

from collections.abc import Mapping
from typing import Any

from khcn.engines.energy.metrics import METRICS

Devices = dict[str, dict[str, Any]]


def usual_form(document: Mapping[str, Any], *, zone: str) -> tuple[dict[str, Any], Devices]:
    """Return the MAP as the engine reads it, and what it says of devices, by their name in the file.

    ``zone``: of the site, for a MAP that names none. What cannot be understood is left for the engine to refuse.
    """
    found = {
        name: value for name, value in document.items() if name not in {"devices", "tz", "columns", "series"}
    }
    if isinstance(found.get("device"), dict):
        about = dict(found["device"])
        found["device"] = str(about.get("key") or about.get("name") or "")
        devices = {found["device"]: about, **_devices(document.get("devices"))}
    else:
        devices = _devices(document.get("devices"))
    if not found.get("zone"):
        found["zone"] = document.get("tz") or zone
    time = found.get("time")
    if isinstance(time, dict):
        found["time"] = {**time, "zone": time.get("zone") or time.get("tz") or found["zone"]}
        found["time"].pop("tz", None)
    found["columns"] = _columns(document.get("columns", document.get("series")))
    return found, devices


def _devices(given: Any) -> Devices:
    if isinstance(given, list):
        return {str(one.get("key") or one.get("name")): dict(one) for one in given if isinstance(one, dict)}
    if isinstance(given, dict):
        return {str(name): dict(one) for name, one in given.items() if isinstance(one, dict)}
    return {}


def _columns(given: Any) -> Any:
    if isinstance(given, dict):
        return [_column(name, said) for name, said in given.items()]
    if isinstance(given, list):
        return [_period(one) if isinstance(one, dict) else one for one in given]
    return given


def _column(name: str, said: Any) -> Any:
    """Return one entry of an object: key and value may be column and metric, or the other way round."""
    if isinstance(said, str):
        turned = name in METRICS and said not in METRICS
        return {"column": said if turned else name, "metric": name if turned else said}
    if isinstance(said, dict):
        usual = {"column": name, **said} if "metric" in said else {"metric": name, "column": name, **said}
        return _period(usual)
    return said


def _period(one: dict[str, Any]) -> dict[str, Any]:
    found = dict(one)
    if "per_period" in found:
        found.setdefault("period", found.pop("per_period"))
    return found

"""SunSpec models decoded with pysunspec2's tables; scale factors applied exactly; "not implemented" is None."""

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from khcn.engines.energy.errors import DeviceError

_SF_RANGE: Final = 10  # SunSpec: a scale factor is -10 to 10; anything else is noise
PointValue = float | int | str | None
Group = Mapping[str, PointValue]


@dataclass(frozen=True, slots=True)
class SunSpecModel:
    """One model of a device. ``points``: name -> value in the unit of ``units`` (None: not implemented).

    ``groups``: name of a repeating group -> its points, one mapping each. A model of the maker's own, without a public
    table, has no points.
    """

    id: int
    name: str
    label: str
    address: int
    length: int
    points: Group
    groups: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


def decode_model(model_id: int, address: int, registers: Sequence[int]) -> SunSpecModel:
    """Return the model in ``registers``, which begin with its id and length.

    A length other than the table's (older editions, a maker's padding) decodes as far as both go.
    """
    length = len(registers) - 2
    definition = model_table(model_id)
    if definition is None:
        return SunSpecModel(model_id, "", "", address, length, {})
    group = definition["group"]
    data = b"".join((one & 0xFFFF).to_bytes(2, "big") for one in registers)
    model = _read(model_id, length, data, definition)
    points, units = _points(model, model)
    points.update(ID=model_id, L=length)
    groups = {
        name: tuple(_points(one, model)[0] for one in (found if isinstance(found, list) else [found]))
        for name, found in model.groups.items()
    }
    for one in group.get("groups", ()):
        units.update(
            {f"{one['name']}.{point['name']}": point.get("units", "") for point in one.get("points", ())}
        )
    return SunSpecModel(
        model_id,
        str(group.get("name", "")),
        str(group.get("label", "")),
        address,
        length,
        points,
        groups,
        units,
    )


def _read(model_id: int, length: int, data: bytes, definition: dict[str, Any]) -> Any:
    tables = model_tables()
    if not _believable(definition, data, length):
        definition = _without_groups(definition)
    try:
        return tables.Model(model_id, model_len=length, model_def=definition, data=data)
    except (
        Exception
    ):  # a count of groups that does not fit the length: what is not repeated can still be read
        return tables.Model(model_id, model_len=length, model_def=_without_groups(definition), data=data)


def _believable(definition: dict[str, Any], data: bytes, length: int) -> bool:
    """Return whether the counts of repeating groups can fit (a count of 65535 would fill the memory)."""
    group = definition["group"]
    offsets: dict[str, int] = {}
    at = 0
    for point in group.get("points", ()):
        offsets[point["name"]] = at
        at += int(point.get("size") or 1)
    for one in group.get("groups", ()):
        count = one.get("count")
        if isinstance(count, str) and not count.isdecimal() and count in offsets:
            where = 2 * offsets[count]
            if int.from_bytes(data[where : where + 2], "big") > length:
                return False
    return True


def _without_groups(definition: dict[str, Any]) -> dict[str, Any]:
    bare = copy.deepcopy(definition)
    bare["group"].pop("groups", None)
    bare["group"]["group_defs"] = {}
    return bare


def _points(group: Any, model: Any) -> tuple[dict[str, PointValue], dict[str, str]]:
    points: dict[str, PointValue] = {}
    units: dict[str, str] = {}
    for name, point in group.points.items():
        points[name] = _value(point, group, model)
        units[name] = point.pdef.get("units", "") or ""
    return points, units


def _value(point: Any, group: Any, model: Any) -> PointValue:
    raw = point.value
    if isinstance(raw, str):
        text = "".join(sign for sign in raw.split("\0", 1)[0] if sign.isprintable()).strip()
        return text or None
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    if not isinstance(raw, int):
        return None
    factor = point.pdef.get("sf")
    if factor is None:
        return raw
    if isinstance(factor, str):
        holder = group.points.get(factor) or model.points.get(factor)
        factor = holder.value if holder is not None else None
    if not isinstance(factor, int) or abs(factor) > _SF_RANGE:
        return None  # a value whose scale is not known is no value
    return float(Decimal(raw).scaleb(factor)) if factor else raw


@lru_cache(maxsize=128)
def model_table(model_id: int) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = model_tables().get_model_def(model_id)
    except Exception:  # no public table: a model of the maker's own
        return None
    return found


@lru_cache(maxsize=1)
def model_tables() -> Any:
    try:
        from sunspec2 import device  # noqa: PLC0415  # only a process that talks SunSpec loads the tables
    except ModuleNotFoundError as error:
        raise DeviceError("device-library", library="pysunspec2") from error
    # Its own search path begins with the working directory: a file there must not change what a device says.
    device.set_model_defs_path([device.models_dir])
    return device

"""Register templates: what a kind of device holds in which register, as data an operator can add.

A template is a TOML file (see ``templates/*.toml`` and docs/dev/recipes.md). Everything in it is checked before use;
what is wrong is told in sentences that name the place.
"""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from khcn.engines.energy.devices.modbus.registers import NOT_IMPLEMENTED, ORDERS, TYPES, width
from khcn.engines.energy.devices.protocol import Notice
from khcn.engines.energy.devices.units import to_canonical
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.metrics import METRICS

_FOLDER: Final = Path(__file__).with_name("templates")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_CERTAINTIES: Final = ("vendor", "S2", "S1", "memory")
KINDS: Final = ("inverter", "meter", "battery", "weather")
_METRIC: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a device. ``value = raw x scale x sign`` in ``unit``; ``none``: raw codes for "no such value".

    ``lowest``/``highest``: limits in the metric's own unit; ``group``: ``fast`` (every question) or ``slow``.
    """

    metric: str
    address: int
    kind: str = "holding"
    type: str = "u16"
    words: str = "high_first"
    octets: str = "high_first"
    scale: float = 1.0
    sign: int = 1
    unit: str = ""
    none: tuple[float, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    group: str = "fast"
    certainty: str = ""

    @property
    def count(self) -> int:
        """How many registers it fills."""
        return width(self.type)


@dataclass(frozen=True, slots=True)
class TextPoint:
    """One text of a device's identity: ``name`` is manufacturer, model, serial or version."""

    name: str
    address: int
    count: int
    kind: str = "holding"
    octets: str = "high_first"


@dataclass(frozen=True, slots=True)
class Wire:
    """How a device wants to be asked."""

    port: int = 502
    unit: int = 1
    timeout_s: float = 5.0
    every_s: float = 60.0
    connect_wait_s: float = 0.0
    gap_ms: int = 0
    most_registers: int = 100
    most_gap: int = 8
    slow_every: int = 10


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of device. ``certainty``: vendor document, two sources (S2), one (S1) or from memory."""

    key: str
    name: str
    maker: str
    models: tuple[str, ...]
    kind: str
    certainty: str
    source: str
    notes: str
    wire: Wire
    points: tuple[Point, ...]
    identity: tuple[TextPoint, ...] = field(default=())

    @property
    def sleeps(self) -> bool:
        """Whether such a device is off at night."""
        return self.kind == "inverter"


def template_names() -> tuple[str, ...]:
    """Return the names of the templates that come with the product, in order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def find_template(name: str, options: Mapping[str, Any] | None = None) -> Template:
    """Return a template: the text in ``options["template_text"]``, a file of ``options["templates_folder"]``, or ours.

    Raises DeviceError ``template-unknown``, ``template-toml`` or the first ``template-field``.
    """
    given = dict(options or {})
    if isinstance(given.get("template_text"), str):
        return _read(name or "template", given["template_text"])
    folder = given.get("templates_folder")
    if (
        isinstance(folder, str)
        and _NAME.fullmatch(name)
        and (path := Path(folder) / f"{name}.toml").is_file()
    ):
        return _read(name, path.read_text("utf-8"))
    if name not in template_names():
        raise DeviceError("template-unknown", name=name, known=", ".join(template_names()))
    return _shipped(name)


def check_template(name: str, text: str) -> tuple[Notice, ...]:
    """Return everything that is wrong with a template's text; nothing when it can be used."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (Notice("template-toml", {"name": name, "reason": str(error)}),)
    return tuple(_Check(name, document).run()[1])


@lru_cache(maxsize=64)
def _shipped(name: str) -> Template:
    return _read(name, (_FOLDER / f"{name}.toml").read_text("utf-8"))


def _read(name: str, text: str) -> Template:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeviceError("template-toml", name=name, reason=str(error)) from error
    template, problems = _Check(name, document).run()
    if template is None or problems:
        raise DeviceError(problems[0].code, **problems[0].params)
    return template


_REASONS: Final = {
    "missing": "còn thiếu. Hãy thêm vào.",
    "unknown": "không phải là tên trường đã biết. Hãy sửa hoặc bỏ.",
    "text": "phải là chữ.",
    "number": "phải là số hữu hạn.",
    "whole": "phải là số nguyên từ %s đến %s.",
    "one": "phải là một trong: %s.",
    "table": "phải là một bảng.",
    "list": "phải là danh sách.",
    "metric": "không phải là tên đại lượng (chữ thường, số và gạch dưới).",
    "unit": "không đổi được ra đơn vị của đại lượng (%s).",
    "limits": "lowest phải nhỏ hơn highest.",
    "twice": "đã có ở điểm khác; mỗi đại lượng chỉ một điểm.",
    "zero": "phải khác 0.",
}


class _Check:
    """One reading of a template's document; collects every problem instead of stopping at the first."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self.name, self.document = name, document
        self.problems: list[Notice] = []

    def run(self) -> tuple[Template | None, list[Notice]]:
        top = self.document
        self.only(top, {"template", "wire", "defaults", "point", "identity"}, "đầu tệp")
        about = self.table(top.get("template"), "template")
        self.only(about, {"name", "maker", "models", "kind", "certainty", "source", "notes"}, "[template]")
        for needed in ("name", "maker", "kind", "certainty", "source"):
            if needed not in about:
                self.say("[template]", needed, "missing")
        wire = self.wire(self.table(top.get("wire", {}), "wire"))
        defaults = self.table(top.get("defaults", {}), "defaults")
        self.only(defaults, {"kind", "type", "words", "octets", "group"}, "[defaults]")
        points = self.points(defaults)
        identity = self.identity(top.get("identity", []))
        if self.problems:
            return None, self.problems
        models = self.texts(about.get("models", []))
        found = Template(
            self.name, self.text(about, "name"), self.text(about, "maker"), models,
            self.one(about, "kind", KINDS, "[template]", "inverter"),
            self.one(about, "certainty", _CERTAINTIES, "[template]", "memory"),
            self.text(about, "source"), self.text(about, "notes"), wire, tuple(points), tuple(identity),
        )  # fmt: skip
        return (None if self.problems else found), self.problems

    def points(self, defaults: Mapping[str, Any]) -> list[Point]:
        found: list[Point] = []
        items = self.document.get("point")
        if not isinstance(items, list) or not items:
            self.say("[[point]]", "point", "missing")
            return found
        for index, item in enumerate(items, 1):
            if not isinstance(item, dict):
                self.say(f"[[point]] {index}", "point", "table")
                continue
            point = self.point({**defaults, **item}, f"[[point]] {index}")
            if any(other.metric == point.metric for other in found):
                self.say(f"[[point]] {index}", "metric", "twice")
            found.append(point)
        return found

    def point(self, item: dict[str, Any], where: str) -> Point:
        self.only(item, set(Point.__dataclass_fields__), where)
        for needed in ("metric", "address"):
            if needed not in item:
                self.say(where, needed, "missing")
        metric = item.get("metric", "")
        if not isinstance(metric, str) or not _METRIC.fullmatch(metric):
            self.say(where, "metric", "metric")
            metric = "x"
        kind = self.one(item, "type", tuple(name for name in TYPES if name != "text"), where, "u16")
        unit = self.text(item, "unit", where)
        canonical = METRICS[metric].unit if metric in METRICS else ""
        if to_canonical(1.0, unit, canonical) is None:
            self.say(where, "unit", "unit", canonical)
        scale, lowest, highest = (self.number(item, key, where) for key in ("scale", "lowest", "highest"))
        if scale == 0:
            self.say(where, "scale", "zero")
        if lowest is not None and highest is not None and lowest >= highest:
            self.say(where, "lowest", "limits")
        none = item.get("none", list(NOT_IMPLEMENTED[kind]))
        if not isinstance(none, list) or not all(_is_number(code) for code in none):
            self.say(where, "none", "list")
            none = []
        sign = item.get("sign", 1)
        if sign not in (1, -1):
            self.say(where, "sign", "one", "1, -1")
        return Point(
            metric, self.whole(item, "address", where, span=(0, 65_535)), self.one(item, "kind", ("holding", "input"), where,
            "holding"), kind, self.one(item, "words", ORDERS, where, "high_first"),
            self.one(item, "octets", ORDERS, where, "high_first"), 1.0 if scale is None else scale,
            -1 if sign == -1 else 1, unit, tuple(none), lowest, highest,
            self.one(item, "group", ("fast", "slow"), where, "fast"),
            self.one(item, "certainty", ("", *_CERTAINTIES), where, ""),
        )  # fmt: skip

    def wire(self, item: Mapping[str, Any]) -> Wire:
        where, usual = "[wire]", Wire()
        self.only(item, set(Wire.__dataclass_fields__), where)
        limits = {"port": (1, 65_535), "unit": (0, 255), "gap_ms": (0, 10_000), "most_registers": (1, 125),
                  "most_gap": (0, 120), "slow_every": (1, 10_000)}  # fmt: skip
        whole = {
            key: self.whole(item, key, where, span=span, usual=getattr(usual, key))
            for key, span in limits.items()
        }
        real: dict[str, float] = {}
        for key in ("timeout_s", "every_s", "connect_wait_s"):
            number = self.number(item, key, where)
            real[key] = getattr(usual, key) if number is None else number
        return Wire(
            whole["port"], whole["unit"], real["timeout_s"], real["every_s"], real["connect_wait_s"],
            whole["gap_ms"], whole["most_registers"], whole["most_gap"], whole["slow_every"],
        )  # fmt: skip

    def identity(self, items: Any) -> list[TextPoint]:
        found: list[TextPoint] = []
        for index, item in enumerate(items if isinstance(items, list) else [None], 1):
            where = f"[[identity]] {index}"
            if not isinstance(item, dict):
                self.say(where, "identity", "table")
                continue
            self.only(item, set(TextPoint.__dataclass_fields__), where)
            found.append(
                TextPoint(
                    self.one(item, "name", ("manufacturer", "model", "serial", "version"), where, "model"),
                    self.whole(item, "address", where, span=(0, 65_535)), self.whole(item, "count", where, span=(1, 64)),
                    self.one(item, "kind", ("holding", "input"), where, "holding"),
                    self.one(item, "octets", ORDERS, where, "high_first"),
                )
            )  # fmt: skip
        return found

    def say(self, where: str, name: str, reason: str, *values: Any) -> None:
        text = _REASONS[reason] % values if values else _REASONS[reason]
        self.problems.append(
            Notice("template-field", {"name": self.name, "where": where, "field": name, "reason": text})
        )

    def only(self, item: Mapping[str, Any], known: set[str], where: str) -> None:
        for name in item:
            if name not in known:
                self.say(where, name, "unknown")

    def table(self, found: Any, name: str) -> Mapping[str, Any]:
        if isinstance(found, dict):
            return found
        self.say(f"[{name}]", name, "table")
        return {}

    def text(self, item: Mapping[str, Any], name: str, where: str = "[template]") -> str:
        found = item.get(name, "")
        if not isinstance(found, str):
            self.say(where, name, "text")
            return ""
        return found.strip()

    def texts(self, found: Any) -> tuple[str, ...]:
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return tuple(found)
        self.say("[template]", "models", "list")
        return ()

    def one(self, item: Mapping[str, Any], name: str, known: tuple[str, ...], where: str, usual: str) -> str:
        found = item.get(name, usual)
        if isinstance(found, str) and found in known:
            return found
        self.say(where, name, "one", ", ".join(one for one in known if one))
        return usual

    def number(self, item: Mapping[str, Any], name: str, where: str) -> float | None:
        found = item.get(name)
        if found is None:
            return None
        if not _is_number(found):
            self.say(where, name, "number")
            return None
        return float(found)

    def whole(
        self,
        item: Mapping[str, Any],
        name: str,
        where: str,
        *,
        span: tuple[int, int],
        usual: int | None = None,
    ) -> int:
        found = item.get(name, usual)
        if isinstance(found, int) and not isinstance(found, bool) and span[0] <= found <= span[1]:
            return found
        self.say(where, name, "missing" if found is None else "whole", *(() if found is None else span))
        return span[0]


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)

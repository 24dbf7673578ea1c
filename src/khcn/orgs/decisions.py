"""Decisions that merge, split or rename units, as plain data: from TOML, YAML or a form, and back. Knows no database."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import yaml
from django.utils.translation import gettext as _

from khcn.core.dates import DateFormatError, parse_date
from khcn.core.errors import KhcnError
from khcn.engines.text.fold import nfc
from khcn.orgs.enums import CodeScheme, SuccessionKind

NOBODY: Final = "-"  # an exception that goes to nobody: the role ends with the unit
MOST_MOVES = 2000
_DECISION = frozenset(
    {"number", "date", "effective", "note", "kind", "moves", "units", "codes", "exceptions", "certainty"}
)
_MOVE = frozenset({"from", "to", "kind", "default", "ends", "exceptions"})
_UNIT = frozenset({"key", "name", "kind", "parent", "short_name", "name_en", "electronic_id", "codes"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where (as people count), which item, and a sentence."""

    where: str
    item: str
    message: str

    def __str__(self) -> str:
        return ", ".join(part for part in (self.where, self.item) if part) + f": {self.message}"


class DecisionError(KhcnError):
    """A decision that cannot be taken in; nothing of it was. ``faults`` names every place."""

    code = "decision"
    status = 422

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class CodeSpec:
    """A code that a unit has from the effective day."""

    unit: str
    scheme: str
    code: str


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that begins on the effective day. ``kind``: code of a kind; ``parent``: a key."""

    key: str
    name: str
    kind: str
    parent: str = ""
    short_name: str = ""
    name_en: str = ""
    electronic_id: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One unit's work passing to another, by keys. ``default``: takes what is open, ``None`` when nothing is said."""

    kind: str
    source: str
    target: str
    default: bool | None = None
    ends: bool = True
    where: str = ""


@dataclass(frozen=True, slots=True)
class DecisionData:
    """One decision. ``exceptions``: what is open -> key of its successor, or ``NOBODY``."""

    number: str
    effective: date
    decided: date | None = None
    note: str = ""
    edges: tuple[Edge, ...] = ()
    units: tuple[NewUnit, ...] = ()
    codes: tuple[CodeSpec, ...] = ()
    exceptions: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the decision as plain JSON that :func:`decisions_from` reads back equal."""
        return {
            "number": self.number,
            "date": self.decided.isoformat() if self.decided else "",
            "effective": self.effective.isoformat(),
            "note": self.note,
            "moves": [_edge_dict(edge) for edge in self.edges],
            "units": [
                {name: value for name in NewUnit.__dataclass_fields__ if (value := getattr(unit, name))}
                for unit in self.units
            ],
            "codes": [{"unit": row.unit, "scheme": row.scheme, "code": row.code} for row in self.codes],
            "exceptions": dict(self.exceptions),
        }


def _edge_dict(edge: Edge) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": edge.kind, "from": [edge.source], "to": edge.target, "ends": edge.ends}
    return row if edge.default is None else row | {"default": edge.default}


def decisions_read(data: bytes, name: str) -> tuple[DecisionData, ...]:
    """Read a TOML or YAML file. :raises DecisionError: naming every place that is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DecisionError(_("Tệp không phải chữ UTF-8. Hãy lưu lại tệp dạng UTF-8 rồi gửi lại.")) from None
    if name.lower().endswith((".yaml", ".yml")):
        return decisions_from(_yaml(text))
    try:
        return decisions_from(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise DecisionError(_("Tệp TOML viết sai: %(why)s.") % {"why": error}) from None


class _Loader(yaml.SafeLoader):
    """A safe loader that leaves dates as text, so that a wrong one is named by its field."""


_Loader.yaml_implicit_resolvers = {
    first: [one for one in found if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506  # a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DecisionError(
            _("Tệp YAML viết sai ở dòng %(line)s. Hãy xem lại dấu hai chấm và khoảng lùi đầu dòng.")
            % {"line": line}
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise DecisionError(_("Không đọc được tệp YAML này. Hãy dùng tệp mẫu.")) from None


def decisions_from(data: Any) -> tuple[DecisionData, ...]:
    """Make decisions of plain data: ``{"decision": [...], "unit": [...]}``. :raises DecisionError: with all faults."""
    if not isinstance(data, Mapping) or not isinstance(data.get("decision"), list) or not data["decision"]:
        raise DecisionError(
            _("Tệp không có quyết định nào. Mỗi quyết định là một mục “decision”; hãy dùng tệp mẫu.")
        )
    reader = _Reader()
    shared = [row for row in data.get("unit", []) if isinstance(row, Mapping)]
    found = [
        reader.decision(raw, shared, _("quyết định %(number)s") % {"number": number})
        for number, raw in enumerate(data["decision"], start=1)
    ]
    if reader.faults:
        raise DecisionError(
            _("Tệp có %(count)s chỗ sai, chưa nhận gì.") % {"count": len(reader.faults)}, reader.faults
        )
    return tuple(one for one in found if one is not None)


class _Reader:
    """Reads raw mappings and collects every fault."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, where: str, item: str, message: str) -> None:
        self.faults.append(Fault(where, item, message))

    def decision(self, raw: Any, shared: Sequence[Mapping[str, Any]], where: str) -> DecisionData | None:
        if not isinstance(raw, Mapping):
            self.fault(where, "", _("phải là một mục có số, ngày và các đơn vị."))
            return None
        self._unknown(raw, _DECISION, where)
        number = self.text(raw, "number", where, required=True)
        effective = self.day(raw, "effective", where, required=True)
        edges: list[Edge] = []
        exceptions = self._exceptions(raw, where)
        moves = raw.get("moves")
        if not isinstance(moves, list) or not moves or len(moves) > MOST_MOVES:
            self.fault(where, "moves", _("phải có danh sách các đơn vị được sắp xếp."))
            moves = []
        for place, move in enumerate(moves, start=1):
            edges += self._move(move, raw.get("kind"), exceptions, f"{where}, {_('mục')} {place}")
        named = {edge.target for edge in edges}
        rows = [*raw.get("units", []), *(row for row in shared if row.get("key") in named)]
        units, codes = self._units(rows, where)
        codes += self._codes(raw.get("codes", []), where)
        if effective is None:
            return None
        return DecisionData(
            number, effective, self.day(raw, "date", where), self.text(raw, "note", where), tuple(edges),
            tuple(units), tuple(codes), exceptions,
        )  # fmt: skip

    def _unknown(self, raw: Mapping[str, Any], known: frozenset[str], where: str) -> None:
        for name in sorted(str(name) for name in raw if name not in known):
            self.fault(where, name, _("không có mục này; hãy xem tệp mẫu."))

    def text(self, raw: Mapping[str, Any], name: str, where: str, *, required: bool = False) -> str:
        given = raw.get(name, "")
        plain = "" if given is None or isinstance(given, bool | list | Mapping) else str(given)
        value: str = " ".join(nfc(plain).split())  # a note pasted from Word holds odd spaces
        if required and not value:
            self.fault(where, name, _("phải điền."))
        if len(value) > 300:
            self.fault(where, name, _("dài quá 300 ký tự."))
        return value

    def day(self, raw: Mapping[str, Any], name: str, where: str, *, required: bool = False) -> date | None:
        value = raw.get(name)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if not value:
            if required:
                self.fault(where, name, _("phải có ngày."))
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            pass
        try:
            return parse_date(str(value))
        except DateFormatError as error:
            self.fault(where, name, error.message)
            return None

    def _exceptions(self, raw: Mapping[str, Any], where: str) -> dict[str, str]:
        value = raw.get("exceptions", {})
        if isinstance(value, list):  # [{what = "task:IV.7", to = "…"}]
            value = {str(row.get("what", "")): row.get("to", "") for row in value if isinstance(row, Mapping)}
        if not isinstance(value, Mapping) or any(not str(k) or not str(v) for k, v in value.items()):
            self.fault(where, "exceptions", _("mỗi ngoại lệ gồm việc gì (what) và đơn vị nào nhận (to)."))
            return {}
        return {str(what): str(to) for what, to in value.items()}

    def _move(self, raw: Any, kind: Any, exceptions: dict[str, str], where: str) -> list[Edge]:
        if not isinstance(raw, Mapping):
            self.fault(where, "", _("phải có “from” và “to”."))
            return []
        self._unknown(raw, _MOVE, where)
        exceptions |= self._exceptions(raw, where)
        chosen = str(raw.get("kind") or kind or "")
        if chosen not in SuccessionKind.values:
            known = ", ".join(SuccessionKind.values)
            self.fault(where, "kind", _("phải là một trong: %(known)s.") % {"known": known})
        sources, targets = self._keys(raw, "from", where), self._keys(raw, "to", where)
        default, ends = raw.get("default"), raw.get("ends", True)
        if not isinstance(ends, bool):
            self.fault(where, "ends", _("phải là true hoặc false."))
        if default not in (None, True, False) and default not in targets:
            self.fault(where, "default", _("phải là một trong các đơn vị ở “to”."))

        def is_default(target: str) -> bool | None:
            return default if isinstance(default, bool) or default is None else target == default

        return [
            Edge(chosen, source, target, is_default(target), bool(ends), where)
            for source in sources
            for target in targets
        ]

    def _keys(self, raw: Mapping[str, Any], name: str, where: str) -> list[str]:
        value = raw.get(name)
        keys = [value] if isinstance(value, str) else value
        if not isinstance(keys, list) or not keys or not all(isinstance(k, str) and k for k in keys):
            self.fault(where, name, _("phải có mã của ít nhất một đơn vị."))
            return []
        return list(dict.fromkeys(keys))

    def _units(self, rows: Sequence[Any], where: str) -> tuple[list[NewUnit], list[CodeSpec]]:
        units, codes = [], []
        for raw in rows:
            if not isinstance(raw, Mapping):
                self.fault(where, "units", _("mỗi đơn vị mới cần mã, tên và loại."))
                continue
            self._unknown(raw, _UNIT, where)
            values = {name: self.text(raw, name, where) for name in NewUnit.__dataclass_fields__}
            for name in ("key", "name", "kind"):
                if not values[name]:
                    self.fault(f"{where}, {_('đơn vị mới')} {values['key']}", name, _("phải điền."))
            units.append(NewUnit(**values))
            codes += self._codes(
                [{**row, "unit": values["key"]} for row in raw.get("codes", []) if isinstance(row, Mapping)],
                where,
            )
        return units, codes

    def _codes(self, rows: Any, where: str) -> list[CodeSpec]:
        found = []
        for raw in rows if isinstance(rows, list) else []:
            row = raw if isinstance(raw, Mapping) else {}
            unit, code = str(row.get("unit", "")), str(row.get("code", "")).strip()
            scheme = str(row.get("scheme", CodeScheme.GSO.value))
            if not unit or not code or len(code) > 40 or scheme not in CodeScheme.values:
                self.fault(where, "codes", _("mỗi mã cần đơn vị, danh mục (gso, internal) và mã."))
                continue
            found.append(CodeSpec(unit, scheme, code))
        return found

"""Reading typed fields out of YAML nodes: every wrong one becomes a fault with its line and name, none stops the rest."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from khcn.engines.plans.types import NOTHING, Anomaly, Fault
from khcn.engines.plans.values import ValueFault, read_amount, read_day
from khcn.engines.plans.yaml_nodes import Node, place, plain_value

_YES: Final = frozenset({"true", "yes", "on", "có", "đúng"})
_NO: Final = frozenset({"false", "no", "off", "không", "sai"})
_MAX_TEXT: Final = 20_000
ABSENT: Final = Node("scalar", 0, "", True)


class Fields:
    """One mapping of the file being read. ``name`` is how faults call it ("nhiệm vụ IV.7")."""

    def __init__(self, node: Node, name: str, faults: list[Fault], notes: list[Anomaly]) -> None:
        self.node = node
        self.name = name
        self.faults = faults
        self.notes = notes
        self._used: set[str] = set()

    def fault(self, code: str, key: str = "", line: int = 0, **params: Any) -> None:
        """Note a fault at ``key`` of this mapping."""
        at = line or (self.node.keys[key].line if key in self.node.keys else self.node.line)
        item = " › ".join(part for part in (self.name, key) if part)
        self.faults.append(Fault(code, place(at), item, params))

    def get(self, key: str) -> Node:
        """Return the node at ``key``; an absent or null one is :data:`ABSENT`."""
        self._used.add(key)
        node = self.node.keys.get(key, ABSENT)
        return ABSENT if node.is_null else node

    def line(self, key: str) -> int:
        """The line at which ``key`` stands, or that of the mapping."""
        return self.node.keys[key].line if key in self.node.keys else self.node.line

    def text(self, *keys: str, required: bool = False, limit: int = _MAX_TEXT) -> str:
        """Return the text at the first of ``keys`` that is there, blanks at the ends taken off."""
        for key in keys:
            node = self.get(key)
            if node is ABSENT:
                continue
            if node.kind != "scalar":
                self.fault("want-text", key)
                return ""
            value = node.text.strip()
            if len(value) > limit:
                self.fault("too-long", key, limit=limit, length=len(value))
                return value[:limit]
            if value:
                return value
        if required:
            self.fault("missing", keys[0])
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one. An entry written twice counts once."""
        node = self.get(key)
        if node is ABSENT:
            return ()
        if node.kind == "scalar":
            return (node.text.strip(),)
        if node.kind != "list":
            self.fault("want-list", key)
            return ()
        found: dict[str, None] = {}
        for item in node.items:
            if item.kind != "scalar" or item.is_null:
                self.fault("want-text", key, item.line)
            else:
                found.setdefault(item.text.strip())
        return tuple(found)

    def whole(self, key: str, *, low: int = 0, high: int = 10**9) -> int | None:
        """Return a whole number between ``low`` and ``high``."""
        text = self.text(key)
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or not low <= int(text[:12]) <= high:
            self.fault("want-number", key, value=text[:40], low=low, high=high)
            return None
        return int(text)

    def flag(self, key: str) -> bool | None:
        """Return a yes or no, ``None`` when it is not said."""
        text = self.text(key).lower()
        if not text:
            return None
        if text not in _YES | _NO:
            self.fault("want-flag", key, value=text[:40])
        return text in _YES

    def day(self, key: str) -> date | None:
        """Return a day."""
        text = self.text(key)
        if not text:
            return None
        try:
            return read_day(text)
        except ValueFault as error:
            self.fault(error.code, key, **error.params)
            return None

    def amount(self, *keys: str) -> Decimal | None:
        """Return an amount in đồng; what had to be decided to read it becomes an anomaly."""
        for key in keys:
            text = self.text(key)
            if not text:
                continue
            try:
                amount = read_amount(text)
            except ValueFault as error:
                self.fault(error.code, key, **error.params)
                return None
            if amount.note:
                self.notes.append(
                    Anomaly(
                        amount.note, self.name, str(amount.params["value"]), str(amount.params["read"]), True
                    )
                )
            return amount.vnd
        return None

    def maps(self, key: str, name: str) -> Iterator["Fields"]:
        """Yield the mappings of a list; ``name`` names them in faults together with their place in the list."""
        node = self.get(key)
        if node is ABSENT:
            return
        if node.kind != "list":
            self.fault("want-list", key)
            return
        for number, item in enumerate(node.items, 1):
            if item.kind != "map":
                self.fault("want-mapping", key, item.line)
                continue
            label = item.keys.get("id") or item.keys.get("ref")
            shown = label.text if label is not None and label.kind == "scalar" and label.text else str(number)
            yield Fields(item, f"{name} {shown}".strip(), self.faults, self.notes)

    def map(self, key: str, name: str, *, required: bool = False) -> "Fields":
        """Return the mapping at ``key``; an empty one when it is not there."""
        node = self.get(key)
        if node is ABSENT:
            if required:
                self.fault("missing-part", key)
            node = Node("map", self.node.line)
        elif node.kind != "map":
            self.fault("want-mapping", key)
            node = Node("map", node.line)
        return Fields(node, name, self.faults, self.notes)

    def rest(self) -> Mapping[str, Any]:
        """Return what nobody asked for, as plain data."""
        found = {key: plain_value(node) for key, node in self.node.keys.items() if key not in self._used}
        return found or NOTHING

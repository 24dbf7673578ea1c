"""YAML as a tree whose every node knows its line, built without constructing anything the file names.

The events of the parser are put together by hand: depth and size stay bounded before anything is expanded, a key
written twice is a fault, aliases may not multiply, and tags that call for objects are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from khcn.engines.plans.types import Fault, PlanFileError
from khcn.engines.text.fold import nfc

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 40
MAX_NODES: Final = 400_000
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BAD_CHARACTER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_PLAIN_TAGS: Final = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "!",
                      "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:timestamp",
                      "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:merge")  # fmt: skip
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class Node:
    """A value of the file. ``kind``: scalar, list or map; ``plain``: a scalar without quotes; ``line`` from 1."""

    kind: str
    line: int
    text: str = ""
    plain: bool = True
    items: list["Node"] = field(default_factory=list)
    keys: dict[str, "Node"] = field(default_factory=dict)
    size: int = 1
    flow: bool = False

    @property
    def is_null(self) -> bool:
        """Whether the file leaves the value out (nothing, ``~`` or ``null`` without quotes)."""
        return self.kind == "scalar" and self.plain and self.text in _NULLS


def place(line: int) -> str:
    """The line as people count it."""
    return f"dòng {line}"


def decode(data: bytes) -> str:
    """Return the text of a file. Raises :class:`PlanFileError` for what is no text in UTF-8 or marked UTF-16."""
    if len(data) > MAX_BYTES:
        raise PlanFileError([Fault("too-large", params={"limit": MAX_BYTES // 1024 // 1024})])
    if not data.strip():
        raise PlanFileError([Fault("empty")])
    codec = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PlanFileError([Fault("encoding", place(line))]) from error
    bad = _BAD_CHARACTER.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        raise PlanFileError([Fault("character", place(line), params={"number": f"U+{ord(bad[0]):04X}"})])
    return nfc(text)


@dataclass(frozen=True, slots=True)
class Tree:
    """A file's nodes. ``faults``: of its writing (keys twice, tags); ``joined``: (line, text) of texts with a comma
    that stood without quotes in braces, where YAML cuts them in two."""

    root: Node
    faults: list[Fault]
    joined: list[tuple[int, str]]


def parse(data: bytes) -> Tree:
    """Return the tree of the only document.

    Raises :class:`PlanFileError` when there is no tree to go on with.
    """
    text = decode(data)
    builder = _Builder()
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        raise PlanFileError([*builder.faults, _syntax_fault(error, text)]) from error
    if builder.root is None:
        raise PlanFileError([Fault("empty")])
    return Tree(builder.root, builder.faults, builder.joined)


def _events(text: str) -> Iterator[Any]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _syntax_fault(error: yaml.YAMLError, text: str) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Fault("syntax", params={"problem": str(error)[:200], "shown": ""})
    lines = text.splitlines()
    shown = lines[mark.line] if mark.line < len(lines) else ""
    indent = shown[: len(shown) - len(shown.lstrip())]
    code = "tab" if "\t" in indent or shown[mark.column : mark.column + 1] == "\t" else "syntax"
    params = {"problem": str(getattr(error, "problem", "") or ""), "shown": shown.strip()[:80]}
    return Fault(code, place(mark.line + 1), params=params)


class _Builder:
    """Puts events together. ``stack`` holds (node, key waiting for its value, whether to drop the value)."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self.joined: list[tuple[int, str]] = []
        self._stack: list[tuple[Node, Node | None]] = []
        self._anchors: dict[str, Node | None] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take one event of the parser."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise PlanFileError([Fault("several-documents", place(line))])
        elif isinstance(event, yaml.ScalarEvent):
            self._check_tag(event.tag, line)
            self._put(Node("scalar", line, event.value, not event.style), event.anchor)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._check_tag(event.tag, line)
            kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
            self._open(Node(kind, line, flow=bool(event.flow_style)), event.anchor)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            node, _ = self._stack.pop()
            self._put(node, None)
        elif isinstance(event, yaml.AliasEvent):
            target = self._anchors.get(event.anchor or "")
            if target is None:
                raise PlanFileError([Fault("alias", place(line), params={"name": event.anchor})])
            self._put(target, None)

    def _check_tag(self, tag: str | None, line: int) -> None:
        if tag is not None and tag not in _PLAIN_TAGS:
            self.faults.append(Fault("tag", place(line), params={"tag": tag[:60]}))

    def _open(self, node: Node, anchor: str | None) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise PlanFileError(
                [*self.faults, Fault("too-deep", place(node.line), params={"limit": MAX_DEPTH})]
            )
        if anchor:
            self._anchors[anchor] = None  # until it is closed, an alias to it would be a circle
        self._stack.append((node, None))
        node.text = anchor or ""

    def _put(self, node: Node, anchor: str | None) -> None:
        if node.kind != "scalar" and node.text:
            self._anchors[node.text] = node
            node.text = ""
        if anchor:
            self._anchors[anchor] = node
        if not self._stack:
            self.root = node
            return
        parent, key = self._stack[-1]
        parent.size += node.size
        if parent.size > MAX_NODES:
            raise PlanFileError(
                [*self.faults, Fault("too-many", place(node.line), params={"limit": MAX_NODES})]
            )
        if parent.kind == "list":
            parent.items.append(node)
        elif key is None:
            self._stack[-1] = (parent, node)
        else:
            self._stack[-1] = (parent, None)
            self._pair(parent, key, node)

    def _pair(self, parent: Node, key: Node, value: Node) -> None:
        if parent.flow and value.is_null and self._rejoin(parent, key):
            return
        if key.kind != "scalar":
            self.faults.append(Fault("key", place(key.line)))
        elif key.plain and key.text == "<<":
            self.faults.append(Fault("merge", place(key.line)))
        elif key.text in parent.keys:
            first = parent.keys[key.text].line
            self.faults.append(
                Fault("key-twice", place(key.line), key.text, {"key": key.text, "first": first})
            )
        else:
            parent.keys[key.text] = value

    def _rejoin(self, parent: Node, key: Node) -> bool:
        """Give ``{text: Các phòng, ban chuyên môn}`` its second half back; say whether ``key`` was one."""
        last = next(reversed(parent.keys.values()), None)
        if key.kind != "scalar" or not key.plain or _NAME.fullmatch(key.text) or last is None:
            return False
        if last.kind != "scalar" or not last.plain or last.is_null:
            return False
        last.text = f"{last.text}, {key.text}"
        self.joined.append((key.line, last.text))
        return True


def plain_value(node: Node) -> Any:
    """Return the node as plain data (texts, lists, mappings; whole numbers and booleans as such), for what is kept."""
    if node.kind == "list":
        return [plain_value(item) for item in node.items]
    if node.kind == "map":
        return {key: plain_value(value) for key, value in node.keys.items()}
    if not node.plain:
        return node.text
    if node.is_null:
        return None
    if node.text in ("true", "false"):
        return node.text == "true"
    return int(node.text) if re.fullmatch(r"-?(?:0|[1-9]\d{0,15})", node.text) else node.text

"""What has to fit between the parts of a plan in YAML: names of units, sections and tasks; no circles."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from khcn.engines.plans.types import Fault, PlanFile
from khcn.engines.plans.yaml_fields import Fields
from khcn.engines.plans.yaml_nodes import Node, place

_SHOWN: Final = 8


def check_plan(plan: PlanFile, top: Fields, faults: list[Fault], known_units: Collection[str]) -> None:
    """Add to ``faults`` every name that leads nowhere and every circle. ``top``: the file, for the lines."""
    check = _Check(top, faults, {unit.key for unit in plan.units} | set(known_units))
    check.header(plan)
    check.units(plan)
    check.sections(plan)
    check.tasks(plan)
    check.reporting(plan)


class _Check:
    def __init__(self, top: Fields, faults: list[Fault], units: set[str]) -> None:
        self._top = top
        self._faults = faults
        self._units = units

    def _rows(self, *path: str) -> list[Node]:
        node: Node | None = self._top.node
        for key in path:
            node = node.keys.get(key) if node is not None and node.kind == "map" else None
        return (
            [one for one in node.items if one.kind == "map"]
            if node is not None and node.kind == "list"
            else []
        )

    def _fault(self, code: str, row: Node, key: str, name: str, **params: object) -> None:
        node = row.keys.get(key, row)
        self._faults.append(Fault(code, place(node.line), f"{name} › {key}", params))

    def _known(self, keys: Iterable[str], row: Node, field: str, name: str) -> None:
        for key in keys:
            if key and key not in self._units:
                node = row.keys.get(field, row)
                at = next((one for one in node.items if one.text.strip() == key), node)
                self._faults.append(
                    Fault("unknown-unit", place(at.line), f"{name} › {field}", {"value": key[:80]})
                )

    def header(self, plan: PlanFile) -> None:
        """Issuer and recipients."""
        head = self._top.node.keys.get("document")
        if head is None or head.kind != "map":
            return
        self._known([plan.header.issuer], head, "issuing_body", "văn bản")
        for row, one in zip(self._rows("document", "recipients"), plan.header.recipients, strict=False):
            self._known([one.unit], row, "unit", "nơi nhận")

    def units(self, plan: PlanFile) -> None:
        """Parents and members, and no circle of either."""
        rows = self._rows("units")
        for row, unit in zip(rows, plan.units, strict=False):
            self._known([unit.parent], row, "parent", f"đơn vị {unit.key}")
            self._known(unit.members, row, "members", f"đơn vị {unit.key}")
        by_key = {unit.key: row for row, unit in zip(rows, plan.units, strict=False)}
        parents = {unit.key: (unit.parent,) if unit.parent else () for unit in plan.units}
        members = {unit.key: unit.members for unit in plan.units}
        for graph, code, field in (
            (parents, "circle-parent", "parent"),
            (members, "circle-members", "members"),
        ):
            for circle in circles(graph):
                self._fault(code, by_key[circle[0]], field, f"đơn vị {circle[0]}", path=_path(circle))

    def sections(self, plan: PlanFile) -> None:
        """Parents of sections, and no circle."""
        rows = self._rows("sections")
        refs = {one.ref for one in plan.sections}
        by_ref = {one.ref: row for row, one in zip(rows, plan.sections, strict=False)}
        for row, one in zip(rows, plan.sections, strict=False):
            if one.parent and one.parent not in refs:
                self._fault("unknown-section", row, "parent", f"mục {one.ref}", value=one.parent[:80])
        for circle in circles({one.ref: (one.parent,) if one.parent else () for one in plan.sections}):
            self._fault(
                "circle-sections", by_ref[circle[0]], "parent", f"mục {circle[0]}", path=_path(circle)
            )

    def tasks(self, plan: PlanFile) -> None:
        """Section, lead and cooperating units of every task."""
        refs = {one.ref for one in plan.sections}
        for row, task in zip(self._rows("tasks"), plan.tasks, strict=False):
            name = f"nhiệm vụ {task.code}"
            if task.section and task.section not in refs:
                self._fault("unknown-section", row, "section", name, value=task.section[:80])
            self._known([task.lead], row, "lead_unit" if "lead_unit" in row.keys else "lead", name)
            self._known(task.cooperating, row, "cooperating_units", name)

    def reporting(self, plan: PlanFile) -> None:
        """Units and tasks of the reporting regime."""
        node = self._top.node.keys.get("reporting")
        if node is None or node.kind != "map":
            return
        regime, name = plan.reporting, "chế độ báo cáo"
        self._known(regime.reporters, node, "expected_reporters", name)
        self._known(regime.to_confirm, node, "reporters_to_confirm", name)
        for field in ("addressed_to", "through", "consolidated_to"):
            self._known([getattr(regime, field)], node, field, name)
        codes = {task.code for task in plan.tasks}
        rows = {row.keys["id"].text: row for row in self._rows("reporting", "periods") if "id" in row.keys}
        for period in regime.periods:
            if period.task and period.task not in codes and period.code in rows:
                self._fault(
                    "unknown-task",
                    rows[period.code],
                    "task",
                    f"kỳ báo cáo {period.code}",
                    value=period.task[:80],
                )


def _path(circle: Sequence[str]) -> str:
    shown = [*circle[:_SHOWN], "..."] if len(circle) > _SHOWN else list(circle)
    return " → ".join([*shown, circle[0]])


def circles(graph: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the circles of a graph, each once and beginning with its first key in the graph's order."""
    found: list[list[str]] = []
    state: dict[str, int] = {}
    for start in graph:
        if start in state:
            continue
        # Walked by hand: a chain of thousands of parents must not end in a recursion error.
        path: list[str] = [start]
        waiting: list[list[str]] = [list(graph[start])]
        state[start] = 1
        while path:
            if not waiting[-1]:
                state[path.pop()] = 2
                waiting.pop()
                continue
            key = waiting[-1].pop(0)
            if state.get(key) == 1:
                circle = path[path.index(key) :]
                first = circle.index(next(one for one in graph if one in circle))
                found.append([*circle[first:], *circle[:first]])
            elif key not in state and key in graph:
                state[key] = 1
                path.append(key)
                waiting.append(list(graph[key]))
    return found

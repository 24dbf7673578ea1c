"""What is wrong with a decision, against the units that there are: every fault with its place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches

from django.utils.translation import gettext as _

from khcn.orgs.decisions import NOBODY, DecisionData, Edge, Fault, NewUnit
from khcn.orgs.enums import SuccessionKind
from khcn.orgs.models import Unit, UnitKind, UnitSuccession
from khcn.orgs.services.units import successor_fault


def sources_of(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    """Return the moves by the key of the unit that hands over, in the order written."""
    found: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[edge.source].append(edge)
    return dict(found)


def default_target(edges: list[Edge]) -> str:
    """Return the key of the successor that takes what is open; empty when the unit lives on and keeps it."""
    if not edges[0].ends:
        return ""
    named = [edge.target for edge in edges if edge.default]
    return named[0] if named else edges[0].target


def decision_faults(data: DecisionData) -> list[Fault]:
    """Return everything that keeps a decision from being recorded; an edge that is recorded already is right."""
    keys = {edge.source for edge in data.edges} | {edge.target for edge in data.edges}
    keys |= {unit.parent for unit in data.units} | {unit.key for unit in data.units}
    keys |= {row.unit for row in data.codes}
    known = {unit.key: unit for unit in Unit.objects.filter(key__in=keys).select_related("kind")}
    faults = _of_new_units(data, known)
    new = {unit.key for unit in data.units}
    for edge in data.edges:
        faults += _of_edge(data, edge, known, new)
    for source, edges in sources_of(data.edges).items():
        faults += _of_shape(data, source, edges)
    targets = {edge.target for edge in data.edges}
    for what, key in data.exceptions.items():
        if key != NOBODY and key not in targets:
            faults.append(
                Fault(what, "to", _("%(key)s không phải đơn vị kế thừa trong quyết định này.") % {"key": key})
            )
    for row in data.codes:
        if row.unit not in targets and row.unit not in new and row.unit not in known:
            faults.append(Fault(row.code, "unit", _unknown(row.unit)))
    return faults


def _unknown(key: str) -> str:
    near = get_close_matches(key, Unit.objects.values_list("key", flat=True), n=1)
    text = _("không có đơn vị mang mã “%(key)s”.") % {"key": key}
    return text + (" " + _("Có phải %(near)s?") % {"near": near[0]} if near else "")


def _of_new_units(data: DecisionData, known: Mapping[str, Unit]) -> list[Fault]:
    faults = []
    kinds = set(UnitKind.objects.values_list("code", flat=True))
    seen: set[str] = set()
    for unit in data.units:
        where = _("đơn vị mới %(key)s") % {"key": unit.key}
        if unit.key in seen:
            faults.append(Fault(where, "key", _("có hai lần.")))
        seen.add(unit.key)
        if unit.kind not in kinds:
            names = ", ".join(sorted(kinds))
            faults.append(
                Fault(
                    where,
                    "kind",
                    _("không có loại “%(kind)s”. Các loại: %(names)s.") % {"kind": unit.kind, "names": names},
                )
            )
        if unit.parent and unit.parent not in known and unit.parent not in seen:
            faults.append(Fault(where, "parent", _unknown(unit.parent)))
        there = known.get(unit.key)
        if there is not None and not same_unit(there, unit, data):
            text = _("mã này đã là của %(unit)s. Hãy chọn mã khác.") % {"unit": there.name}
            faults.append(Fault(where, "key", text))
        if unit.key not in {edge.target for edge in data.edges}:
            faults.append(Fault(where, "key", _("không kế thừa đơn vị nào trong quyết định này.")))
    return faults


def same_unit(there: Unit, new: NewUnit, data: DecisionData) -> bool:
    """Whether a unit that exists is the one that the decision makes: taken in already, or made beforehand."""
    return (
        there.name == new.name
        and there.kind.code == new.kind
        and there.valid_from in (None, data.effective)
        and there.in_force(data.effective)
    )


def _of_edge(data: DecisionData, edge: Edge, known: Mapping[str, Unit], new: set[str]) -> list[Fault]:
    faults = []
    source, target = known.get(edge.source), known.get(edge.target)
    if edge.source == edge.target:
        name = source.name if source else edge.source
        text = _("%(one)s không thể kế thừa chính nó. Hãy chọn đơn vị khác.") % {"one": name}
        return [Fault(edge.where, "to", text)]
    if source is None:
        faults.append(Fault(edge.where, "from", _unknown(edge.source)))
    if target is None and edge.target not in new:
        faults.append(Fault(edge.where, "to", _unknown(edge.target)))
    if source is None:
        return faults
    if source.kind.is_group or (target is not None and target.kind.is_group):
        text = _("một khối đơn vị không sáp nhập được; hãy nêu từng đơn vị trong khối.")
        return [*faults, Fault(edge.where, "from", text)]
    if target is None:
        if not source.in_force(data.effective - timedelta(days=1)):
            text = _("%(one)s không hoạt động vào ngày trước %(day)s.")
            words = {"one": source.name, "day": f"{data.effective:%d/%m/%Y}"}
            faults.append(Fault(edge.where, "from", text % words))
        return faults
    recorded = UnitSuccession.objects.filter(
        predecessor=source, successor=target, effective_date=data.effective
    ).exists()
    if not recorded and (text := successor_fault(source, target, data.effective)):
        faults.append(Fault(edge.where, "to", text))
    if any(other.source == edge.target and other.ends for other in data.edges):
        text = _("%(one)s kết thúc cùng ngày theo chính quyết định này nên không nhận bàn giao được.")
        faults.append(Fault(edge.where, "to", text % {"one": target.name}))
    return faults


def _of_shape(data: DecisionData, source: str, edges: list[Edge]) -> list[Fault]:
    """What the moves of one unit must be together: one end, one default, and one successor unless it is split."""
    where, kinds = edges[0].where, {edge.kind for edge in edges}
    faults = []
    if len({edge.target for edge in edges}) < len(edges):
        faults.append(
            Fault(where, "to", _("%(source)s có hai dòng sang cùng một đơn vị.") % {"source": source})
        )
    if len({edge.ends for edge in edges}) > 1 or len(kinds) > 1:
        faults.append(
            Fault(
                where,
                "kind",
                _("các dòng của %(source)s phải cùng hình thức, cùng kết thúc hay không.")
                % {"source": source},
            )
        )
    if kinds == {SuccessionKind.RENAME}:
        into = [edge for edge in data.edges if edge.target == edges[0].target]
        if len(edges) > 1 or len(into) > 1:
            faults.append(Fault(where, "kind", _("đổi tên là từ một đơn vị sang đúng một đơn vị.")))
    elif kinds == {SuccessionKind.MERGE} and len(edges) > 1:
        faults.append(
            Fault(
                where,
                "kind",
                _("sáp nhập là vào một đơn vị; sang nhiều đơn vị thì chọn hình thức chia, tách."),
            )
        )
    defaults = [edge for edge in edges if edge.default]
    if not edges[0].ends:
        if kinds != {SuccessionKind.SPLIT}:
            faults.append(
                Fault(where, "ends", _("chỉ khi chia, tách thì đơn vị cũ mới có thể tiếp tục hoạt động."))
            )
        if defaults:
            faults.append(
                Fault(
                    where, "default", _("đơn vị cũ còn hoạt động thì việc đang mở ở lại, trừ các ngoại lệ.")
                )
            )
    elif len(edges) > 1 and len(defaults) != 1:
        faults.append(
            Fault(
                where,
                "default",
                _("%(source)s chia làm %(count)s: phải nói đúng một đơn vị nhận các việc đang mở.")
                % {"source": source, "count": len(edges)},
            )
        )
    return faults

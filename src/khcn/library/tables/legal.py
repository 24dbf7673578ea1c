"""What the page of a legal document says of its force and of its relations, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.engines.legal.model import Answer, Contradiction, Deed, Problem, Reason, Standing, Why
from khcn.library.enums import INVERSE_RELATION_LABELS, RelationKind
from khcn.library.selectors.force import validity_on
from khcn.library.selectors.legal import LegalEdge, LegalGraph
from khcn.library.tables.results import work_url
from khcn.ui.formats import format_date
from khcn.ui.parts import Column, State, Table, Tone

STANDINGS: Final = {
    Standing.NOT_YET: gettext_lazy("Chưa có hiệu lực"),
    Standing.IN_FORCE: gettext_lazy("Còn hiệu lực"),
    Standing.PARTLY: gettext_lazy("Hết hiệu lực một phần"),
    Standing.SUSPENDED: gettext_lazy("Ngưng hiệu lực"),
    Standing.EXPIRED: gettext_lazy("Hết hiệu lực"),
    Standing.UNKNOWN: gettext_lazy("Chưa rõ hiệu lực"),
}
TONES: Final[dict[Standing, Tone]] = {
    Standing.NOT_YET: "watch",
    Standing.IN_FORCE: "good",
    Standing.PARTLY: "watch",
    Standing.SUSPENDED: "bad",
    Standing.EXPIRED: "bad",
    Standing.UNKNOWN: "neutral",
}
# {by}: the other document; %(day)s and %(part)s as they apply.
_REASONS: Final = {
    Why.NOT_ISSUED: gettext_lazy("Văn bản được ban hành ngày %(day)s, sau ngày được hỏi."),
    Why.NOT_EFFECTIVE: gettext_lazy("Văn bản có hiệu lực từ ngày %(day)s, sau ngày được hỏi."),
    Why.EFFECTIVE: gettext_lazy("Văn bản có hiệu lực từ ngày %(day)s."),
    Why.NO_EFFECTIVE_DATE: gettext_lazy("Thư viện chưa ghi ngày có hiệu lực của văn bản này."),
    Why.OWN_EXPIRY: gettext_lazy("Văn bản được ghi hết hiệu lực từ ngày %(day)s."),
    Why.ENDED_BY: gettext_lazy("%(kind)s {by} từ ngày %(day)s%(assumed)s."),
    Why.ENDED_SOME_DAY: gettext_lazy("%(kind)s {by}, nhưng thư viện chưa ghi từ ngày nào."),
    Why.NOTHING_ENDED: gettext_lazy("Thư viện chưa ghi nhận văn bản nào làm văn bản này hết hiệu lực vào ngày %(day)s."),
    Why.PART_ENDED_BY: gettext_lazy("Phần “%(part)s” %(lower)s {by} từ ngày %(day)s%(assumed)s."),
    Why.PART_ENDED_SOME_DAY: gettext_lazy("Phần “%(part)s” %(lower)s {by}, nhưng chưa ghi từ ngày nào."),
    Why.SUSPENDED_BY: gettext_lazy("%(kind)s {by} từ ngày %(day)s%(until)s."),
    Why.PART_SUSPENDED_BY: gettext_lazy("Phần “%(part)s” %(lower)s {by} từ ngày %(day)s%(until)s."),
    Why.SUSPENDED_SOME_DAY: gettext_lazy("%(kind)s {by}, nhưng chưa ghi từ ngày nào."),
    Why.AMENDED_BY: gettext_lazy("%(kind)s {by} từ ngày %(day)s%(assumed)s%(about)s."),
    Why.AMENDED_SOME_DAY: gettext_lazy("%(kind)s {by}, nhưng chưa ghi từ ngày nào%(about)s."),
    Why.DATES_DISAGREE: gettext_lazy("Hồ sơ lại ghi văn bản chỉ hết hiệu lực từ ngày %(day)s; hai ngày này không khớp nhau."),
    Why.UNCHECKED: gettext_lazy("Có thể: %(lower)s {by}; do máy đọc từ văn bản, chưa ai kiểm nên chưa được tính."),
}  # fmt: skip
_PROBLEMS: Final = {
    Problem.EFFECTIVE_BEFORE_ISSUE: gettext_lazy("Ngày có hiệu lực (%(first)s) trước ngày ban hành (%(second)s)."),
    Problem.EXPIRED_BEFORE_EFFECTIVE: gettext_lazy("Ngày hết hiệu lực (%(first)s) trước ngày có hiệu lực (%(second)s)."),
    Problem.ENDED_BEFORE_EFFECTIVE: gettext_lazy("%(kind)s {by} từ %(first)s, trước ngày có hiệu lực (%(second)s)."),
    Problem.EXPIRY_AFTER_END: gettext_lazy("Hồ sơ ghi hết hiệu lực từ %(first)s, nhưng %(lower)s {by} từ %(second)s."),
    Problem.ENDED_TWICE: gettext_lazy("Nhiều văn bản cùng làm văn bản này hết hiệu lực, từ các ngày khác nhau: %(days)s."),
    Problem.DEED_BEFORE_ITS_ISSUE: gettext_lazy("%(kind)s {by} từ %(first)s, trước khi văn bản ấy được ban hành (%(second)s)."),
    Problem.CHANGED_AFTER_END: gettext_lazy("%(kind)s {by} từ %(first)s, sau khi đã hết hiệu lực (%(second)s)."),
    Problem.DEED_NEVER_HELD: gettext_lazy("%(kind)s {by} từ %(first)s, nhưng văn bản ấy đã hết hiệu lực từ %(second)s nên không được tính."),
    Problem.UNTIL_BEFORE_DAY: gettext_lazy("%(kind)s {by}: ngày kết thúc (%(first)s) không sau ngày bắt đầu (%(second)s)."),
    Problem.EACH_OTHER: gettext_lazy("Văn bản này và {by} được ghi là thay thế lẫn nhau."),
}  # fmt: skip


@dataclass(frozen=True)
class EdgeLine:
    """One relation as the page shows it."""

    name: SafeString
    when: str
    part: str
    checked: bool
    linked: bool
    state: State | None


@dataclass(frozen=True)
class EdgeGroup:
    """Relations of one kind and direction. ``more``: how many are not shown."""

    label: str
    lines: Sequence[EdgeLine]
    more: int = 0


def state_of(standing: Standing) -> State:
    """Return a standing in words and a shape."""
    return State(label=str(STANDINGS[standing]), tone=TONES[standing])


def name_of(edge: LegalEdge) -> SafeString:
    """Return the other document as a link, or by its number and title when the reader cannot open it."""
    node = edge.node
    words = " – ".join(part for part in (node.number, node.title) if part) or _("văn bản chưa rõ số")
    if node.work is None:
        return format_html("{}", words)
    return format_html('<a href="{}">{}</a>', work_url(node.work), words)


def short_name(edge: LegalEdge) -> SafeString:
    """Return the other document by its number (or title), as a link when it may be opened."""
    words = edge.node.number or edge.node.title or _("văn bản chưa rõ số")
    if edge.node.work is None:
        return format_html("{}", words)
    return format_html('<a href="{}">{}</a>', work_url(edge.node.work), words)


def reason_lines(graph: LegalGraph, reasons: Iterable[Reason]) -> list[SafeString]:
    """Return the reasons of an answer as sentences, each other document linked."""
    return [_sentence(str(_REASONS[one.why]), graph, one.deed, {"day": _day(one.day)}) for one in reasons]


def problem_lines(graph: LegalGraph) -> list[SafeString]:
    """Return the dates that cannot all be right as sentences."""
    return [_problem(graph, one) for one in graph.timeline.problems]


def _problem(graph: LegalGraph, one: Contradiction) -> SafeString:
    days = [_day(day) for day in one.days]
    values = {
        "first": days[0] if days else "",
        "second": days[1] if len(days) > 1 else "",
        "days": "; ".join(days),
    }
    return _sentence(str(_PROBLEMS[one.problem]), graph, one.deeds[0] if one.deeds else None, values)


def _sentence(template: str, graph: LegalGraph, deed: Deed | None, values: dict[str, str]) -> SafeString:
    if deed is None:
        return format_html("{}", template % values)
    edge = graph.edge(deed.by)
    kind = str(INVERSE_RELATION_LABELS[edge.kind])
    words = template % {
        "day": "",
        **values,
        "kind": _("Văn bản %(deed)s") % {"deed": kind},
        "lower": kind,
        "part": deed.part,
        "about": _(" (%(part)s)") % {"part": deed.part} if deed.part else "",
        "until": _(" đến trước ngày %(day)s") % {"day": _day(deed.until)} if deed.until else "",
        "assumed": _(" (ngày văn bản ấy có hiệu lực)") if deed.on is None and deed.day else "",
    }
    before, _sep, after = words.partition("{by}")
    return format_html("{}{}{}", before, short_name(edge), after)


def _day(day: date | None) -> str:
    return format_date(day) if day else ""


def edge_groups(graph: LegalGraph, *, outgoing: bool, today: date) -> list[EdgeGroup]:
    """Return the relations of one direction, by kind in a steady order."""
    groups = []
    for kind in RelationKind:
        edges = [edge for edge in graph.edges if edge.outgoing == outgoing and edge.kind == kind]
        if edges:
            label = str(kind.label if outgoing else INVERSE_RELATION_LABELS[kind])
            more = 0 if outgoing else max(0, graph.counts.get(kind, 0) - len(edges))
            groups.append(EdgeGroup(label, [_line(edge, today) for edge in edges], more))
    return groups


def _line(edge: LegalEdge, today: date) -> EdgeLine:
    when = ""
    if edge.effective and edge.until:
        when = _("từ %(first)s đến trước %(last)s") % {
            "first": _day(edge.effective),
            "last": _day(edge.until),
        }
    elif edge.effective:
        when = _("từ %(first)s") % {"first": _day(edge.effective)}
    legal = getattr(edge.node.work, "legal", None)
    validity = (
        validity_on(legal, today, issued=edge.node.issued, ended_by=edge.node.ended_by) if legal else None
    )
    tone: Tone = "good" if validity == "in_force" else "bad" if validity == "expired" else "watch"
    state = State(label=str(validity.label), tone=tone) if validity and validity != "unknown" else None
    return EdgeLine(name_of(edge), when, edge.part, edge.checked, edge.node.work is not None, state)


def history_table(graph: LegalGraph) -> Table:
    """Return the document's life as a table: every stretch, and every deed with its day, in order of days."""
    rows: list[tuple[date, int, list[object]]] = []
    for period in graph.timeline.periods:
        start = period.start or date.min
        first = _day(period.start) if period.start else _("trước đó")
        last = _("đến trước %(day)s") % {"day": _day(period.end)} if period.end else _("về sau")
        rows.append((start, 0, [f"{first} – {last}", state_of(period.standing)]))
    for deed in graph.timeline.deeds:
        edge = graph.edge(deed.by)
        if deed.day is None or edge.kind in {RelationKind.BASED_ON, RelationKind.RELATED}:
            continue
        words = format_html(
            "{} {}{}{}",
            str(INVERSE_RELATION_LABELS[edge.kind]).capitalize(),
            short_name(edge),
            f": {deed.part}" if deed.part else "",
            "" if deed.sure else " " + _("(chưa kiểm)"),
        )
        rows.append((deed.day, 1, [_day(deed.day), words]))
    rows.sort(key=lambda row: row[:2])
    return Table(
        caption=_("Hiệu lực theo thời gian"),
        hide_caption=True,
        columns=[Column(label=_("Thời gian")), Column(label=_("Tình trạng hoặc sự việc"))],
        rows=[row for _start, _order, row in rows],
    )


def answer_title(answer: Answer) -> str:
    """Return the answer in one sentence."""
    words = {
        Standing.NOT_YET: _("Ngày %(day)s văn bản này chưa có hiệu lực."),
        Standing.IN_FORCE: _("Ngày %(day)s văn bản này có hiệu lực."),
        Standing.PARTLY: _("Ngày %(day)s văn bản này có hiệu lực, trừ một phần."),
        Standing.SUSPENDED: _("Ngày %(day)s văn bản này đang bị ngưng hiệu lực."),
        Standing.EXPIRED: _("Ngày %(day)s văn bản này đã hết hiệu lực."),
        Standing.UNKNOWN: _("Chưa rõ ngày %(day)s văn bản này có hiệu lực hay không."),
    }[answer.standing]
    if answer.amended_by and answer.standing in {Standing.IN_FORCE, Standing.PARTLY}:
        words = words.rstrip(".") + _(", theo nội dung đã được sửa đổi.")
    return words % {"day": _day(answer.day)}

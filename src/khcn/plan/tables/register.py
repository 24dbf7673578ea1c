"""The register in words and tables, for the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.papers.check.book import Conformance
from khcn.core.papers.check.catalogue import RULES
from khcn.core.papers.checker import SEVERITIES
from khcn.plan.enums import DocumentState
from khcn.plan.models import Document
from khcn.plan.rules.register import full_number, type_name
from khcn.ui.parts import Column, Event, State, Table, Tone

_TONES: Final[Mapping[str, Tone]] = {
    DocumentState.DRAFT: "neutral", DocumentState.CONTENT_CHECKED: "watch", DocumentState.FORMAT_CHECKED: "watch",
    DocumentState.SIGNED: "watch", DocumentState.NUMBERED: "watch", DocumentState.ISSUED: "good",
    DocumentState.REPLACED: "neutral", DocumentState.RECALLED: "bad",
}  # fmt: skip
_GRAVE: Final[Mapping[str, Tone]] = {"grave": "bad", "error": "watch", "minor": "info"}


def document_state(document: Document) -> State:
    """Return the state of a document in words."""
    return State(label=str(document.get_state_display()), tone=_TONES.get(document.state, "neutral"))


def register_table(documents: Sequence[Document]) -> Table:
    """Return the rows of the register."""
    return Table(
        caption=_("Sổ văn bản"),
        columns=[
            Column(label=_("Số, ký hiệu")), Column(label=_("Ngày")), Column(label=_("Loại")), Column(label=_("Trích yếu")),
            Column(label=_("Nơi soạn")), Column(label=_("Trạng thái")),
        ],
        rows=[
            [
                full_number(document.number, document.symbol) or f"…/{document.symbol}", date_vi(document.dated),
                type_name(document.type_code),
                format_html(
                    '<a href="{}">{}</a>', reverse("plan-desk:document", args=[document.pk]), document.subject
                ),
                document.drafting_unit.label if document.drafting_unit else "", document_state(document),
            ]
            for document in documents
        ],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One broken rule for people: how grave, what is wanted and what is there, where."""

    state: State
    message: str
    where: str
    expected: str
    rule: str


@dataclass(frozen=True, slots=True)
class CheckLines:
    """The result of a check for a page."""

    type_name: str
    conforms: bool
    broken: Sequence[FindingLine]
    kept: Sequence[tuple[str, str]]
    skipped: Sequence[tuple[str, str]]


def severity_state(severity: str) -> State:
    """Return how grave a finding is, in words."""
    words = {"grave": _("Nghiêm trọng"), "error": _("Lỗi"), "minor": _("Nên sửa")}
    return State(label=words[severity], tone=_GRAVE[severity])


def check_lines(result: Conformance) -> CheckLines:
    """Return the result of a check, gravest first."""
    broken = sorted(result.broken, key=lambda one: SEVERITIES.index(one.severity))
    return CheckLines(
        result.type_name, result.conforms,
        [FindingLine(severity_state(one.severity), one.said(), one.where, one.expected, one.rule) for one in broken],
        [(_(RULES[one.rule].wants), one.where) for one in result.kept],
        [(_(RULES[rule].wants), why) for rule, why in result.not_applicable],
    )  # fmt: skip


def kept_check_lines(kept: Mapping[str, Any]) -> CheckLines | None:
    """Return a result that was kept with a document; ``None`` when there is none."""
    if not kept:
        return None
    rows = [row for row in kept.get("broken", []) if row.get("rule") in RULES]
    rows.sort(key=lambda row: SEVERITIES.index(row.get("severity", "error")))
    broken = [
        FindingLine(
            severity_state(row.get("severity", "error")), row.get("message", ""), row.get("where", ""),
            row.get("expected", ""), row["rule"],
        )
        for row in rows
    ]  # fmt: skip
    return CheckLines(kept.get("type", ""), bool(kept.get("conforms")), broken, [], [])


def way_of(document: Document) -> list[Event]:
    """Return the steps of a document, done and to come."""
    order = list(DocumentState)
    place = order.index(DocumentState(document.state))
    steps = (
        (DocumentState.DRAFT, _("Soạn dự thảo"), document.drafted_by),
        (DocumentState.CONTENT_CHECKED, _("Kiểm tra nội dung"), document.content_checked_by),
        (DocumentState.FORMAT_CHECKED, _("Kiểm tra thể thức"), document.format_checked_by),
        (DocumentState.SIGNED, _("Ký"), document.signer or document.signer_name),
        (DocumentState.NUMBERED, _("Cấp số và ngày"), document.numbered_by),
        (DocumentState.ISSUED, _("Phát hành"), None),
    )
    when = {
        DocumentState.DRAFT: document.drafted_at,
        DocumentState.ISSUED: document.issued_at,
        DocumentState.NUMBERED: document.dated,
    }
    return [
        Event(
            when=(when.get(step) or "") if order.index(step) <= place else _("Chưa làm"), what=words,
            who=str(who or "") if order.index(step) <= place else "",
            tone="good" if order.index(step) <= place else "neutral",
        )
        for step, words, who in steps
    ]  # fmt: skip


def facts_of(document: Document) -> list[tuple[str, Any]]:
    """Return what is known of a document."""
    signer = ", ".join(part for part in (document.signer_position, document.signer_name) if part)
    return [
        (_("Số, ký hiệu"), full_number(document.number, document.symbol) or f"…/{document.symbol}"),
        (_("Ngày văn bản"), document.dated),
        (_("Loại"), type_name(document.type_code)),
        (_("Cơ quan ban hành"), document.agency.name),
        (_("Đơn vị soạn thảo"), document.drafting_unit.name if document.drafting_unit else ""),
        (_("Người ký"), f"{document.signing_mode} {signer}".strip()),
        (_("Nơi nhận"), "; ".join(document.recipients)),
        (_("Phát hành"), document.issued_at),
        (_("Lý do"), document.reason),
    ]

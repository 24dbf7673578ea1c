"""What the page of a work shows: its description as rows, its relations, its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.engines.records.ddc import caption, division
from khcn.library.enums import INVERSE_RELATION_LABELS, RelationKind, Rights
from khcn.library.models import Work, WorkFile, WorkRelation
from khcn.library.rules import people_names
from khcn.library.selectors.legal import has_graph
from khcn.library.tables.results import work_url
from khcn.ui.formats import format_date, format_size

Row = tuple[str, object]


@dataclass(frozen=True)
class FileLink:
    """One file to download."""

    name: str
    url: str
    note: str


@dataclass(frozen=True)
class RelationLine:
    """One relation: what it is, and to which document."""

    label: str
    title: str
    url: str
    number: str


def links(pairs: Sequence[tuple[str, str]]) -> SafeString:
    """Return names as links, separated by commas."""
    return format_html_join(", ", '<a href="{}">{}</a>', pairs)


def term_links(work: Work) -> list[Row]:
    """Return the shelves, subjects and audiences of a work as links to what else stands there."""
    return [
        (
            label,
            links([(reverse(f"library:{route}", args=[term.key]), term.name) for term in terms])
            if terms
            else "",
        )
        for label, route, terms in (
            (_("Dành cho"), "audience", list(work.audiences.all())),
            (_("Chủ đề"), "subject", list(work.subjects.all())),
            (_("Bộ sưu tập"), "collection", list(work.collections.all())),
        )
    ]


def legal_rows(work: Work) -> list[Row]:
    """Return the fields of Decree 30/2020, annex VI, that are filled."""
    legal = getattr(work, "legal", None)
    if legal is None:
        return []
    signer = ", ".join(part for part in (legal.signer_name, legal.signer_position) if part)
    return [
        (_("Số, ký hiệu"), legal.number),
        (_("Loại văn bản"), legal.type_name),
        (_("Cơ quan ban hành"), legal.organ_name),
        (_("Ngày ban hành"), format_date(work.issued_date) if work.issued_date else ""),
        (_("Có hiệu lực từ"), format_date(legal.effective_date) if legal.effective_date else ""),
        (_("Hết hiệu lực từ"), format_date(legal.expired_date) if legal.expired_date else ""),
        (_("Người ký"), signer),
        (_("Nơi nhận"), "; ".join(legal.recipients)),
    ]


def description_rows(work: Work) -> list[Row]:
    """Return everything that describes a work, for people."""
    rows: list[Row] = legal_rows(work)
    if not rows and work.issued_date:
        rows.append((_("Ngày"), format_date(work.issued_date)))
    elif not rows and work.issued_year:
        rows.append((_("Năm"), str(work.issued_year)))
    rows += [
        (_("Tác giả"), people_links(work, "creator", people_names(work.creators))),
        (_("Đóng góp"), people_links(work, "contributor", people_names(work.contributors))),
        (_("Nơi xuất bản"), work.publisher),
        *term_links(work),
        (_("Phân loại DDC"), ddc_link(work.ddc)),
        (_("Nguồn"), work.source),
        (_("Quyền sử dụng"), rights_of(work)),
        (_("Số trang"), str(work.page_count) if work.page_count > 1 else ""),
    ]
    return rows


def people_links(work: Work, role: str, names: Sequence[str]) -> SafeString | str:
    """Return who made a work as links to everything else they made; plain names while no tie is there."""
    ties = {
        tie.position: tie
        for tie in work.authority_ties.select_related("authority")
        if tie.role == role and tie.position < len(names)
    }
    if not ties:
        return ", ".join(names)
    shown = [
        format_html('<a href="{}">{}</a>', reverse("library:author", args=[ties[place].authority_id]), name)
        if place in ties
        else format_html("{}", name)
        for place, name in enumerate(names)
    ]
    return format_html_join(", ", "{}", ((one,) for one in shown))


def ddc_link(number: str) -> SafeString | str:
    """Return a Dewey number as a link to its shelf, with the name of the shelf."""
    shelf = division(number)
    if not shelf:
        return number
    return format_html(
        '<a href="{}">{}</a> {}', reverse("library:shelf", args=[shelf]), number, caption(number)
    )


def rights_of(work: Work) -> str:
    """Return the terms of use in words."""
    label = str(Rights(work.rights).label)
    return f"{label}. {work.rights_note}" if work.rights_note else label


def file_links(work: Work, files: Sequence[WorkFile]) -> list[FileLink]:
    """Return the files to download, with kind and size."""
    return [
        FileLink(
            name=file.original_name,
            url=reverse("library:file", args=[work.pk, file.pk]),
            note=", ".join(part for part in (file.kind.upper(), format_size(file.size_bytes)) if part),
        )
        for file in files
    ]


def relation_lines(work: Work, user: Any) -> list[RelationLine]:
    """Return how the work stands to others, in both directions; what the reader may not open has no link.

    Of a legal document the graph says it with dates and parts (``library/legal/section.html``), so nothing here.
    """
    if has_graph(work):
        return []
    readable = Work.objects.published_to(user)
    given = WorkRelation.objects.filter(work=work).select_related("target__legal")
    received = WorkRelation.objects.filter(target=work, work__in=readable).select_related("work__legal")
    open_ids = set(
        readable.filter(pk__in=[row.target_id for row in given if row.target_id]).values_list("pk", flat=True)
    )
    lines = [_given(row, open_ids) for row in given]
    for row in received:
        label = str(INVERSE_RELATION_LABELS[RelationKind(row.kind)])
        lines.append(RelationLine(label, row.work.title, work_url(row.work), number_of(row.work)))
    return lines


def _given(row: WorkRelation, open_ids: set[int]) -> RelationLine:
    label = str(RelationKind(row.kind).label)
    if row.target is not None and row.target.pk in open_ids:
        return RelationLine(label, row.target.title, work_url(row.target), number_of(row.target))
    return RelationLine(label, row.cited_title, "", row.cited_number)


def number_of(work: Work) -> str:
    """Return number and symbol of a legal document, or ""."""
    legal = getattr(work, "legal", None)
    return legal.number if legal else ""


def eyebrow_of(work: Work) -> str:
    """Return the line above the title: kind, and number of an official document."""
    number = number_of(work)
    legal = getattr(work, "legal", None)
    name = legal.type_name if legal and legal.type_name else str(work.get_kind_display())
    return f"{name} {number}" if number else name


def text_to_paste(work: Work, address: str) -> str:
    """Return a short text to send by a chat application."""
    number = number_of(work)
    head = f"{eyebrow_of(work)}: {work.title}" if number else work.title
    return "\n".join(part for part in (head, work.abstract[:300], address) if part)


def note_of_source(source: str, confidence: float | None) -> SafeString:
    """Return where the text of a page comes from, when that matters to a reader."""
    if source != "ocr":
        return format_html("")
    if confidence is None:
        return format_html("{}", _("Chữ do máy nhận dạng từ ảnh, có thể sai; hãy đối chiếu với ảnh trang."))
    percent = round(confidence * 100)
    text = _(
        "Chữ do máy nhận dạng từ ảnh (độ tin cậy %(percent)s%%), có thể sai; hãy đối chiếu với ảnh trang."
    )
    return format_html("{}", text % {"percent": percent})

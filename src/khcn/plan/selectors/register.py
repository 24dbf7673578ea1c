"""The register as people read it: filtered lists, one document, numbers left out, what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse

from khcn.core.document_port import RegisteredDocument
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.plan.enums import DocumentState
from khcn.plan.models import Document, DocumentCounter, DocumentFile
from khcn.plan.permissions import Reach
from khcn.plan.rules.register import full_number, gaps

CLERKS_TURN: Final = (DocumentState.CONTENT_CHECKED, DocumentState.SIGNED, DocumentState.NUMBERED)


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What a list was narrowed to; 0 and "" narrow nothing. ``year``: of the number, else of the draft."""

    year: int = 0
    agency: int = 0
    type_code: str = ""
    state: str = ""
    query: str = ""


def documents_for(user: Any, asked: RegisterFilter) -> "QuerySet[Document]":
    """Return the documents that ``user`` may read and asked for: numbered ones by number, then drafts."""
    rows = Document.objects.visible_to(user).select_related("agency", "drafting_unit")
    if asked.year:
        rows = rows.filter(Q(year=asked.year) | Q(year__isnull=True, drafted_at__year=asked.year))
    if asked.agency:
        rows = rows.filter(agency_id=asked.agency)
    if asked.type_code:
        rows = rows.filter(type_code=asked.type_code)
    if asked.state in DocumentState.values:
        rows = rows.filter(state=asked.state)
    for word in fold(asked.query).split()[:10]:
        rows = rows.filter(_matches(word))
    return rows.order_by("-year", "-number", "-drafted_at", "-pk")


def _matches(word: str) -> Q:
    """Match a word of the subject without tones, of the symbol, or a number such as ``5/bc-ubnd``."""
    found = Q(folded_subject__contains=word) | Q(symbol__icontains=word)
    number, slash, symbol = word.partition("/")
    if number.isascii() and number.isdigit() and len(number) < 7:
        same = Q(number=int(number))
        found |= same & Q(symbol__icontains=symbol) if slash and symbol else same
    return found


def document_of(user: Any, pk: int) -> Document | None:
    """Return a document that ``user`` may read."""
    rows = Document.objects.visible_to(user).select_related(
        "agency", "drafting_unit", "drafted_by", "content_checked_by", "format_checked_by", "numbered_by", "signer",
        "replaced_by",
    )  # fmt: skip
    return rows.filter(pk=pk).first()


def file_of(user: Any, document_pk: int, pk: int) -> DocumentFile | None:
    """Return a file of a document that ``user`` may read."""
    visible = Document.objects.visible_to(user).filter(pk=document_pk)
    return DocumentFile.objects.filter(pk=pk, document__in=visible).select_related("document").first()


def years_of(user: Any) -> list[int]:
    """Return the years with numbered documents that ``user`` may read, newest first."""
    rows = Document.objects.visible_to(user).filter(year__isnull=False)
    return [
        year for year in rows.order_by("-year").values_list("year", flat=True).distinct() if year is not None
    ]


def agencies_of(user: Any) -> "QuerySet[Unit]":
    """Return the agencies of the documents that ``user`` may read."""
    return Unit.objects.filter(pk__in=Document.objects.visible_to(user).values("agency_id")).order_by("name")


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One series of a year: the last number, and the ranges that were left out."""

    agency: Unit
    series: str
    last: int
    left_out: Sequence[tuple[int, int]]


def series_lines(user: Any, year: int) -> list[SeriesLine]:
    """Return the series of a year with the numbers that were left out in them."""
    counters = DocumentCounter.objects.filter(year=year, agency__in=agencies_of(user)).select_related(
        "agency"
    )
    numbers: dict[tuple[int, str], list[int]] = {}
    rows = Document.objects.filter(year=year, number__isnull=False).values_list(
        "agency_id", "series", "number"
    )
    for agency_id, series, number in rows:
        numbers.setdefault((agency_id, series), []).append(number or 0)
    return [
        SeriesLine(
            one.agency, one.series, one.last, gaps(numbers.get((one.agency_id, one.series), ()), one.last)
        )
        for one in counters.order_by("agency__name", "series")
    ]


def next_number(document: Document, year: int) -> int:
    """Return the number that comes next for a document, should it be numbered in ``year``."""
    counters = {
        one.series: one.last
        for one in DocumentCounter.objects.filter(agency_id=document.agency_id, year=year)
    }
    return (counters[""] if "" in counters else counters.get(document.type_code, 0)) + 1


def waiting_for_clerk(reach: Reach) -> int:
    """Return how many documents wait for a clerk; 0 for others."""
    return Document.objects.filter(state__in=CLERKS_TURN).count() if reach.clerk else 0


def registered(document: Document) -> RegisteredDocument:
    """Return a document as other apps see it."""
    return RegisteredDocument(
        id=document.pk, state=document.state, state_words=str(document.get_state_display()),
        full_number=full_number(document.number, document.symbol), dated=document.dated,
        issued_at=document.issued_at, source=document.source,
        url=reverse("plan-desk:document", args=[document.pk]),
    )  # fmt: skip

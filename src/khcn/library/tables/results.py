"""Works and search hits as entries of a list."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.urls import reverse

from khcn.engines.text.snippets import Snippet
from khcn.library.enums import Validity, WorkKind
from khcn.library.models import Work, WorkFile
from khcn.library.rules import people_names
from khcn.library.search.types import SearchHit
from khcn.library.selectors.force import ATTRIBUTE, enders_prefetch, validity_on
from khcn.library.selectors.public import works_among
from khcn.ui.parts import Hit, State

VALIDITY_TONES = {
    Validity.IN_FORCE: "good",
    Validity.EXPIRED: "bad",
    Validity.NOT_YET: "watch",
}


def work_url(work: Work) -> str:
    """Return the address of a work; its number never changes, the words follow the title."""
    return reverse("library:work", args=[work.slug or "tai-lieu", work.pk])


def page_url(work: Work, number: int, *, query: str = "") -> str:
    """Return the address of one page of a work."""
    address = reverse("library:page", args=[work.slug or "tai-lieu", work.pk, number])
    return f"{address}?{urlencode({'q': query})}" if query else address


def marked(text: str, highlights: Sequence[tuple[int, int]]) -> str:
    """Return text with ``<mark>`` around the highlights. The template escapes everything else."""
    parts, at = [], 0
    for start, end in highlights:
        parts += [text[at:start], "<mark>", text[start:end], "</mark>"]
        at = end
    return "".join([*parts, text[at:]])


def validity_state(work: Work, today: date) -> State | None:
    """Return whether a legal document is in force, in words and a shape; what ended it counts where ``for_lists`` loaded it."""
    legal = getattr(work, "legal", None)
    if work.kind != WorkKind.LEGAL or legal is None:
        return None
    validity = validity_on(legal, today, issued=work.issued_date, ended_by=getattr(work, ATTRIBUTE, ()))
    tone: Any = VALIDITY_TONES.get(validity)
    return State(label=str(validity.label), tone=tone) if tone else None


def thumbnail_url(work: Work) -> str:
    """Return the address of a small picture of the first page, or "" when there is none."""
    files = getattr(work, "shown_files", None)
    if files is None:
        files = [file for file in work.files.all() if file.has_thumbnail]
    return reverse("library:thumbnail", args=[work.pk]) if files else ""


def for_lists(works: Any) -> Any:
    """Load with a queryset of works what a list entry shows, in a fixed number of queries."""
    thumbnails = Prefetch("files", WorkFile.objects.filter(has_thumbnail=True), to_attr="shown_files")
    return (
        works.select_related("legal").defer("body", "extra").prefetch_related(thumbnails, enders_prefetch())
    )


def entry_of(work: Work, today: date) -> Hit:
    """Return a work as an entry of a list without a question."""
    legal = getattr(work, "legal", None)
    return Hit(
        title=work.title,
        url=work_url(work),
        symbol=legal.number if legal else "",
        kind=(legal.type_name if legal and legal.type_name else str(work.get_kind_display())),
        year=str(work.issued_year or ""),
        state=validity_state(work, today),
        snippet=shorten(work.abstract),
        meta=meta_of(work),
        thumb_url=thumbnail_url(work),
    )


def meta_of(work: Work) -> list[str]:
    """Return who made or issued a work."""
    legal = getattr(work, "legal", None)
    if legal and legal.organ_name:
        return [legal.organ_name]
    return people_names(work.creators[:2]) or ([work.publisher] if work.publisher else [])


def shorten(text: str, limit: int = 220) -> str:
    """Return the beginning of a text, cut at a word."""
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + "…"


def hits_of(found: Iterable[SearchHit], *, query: str, user: Any, today: date) -> list[Hit]:
    """Return search hits as entries; a work withdrawn since the index was written is left out."""
    found = list(found)
    wanted = [hit.work_id for hit in found]
    works = {work.pk: work for work in for_lists(works_among(wanted, user=user))}
    entries = []
    for hit in found:
        work = works.get(hit.work_id)
        if work is None:
            continue
        entry = entry_of(work, today)
        snippet = hit.snippet or Snippet(shorten(work.abstract), ())
        many = work.page_count > 1
        entries.append(
            Hit(
                title=marked(hit.title, hit.title_highlights),
                url=entry.url,
                symbol=entry.symbol,
                kind=entry.kind,
                year=entry.year,
                state=entry.state,
                snippet=marked(snippet.text, snippet.highlights),
                page=hit.page if many else None,
                page_url=page_url(work, hit.page, query=query) if many and hit.page else "",
                meta=entry.meta,
                thumb_url=entry.thumb_url,
            )
        )
    return entries

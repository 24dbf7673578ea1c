"""What commands and pages read of single works: their text, and answers to questions."""

from datetime import datetime
from typing import Any

from khcn.library.errors import NoSuchWorkError
from khcn.library.models import Page, Work
from khcn.library.search import facade
from khcn.library.search.types import PUBLIC_ACCESS, SearchHit, SearchQuery

PageJson = dict[str, Any]


def work_by_ident(ident: str, *, external: bool = False) -> Work:
    """Return the work with this id, or else with this external id. :raises NoSuchWorkError:"""
    work = None
    if ident.isascii() and ident.isdigit() and len(ident) < 19 and not external:
        work = Work.objects.filter(pk=int(ident)).first()
    work = work or Work.objects.filter(external_id=ident).exclude(external_id="").order_by("id").first()
    if work is None:
        raise NoSuchWorkError(ident)
    return work


def work_text(ident: str, *, external: bool = False) -> list[PageJson]:
    """Return the pages of a work in the shape of ``khcn library text``. :raises NoSuchWorkError:"""
    work = work_by_ident(ident, external=external)
    rows = Page.objects.filter(work=work).order_by("number")
    return [
        {"page": number, "text": text, "source": source, "encoding": encoding, "confidence": confidence}
        for number, text, source, encoding, confidence in rows.values_list(
            "number", "text", "source", "encoding", "confidence"
        )
    ]


def search_for_command(query: str, *, limit: int, now: datetime) -> dict[str, Any]:
    """Answer a question as the public would be answered, in the shape of ``khcn library search``."""
    result = facade.search(
        SearchQuery(
            text=query, now=now, access=frozenset({PUBLIC_ACCESS}), limit=max(1, limit), with_facets=False
        )
    )
    return {
        "total": result.total,
        "took_ms": round(result.took_ms, 3),
        "hits": [_hit_json(hit) for hit in result.hits],
    }


def _hit_json(hit: SearchHit) -> dict[str, Any]:
    return {
        "id": hit.work_id,
        "external_id": hit.external_id,
        "title": hit.title,
        "score": round(hit.score, 6),
        "page": hit.page,
        "snippet": hit.snippet.text if hit.snippet else "",
        "highlights": [list(span) for span in hit.snippet.highlights] if hit.snippet else [],
    }

"""Searching: hits with snippets, facets, and proposals while somebody types."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Schema
from ninja.params.functions import Query as QueryParam
from pydantic import Field

from khcn.core.api.auth import caller_of
from khcn.core.api.problems import PROBLEMS
from khcn.library.api.answers import answered
from khcn.library.api.reads import NOT_MODIFIED
from khcn.library.api.router import router
from khcn.library.api.schemas_out import SearchOut, SuggestionOut
from khcn.library.intake.types import TEXT, line
from khcn.library.models import Work
from khcn.library.search.facade import autocomplete, search
from khcn.library.search.types import FACETS, SearchHit, SearchQuery, Sort
from khcn.library.selectors.api_readers import Reader, reader_of
from khcn.library.selectors.api_works import page_path
from khcn.library.selectors.records import absolute, ark, work_path
from khcn.library.tables.search_page import MAX_CHOSEN, MAX_VALUES, labels_of

Values = Annotated[list[Annotated[str, line(200, 1)]], Field(max_length=MAX_CHOSEN)]


class SearchAsked(Schema):
    """A question, filters and order as on the search page; of one facet any value, of several facets all."""

    q: Annotated[str, Field(max_length=400, pattern=TEXT)] = Field(
        "", description="Câu hỏi; có dấu hay không dấu đều được."
    )
    kind: Values = Field([], description="Loại.")
    collection: Values = Field([], description="Mã bộ sưu tập.")
    audience: Values = Field([], description="Mã đối tượng.")
    subject: Values = Field([], description="Mã chủ đề.")
    year: Values = Field([], description="Năm.")
    issuing_body: Values = Field([], description="Cơ quan ban hành.")
    validity: Values = Field([], description="Hiệu lực.")
    language: Values = Field([], description="Ngôn ngữ.")
    sort: Literal["relevance", "date", "date_asc", "title"] = "relevance"
    offset: int = Field(0, ge=0, le=2000, description="Bỏ qua bao nhiêu kết quả; sâu hơn thì dùng bộ lọc.")
    limit: int = Field(20, ge=1, le=100)


@router.get(
    "/search",
    response={200: SearchOut, **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_search",
    summary="Tìm tài liệu",
)
def find(request: HttpRequest, response: HttpResponse, asked: Query[SearchAsked]) -> Any:
    """Tìm trong nhan đề, số ký hiệu và toàn văn; mỗi kết quả có đoạn trích với chữ tìm thấy được đánh dấu."""
    reader = reader_of(caller_of(request))
    filters = {name: tuple(getattr(asked, name)) for name in FACETS if getattr(asked, name)}
    query = SearchQuery(
        text=asked.q.strip(), now=timezone.now(), access=reader.access, filters=filters,
        sort=Sort(asked.sort) if asked.q.strip() or asked.sort != "relevance" else Sort.DATE, offset=asked.offset,
        limit=asked.limit,
    )  # fmt: skip
    result = search(query)
    body = {
        "total": result.total,
        "suggestion": result.suggestion,
        "items": hit_rows(result.hits, reader),
        "facets": {
            name: _values(name, rows) for name, rows in result.facets.items() if name in FACETS and rows
        },
    }
    answer = answered(request, response, body, reader=reader.mark)
    return {**body, "took_ms": result.took_ms} if answer is body else answer


def _values(facet: str, rows: Any) -> list[dict[str, Any]]:
    shown = list(rows)[: MAX_VALUES * 4]
    labels = labels_of(facet, [value for value, _count in shown])
    return [{"value": value, "label": labels.get(value, value), "works": count} for value, count in shown]


def hit_rows(hits: tuple[SearchHit, ...], reader: Reader) -> list[dict[str, Any]]:
    """Return hits with their addresses; the index may be seconds behind, so each is asked for once more."""
    ids = [hit.work_id for hit in hits]
    readable = Work.objects.readable_by(reader.reach).filter(pk__in=ids).only("slug", "issued_year", "title")
    works = readable.order_by().in_bulk()
    return [_hit(hit, works[hit.work_id]) for hit in hits if hit.work_id in works]


def _hit(hit: SearchHit, work: Work) -> dict[str, Any]:
    snippet = hit.snippet
    return {
        "id": work.pk,
        "url": absolute(work_path(work.pk, work.slug)),
        "ark": ark(work.pk),
        "title": hit.title,
        "kind": hit.kind,
        "number": hit.number,
        "year": work.issued_year,
        "score": round(hit.score, 6),
        "page": hit.page,
        "page_url": absolute(page_path(work, hit.page)) if hit.page else "",
        "title_highlights": [list(span) for span in hit.title_highlights],
        "snippet": {"text": snippet.text, "highlights": [list(span) for span in snippet.highlights]}
        if snippet
        else None,
    }


@router.get(
    "/suggestions",
    response={200: list[SuggestionOut], **NOT_MODIFIED, **PROBLEMS},
    operation_id="library_suggestions",
    summary="Gợi ý khi đang gõ",
)
def suggestions(
    request: HttpRequest,
    response: HttpResponse,
    q: Annotated[str, Field(min_length=1, max_length=400, pattern=TEXT)] = QueryParam(
        ..., description="Phần đã gõ."
    ),
    limit: int = QueryParam(8, ge=1, le=20),
) -> Any:
    """Nhan đề, số ký hiệu và chủ đề bắt đầu như phần đã gõ (từ hai ký tự)."""
    reader = reader_of(caller_of(request))
    typed = q.strip()
    found = (
        autocomplete(typed, access=reader.access, now=timezone.now(), limit=limit) if len(typed) > 1 else []
    )
    rows = [{"text": one.text, "kind": one.kind, "work_id": one.work_id} for one in found]
    return answered(request, response, rows, reader=reader.mark)

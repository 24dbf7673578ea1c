"""Works as the API gives them: plain values, many at a time with a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse

from khcn.engines.records.types import Record, RelationFact
from khcn.library.models import Work, WorkFile, WorkRelation
from khcn.library.selectors.api_readers import Reader
from khcn.library.selectors.records import absolute, ark, records_of, work_path

ORDERS: Final[Mapping[str, Sequence[str]]] = {
    "newest": ["-published_at", "-id"],
    "oldest": ["published_at", "id"],
    "updated": ["updated_at", "id"],
    "title": ["sort_key", "id"],
    "number": ["id"],
}
_SAME: Final = (
    "id", "url", "ark", "kind", "title", "title_en", "abstract", "publisher", "year", "issued", "language", "rights",
    "rights_url", "rights_note", "source", "coverage", "resource_type", "address", "page_count", "thumbnail", "version",
    "harvested_from",
)  # fmt: skip
API: Final = "/api/v1/library"


def works_listed(
    reader: Reader,
    *,
    equal: Mapping[str, Any],
    year_from: int | None = None,
    year_to: int | None = None,
    updated_since: datetime | None = None,
) -> QuerySet[Work]:
    """Return the published works that ``reader`` may read. ``equal``: look-ups by name; ``None`` is no filter."""
    works = Work.objects.readable_by(reader.reach)
    works = works.filter(**{name: value for name, value in equal.items() if value is not None})
    if year_from is not None:
        works = works.filter(issued_year__gte=year_from)
    if year_to is not None:
        works = works.filter(issued_year__lte=year_to)
    if updated_since is not None:
        works = works.filter(updated_at__gte=updated_since)
    return works.defer("body", "extra", "sensitive_findings", "warnings")


def work_rows(works: Iterable[Work], reader: Reader) -> list[dict[str, Any]]:
    """Return works that ``reader`` may read, in the given order."""
    found = list(works)
    return [
        _row(work, record) for work, record in zip(found, records_of(found, user=reader.user), strict=True)
    ]


def _row(work: Work, record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(record, name) for name in _SAME}
    for name in ("collections", "subjects", "audiences"):
        row[name] = [{"key": term.key, "name": term.name} for term in getattr(record, name)]
    for name in ("creators", "contributors", "identifiers"):
        row[name] = [asdict(one) for one in getattr(record, name)]
    return row | {
        "visibility": work.visibility,
        "legal": asdict(record.legal) if record.legal else None,
        "relations": [asdict(relation) for relation in record.relations],
        "published_at": work.published_at,
        "updated_at": work.updated_at,
        "handling": None,
    }


def file_rows(work: Work) -> list[dict[str, Any]]:
    """Return the originals of a work, in order."""
    return [
        {
            "id": file.pk, "position": file.position, "name": file.original_name, "mime": file.mime,
            "size_bytes": file.size_bytes, "sha256": file.sha256, "pages": file.page_count, "state": file.state,
            "content": absolute(f"{API}/works/{work.pk}/files/{file.pk}/content"),
        }
        for file in WorkFile.objects.filter(work=work).order_by("position", "id")
    ]  # fmt: skip


def incoming_relations(work: Work, reader: Reader) -> list[dict[str, Any]]:
    """Return what other works that ``reader`` may read say of this one."""
    readable = Work.objects.readable_by(reader.reach).values("pk")
    rows = WorkRelation.objects.filter(target=work, work__in=readable).select_related("work__legal")
    return [asdict(_incoming(row)) for row in rows.order_by("kind", "work_id", "pk")[:500]]


def _incoming(row: WorkRelation) -> RelationFact:
    legal = getattr(row.work, "legal", None)
    path = work_path(row.work_id, row.work.slug)
    return RelationFact(
        row.kind, legal.number if legal else "", row.work.title, absolute(path), ark(row.work_id)
    )


def page_path(work: Work, number: int) -> str:
    """Return the path of a page of a work."""
    return reverse("library:page", args=[work.slug or "tai-lieu", work.pk, number])

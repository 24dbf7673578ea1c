"""One work and one deposit as the API shows them to those who handle them."""

from typing import Any

from django.db.models import Count
from django.urls import reverse

from khcn.core.api.auth import Caller
from khcn.library.enums import OPEN_STATES
from khcn.library.models import ImportBatch, ImportItem, Work
from khcn.library.selectors.api_readers import handles, reader_of
from khcn.library.selectors.api_works import API, work_rows
from khcn.library.selectors.records import absolute
from khcn.library.services.review import missing_for_review


def work_row(work: Work, caller: Caller) -> dict[str, Any]:
    """Return one work that the caller may see; with what those see who handle it."""
    (row,) = work_rows([work], reader_of(caller))
    if handles(caller, work):
        row["handling"] = _handling(work)
    return row


def _handling(work: Work) -> dict[str, Any]:
    missing = missing_for_review(work) if work.state in OPEN_STATES else []
    return {
        "state": work.state,
        "unit": work.owner_unit_id,
        "external_id": work.external_id,
        "body": work.body,
        "units": sorted(work.units.values_list("pk", flat=True)),
        "embargo_until": work.embargo_until,
        "sensitive": work.sensitive,
        "publish_at": work.publish_at,
        "submitted_at": work.submitted_at,
        "missing": [{"field": field, "message": text} for field, text in missing],
        "warnings": _sentences(work.warnings),
    }


def _sentences(kept: list[Any]) -> list[str]:
    """Return warnings as sentences: those of files are records, those of imports are bare."""
    return [str(one.get("message", "")) if isinstance(one, dict) else str(one) for one in kept]


def batch_row(batch: ImportBatch) -> dict[str, Any]:
    """Return a deposit with the number of its items in each state."""
    counts = batch.items.order_by().values_list("state").annotate(Count("pk"))
    return {
        "id": batch.pk,
        "url": absolute(f"{API}/batches/{batch.pk}"),
        "desk_url": absolute(reverse("library-desk:batch", args=[batch.pk])),
        "state": batch.state,
        "unit": batch.unit_id,
        "imported": batch.imported,
        "updated": batch.updated,
        "unchanged": batch.unchanged,
        "failed": batch.failed,
        "counts": dict(counts),
        "started_at": batch.started_at,
        "finished_at": batch.finished_at,
    }


def item_rows(items: list[ImportItem], caller: Caller) -> list[dict[str, Any]]:
    """Return what became of records and files; numbers only of works that the caller may see."""
    ids = {pk for item in items for pk in (item.work_id, item.duplicate_of_id) if pk}
    seen = set(Work.objects.visible_to(caller.user).filter(pk__in=ids).values_list("pk", flat=True))
    return [
        {
            "position": item.position,
            "name": item.name,
            "state": item.state,
            "state_label": item.get_state_display(),
            "code": item.code,
            "message": item.message,
            "remedy": item.remedy,
            "warnings": _sentences(item.warnings),
            "pages": item.pages,
            "work": item.work_id if item.work_id in seen else None,
            "duplicate_of": item.duplicate_of_id if item.duplicate_of_id in seen else None,
        }
        for item in items
    ]

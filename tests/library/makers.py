"""Short stories of the library begin here: a work, its pages, a batch. Plain ORM, no services."""

from typing import Any

from django.utils import timezone

from khcn.engines.text.collate import sort_key
from khcn.engines.text.slug import slugify_vi
from khcn.library import rules
from khcn.library.enums import BatchOrigin, BatchState, TakedownReason, WorkKind, WorkState
from khcn.library.models import (
    Audience,
    Collection,
    ImportBatch,
    LegalRecord,
    Page,
    Subject,
    TakedownRequest,
    Work,
)


def make_work(title: str = "Tài liệu", **fields: Any) -> Work:
    """Return a new work, a draft unless told otherwise."""
    now = timezone.now()
    fields.setdefault("kind", WorkKind.DOCUMENT)
    fields.setdefault("state", WorkState.DRAFT)
    fields.setdefault("rights", "cc-by-4.0")
    if fields["state"] in {WorkState.PUBLISHED, WorkState.FROZEN, WorkState.WITHDRAWN}:
        fields.setdefault("published_at", now)
    legal = fields.pop("legal", None)
    work = Work.objects.create(
        title=title,
        slug=slugify_vi(title),
        sort_key=sort_key(title),
        created_at=now,
        updated_at=now,
        **fields,
    )
    if legal:
        LegalRecord.objects.create(work=work, **rules.legal_keys(legal))
    return work


def make_page(work: Work, number: int = 1, text: str = "Nội dung.", **fields: Any) -> Page:
    """Return a new page of a work, and count it."""
    page = Page.objects.create(work=work, number=number, text=text, **fields)
    Work.objects.filter(pk=work.pk).update(page_count=work.pages.count())
    work.refresh_from_db()
    return page


def make_term(model: type[Collection | Subject | Audience], name: str) -> Any:
    """Return a new collection, subject or audience."""
    return model.objects.create(key=slugify_vi(name), name=name, sort_key=sort_key(name))


def make_batch(actor: Any, unit: Any, **fields: Any) -> ImportBatch:
    """Return a finished deposit."""
    now = timezone.now()
    values = {
        "origin": BatchOrigin.WEB,
        "state": BatchState.DONE,
        "started_at": now,
        "finished_at": now,
        **fields,
    }
    return ImportBatch.objects.create(actor=actor, unit=unit, **values)


def make_takedown(work: Work) -> TakedownRequest:
    """Return an open take-down request."""
    return TakedownRequest.objects.create(
        work=work,
        reason=TakedownReason.ERROR,
        text="Trang 2 ghi sai năm.",
        name="Người đọc",
        contact="doc@example.vn",
        received_at=timezone.now(),
    )

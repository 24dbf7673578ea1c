"""Reads for feeds and catalogues: always what everybody may open, whoever asks, so that answers may be kept by others."""

from datetime import datetime
from typing import Any

from django.db.models import Max

from khcn.engines.records.types import Record
from khcn.library.models import Work
from khcn.library.selectors.records import records_by_ids, records_of

FEED_LENGTH = 50
_KEPT = "_khcn_cite_record"  # the name under which the citation beside a work keeps it too


def record_kept(work: Work) -> Record:
    """Return the record of the work that a page shows, read once a page."""
    found: Record | None = getattr(work, _KEPT, None)
    if found is None:
        found = records_of([work])[0]
        setattr(work, _KEPT, found)
    return found


def public_record(pk: int) -> Record | None:
    """Return the record of a work that everybody may open."""
    found = records_by_ids([pk])
    return found[0] if found else None


def newest_records(*, limit: int = FEED_LENGTH, **wanted: Any) -> list[Record]:
    """Return the works published last, of one collection, subject or audience when ``wanted`` names it."""
    works = Work.objects.published_to(None).filter(**wanted).order_by("-published_at", "-id")
    return records_of(works[:limit])


def newest_change(**wanted: Any) -> datetime | None:
    """Return when a public work last changed."""
    found: datetime | None = (
        Work.objects.published_to(None).filter(**wanted).aggregate(top=Max("updated_at"))["top"]
    )
    return found

"""What the calendar changes by itself: documents that come into force or expire move in the facets."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from khcn.library.models import LegalRecord
from khcn.library.search.changes import index_enqueue
from khcn.library.selectors.force import ended_lately

_LOOK_BACK_DAYS = 2  # an hourly tick that missed a night still catches every change
_LOOK_BACK_HOURS = 24


def validity_refresh(now: datetime) -> int:
    """Queue the documents whose validity changed today or lately for the index; return how many.

    By their own dates, or because a document that replaces or repeals them came into force, was published or changed.
    """
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in range(_LOOK_BACK_DAYS + 1)]
    changed = LegalRecord.objects.filter(Q(effective_date__in=days) | Q(expired_date__in=days))
    lately = ended_lately(days, since=now - timedelta(hours=_LOOK_BACK_HOURS))
    ids = sorted({*changed.values_list("work_id", flat=True), *lately})
    if ids:
        with transaction.atomic():
            index_enqueue(ids)
    return len(ids)

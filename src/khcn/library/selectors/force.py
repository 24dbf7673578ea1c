"""Whether documents bind on a day, for lists and the index: by their own dates, and by what ended them as a whole.

The page of a document draws the whole graph (``selectors.legal``). A list of many asks only what changes the word beside a
title: a public document that replaces or repeals it, as a person checked or its source stated.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import F, Prefetch, Q, QuerySet

from khcn.engines.legal.model import Deed, Link, OwnDates, Standing
from khcn.engines.legal.timeline import Timeline
from khcn.library.enums import CHECKED_SOURCES, RelationKind, Validity
from khcn.library.models import LegalRecord, Work, WorkRelation

# Where ``for_lists`` leaves the rows of a work.
ATTRIBUTE: Final = "enders"


def enders() -> QuerySet[WorkRelation]:
    """Return the relations that end a document as a whole, with the dates of the one that acts, for everybody to know."""
    return (
        WorkRelation.objects.filter(
            kind__in=[RelationKind.REPLACES, RelationKind.REPEALS],
            part="",
            source__in=CHECKED_SOURCES,
            target__isnull=False,
            work__in=Work.objects.published_to(None).values("pk"),
        )
        .annotate(by_issued=F("work__issued_date"), by_effective=F("work__legal__effective_date"))
        .order_by("id")
    )


def enders_prefetch() -> "Prefetch[Any]":
    """Return what loads the ``enders`` of each work of a queryset, in one query."""
    return Prefetch("cited_by", enders(), to_attr=ATTRIBUTE)


def enders_of(work_ids: Iterable[int]) -> dict[int, list[WorkRelation]]:
    """Return the rows that end each of these works."""
    found: dict[int, list[WorkRelation]] = defaultdict(list)
    for row in enders().filter(target_id__in=list(work_ids)):
        found[row.target_id or 0].append(row)
    return found


def validity_on(
    legal: LegalRecord, day: date, *, issued: date | None, ended_by: Sequence[Any] = ()
) -> Validity:
    """Return whether a document binds on ``day``.

    :param issued: its date of issue.
    :param ended_by: rows of :func:`enders`; without them the answer follows its own dates alone.
    """
    own = legal.validity(day)
    if not ended_by or own == Validity.EXPIRED:
        return own
    deeds = [
        Deed(
            Link(row.kind),
            row.pk,
            on=row.effective_date,
            by_issued=row.by_issued,
            by_effective=row.by_effective,
        )
        for row in ended_by
    ]
    dates = OwnDates(issued, legal.effective_date, legal.expired_date)
    standing = Timeline(dates, deeds).on(day).standing
    told = {Standing.EXPIRED: Validity.EXPIRED, Standing.UNKNOWN: Validity.UNKNOWN}
    return told.get(standing, own)


def ended_lately(days: Sequence[date], *, since: Any) -> set[int]:
    """Return the works that another ends on one of these days, and those whose ender changed ``since`` (a moment)."""
    begins = Q(effective_date__in=days) | Q(effective_date__isnull=True, by_effective__in=days)
    rows = enders().filter(begins | Q(work__updated_at__gte=since) | Q(work__published_at__gte=since))
    return {row.target_id for row in rows if row.target_id is not None}

"""Reads of the public pages: what stands beside a work, and how full each shelf is."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q

from khcn.library.models import Audience, Collection, Subject, Work

SHARED_TERMS = 8


def works_related(work: Work, *, user: Any, limit: int) -> Any:
    """Return other works that ``user`` may open, those sharing most subjects first, then the newest.

    Works that stand in a stated relation are shown elsewhere and left out here.
    """
    subjects = list(work.subjects.values_list("pk", flat=True)[:SHARED_TERMS])
    collections = list(work.collections.values_list("pk", flat=True)[:SHARED_TERMS])
    stated = Q(pk__in=work.relations.values("target_id")) | Q(pk__in=work.cited_by.values("work_id"))
    near = Q(subjects__in=subjects) | Q(collections__in=collections)
    ids = Work.objects.published_to(user).filter(near).exclude(pk=work.pk).exclude(stated).values("pk")
    shared = Count("subjects", filter=Q(subjects__in=subjects), distinct=True)
    return Work.objects.filter(pk__in=ids).annotate(shared=shared).order_by("-shared", "-published_at", "-pk")[:limit]


@dataclass(frozen=True)
class TermCount:
    """A term and the number of works under it that the reader may open."""

    key: str
    name: str
    description: str
    works: int


def term_counts(model: type[Audience | Collection | Subject], *, user: Any) -> list[TermCount]:
    """Return the terms that have works which ``user`` may open, in the order of the shelf."""
    readable = Work.objects.published_to(user).values("pk")
    rows = model.objects.annotate(found=Count("works", filter=Q(works__in=readable), distinct=True))
    return [TermCount(row.key, row.name, row.description, row.found) for row in rows.filter(found__gt=0)]


def library_totals(user: Any) -> dict[str, int]:
    """Return how many works ``user`` may open, all and by kind."""
    rows = Work.objects.published_to(user).order_by().values_list("kind").annotate(Count("pk"))
    by_kind = dict(rows)
    return {"all": sum(by_kind.values()), **by_kind}


def download_count(work: Work) -> None:
    """Count one download, without who or when."""
    Work.objects.filter(pk=work.pk).update(download_count=F("download_count") + 1)

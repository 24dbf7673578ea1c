"""Reads of the public pages: what stands beside a work, and how full each shelf is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q

from khcn.library.models import Audience, Collection, IndexChange, Subject, Work
from khcn.library.permissions import Reach, reach_of

T = TypeVar("T")
SHARED_TERMS: Final = 8
_KEEP_SECONDS: Final = 600


def works_among(ids: Sequence[int], *, user: Any) -> Any:
    """Return those of these works that ``user`` may open.

    The rule stands in a sub-query of its own: beside ``pk IN``, SQLite would rather walk every published work.
    """
    readable = Work.objects.published_to(user).filter(pk=OuterRef("pk"))
    return Work.objects.filter(Exists(readable.order_by()), pk__in=list(ids)).order_by()


def _counted(name: str, reach: Reach, count: Callable[[], T]) -> T:
    """Return a count of the library, worked out anew only after some work has changed.

    Readers with the same rights share it; every change of a work writes a newer row of ``IndexChange``.
    """
    newest = IndexChange.objects.order_by("-pk").values_list("pk", flat=True).first()
    rights = (reach.everything, reach.signed_in, tuple(sorted(reach.units)))
    key = f"library.{name}.{newest}.{hash(rights)}"
    found: T | None = cache.get(key)
    if found is None:
        found = count()
        cache.set(key, found, _KEEP_SECONDS)
    return found


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
    return (
        Work.objects.filter(pk__in=ids)
        .annotate(shared=shared)
        .order_by("-shared", "-published_at", "-pk")[:limit]
    )


@dataclass(frozen=True)
class TermCount:
    """A term and the number of works under it that the reader may open."""

    key: str
    name: str
    description: str
    works: int


def term_counts(
    model: type[Audience | Collection | Subject], *, user: Any, reach: Reach | None = None
) -> list[TermCount]:
    """Return the terms that have works which ``user`` may open, in the order of the shelf.

    ``reach`` stands in the place of the person's own where somebody acts with less of it (a token of the API).
    """
    held = reach_of(user) if reach is None else reach
    return _counted(model.__name__, held, lambda: _term_counts(model, held))


def _term_counts(model: type[Audience | Collection | Subject], reach: Reach) -> list[TermCount]:
    readable = Work.objects.readable_by(reach).values("pk")
    rows = model.objects.annotate(found=Count("works", filter=Q(works__in=readable), distinct=True))
    return [TermCount(row.key, row.name, row.description, row.found) for row in rows.filter(found__gt=0)]


def library_totals(user: Any) -> dict[str, int]:
    """Return how many works ``user`` may open, all and by kind."""
    return _counted("totals", reach_of(user), lambda: _totals(user))


def _totals(user: Any) -> dict[str, int]:
    rows = Work.objects.published_to(user).order_by().values_list("kind").annotate(Count("pk"))
    by_kind = dict(rows)
    return {"all": sum(by_kind.values()), **by_kind}

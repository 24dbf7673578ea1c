"""Reads about harvested works: sources with their figures, runs, open questions, and the way home of a work."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from khcn.library.harvest_enums import DECIDABLE, ItemProblem
from khcn.library.models import HarvestItem, HarvestRun, HarvestSource, Work
from khcn.library.models.harvest import PREFIX


@dataclass(frozen=True)
class Home:
    """Where a harvested work comes from."""

    name: str
    url: str


def sources_for(user: Any) -> QuerySet[HarvestSource]:
    """Return the sources that ``user`` may see, with ``works`` and ``questions`` counted."""
    last = HarvestRun.objects.filter(source=OuterRef("pk")).order_by("-pk")
    return (
        HarvestSource.objects.visible_to(user)
        .select_related("collection", "unit")
        .annotate(
            works=Count("items", filter=Q(items__work__isnull=False, items__deleted=False)),
            questions=Count("items", filter=_open()),
            last_run_state=Subquery(last.values("state")[:1]),
        )
    )


def _open(prefix: str = "items__") -> Q:
    """What a librarian should look at: not what is only told, and sensitive works only until somebody cleared them."""
    waiting = Q(**{f"{prefix}problem__in": [*DECIDABLE, ItemProblem.BROKEN]})
    held_back = Q(
        **{
            f"{prefix}problem": ItemProblem.SENSITIVE,
            f"{prefix}work__sensitive": True,
            f"{prefix}work__sensitive_cleared_at__isnull": True,
        }
    )
    return waiting | held_back


def source_problems(source: HarvestSource) -> QuerySet[HarvestItem]:
    """Return the records of a source that a librarian should look at, decisions first."""
    return (
        HarvestItem.objects.filter(_open(""), source=source)
        .select_related("work", "duplicate_of", "source")
        .order_by("-problem", "pk")
    )


def source_runs(source: HarvestSource, limit: int = 20) -> list[HarvestRun]:
    """Return the latest runs of a source, newest first."""
    return list(source.runs.select_related("actor")[:limit])


def questions_count(user: Any) -> int:
    """Return how many records and sources wait for a decision of librarians."""
    sources = HarvestSource.objects.visible_to(user)
    asked = HarvestItem.objects.filter(source__in=sources, problem__in=DECIDABLE).count()
    return asked + sources.filter(state="asking").count()


def is_harvested(work: Work) -> bool:
    """Return whether a work came from another repository."""
    return work.external_source.startswith(PREFIX)


def home_of_work(work: Work) -> Home | None:
    """Return where a harvested work comes from; ``None`` for our own."""
    if not is_harvested(work):
        return None
    name = HarvestSource.objects.filter(key=work.external_source.removeprefix(PREFIX)).values_list(
        "name", flat=True
    )
    found = name.first()
    return Home(found, work.url) if found else None


def names_of_sources(external_sources: Iterable[str]) -> dict[str, str]:
    """Return, by ``Work.external_source``, the name of the repository; one query at most."""
    keys = {one.removeprefix(PREFIX) for one in external_sources if one.startswith(PREFIX)}
    if not keys:
        return {}
    return {
        PREFIX + key: name
        for key, name in HarvestSource.objects.filter(key__in=keys).values_list("key", "name")
    }


def not_offered_again() -> list[str]:
    """Return the values of ``Work.external_source`` whose works our own OAI-PMH does not offer.

    Everything that begins with ``oai:`` stays out except the sources whose operator said so: use
    :func:`offered_works` where a query is at hand.
    """
    return [
        PREFIX + key for key in HarvestSource.objects.filter(offer_again=False).values_list("key", flat=True)
    ]


def offered_works(works: QuerySet[Work]) -> QuerySet[Work]:
    """Return those of ``works`` that our own OAI-PMH may offer as ours."""
    again = [
        PREFIX + key for key in HarvestSource.objects.filter(offer_again=True).values_list("key", flat=True)
    ]
    return works.filter(~Q(external_source__startswith=PREFIX) | Q(external_source__in=again))

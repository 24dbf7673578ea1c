"""Reads about contests that every part begins with: rules in force, who has declared, how far the judging is."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q

from khcn.programmes.enums import JUDGED
from khcn.programmes.models.contests import Conflict, ContestResult, ContestRules, Juror, Review
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme


def current_rules(programme: Programme) -> ContestRules | None:
    """Return the newest published version."""
    return programme.rules.exclude(published_at=None).order_by("-version").first()


def standing_result(programme: Programme) -> ContestResult | None:
    """Return the frozen result that stands."""
    return programme.results.filter(thawed_at=None).select_related("rules").first()


def undeclared(juror: Juror) -> int:
    """Return how many accepted entries a juror has not declared about."""
    known = Conflict.objects.filter(juror=juror, revoked_at=None)
    return (
        Entry.objects.filter(programme=juror.programme_id, state__in=JUDGED)
        .exclude(pk__in=known.values("entry"))
        .count()
    )


def declared_jurors(programme: Programme) -> set[int]:
    """Return the sitting jurors who have declared about every accepted entry. Two queries."""
    entries = Entry.objects.filter(programme=programme, state__in=JUDGED).count()
    rows = Juror.objects.filter(programme=programme, removed_at=None).annotate(
        known=Count(
            "conflicts", filter=Q(conflicts__revoked_at=None, conflicts__entry__state__in=list(JUDGED))
        )
    )
    return {row.pk for row in rows if row.known >= entries}


@dataclass(frozen=True, slots=True)
class JurorLine:
    """How far one juror is. Counts only: no score, no entry."""

    juror: Juror
    declared: bool
    given: int
    done: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the judging is; ``short``: entries with fewer jurors than wanted."""

    lines: tuple[JurorLine, ...]
    given: int
    done: int
    entries: int
    short: int


def progress_of(programme: Programme, wanted: int) -> Progress:
    """Return sheets given and submitted, by juror. Five queries."""
    counted = Review.objects.filter(programme=programme, void_at=None, entry__state__in=JUDGED)
    given, done, by_entry = Counter[int](), Counter[int](), defaultdict[int, int](int)
    for juror, entry, at in counted.values_list("juror", "entry", "submitted_at"):
        given[juror] += 1
        done[juror] += at is not None
        by_entry[entry] += 1
    ready = declared_jurors(programme)
    jurors = programme.jurors.select_related("user").order_by("removed_at", "seat", "pk")
    lines = tuple(
        JurorLine(one, one.pk in ready, given[one.pk], done[one.pk])
        for one in jurors
        if one.removed_at is None or given[one.pk]
    )
    entries = list(Entry.objects.filter(programme=programme, state__in=JUDGED).values_list("pk", flat=True))
    short = sum(by_entry[pk] < wanted for pk in entries)
    return Progress(lines, sum(given.values()), sum(done.values()), len(entries), short)

"""Councils as those see them who organise and decide: lists, how far they are, frozen scores; never scores of one's own."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from khcn.programmes.enums import PhaseKind
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_council import (
    TopicCase,
    TopicConflict,
    TopicCouncil,
    TopicJuror,
)
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_topics import can_read_councils
from khcn.programmes.rules.contest_scoring import digest_of
from khcn.programmes.selectors.topics_jury import declared_jurors, open_cases, standing_reviews


def councils_list(
    user: Any, *, kind: str = "", phase: str = "", on: date | None = None
) -> QuerySet[TopicCouncil]:
    """Return the councils that ``user`` may read the file of, newest first."""
    rows = TopicCouncil.objects.visible_to(user, on).select_related("rubric")
    rows = rows.annotate(topics=Count("cases", filter=Q(cases__closed_at=None), distinct=True))
    if kind:
        rows = rows.filter(kind=kind)
    if phase:
        rows = rows.filter(phase=phase)
    return rows.order_by("-created_at", "-pk")


def council_of(user: Any, pk: int, on: date | None = None) -> TopicCouncil | None:
    """Return one council that ``user`` may read the file of."""
    return TopicCouncil.objects.visible_to(user, on).select_related("rubric").filter(pk=pk).first()


@dataclass(frozen=True, slots=True)
class JurorLine:
    """How far one juror is. Counts only: no score."""

    juror: TopicJuror
    declared: bool
    recused: int
    given: int
    done: int


@dataclass(frozen=True, slots=True)
class CouncilProgress:
    """How far a council is; ``short``: topics with fewer sheets to come than the rubric wants."""

    lines: tuple[JurorLine, ...]
    given: int
    done: int
    cases: int


def progress_of(council: TopicCouncil) -> CouncilProgress:
    """Return sheets given and submitted, by juror. Five queries."""
    given, done, recused = Counter[int](), Counter[int](), Counter[int]()
    rows = standing_reviews().filter(council=council)
    for juror, at in rows.values_list("juror", "submitted_at"):
        given[juror] += 1
        done[juror] += at is not None
    closed = TopicConflict.objects.filter(
        juror__council=council, revoked_at=None, has_conflict=True, case__closed_at=None
    )
    recused.update(closed.values_list("juror", flat=True))
    ready = declared_jurors(council)
    jurors = council.jurors.select_related("user", "party").order_by("removed_at", "pk")
    lines = tuple(
        JurorLine(one, one.pk in ready, recused[one.pk], given[one.pk], done[one.pk]) for one in jurors
    )
    return CouncilProgress(lines, sum(given.values()), sum(done.values()), open_cases(council).count())


def conflicts_of(user: Any, council: TopicCouncil, on: date | None = None) -> QuerySet[TopicConflict]:
    """Return the conflicts that stand in a council, for those who read its file."""
    if not can_read_councils(acting(user, on)):
        return TopicConflict.objects.none()
    rows = TopicConflict.objects.filter(juror__council=council, revoked_at=None, has_conflict=True)
    return rows.select_related("juror__user", "case__topic").order_by("case__code", "juror_id")


@dataclass(frozen=True, slots=True)
class CaseScores:
    """The frozen result of one topic with every sheet behind it."""

    case: TopicCase
    result: Decimal | None
    rank: int | None
    passed: bool
    failed: tuple[str, ...]
    totals: tuple[tuple[str, Decimal], ...]  # juror's name, total
    by_criterion: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class CouncilScores:
    """Frozen scores as one reader may see them: never the frozen row itself, which holds every sheet.

    ``intact``: the hash fits; ``minutes``: document of the register; ``hidden``: how many topics are closed to the reader.
    """

    frozen_at: datetime
    sha256: str
    reason: str
    minutes: int | None
    closed_at: datetime | None
    cases: tuple[CaseScores, ...]
    intact: bool
    hidden: int


def own_topics(user: Any, topics: list[Topic]) -> set[int]:
    """Return those of the topics that a person leads, is of the team of, or handed in."""
    ids = [one.pk for one in topics]
    mine = Q(leader_user=user.pk) | Q(submitted_by=user.pk) | Q(created_by=user.pk) | Q(members__user=user.pk)
    return set(Topic.objects.filter(mine, pk__in=ids).values_list("pk", flat=True))


def scores_of(user: Any, council: TopicCouncil, on: date | None = None) -> CouncilScores | None:
    """Return the scores of a council once they are frozen, for who reads its file; ``None`` before and for all others.

    A reader who has a conflict with a topic, or is of its team, never sees the scores of that topic.
    """
    if not can_read_councils(acting(user, on)) or council.phase not in (PhaseKind.COUNCIL, PhaseKind.DONE):
        return None
    result = council.results.filter(thawed_at=None).first()
    if result is None:
        return None
    cases = {one.code: one for one in open_cases(council)}
    hidden: set[int] = set()
    if user is not None:
        hidden = own_topics(user, [one.topic for one in cases.values()])
        closed = TopicConflict.objects.filter(
            juror__council=council, juror__user=user.pk, revoked_at=None, has_conflict=True
        )
        hidden |= set(closed.values_list("case__topic", flat=True))
    names = {row["key"]: row["name"] for row in result.frozen["jurors"]}
    found = []
    for row in result.frozen["ranking"]:
        case = cases.get(row["entry"])
        if case is None or case.topic_id in hidden:
            continue
        found.append(
            CaseScores(
                case, Decimal(row["result"]) if row["result"] is not None else None, row["rank"], not row["failed"],
                tuple(row["failed"]), tuple((names[key], Decimal(total)) for key, total in row["totals"].items()),
                tuple((key, Decimal(value)) for key, value in row["by_criterion"].items()),
            )
        )  # fmt: skip
    shown = sum(1 for one in cases.values() if one.topic_id in hidden)
    return CouncilScores(
        result.frozen_at, result.sha256, str(result.frozen.get("reason", "")), result.minutes, result.closed_at, tuple(found),
        digest_of(result.frozen) == result.sha256, shown,
    )  # fmt: skip

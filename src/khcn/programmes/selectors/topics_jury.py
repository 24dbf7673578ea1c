"""What a member of a council of topics sees: own councils, what to declare, own sheets, the topics open to them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import CouncilKind, TopicFileKind
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_council import (
    TopicCase,
    TopicConflict,
    TopicCouncil,
    TopicJuror,
    TopicReview,
)
from khcn.programmes.models.topics_parts import TopicFile
from khcn.programmes.rules.contest_phases import juror_may

# What a council reads: appraisal the proposal, acceptance the reports too.
FILES_OF = {
    CouncilKind.APPRAISAL: frozenset({TopicFileKind.PROPOSAL}),
    CouncilKind.ACCEPTANCE: frozenset(
        {TopicFileKind.PROPOSAL, TopicFileKind.REPORT, TopicFileKind.FINAL, TopicFileKind.DATA}
    ),
}


def open_cases(council: TopicCouncil) -> QuerySet[TopicCase]:
    """Return the topics before a council, with what conflicts are looked for by."""
    rows = TopicCase.objects.filter(council=council, closed_at=None)
    return rows.select_related("topic__unit", "topic__host_unit", "topic__party").order_by("code")


def declared_jurors(council: TopicCouncil) -> set[int]:
    """Return the sitting jurors who have declared about every topic. Two queries."""
    cases = TopicCase.objects.filter(council=council, closed_at=None).count()
    rows = TopicJuror.objects.filter(council=council, removed_at=None).annotate(
        known=Count("conflicts", filter=Q(conflicts__revoked_at=None, conflicts__case__closed_at=None))
    )
    return {row.pk for row in rows if row.known >= cases}


@dataclass(frozen=True, slots=True)
class CouncilPlace:
    """A person's seat in one council and what comes next there."""

    juror: TopicJuror
    council: TopicCouncil
    undeclared: int
    given: int
    done: int

    @property
    def must_declare(self) -> bool:
        """Whether something is to be declared now."""
        return juror_may(self.council.phase).declare and self.undeclared > 0

    @property
    def scores(self) -> bool:
        """Whether sheets may be written now."""
        return juror_may(self.council.phase).score and not self.undeclared

    @property
    def left(self) -> int:
        """How many sheets are still to be submitted."""
        return self.given - self.done if self.council.phase == PhaseKind.JUDGING else 0


def places_of(user: Any) -> list[CouncilPlace]:
    """Return the councils where a person sits now, those with work first. Four queries at most."""
    rows = TopicJuror.objects.filter(user=user.pk, removed_at=None, council__dissolved_at=None)
    found = _places(list(rows.select_related("council__rubric").order_by("-pk")[:50]))
    return sorted(found, key=lambda one: not (one.must_declare or one.left))


def place_of(user: Any, council_id: int) -> CouncilPlace | None:
    """Return a person's seat in one council."""
    rows = TopicJuror.objects.filter(
        user=user.pk, removed_at=None, council=council_id, council__dissolved_at=None
    )
    juror = rows.select_related("council__rubric", "party").first()
    return _places([juror])[0] if juror else None


def _places(jurors: list[TopicJuror]) -> list[CouncilPlace]:
    busy = [
        one for one in jurors if juror_may(one.council.phase).declare or juror_may(one.council.phase).read
    ]
    cases, known, given, done = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    if busy:
        open_now = TopicCase.objects.filter(council__in=[one.council_id for one in busy], closed_at=None)
        cases.update(open_now.values_list("council", flat=True))
        rows = TopicConflict.objects.filter(juror__in=busy, revoked_at=None, case__closed_at=None)
        known.update(rows.values_list("juror", flat=True))
        for juror, at in standing_reviews().filter(juror__in=busy).values_list("juror", "submitted_at"):
            given[juror] += 1
            done[juror] += at is not None
    places = []
    for one in jurors:
        left = max(0, cases[one.council_id] - known[one.pk])
        places.append(
            CouncilPlace(one, one.council, left, 0 if left else given[one.pk], 0 if left else done[one.pk])
        )
    return places


@dataclass(frozen=True, slots=True)
class ToDeclare:
    """What a juror must know of a topic to declare about it: who and where, nothing of what is proposed."""

    case_id: int
    code: str
    title: str
    organisation: str
    leader_name: str
    members: tuple[str, ...]
    declared: bool
    conflict: bool
    found: bool
    reason: str


def to_declare(place: CouncilPlace) -> list[ToDeclare]:
    """Return the topics of a council with what this juror declared so far; empty when nothing is declared now."""
    if not juror_may(place.council.phase).declare:
        return []
    known = {row.case_id: row for row in TopicConflict.objects.filter(juror=place.juror, revoked_at=None)}
    found = []
    for case in open_cases(place.council).prefetch_related("topic__members"):
        row, topic = known.get(case.pk), case.topic
        names = tuple(one.name for one in topic.members.all())
        found.append(
            ToDeclare(
                case.pk, case.code, topic.title, topic.organisation, topic.leader_name, names, row is not None,
                bool(row and row.has_conflict), bool(row and row.found), row.reason if row else "",
            )
        )  # fmt: skip
    return found


def standing_reviews() -> QuerySet[TopicReview]:
    """Return sheets that stand, of topics that are before the council and without a conflict of their juror."""
    closed = TopicConflict.objects.filter(
        juror=OuterRef("juror"), case=OuterRef("case"), revoked_at=None, has_conflict=True
    )
    return TopicReview.objects.filter(
        ~Exists(closed), void_at=None, case__closed_at=None, juror__removed_at=None
    )


def own_reviews(place: CouncilPlace) -> QuerySet[TopicReview]:
    """Return a juror's own sheets while the council's phase lets them read; none otherwise."""
    if not juror_may(place.council.phase).read or place.undeclared:
        return TopicReview.objects.none()
    rows = standing_reviews().filter(juror=place.juror)
    return rows.select_related("case__topic__call", "juror", "council__rubric").order_by("case__code")


def review_of(user: Any, pk: int) -> tuple[TopicReview, CouncilPlace] | None:
    """Return a person's own sheet with the topic behind it; ``None`` for every other one and whenever it is closed."""
    council = TopicReview.objects.filter(pk=pk, juror__user=user.pk).values_list("council", flat=True).first()
    place = place_of(user, council) if council else None
    review = own_reviews(place).filter(pk=pk).first() if place else None
    return (review, place) if review is not None and place is not None else None


def topic_for_juror(user: Any, topic_id: int) -> Topic | None:
    """Return a topic that is open to a person as juror now: declared, no conflict, the phase lets them read."""
    councils = TopicReview.objects.filter(juror__user=user.pk, case__topic=topic_id, void_at=None)
    for council in dict.fromkeys(councils.values_list("council", flat=True)):
        place = place_of(user, council)
        if place and own_reviews(place).filter(case__topic=topic_id).exists():
            return Topic.objects.select_related("call", "unit", "host_unit").get(pk=topic_id)
    return None


def files_for_juror(user: Any, topic_id: int) -> QuerySet[TopicFile]:
    """Return the files of a topic that a person may open as juror now."""
    kinds: set[str] = set()
    rows = TopicReview.objects.filter(juror__user=user.pk, case__topic=topic_id, void_at=None)
    for council, kind in dict.fromkeys(rows.values_list("council", "council__kind")):
        place = place_of(user, council)
        if place and own_reviews(place).filter(case__topic=topic_id).exists():
            kinds |= FILES_OF[CouncilKind(kind)]
    return TopicFile.objects.filter(topic=topic_id, kind__in=kinds).order_by("kind", "pk")

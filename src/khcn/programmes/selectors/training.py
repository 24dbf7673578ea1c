"""Reads of training: people, records, suggestions, surveys, proposals, by reader. Lists in constant queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from khcn.core.dates import local_date
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.orgs.models.units import predecessor_ids
from khcn.programmes.enums import OPEN_STATES, RegistrationState
from khcn.programmes.enums_training import LinkState, Priority, RecordState
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.models.training import (
    RosterUpload,
    TrainingPerson,
    TrainingPosition,
    TrainingPost,
    TrainingTopic,
)
from khcn.programmes.models.training_more import (
    CourseBatch,
    CourseProposal,
    NeedsAnswer,
    NeedsLine,
    NeedsSurvey,
    ProgrammeTopic,
    RegistrationLink,
    TrainingRecord,
)
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_training import sees_all


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for."""

    words: str = ""
    unit: int | None = None
    audience: str = ""
    topic: int | None = None
    state: str = ""
    year: int | None = None


def units_for(user: Any, day: date) -> list[Unit]:
    """Return the units in force whose rosters ``user`` reads, in the order of lists."""
    rows = Unit.objects.in_force(day).filter(kind__is_group=False).order_by("order", "sort_key", "pk")
    reach = reach_of(user, day)
    return list(rows if sees_all(reach) else rows.filter(pk__in=reach.units))


def with_predecessors(unit_id: int, day: date) -> set[int]:
    """Return a unit and those whose past it carries."""
    return predecessor_ids([unit_id], day)


def posts_list(user: Any, asked: Asked, day: date) -> QuerySet[TrainingPost]:
    """Return the posts that ``user`` reads, by unit and name."""
    rows = (
        TrainingPost.objects.listed(day)
        .visible_to(user, day)
        .select_related("person", "unit", "position", "party")
    )
    if asked.unit:
        rows = rows.filter(unit_id__in=with_predecessors(asked.unit, day))
    if asked.words:
        rows = rows.filter(person__folded_name__contains=fold(asked.words))
    if asked.audience:
        rows = rows.filter(audience=asked.audience)
    return rows.order_by("person__sort_key", "person_id", "pk")


def person_of(user: Any, pk: int, day: date) -> TrainingPerson | None:
    """Return one person that ``user`` reads."""
    return TrainingPerson.objects.visible_to(user, day).select_related("user").filter(pk=pk).first()


def person_of_user(user: Any) -> TrainingPerson | None:
    """Return the person of a roster who is ``user``."""
    return TrainingPerson.objects.filter(user_id=user.pk).first() if user.pk else None


def post_now(person: TrainingPerson, day: date) -> TrainingPost | None:
    """Return the post of somebody: the one held today, else one that begins later."""
    rows = person.posts.listed(day).select_related("unit", "position", "party")
    found: TrainingPost | None = rows.order_by("starts_on", "pk").first()
    return found


def records_list(user: Any, asked: Asked, day: date) -> QuerySet[TrainingRecord]:
    """Return the records that ``user`` reads, newest first."""
    rows = TrainingRecord.objects.visible_to(user, day).select_related(
        "person", "topic", "unit", "certificate"
    )
    if asked.unit:
        posts = TrainingPost.objects.listed(day).filter(unit_id__in=with_predecessors(asked.unit, day))
        rows = rows.filter(person_id__in=posts.values("person_id"))
    if asked.words:
        rows = rows.filter(person__folded_name__contains=fold(asked.words))
    if asked.topic:
        rows = rows.filter(topic_id=asked.topic)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.year:
        rows = rows.filter(held_on__gte=date(asked.year, 1, 1), held_on__lte=date(asked.year, 12, 31))
    return rows.order_by("-held_on", "-pk")


def records_of(person: TrainingPerson) -> list[TrainingRecord]:
    """Return all records of somebody, newest first."""
    rows = TrainingRecord.objects.filter(person=person).select_related(
        "topic", "certificate", "programme", "unit", "verified_by"
    )
    return list(rows.order_by("-held_on", "-pk"))


def record_of(user: Any, pk: int, day: date) -> TrainingRecord | None:
    """Return one record that ``user`` reads."""
    return TrainingRecord.objects.visible_to(user, day).select_related("person").filter(pk=pk).first()


def waiting_records(user: Any, day: date) -> QuerySet[TrainingRecord]:
    """Return what waits to be verified and was entered by somebody else."""
    rows = TrainingRecord.objects.visible_to(user, day).filter(state=RecordState.ENTERED)
    return (
        rows.exclude(entered_by_id=user.pk).select_related("person", "topic", "unit").order_by("entered_at")
    )


def topics_with_counts() -> QuerySet[TrainingTopic]:
    """Return all topics with how many positions require them."""
    return TrainingTopic.objects.annotate(positions=Count("requirements")).order_by(
        "-is_active", "sort_key", "pk"
    )


def topics_active() -> QuerySet[TrainingTopic]:
    """Return the topics in use."""
    return TrainingTopic.objects.filter(is_active=True).order_by("sort_key", "pk")


def positions_list(user: Any, day: date, unit: int | None) -> QuerySet[TrainingPosition]:
    """Return common positions, or those of a unit, with how many people hold them."""
    held = Q(posts__starts_on__lte=day) & (Q(posts__ends_on=None) | Q(posts__ends_on__gte=day))
    rows = TrainingPosition.objects.visible_to(user, day)
    rows = rows.filter(unit=None) if unit is None else rows.filter(unit_id=unit)
    return (
        rows.select_related("unit").annotate(holders=Count("posts", filter=held, distinct=True))
        .prefetch_related("requirements__topic").order_by("sort_key", "pk")
    )  # fmt: skip


def upload_of(user: Any, pk: int, day: date) -> RosterUpload | None:
    """Return one uploaded roster of a unit that ``user`` reads."""
    row = RosterUpload.objects.select_related("unit").filter(pk=pk).first()
    reach = reach_of(user, day)
    return row if row is not None and (sees_all(reach) or row.unit_id in reach.units) else None


# Registrations that may be somebody


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A registration that has the name of somebody; whether it is that person the unit says."""

    registration: Registration
    person: TrainingPerson
    post: TrainingPost


MOST_SUGGESTIONS = 200


def suggestions(
    user: Any, day: date, *, unit: int | None = None, person: int | None = None
) -> list[Suggestion]:
    """Return registrations of programmes that teach something which have the name of somebody here and are tied to nobody.

    Two queries.
    """
    posts = (
        TrainingPost.objects.listed(day).visible_to(user, day).select_related("person", "unit", "position")
    )
    if unit:
        posts = posts.filter(unit_id__in=with_predecessors(unit, day))
    if person:
        posts = posts.filter(person_id=person)
    linked = RegistrationLink.objects.filter(registration=OuterRef("pk"), state=LinkState.LINKED)
    rows = (
        Registration.objects.filter(
            ~Exists(linked), state=RegistrationState.CONFIRMED, erased_at=None, is_minor=False,
            programme_id__in=ProgrammeTopic.objects.values("programme_id"),
            folded_name__in=posts.values("person__folded_name"),
        )
        .select_related("programme", "group").prefetch_related("training_links").order_by("-created_at", "pk")[:MOST_SUGGESTIONS]
    )  # fmt: skip
    by_name: dict[str, list[TrainingPost]] = {}
    names = {row.folded_name for row in rows}
    for post in posts.filter(person__folded_name__in=names).order_by("pk") if names else ():
        by_name.setdefault(post.person.folded_name, []).append(post)
    found = []
    for row in rows:
        rejected = {one.person_id for one in row.training_links.all()}
        found += [
            Suggestion(row, one.person, one)
            for one in by_name.get(row.folded_name, ())
            if one.person_id not in rejected
        ]
    return found


# Surveys


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """A survey with how many units were asked and answered."""

    survey: NeedsSurvey
    asked: int
    answered: int
    late: int


def surveys_list(user: Any, day: date) -> list[SurveyRow]:
    """Return the surveys that concern ``user``, newest first. One query."""
    reach = reach_of(user, day)
    rows = NeedsSurvey.objects.all()
    if not sees_all(reach):
        rows = rows.filter(answers__unit_id__in=reach.units).distinct()
    mine = Q() if sees_all(reach) else Q(answers__unit_id__in=reach.units)
    rows = rows.annotate(
        asked=Count("answers", filter=mine, distinct=True),
        answered=Count("answers", filter=mine & Q(answers__submitted_at__isnull=False), distinct=True),
        late=Count("answers", filter=mine & Q(answers__is_late=True), distinct=True),
    )
    return [SurveyRow(one, one.asked, one.answered, one.late) for one in rows.order_by("-year")]


def answers_of(user: Any, survey: NeedsSurvey, day: date) -> list[NeedsAnswer]:
    """Return the answers of a survey that ``user`` reads, with how many people they name, those without an answer first."""
    rows = survey.answers.visible_to(user, day).select_related("unit", "submitted_by")
    rows = rows.annotate(wanted=Sum("lines__people"))
    return list(
        rows.order_by(F("submitted_at").asc(nulls_first=True), "unit__order", "unit__sort_key", "unit_id")
    )


@dataclass(frozen=True, slots=True)
class WantedRow:
    """What units want of one topic together."""

    topic: TrainingTopic
    units: int
    people: int
    by_priority: dict[int, int]
    by_form: dict[str, int]

    @property
    def urgent(self) -> int:
        """How many need it at once."""
        return self.by_priority.get(Priority.HIGH, 0)


def wanted_table(survey: NeedsSurvey, units: Collection[int] | None = None) -> list[WantedRow]:
    """Return the sums of a survey by topic, most people first. Two queries."""
    rows = NeedsLine.objects.filter(answer__survey=survey, answer__submitted_at__isnull=False)
    if units is not None:
        rows = rows.filter(answer__unit_id__in=list(units))
    sums: dict[int, list[tuple[int, str, int, int]]] = {}
    found = (
        rows.order_by()
        .values_list("topic_id", "priority", "wish_form")
        .annotate(n=Sum("people"), m=Count("pk"))
    )
    for topic_id, priority, form, people, count in found:
        sums.setdefault(topic_id, []).append((priority, form, people, count))
    table = []
    for topic in survey.topics.order_by("sort_key", "pk"):
        parts = sums.get(topic.pk, [])
        priorities: dict[int, int] = {}
        forms: dict[str, int] = {}
        for priority, form, people, _count in parts:
            priorities[priority] = priorities.get(priority, 0) + people
            forms[form] = forms.get(form, 0) + people
        total, asked = sum(one[2] for one in parts), sum(one[3] for one in parts)
        table.append(WantedRow(topic, asked, total, priorities, forms))
    return sorted(table, key=lambda one: -one.people)


# Proposals


def proposals_list(user: Any, asked: Asked, day: date) -> QuerySet[CourseProposal]:
    """Return the proposals that ``user`` reads, newest first, with how many people they name."""
    rows = CourseProposal.objects.visible_to(user, day).select_related("unit", "topic", "batch")
    if asked.unit:
        rows = rows.filter(unit_id__in=with_predecessors(asked.unit, day))
    if asked.state:
        rows = rows.filter(state=asked.state)
    return rows.annotate(count=Count("people")).order_by("-created_at", "-pk")


def proposal_of(user: Any, pk: int, day: date) -> CourseProposal | None:
    """Return one proposal that ``user`` reads."""
    rows = CourseProposal.objects.visible_to(user, day).select_related(
        "unit", "topic", "batch", "created_by", "submitted_by", "approved_by"
    )
    return rows.filter(pk=pk).first()


def batches_list() -> QuerySet[CourseBatch]:
    """Return what was gathered, newest first."""
    return CourseBatch.objects.annotate(count=Count("proposals", distinct=True)).order_by(
        "-gathered_at", "-pk"
    )


# Public


def public_topics(now: datetime) -> list[tuple[TrainingTopic, int]]:
    """Return the topics in use with how many programmes that teach them are open for registration. Two queries."""
    day = local_date(now)
    open_now = Programme.objects.filter(state__in=OPEN_STATES).filter(Q(ends_on=None) | Q(ends_on__gte=day))
    rows = ProgrammeTopic.objects.filter(programme__in=open_now.values("pk")).order_by()
    counts = dict(rows.values_list("topic_id").annotate(n=Count("programme_id", distinct=True)))
    return [(one, counts.get(one.pk, 0)) for one in topics_active()]

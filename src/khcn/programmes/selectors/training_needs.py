"""Who needs which training on a day: required topics against what each person holds. Constant queries, however many people."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Coalesce

from khcn.orgs.enums import CodeScheme
from khcn.orgs.models import Unit, UnitCode, UnitSuccession
from khcn.orgs.models.units import predecessor_ids
from khcn.programmes.enums_training import WANTED, Level, NeedState
from khcn.programmes.models.training import PositionTopic, TrainingPosition, TrainingPost, TrainingTopic
from khcn.programmes.models.training_more import TrainingRecord
from khcn.programmes.rules.training import FOREVER, Need, meets, need_on

MANY = 500  # so many people are not named one by one in a query


class Requirement(NamedTuple):
    """What a position requires of one topic."""

    topic: TrainingTopic
    level: str
    within_months: int | None


@dataclass(frozen=True, slots=True)
class TopicNeed:
    """Where one person stands with one required topic."""

    topic: TrainingTopic
    level: str
    need: Need


@dataclass(frozen=True, slots=True)
class PersonNeeds:
    """A person's post with every required topic, by the topic's code; ``meets``: all mandatory ones are held."""

    post: TrainingPost
    needs: tuple[TopicNeed, ...]

    @property
    def meets(self) -> bool | None:
        """Whether every mandatory topic is held; ``None`` when none is."""
        return meets((one.level, one.need) for one in self.needs)

    @property
    def wanted(self) -> list[TopicNeed]:
        """What is missing, over, or soon over."""
        return [one for one in self.needs if one.need.state in WANTED]


def requirements() -> dict[int, list[Requirement]]:
    """Return what every position requires, common positions of the same title included; the own rule wins. Two queries."""
    own: dict[int, dict[int, Requirement]] = defaultdict(dict)
    rows = PositionTopic.objects.filter(topic__is_active=True).select_related("topic")
    for row in rows:
        own[row.position_id][row.topic_id] = Requirement(row.topic, row.level, row.within_months)
    positions = list(TrainingPosition.objects.order_by().values_list("pk", "unit_id", "folded_title"))
    common = {title: pk for pk, unit_id, title in positions if unit_id is None}
    found = {}
    for pk, unit_id, title in positions:
        shared = own.get(common[title], {}) if unit_id is not None and title in common else {}
        wanted = {**shared, **own.get(pk, {})}
        if wanted:
            found[pk] = sorted(wanted.values(), key=lambda one: one.topic.code)
    return found


def held_until(people: Collection[int] | None, day: date) -> dict[tuple[int, int], date]:
    """Return until when each (person, topic) is held by what was learnt by ``day``; FOREVER. One query."""
    rows = TrainingRecord.objects.standing().filter(held_on__lte=day)
    if people is not None and len(people) <= MANY:
        rows = rows.filter(person_id__in=people)
    best: dict[tuple[int, int], date] = {}
    for person_id, topic_id, until in rows.order_by().values_list("person_id", "topic_id", "valid_until"):
        end = until or FOREVER
        key = (person_id, topic_id)
        if key not in best or best[key] < end:
            best[key] = end
    return best


def needs_of(posts: Sequence[TrainingPost], day: date) -> list[PersonNeeds]:
    """Return the needs of people by their posts (person, unit and position loaded). Three queries."""
    wanted = requirements()
    held = held_until({one.person_id for one in posts}, day)
    found = []
    for post in posts:
        needs = tuple(
            TopicNeed(
                one.topic, one.level,
                need_on(day, until=held.get((post.person_id, one.topic.pk)), warn_days=one.topic.warn_days,
                        office_on=post.office_on, within_months=one.within_months),
            )
            for one in wanted.get(post.position_id, ())
        )  # fmt: skip
        found.append(PersonNeeds(post, needs))
    return found


def posts_of_units(units: Collection[int], day: date) -> list[TrainingPost]:
    """Return who is in these units on a day, by name."""
    rows = TrainingPost.objects.current(day).filter(unit_id__in=list(units))
    return list(
        rows.select_related("person", "unit", "position").order_by("person__sort_key", "person_id", "pk")
    )


PLACES: Final = (NeedState.HELD, NeedState.EXPIRING, NeedState.EXPIRED, NeedState.MISSING)
HELD, EXPIRING, EXPIRED, MISSING = range(
    4
)  # places in the tallies below: plain numbers, because a district has many pairs
NEVER: Final = "9999-12-31"


@dataclass(slots=True)
class Counts:
    """How many pairs of person and required topic stand where; how many people, how many of them meet what is mandatory."""

    people: int = 0
    bound: int = 0  # people whose position has something mandatory
    meeting: int = 0
    tally: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    @property
    def states(self) -> dict[str, int]:
        """The pairs by state."""
        return {str(state.value): self.tally[place] for place, state in enumerate(PLACES)}

    @property
    def lacking(self) -> int:
        """Pairs that are missing or over."""
        return self.tally[EXPIRED] + self.tally[MISSING]

    @property
    def share(self) -> float | None:
        """The share of people who meet what is mandatory, 0 to 1."""
        return self.meeting / self.bound if self.bound else None


@dataclass(slots=True)
class NeedsTable:
    """Counts for all, by unit, by topic, by position; ``wanting``: people by the state of something they want."""

    total: Counts = field(default_factory=Counts)
    by_unit: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))
    by_topic: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))
    by_position: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))
    wanting: dict[str, set[int]] = field(default_factory=dict)


def needs_table(
    user: Any, day: date, *, units: Collection[int] | None = None, topic: int | None = None
) -> NeedsTable:
    """Return the counts of the people that ``user`` reads (of some units only). Five queries, no object a person.

    ``units=None`` with ``user=None``: everybody (the system, figures without names).
    """
    posts = TrainingPost.objects.current(day)
    posts = posts if user is None else posts.visible_to(user, day)
    if units is not None:
        posts = posts.filter(unit_id__in=list(units))
    rows = list(posts.order_by().values_list("person_id", "unit_id", "position_id"))
    wanted = {
        pk: [_rule(one, day) for one in rules if topic in (None, one.topic.pk)]
        for pk, rules in requirements().items()
    }
    table, home, today = NeedsTable(), homes(day), day.isoformat()
    held = _held_text({row[0] for row in rows}, day)
    wanting: list[set[int]] = [set() for _place in PLACES]
    for person_id, unit_id, position_id in rows:
        sums = (table.total, table.by_unit[home.get(unit_id, unit_id)], table.by_position[position_id])
        tallies = [one.tally for one in sums]
        bound, meeting = False, True
        for topic_id, warn, mandatory in wanted.get(position_id, ()):
            end = held.get((person_id, topic_id))
            if end is None:
                place = MISSING
            elif end < today:
                place = EXPIRED
            else:
                place = EXPIRING if end <= warn else HELD
            if mandatory:
                bound, meeting = True, meeting and place < EXPIRED
            for tally in tallies:
                tally[place] += 1
            mine = table.by_topic[topic_id]
            mine.tally[place] += 1
            mine.people += 1
            wanting[place].add(person_id)
        for one in sums:
            one.people += 1
            one.bound += bound
            one.meeting += bound and meeting
    table.wanting = {str(PLACES[place].value): wanting[place] for place in (EXPIRING, EXPIRED, MISSING)}
    return table


def _rule(one: Requirement, day: date) -> tuple[int, str, bool]:
    """Return a requirement as the tally needs it: the topic, up to which end it is expiring, whether it is mandatory."""
    return one.topic.pk, (day + timedelta(days=one.topic.warn_days)).isoformat(), one.level == Level.MANDATORY


def _held_text(people: Collection[int], day: date) -> dict[tuple[int, int], str]:
    """Return what :func:`held_until` does, days as text (they sort alike): no date is made of each. One query."""
    rows = TrainingRecord.objects.standing().filter(held_on__lte=day).order_by()
    if len(people) <= MANY:
        rows = rows.filter(person_id__in=people)
    ends = Coalesce(Cast("valid_until", CharField()), Value(NEVER))
    best: dict[tuple[int, int], str] = {}
    for person_id, topic_id, end in rows.values_list("person_id", "topic_id", ends):
        key = (person_id, topic_id)
        if best.get(key, "") < end:
            best[key] = end
    return best


def homes(day: date) -> dict[int, int]:
    """Return which unit carries the past of each closed one on a day: the last default successor."""
    rows = UnitSuccession.objects.filter(effective_date__lte=day, is_default=True, predecessor_ends=True)
    after = dict(rows.order_by("effective_date").values_list("predecessor_id", "successor_id"))
    found = {}
    for start in after:
        last, seen = start, {start}
        while last in after and after[last] not in seen:
            last = after[last]
            seen.add(last)
        found[start] = last
    return found


def unit_named(text: str, day: date) -> Unit | None:
    """Return the unit with this address key, code in force, number, name or short name; the one in force first."""
    name = " ".join(text.replace("\x00", "").split())
    if not name:
        return None
    codes = UnitCode.objects.in_force(day).filter(code=name, scheme__in=CodeScheme.values).values("unit_id")
    found = Q(key=name) | Q(name=name) | Q(short_name=name) | Q(pk__in=codes)
    if name.isascii() and name.isdigit() and len(name) < 10:
        found |= Q(pk=int(name))
    rows = list(Unit.objects.filter(found).order_by("pk"))
    exact = [one for one in rows if one.key == name]
    return next(iter(exact + [one for one in rows if one.in_force(day)] + rows), None)


def needs_document(unit: Unit, day: date) -> dict[str, Any]:
    """Return the needs of a unit as a document: people by name, topics by code. The same input gives the same document."""
    found = needs_of(posts_of_units(predecessor_ids([unit.pk], day), day), day)
    counts: Counter[str] = Counter({str(state.value): 0 for state in NeedState})
    counts.update(str(one.need.state) for row in found for one in row.needs)
    return {
        "unit": {"key": unit.key, "name": unit.name},
        "on": day.isoformat(),
        "people": [_person(row) for row in found],
        "counts": {
            "people": len(found),
            "required": sum(len(row.needs) for row in found),
            **{state.value: counts[state.value] for state in NeedState},
            "overdue": sum(1 for row in found for one in row.needs if one.need.overdue),
            "bound": sum(1 for row in found if row.meets is not None),
            "meeting": sum(1 for row in found if row.meets),
        },
        "topics": _by_topic(found),
    }


def _person(row: PersonNeeds) -> dict[str, Any]:
    return {
        "id": row.post.person_id,
        "name": row.post.person.name,
        "position": row.post.position.title,
        "since": row.post.office_on.isoformat(),
        "meets": row.meets,
        "topics": [_topic(one) for one in row.needs],
    }


def _topic(one: TopicNeed) -> dict[str, Any]:
    need = one.need
    return {
        "code": one.topic.code,
        "name": one.topic.name,
        "level": str(one.level),
        "state": str(need.state),
        "until": need.until.isoformat() if need.until else None,
        "days": need.days,
        "due": need.due_on.isoformat() if need.due_on else None,
        "overdue": need.overdue,
    }


def _by_topic(rows: Iterable[PersonNeeds]) -> list[dict[str, Any]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for one in row.needs:
            found[one.topic.code][str(one.need.state)] += 1
    states: Mapping[str, Any] = {state.value: 0 for state in NeedState}
    return [{"code": code, **states, **found[code]} for code in sorted(found)]

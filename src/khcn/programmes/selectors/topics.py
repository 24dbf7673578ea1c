"""Topics and calls by reader: lists, one topic, what the public may know, the register of products, sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from khcn.engines.text.fold import fold
from khcn.programmes.enums_topics import (
    CALL_PUBLIC,
    CallState,
    DepositState,
    MoneyKind,
    ProductState,
    TopicState,
)
from khcn.programmes.models.topics import Topic, TopicCall
from khcn.programmes.models.topics_contract import TopicDeposit, TopicPayment
from khcn.programmes.models.topics_parts import TopicFile, TopicProduct
from khcn.programmes.selectors.topics_jury import files_for_juror


@dataclass(frozen=True, slots=True)
class TopicsAsked:
    """What a list was asked for."""

    words: str = ""
    state: str = ""
    year: int | None = None
    unit: int | None = None
    call: int | None = None
    field: str = ""


def _asked(rows: QuerySet[Topic], asked: TopicsAsked) -> QuerySet[Topic]:
    if asked.words:
        words = fold(asked.words)
        rows = rows.filter(Q(folded_title__contains=words) | Q(folded_organisation__contains=words))
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.year:
        rows = rows.filter(year=asked.year)
    if asked.unit:
        rows = rows.filter(Q(unit_id=asked.unit) | Q(host_unit_id=asked.unit))
    if asked.call:
        rows = rows.filter(call_id=asked.call)
    if asked.field:
        rows = rows.filter(field=asked.field)
    return rows


def topics_list(user: Any, asked: TopicsAsked, on: date | None = None) -> QuerySet[Topic]:
    """Return the topics that ``user`` may read, newest year first, by name."""
    rows = Topic.objects.visible_to(user, on).select_related("call", "unit", "host_unit", "contract")
    return _asked(rows, asked).order_by("-year", "sort_key", "pk")


def topic_of(user: Any, pk: int, on: date | None = None) -> Topic | None:
    """Return one topic that ``user`` may read the file of."""
    rows = Topic.objects.visible_to(user, on)
    return rows.select_related(
        "call__unit", "call__appraisal", "call__acceptance", "unit", "host_unit", "party", "contract", "liquidation",
        "checked_by", "decided_by",
    ).filter(pk=pk).first()  # fmt: skip


def topics_sums(rows: QuerySet[Topic]) -> dict[str, Any]:
    """Return how many topics a list has, what was asked for and approved, by state too. Two queries."""
    plain = rows.order_by()
    sums = plain.aggregate(
        count=Count("pk"),
        asked=Sum("asked_state"),
        approved=Sum("approved_state"),
        contracts=Sum("contract__value"),
    )
    by_state = dict(plain.values_list("state").annotate(n=Count("pk")))
    return {**sums, "by_state": by_state}


def topic_years(user: Any, on: date | None = None) -> list[int]:
    """Return the years that the reader's topics have, newest first."""
    rows = Topic.objects.visible_to(user, on).order_by("-year").values_list("year", flat=True)
    return list(rows.distinct())


def file_of(user: Any, pk: int, on: date | None = None) -> TopicFile | None:
    """Return a file that ``user`` may open: of a topic they read, or that is open to them as juror now."""
    row = TopicFile.objects.select_related("topic").filter(pk=pk).first()
    if row is None:
        return None
    if Topic.objects.visible_to(user, on).filter(pk=row.topic_id).exists():
        return row
    return files_for_juror(user, row.topic_id).filter(pk=pk).first()


# Calls


def calls_list(user: Any, on: date | None = None) -> QuerySet[TopicCall]:
    """Return the calls that ``user`` may read, newest first, with how many proposals came in."""
    rows = TopicCall.objects.visible_to(user, on).select_related("unit", "appraisal", "acceptance")
    handed = Count("topics", filter=~Q(topics__submitted_at=None))
    return rows.annotate(proposals=handed).order_by("-year", "-closes_at", "pk")


def call_of(user: Any, key: str, on: date | None = None) -> TopicCall | None:
    """Return one call by its key."""
    return (
        TopicCall.objects.visible_to(user, on)
        .select_related("unit", "appraisal", "acceptance")
        .filter(key=key)
        .first()
    )


def calls_open(now: datetime) -> QuerySet[TopicCall]:
    """Return the calls that take proposals now, the one that closes first on top."""
    rows = TopicCall.objects.filter(state=CallState.PUBLISHED, opens_at__lte=now, closes_at__gt=now)
    return rows.select_related("unit").order_by("closes_at", "pk")


def calls_public() -> QuerySet[TopicCall]:
    """Return the calls that everybody may read."""
    return TopicCall.objects.filter(state__in=CALL_PUBLIC).select_related("unit").order_by("-closes_at", "pk")


# What everybody may know


@dataclass(frozen=True, slots=True)
class PublicProduct:
    """A product as everybody sees it."""

    kind: str
    title: str
    quantity: int
    registered_number: str
    url: str


@dataclass(frozen=True, slots=True)
class PublicResult:
    """Something in the library: ``reference`` of the work, empty while it is held back until ``from_day``."""

    kind: str
    title: str
    licence: str
    reference: str
    from_day: date | None


@dataclass(frozen=True, slots=True)
class PublicTopic:
    """All that everybody may know of a topic. Results and products only once it was accepted."""

    key: str
    title: str
    field: str
    organisation: str
    leader_name: str
    leader_title: str
    summary: str
    state: str
    state_words: str
    year: int
    starts_on: date | None
    ends_on: date | None
    budget: Decimal
    own_money: Decimal
    decision_number: str
    decision_date: date | None
    accepted_on: datetime | None
    accepted_class: str
    results: str
    stopped_reason: str
    products: tuple[PublicProduct, ...]
    library: tuple[PublicResult, ...]


def public_topics(asked: TopicsAsked) -> QuerySet[Topic]:
    """Return the topics that everybody may know of; shown are only what :class:`PublicTopic` has."""
    rows = Topic.objects.public().select_related("contract")
    if asked.state and asked.state not in (TopicState.STOPPED, *TopicState.values):
        return rows.none()
    return _asked(rows, asked).order_by("-year", "sort_key", "pk")


def public_years() -> list[int]:
    """Return the years that public topics have."""
    return list(Topic.objects.public().order_by("-year").values_list("year", flat=True).distinct())


def public_fields() -> list[str]:
    """Return the fields that public topics have."""
    rows = Topic.objects.public().exclude(field="").order_by("field").values_list("field", flat=True)
    return list(rows.distinct())


def public_topic(key: str) -> PublicTopic | None:
    """Return what everybody may know of one topic. Three queries."""
    standing = TopicDeposit.objects.filter(state__in=[DepositState.HANDED, DepositState.EMBARGOED])
    made = TopicProduct.objects.filter(state__in=[ProductState.DELIVERED, ProductState.VERIFIED])
    rows = Topic.objects.public().select_related("contract")
    topic = (
        rows.prefetch_related(Prefetch("deposits", standing), Prefetch("products", made))
        .filter(key=key)
        .first()
    )
    return public_side(topic) if topic is not None else None


def public_side(topic: Topic) -> PublicTopic:
    """Return the public side of a public topic whose deposits and products are fetched as in :func:`public_topic`."""
    contract = getattr(topic, "contract", None)
    signed = contract if contract is not None and contract.signed_at is not None else None
    accepted = topic.accepted_at is not None
    products = tuple(
        PublicProduct(str(one.get_kind_display()), one.title, one.quantity, one.registered_number, one.url)
        for one in (topic.products.all() if accepted else ())
    )
    library = tuple(
        PublicResult(
            str(one.get_kind_display()), one.title, one.licence, one.reference if one.state == DepositState.HANDED else "",
            one.embargo_until if one.state == DepositState.EMBARGOED else None,
        )
        for one in (topic.deposits.all() if accepted else ())
    )  # fmt: skip
    return PublicTopic(
        key=topic.key, title=topic.title, field=topic.field, organisation=topic.organisation, leader_name=topic.leader_name,
        leader_title=topic.leader_title, summary=topic.summary, state=topic.state, state_words=str(topic.get_state_display()),
        year=topic.year, starts_on=signed.starts_on if signed else None, ends_on=signed.ends_on if signed else None,
        budget=signed.value if signed else topic.approved_state, own_money=topic.asked_own,
        decision_number=topic.decision_number, decision_date=topic.decision_date, accepted_on=topic.accepted_at,
        accepted_class=topic.accepted_class_title if accepted else "", results=topic.results if accepted else "",
        stopped_reason=topic.end_reason if topic.state == TopicState.STOPPED else "", products=products, library=library,
    )  # fmt: skip


# The register of products


def products_list(user: Any, *, kind: str = "", state: str = "", year: int | None = None, on: date | None = None) -> QuerySet[TopicProduct]:  # fmt: skip
    """Return products of topics that ``user`` may read and that have a contract, newest topics first."""
    topics = Topic.objects.visible_to(user, on).filter(contract__signed_at__isnull=False)
    rows = TopicProduct.objects.filter(topic__in=topics.values("pk")).select_related("topic")
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if year:
        rows = rows.filter(topic__year=year)
    return rows.order_by("-topic__year", "topic__sort_key", "topic_id", "number")


def products_public() -> QuerySet[TopicProduct]:
    """Return delivered products of accepted topics."""
    topics = Topic.objects.public().exclude(accepted_at=None)
    rows = TopicProduct.objects.filter(
        topic__in=topics.values("pk"), state__in=[ProductState.DELIVERED, ProductState.VERIFIED]
    )
    return rows.select_related("topic").order_by("-topic__year", "topic__sort_key", "topic_id", "number")


# Money


@dataclass(frozen=True, slots=True)
class TopicMoney:
    """Money of a topic in dong. ``left``: what standing milestones still cost; ``held``: what the plan holds for it."""

    approved: Decimal
    value: Decimal
    paid: Decimal
    left: Decimal
    held: Decimal
    owed: Decimal
    refunded: Decimal


def money_of(topics: Sequence[Topic]) -> dict[int, TopicMoney]:
    """Return the money of many topics by key. Three queries."""
    ids = [one.pk for one in topics]
    paid: dict[int, Decimal] = {}
    refunded: dict[int, Decimal] = {}
    sums = (
        TopicPayment.objects.filter(topic__in=ids)
        .order_by()
        .values_list("topic_id", "kind")
        .annotate(total=Sum("amount"))
    )
    for pk, kind, total in sums:
        (paid if kind == MoneyKind.MILESTONE else refunded)[pk] = total
    rows = Topic.objects.filter(pk__in=ids).order_by()
    left = dict(
        rows.annotate(
            total=Sum("milestones__payment", filter=~Q(milestones__state__in=["paid", "dropped"]))
        ).values_list("pk", "total")
    )
    held = {
        pk: (amount or 0) - (out or 0) - (back or 0)
        for pk, amount, out, back in rows.annotate(
            a=Sum("commitments__amount"), p=Sum("commitments__paid"), r=Sum("commitments__released")
        ).values_list("pk", "a", "p", "r")
    }
    found, none = {}, Decimal(0)
    for one in topics:
        contract, ended = getattr(one, "contract", None), getattr(one, "liquidation", None)
        signed = contract is not None and contract.signed_at is not None
        found[one.pk] = TopicMoney(
            one.approved_state, contract.value if contract is not None and signed else none, paid.get(one.pk, none),
            (left.get(one.pk) or none) if signed else none, Decimal(held.get(one.pk, 0)), ended.owed if ended else none,
            refunded.get(one.pk, none),
        )  # fmt: skip
    return found

"""The graph of legal documents around one work, and its standing in time, as far as the reader may know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from khcn.engines.legal.model import Answer, Deed, Link, OwnDates
from khcn.engines.legal.timeline import Timeline
from khcn.library.enums import CHECKED_SOURCES, ProposalState, RelationKind
from khcn.library.models import LegalProposal, LegalRecord, Work, WorkRelation
from khcn.library.permissions import EDITED_KINDS, reach_of
from khcn.library.selectors.force import enders_of

# For readers: a document with hundreds of others based on it shows the first ones of each kind.
MOST_OF_A_KIND = 100


@dataclass(frozen=True, slots=True)
class LegalNode:
    """Another document. ``work`` is None when it is not held, or the reader may not open it."""

    number: str
    title: str
    work: Work | None = None
    issued: date | None = None
    effective: date | None = None
    expired: date | None = None
    ended_by: tuple[WorkRelation, ...] = ()


@dataclass(frozen=True, slots=True)
class LegalEdge:
    """How the document stands to another: ``outgoing`` when it acts, else the other one acts on it.

    ``effective``: from when, as recorded; ``part`` of the document acted upon, "" for the whole; ``checked``: by a person.
    """

    pk: int
    kind: RelationKind
    outgoing: bool
    node: LegalNode
    effective: date | None
    until: date | None
    part: str
    checked: bool


@dataclass(frozen=True, slots=True)
class LegalGraph:
    """A document's edges (outgoing first) and its standing in time. ``counts``: all incoming edges by kind."""

    work: Work
    edges: tuple[LegalEdge, ...]
    timeline: Timeline
    counts: dict[str, int]

    def edge(self, key: object) -> LegalEdge:
        """Return the edge with this key (``Deed.by``)."""
        return next(edge for edge in self.edges if edge.pk == key)

    def on(self, day: date) -> Answer:
        """Return how the document stood on a day."""
        return self.timeline.on(day)


def legal_graph(work: Work, user: Any = None) -> LegalGraph:
    """Return the graph around ``work``, which the reader may open. In a fixed number of queries.

    Of documents that the reader may not open only what ``work`` itself says of them is told, and what they do to it not
    at all.
    """
    readable = Work.objects.published_to(user)
    given = list(WorkRelation.objects.filter(work=work).order_by("kind", "id"))
    wanted = [row.target_id for row in given if row.target_id]
    opened = readable.filter(pk__in=wanted).select_related("legal").order_by().in_bulk() if wanted else {}
    received = WorkRelation.objects.filter(target=work, work__in=readable.values("pk"))
    acting = received.exclude(kind__in=[RelationKind.BASED_ON, RelationKind.RELATED])
    others = received.filter(kind__in=[RelationKind.BASED_ON, RelationKind.RELATED])
    rows = [
        *acting.select_related("work__legal").order_by("kind", "id"),
        *others.select_related("work__legal").order_by("kind", "-id")[:MOST_OF_A_KIND],
    ]
    counts = {row["kind"]: row["n"] for row in received.values("kind").annotate(n=Count("pk")).order_by()}
    ended = enders_of({*opened, *(row.work_id for row in rows)})
    edges = [
        *(_edge(row, True, _node(opened.get(row.target_id or 0), row, ended)) for row in given),
        *(_edge(row, False, _node(row.work, None, ended)) for row in rows),
    ]
    return LegalGraph(work, tuple(edges), _timeline(work, edges), counts)


def _edge(row: WorkRelation, outgoing: bool, node: LegalNode) -> LegalEdge:
    return LegalEdge(
        pk=row.pk,
        kind=RelationKind(row.kind),
        outgoing=outgoing,
        node=node,
        effective=row.effective_date,
        until=row.until_date,
        part=row.part,
        checked=row.source in CHECKED_SOURCES,
    )


def _node(
    work: Work | None, row: WorkRelation | None, ended: Mapping[int, Sequence[WorkRelation]]
) -> LegalNode:
    if work is None:
        return LegalNode(row.cited_number, row.cited_title) if row else LegalNode("", "")
    legal = getattr(work, "legal", None)
    number = legal.number if legal else (row.cited_number if row else "")
    return LegalNode(
        number,
        work.title,
        work,
        work.issued_date,
        legal.effective_date if legal else None,
        legal.expired_date if legal else None,
        tuple(ended.get(work.pk, ())),
    )


def _timeline(work: Work, edges: Iterable[LegalEdge]) -> Timeline:
    legal: LegalRecord | None = getattr(work, "legal", None)
    own = OwnDates(
        work.issued_date, legal.effective_date if legal else None, legal.expired_date if legal else None
    )
    edges = list(edges)
    deeds = [_deed(edge) for edge in edges if not edge.outgoing]
    mine = {
        edge.node.work.pk
        for edge in edges
        if edge.outgoing and edge.checked and edge.node.work and not edge.part
        and edge.kind in {RelationKind.REPLACES, RelationKind.REPEALS}
    }  # fmt: skip
    ends = {edge.pk for edge in edges if not edge.outgoing and edge.node.work and edge.node.work.pk in mine}
    return Timeline(own, deeds, frozenset(ends))


def _deed(edge: LegalEdge) -> Deed:
    node = edge.node
    return Deed(
        kind=Link(edge.kind),
        by=edge.pk,
        on=edge.effective,
        part=edge.part,
        until=edge.until,
        by_issued=node.issued,
        by_effective=node.effective,
        by_expired=node.expired,
        sure=edge.checked,
    )


def has_graph(work: Work) -> bool:
    """Whether the work is a legal document at all."""
    return getattr(work, "legal", None) is not None or work.kind == "legal"


# --- proposals ---


def works_with_proposals(user: Any) -> Any:
    """Return the works whose proposals this person may decide on, with ``waiting`` counted, the fullest first."""
    reach = reach_of(user)
    if not (reach.librarian or reach.editor or reach.approver):
        return Work.objects.none()
    works = Work.objects.visible_to(user)
    if not reach.librarian:
        works = works.filter(kind__in=EDITED_KINDS)
    waiting = LegalProposal.objects.waiting().values("work_id")
    return (
        works.filter(pk__in=waiting)
        .select_related("legal")
        .annotate(waiting=Count("proposals", filter=Q(proposals__state=ProposalState.WAITING), distinct=True))
        .order_by("-waiting", "pk")
    )


def proposals_of(work: Work) -> list[LegalProposal]:
    """Return the waiting proposals of a work in the order of its pages; the caller has checked who asks."""
    return list(LegalProposal.objects.filter(work=work).waiting().order_by("page", "pk"))


def held_targets(proposals: Iterable[LegalProposal], user: Any) -> dict[str, Work]:
    """Return the held documents that proposals name by number, those that the person may see, by key."""
    keys = {one.cited_key for one in proposals if one.number}
    found: dict[str, Work] = {}
    works = (
        Work.objects.visible_to(user)
        .filter(legal__number_key__in=keys)
        .select_related("legal")
        .order_by("-pk")
    )
    for work in works:
        found[work.legal.number_key] = work
    return found

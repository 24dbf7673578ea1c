"""Reads of the library's desk: what waits for whom."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from khcn.engines.text.fold import fold
from khcn.library.enums import TakedownState, WorkState
from khcn.library.models import ImportBatch, TakedownRequest, Work
from khcn.library.permissions import Reach, reach_of
from khcn.orgs.models import Unit

BOXES = ("cua-toi", "cho-duyet", "tra-lai", "cho-dang", "da-dang", "da-rut", "tat-ca")
_STATES = {
    "cho-duyet": {WorkState.SUBMITTED},
    "tra-lai": {WorkState.RETURNED},
    "cho-dang": {WorkState.APPROVED},
    "da-dang": {WorkState.PUBLISHED},
    "da-rut": {WorkState.FROZEN, WorkState.WITHDRAWN},
}


@dataclass(frozen=True)
class DeskCounts:
    """How many works wait in each box of the desk."""

    mine: int
    review: int
    returned: int
    takedowns: int


def handled_by(reach: Reach) -> Q:
    """Return the works that a person handles: own deposits and those of units for which they deposit."""
    own = Q(submitted_by_id=reach.user_id)
    return own | Q(owner_unit_id__in=reach.deposit_units) if reach.deposit_units else own


def desk_works(user: Any, box: str, query: str = "") -> Any:
    """Return the works of one box for ``user``, the latest first; ``query`` is a part of title or number."""
    reach = reach_of(user)
    works = (
        Work.objects.visible_to(user)
        .select_related("legal", "owner_unit", "submitted_by")
        .defer("body", "extra")
    )
    if box == "cua-toi" or not (reach.everything or reach.approver):
        works = works.filter(handled_by(reach))
    if box in _STATES:
        works = works.filter(state__in=_STATES[box])
    elif box == "cua-toi":
        works = works.exclude(state=WorkState.WITHDRAWN)
    words = fold(query).split()
    for word in words[:8]:
        works = works.filter(Q(slug__contains=word.strip("-/.,")) | Q(legal__number_key__contains=word))
    return works.order_by("-updated_at", "-id")


def desk_counts(user: Any) -> DeskCounts:
    """Return what waits for ``user``."""
    reach = reach_of(user)
    review = 0
    if reach.everything or reach.approver:
        waiting = Work.objects.visible_to(user).filter(state=WorkState.SUBMITTED)
        review = waiting.exclude(submitted_by_id=reach.user_id).count()
    handled = Work.objects.visible_to(user).filter(handled_by(reach))
    takedowns = TakedownRequest.objects.filter(state=TakedownState.OPEN).count() if reach.librarian else 0
    return DeskCounts(
        mine=handled.filter(state=WorkState.DRAFT).count(),
        review=review,
        returned=handled.filter(state=WorkState.RETURNED).count(),
        takedowns=takedowns,
    )


def deposit_units(user: Any, today: date) -> Any:
    """Return the units for which ``user`` hands works in; a librarian any unit in force."""
    reach = reach_of(user)
    units = Unit.objects.in_force(today)
    return (units if reach.librarian else units.filter(pk__in=reach.deposit_units)).order_by("sort_key")


def recent_batches(user: Any, limit: int = 20) -> Any:
    """Return the latest imports that ``user`` may see."""
    return ImportBatch.objects.visible_to(user).select_related("unit", "actor")[:limit]

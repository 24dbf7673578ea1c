"""Faults as people look at them: over all sites, the unhandled first."""

from typing import Any, Final

from django.db.models import Case, IntegerField, QuerySet, Value, When

from khcn.energy.enums import FindingState
from khcn.energy.models import Finding, Site

BOXES: Final[dict[str, tuple[str, ...]]] = {
    "can-xu-ly": (FindingState.NEW, FindingState.SEEN, FindingState.FIXING),
    "moi": (FindingState.NEW,),
    "dang-xu-ly": (FindingState.FIXING,),
    "da-xong": (FindingState.FIXED, FindingState.DISMISSED),
    "tat-ca": tuple(FindingState.values),
}
_ORDER: Final = Case(
    *(
        When(state=state, then=Value(number))
        for number, state in enumerate(
            (FindingState.NEW, FindingState.SEEN, FindingState.FIXING, FindingState.FIXED, FindingState.DISMISSED)
        )
    ),
    default=Value(9),
    output_field=IntegerField(),
)  # fmt: skip


def findings_for(
    user: Any, *, site: Site | None = None, box: str = "can-xu-ly", kind: str = ""
) -> QuerySet[Finding]:
    """Return the faults that a person may see, the new ones first, then the latest."""
    rows = Finding.objects.visible_to(user).filter(state__in=BOXES[box])
    if site is not None:
        rows = rows.filter(site=site)
    if kind:
        rows = rows.filter(kind=kind)
    return (
        rows.select_related("site", "site__unit", "system", "device", "handled_by")
        .defer("evidence")
        .annotate(order=_ORDER)
        .order_by("order", "-starts_at", "-pk")
    )


def new_findings(user: Any) -> int:
    """Return how many faults nobody has looked at."""
    return Finding.objects.visible_to(user).filter(state=FindingState.NEW).count()


def finding_for(user: Any, pk: int) -> Finding | None:
    """Return one fault with its evidence, or None when it is not for this person."""
    return (
        Finding.objects.visible_to(user)
        .select_related("site", "site__unit", "system", "device", "handled_by")
        .filter(pk=pk)
        .first()
    )

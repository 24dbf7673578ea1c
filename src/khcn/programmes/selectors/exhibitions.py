"""Reads of exhibitions: the showcase, one exhibitor with what may be shown, plans, lists of the desk."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from khcn.engines.text.fold import fold
from khcn.programmes.enums import ConsentPurpose
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.exhibitions import Booth, Exhibitor, FloorPlan, Product, VisitorContact
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.exhibitions import ExhibitorState


@dataclass(frozen=True, slots=True)
class Shown:
    """A product as the public may see it: without makers and pictures where a consent is missing."""

    product: Product
    makers: str
    pictures: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Stand:
    """A booth in the units of its drawing."""

    booth: Booth
    x: float
    y: float
    w: float
    h: float

    @property
    def middle(self) -> tuple[float, float]:
        """Where its number is written."""
        return self.x + self.w / 2, self.y + self.h / 2


@dataclass(frozen=True, slots=True)
class Hall:
    """A plan ready to be drawn: 300 units wide."""

    plan: FloorPlan
    height: float
    stands: Sequence[Stand]


def showcase(programme: Programme, query: str = "", kind: str = "") -> QuerySet[Exhibitor]:
    """Return what everybody sees of an exhibition; words are sought with or without tone marks, in products too."""
    rows = Exhibitor.objects.filter(programme=programme).shown()
    if kind:
        rows = rows.filter(kind=kind)
    for word in fold(query)[:100].split()[:6]:
        rows = rows.filter(Q(folded_name__contains=word) | Q(products__folded_title__contains=word))
    return (
        rows.distinct()
        .annotate(shown_products=Count("products", distinct=True))
        .prefetch_related("booths")
        .order_by("sort_key", "pk")
    )


def exhibitor_shown(programme: Programme, key: str) -> Exhibitor | None:
    """Return one exhibitor for the public."""
    return Exhibitor.objects.filter(programme=programme, key=key).shown().select_related("programme").first()


def products_shown(exhibitor: Exhibitor) -> list[Shown]:
    """Return its products as the public may see them."""
    products = list(exhibitor.products.prefetch_related("pictures"))
    allowed = publishable(products)
    return [
        Shown(
            one,
            one.makers if one.pk in allowed else "",
            list(one.pictures.all()) if not one.by_pupils or one.pk in allowed else [],
        )
        for one in products
    ]


def publishable(products: Sequence[Product]) -> set[int]:
    """Return the products whose makers may be shown: an adult's word; a child's and its guardian's both."""
    subjects = {f"programmes.product:{one.pk}": one for one in products}
    rows = Consent.objects.filter(
        subject__in=list(subjects), purpose=ConsentPurpose.PUBLICATION, withdrawn_at=None
    )
    given: dict[str, set[str]] = defaultdict(set)
    for subject, by in rows.values_list("subject", "by"):
        given[subject].add(by)
    return {
        one.pk
        for subject, one in subjects.items()
        if ({"child", "guardian"} if one.by_pupils else {"self"}) <= given[subject]
    }


def consents_of(products: Sequence[Product]) -> dict[int, set[str]]:
    """Return who agreed to publication, by product."""
    rows = Consent.objects.filter(
        subject__in=[f"programmes.product:{one.pk}" for one in products],
        purpose=ConsentPurpose.PUBLICATION,
        withdrawn_at=None,
    )
    found: dict[int, set[str]] = defaultdict(set)
    for subject, by in rows.values_list("subject", "by"):
        found[int(subject.partition(":")[2])].add(by)
    return found


def halls(programme: Programme) -> list[Hall]:
    """Return the plans with their booths and who stands in them, in two queries."""
    booths = Prefetch("booths", Booth.objects.select_related("exhibitor").order_by("order", "number"))
    found = []
    for plan in FloorPlan.objects.filter(programme=programme).prefetch_related(booths):
        height = max(60.0, min(600.0, 300 * plan.height / max(plan.width, 1)))
        stands = [
            Stand(one, one.x * 3, round(one.y * height / 100, 2), one.w * 3, round(one.h * height / 100, 2))
            for one in plan.booths.all()
        ]
        found.append(Hall(plan, round(height, 2), stands))
    return found


def exhibitor_by_token(token: str) -> Exhibitor | None:
    """Return the exhibitor of a secret link."""
    return Exhibitor.objects.select_related("programme").filter(token=token).first()


def contact_by_token(token: str) -> VisitorContact | None:
    """Return the contact of a secret link."""
    return VisitorContact.objects.select_related("exhibitor__programme").filter(token=token).first()


def contacts_of(exhibitor: Exhibitor) -> QuerySet[VisitorContact]:
    """Return what visitors left for this exhibitor, proven and not taken back."""
    return VisitorContact.objects.standing().filter(exhibitor=exhibitor)


def exhibitors_for(user: Any, programme: Programme, state: str = "", query: str = "") -> QuerySet[Exhibitor]:
    """Return the desk's list; contacts are counted, never read."""
    rows = Exhibitor.objects.visible_to(user).filter(programme=programme).proven()
    if state in ExhibitorState.values:
        rows = rows.filter(state=state)
    for word in fold(query)[:100].split()[:6]:
        rows = rows.filter(folded_name__contains=word)
    standing = Q(contacts__confirmed_at__isnull=False, contacts__withdrawn_at=None)
    return (
        rows.annotate(
            held_products=Count("products", distinct=True),
            held_contacts=Count("contacts", filter=standing, distinct=True),
        )
        .prefetch_related("booths")
        .order_by("sort_key", "pk")
    )

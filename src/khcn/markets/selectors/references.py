"""How other rooms link to markets: title and address of those that the reader may see."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from khcn.core.references import Reference, Resolved
from khcn.markets.models import Market

MARKET_REFERENCE = Market._meta.label_lower


def resolve_markets(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these markets: the desk's page, or only the name of those with a public page."""
    wanted = [int(ident) for ident in ids if ident.isascii() and ident.isdigit()]
    mine = set(Market.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    found: dict[str, Resolved] = {}
    for market in Market.objects.filter(pk__in=wanted):
        if market.pk in mine or market.is_public:
            address = reverse("markets-desk:market", args=[market.key]) if market.pk in mine else ""
            found[str(market.pk)] = Resolved(
                Reference(MARKET_REFERENCE, str(market.pk)), market.name, address
            )
    return found

"""How other rooms link to sites: title and address of those that the reader may see."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import NoReverseMatch, reverse

from khcn.core.references import Reference, Resolved
from khcn.energy.models import Site

SITE_REFERENCE = Site._meta.label_lower


def resolve_sites(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these sites: the desk's page, or only the name of those that publish figures."""
    wanted = [int(ident) for ident in ids if ident.isascii() and ident.isdigit()]
    mine = set(Site.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    found: dict[str, Resolved] = {}
    for site in Site.objects.filter(pk__in=wanted):
        if site.pk in mine or site.is_public:
            address = _address(site.key) if site.pk in mine else ""
            found[str(site.pk)] = Resolved(Reference(SITE_REFERENCE, str(site.pk)), site.name, address)
    return found


def _address(key: str) -> str:
    try:
        return reverse("energy-desk:site", args=[key])
    except NoReverseMatch:
        return ""

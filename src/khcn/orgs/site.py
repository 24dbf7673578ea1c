"""The facts in the header and footer of every page, kept for a minute."""

from dataclasses import dataclass, field

from django.conf import settings
from django.core.cache import cache

from khcn.orgs.models import SiteProfile
from khcn.orgs.profiles import profile_read

_KEY = "khcn.orgs.site"
# Another process may have changed the row; nobody minds a minute.
_SECONDS = 60


@dataclass(frozen=True)
class SiteIdentity:
    """Who runs this site. ``terms`` holds the words of the place (``terms.place``, ``terms.area``)."""

    site_name: str
    logo_text: str
    tagline: str
    owner: str
    responsible_title: str
    responsible_name: str
    address: str
    email: str
    phone: str
    contact_is_demo: bool
    operator_id: int | None = None
    operator_name: str = ""
    terms: dict[str, str] = field(default_factory=dict)


_SHARED = (
    "site_name", "logo_text", "tagline", "owner", "responsible_title", "responsible_name", "address", "email",
    "phone", "contact_is_demo", "terms",
)  # fmt: skip


def _from_file() -> SiteIdentity:
    """Return the configured profile's facts: before it is loaded, the first page is already right."""
    data = profile_read(settings.KHCN.profile).site
    return SiteIdentity(**{name: getattr(data, name) for name in _SHARED})


def _from_row(row: SiteProfile) -> SiteIdentity:
    return SiteIdentity(
        **{name: getattr(row, name) for name in _SHARED},
        operator_id=row.operator_id,
        operator_name=row.operator.name if row.operator else "",
    )


def site_identity() -> SiteIdentity:
    """Return the facts of this installation, at most a minute old."""
    found: SiteIdentity | None = cache.get(_KEY)
    if found is None:
        row = SiteProfile.objects.select_related("operator").filter(pk=1).first()
        found = _from_row(row) if row else _from_file()
        cache.set(_KEY, found, _SECONDS)
    return found


def forget_site_identity() -> None:
    """Read the facts anew at the next page."""
    cache.delete(_KEY)

"""Models of ``orgs``: people and roles, units, outside parties, the site's own facts."""

from khcn.orgs.models.parties import Party
from khcn.orgs.models.people import Absence, Membership, User, Viewer, memberships_of
from khcn.orgs.models.site import SiteProfile
from khcn.orgs.models.units import SuccessionDecision, Unit, UnitCode, UnitKind, UnitSuccession

__all__ = [
    "Absence",
    "Membership",
    "Party",
    "SiteProfile",
    "SuccessionDecision",
    "Unit",
    "UnitCode",
    "UnitKind",
    "UnitSuccession",
    "User",
    "Viewer",
    "memberships_of",
]

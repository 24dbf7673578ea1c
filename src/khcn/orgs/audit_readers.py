"""Which rows of the audit trail a role opens, for ``core``'s registry."""

from django.db.models import Q
from django.utils import timezone

from khcn.core.actors import Actor
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, memberships_of
from khcn.orgs.permissions import can_view_audit, has_role, unit_ids_with

# What the administrator needs to run the place; never the deeds on content.
_TECHNICAL = (
    "orgs.user.",
    "orgs.membership.",
    "orgs.unit.",
    "orgs.decision.",
    "orgs.site.",
    "orgs.sign_in.",
    "core.",
)


def audit_rows_for(user: Actor) -> Q:
    """Return what the roles of ``user`` open: all, technical rows, or the deeds of the own unit's people."""
    today = timezone.localdate()
    held = memberships_of(user, today)
    if can_view_audit(held):
        return Q()
    rows = Q(pk__in=[])
    if has_role(held, Role.SYSADMIN):
        for prefix in _TECHNICAL:
            rows |= Q(action__startswith=prefix)
    if units := unit_ids_with(held, {Role.UNIT_HEAD}):
        people = Membership.objects.in_force(today).filter(unit_id__in=units).values("user_id")
        rows |= Q(actor_id__in=people)
    return rows

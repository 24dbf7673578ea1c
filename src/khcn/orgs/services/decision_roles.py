"""People follow their unit: old roles end on its last day, new ones begin the day after."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record, snapshot
from khcn.orgs.decisions import DecisionError
from khcn.orgs.enums import Role
from khcn.orgs.handover import Takers, chosen_key
from khcn.orgs.models import Membership, Unit, Viewer

ROLE_FIELDS = ("user", "unit", "role", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class RoleMove:
    """One role of one person. ``taker``: key of the unit in which it goes on; empty: it ends with the unit."""

    ref: str
    person: str
    role: str
    unit: str
    options: tuple[tuple[str, str], ...]
    taker: str


def role_ref(row: Membership) -> tuple[str, str]:
    """Return the name of one role of a person and that of the person, for exceptions."""
    return f"person:{row.user.username}/{row.role}", f"person:{row.user.username}"


def roles_move(
    *, actor: Viewer, takers: Takers, exceptions: dict[str, str], effective: date, written: dict[str, Any]
) -> list[RoleMove]:
    """Move the roles of one unit by date; a role moved already is not moved again. Return what became of each."""
    last_day = effective - timedelta(days=1)
    rows = Membership.objects.filter(unit=takers.unit, user__is_active=True).select_related("user", "unit")
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=last_day))
    by_key = {unit.key: unit for unit in takers.targets}
    default = takers.default.key if takers.default else ""
    moved = []
    for row in rows.order_by("role", "user__person_key", "pk"):
        ref, person = role_ref(row)
        key = chosen_key(by_key, default, exceptions, ref, person)
        if not key and not takers.ends:
            continue  # the unit lives on, and so does the role
        if target := by_key.get(key):
            _begin(actor, row, target, effective, written)
        _end(actor, row, last_day, written)
        options = tuple((unit.key, unit.name) for unit in takers.targets)
        moved.append(
            RoleMove(
                ref,
                row.user.get_full_name(),
                str(Role(row.role).label),
                takers.unit.name,
                options,
                key if key in by_key else "",
            )
        )
    return moved


def _begin(actor: Viewer, old: Membership, target: Unit, effective: date, written: dict[str, Any]) -> None:
    begins = max(old.valid_from or effective, effective)
    held = Membership.objects.filter(user=old.user, unit=target, role=old.role)
    after = Q(valid_to__isnull=True) | Q(valid_to__gte=begins)
    before = Q(valid_from__isnull=True)
    if old.valid_to is not None:
        before |= Q(valid_from__lte=old.valid_to)
    if held.filter(after).filter(before if old.valid_to is not None else Q()).exists():
        return  # holds the role there already
    row = Membership.objects.create(
        user=old.user, unit=target, role=old.role, valid_from=begins, valid_to=old.valid_to
    )
    written.setdefault("roles_made", []).append(row.pk)
    audit_record(actor=actor, action="orgs.membership.move", target=row, after=snapshot(row, ROLE_FIELDS))


def _end(actor: Viewer, row: Membership, last_day: date, written: dict[str, Any]) -> None:
    before = snapshot(row, ROLE_FIELDS)
    if row.valid_from is not None and row.valid_from > last_day:  # was only planned
        audit_record(actor=actor, action="orgs.membership.drop", target=row, before=before)
        row.delete()
        return
    written.setdefault("roles_ended", {})[str(row.pk)] = row.valid_to.isoformat() if row.valid_to else ""
    row.valid_to = last_day
    row.save(update_fields=["valid_to"])
    after = snapshot(row, ROLE_FIELDS)
    audit_record(actor=actor, action="orgs.membership.end", target=row, before=before, after=after)


def administrator_kept(effective: date, today: date) -> None:
    """Raise unless somebody administers after the decision. :raises DecisionError: nobody would."""
    rows = Membership.objects.filter(role=Role.SYSADMIN, user__is_active=True).select_related("unit")
    if not any(row.in_force(today) for row in rows):
        return  # a deployment without administrators yet
    day = max(effective, today)
    if not any(row.in_force(day) and row.unit.in_force(day) for row in rows):
        raise DecisionError(
            _(
                "Sau quyết định này không còn ai quản trị hệ thống. Hãy cho người quản trị chuyển sang đơn vị kế thừa, hoặc giao vai trò này cho người ở đơn vị khác trước."
            )
        )

"""Write units, their codes and the decisions by which one follows another."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import KhcnError
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import nfc
from khcn.engines.text.slug import slugify_vi
from khcn.orgs.enums import CodeScheme, SuccessionKind
from khcn.orgs.models import Unit, UnitCode, UnitKind, UnitSuccession, Viewer
from khcn.orgs.models.units import new_unit_key, subtree_ids
from khcn.orgs.permissions import can_manage_organisation
from khcn.orgs.request_cache import forget_all
from khcn.orgs.services.guard import require

UNIT_FIELDS = (
    "key", "name", "name_en", "short_name", "kind", "parent", "members_complete", "electronic_id", "address",
    "email", "phone", "is_listed", "order", "valid_from", "valid_to",
)  # fmt: skip


class UnitTreeError(KhcnError):
    """A unit would stand below itself."""

    code = "unit-tree"


class UnitCodeTakenError(KhcnError):
    """Another unit holds the same code on one of the days."""

    code = "unit-code-taken"


def _free_key(name: str) -> str:
    """Return a key for the address, made from the name; a number is added when it is taken."""
    stem = slugify_vi(name, 70) or new_unit_key()
    key, number = stem, 1
    while Unit.objects.filter(key=key).exists():
        number += 1
        key = f"{stem}-{number}"
    return key


@transaction.atomic
def unit_create(
    *,
    actor: Viewer,
    today: date,
    name: str,
    kind: UnitKind,
    parent: Unit | None = None,
    key: str = "",
    name_en: str = "",
    short_name: str = "",
    members_complete: bool = True,
    electronic_id: str = "",
    address: str = "",
    email: str = "",
    phone: str = "",
    is_listed: bool = True,
    order: int = 100,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Unit:
    """Add a unit. :raises ValidationError: for a malformed electronic identifier or dates out of order."""
    require(actor, today, can_manage_organisation)
    unit = Unit(
        key=key or _free_key(name),
        name=nfc(name).strip(),
        name_en=name_en,
        short_name=nfc(short_name).strip(),
        kind=kind,
        parent=parent,
        members_complete=members_complete,
        electronic_id=electronic_id,
        address=nfc(address),
        email=email,
        phone=phone,
        is_listed=is_listed,
        order=order,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    unit.sort_key = sort_key(unit.name)
    unit.full_clean()
    unit.save()
    audit_record(actor=actor, action="orgs.unit.create", target=unit, after=snapshot(unit, UNIT_FIELDS))
    forget_all()
    return unit


@transaction.atomic
def unit_update(*, actor: Viewer, today: date, unit: Unit, **changes: object) -> Unit:
    """Change a unit. ``changes`` names fields of :data:`UNIT_FIELDS`.

    :raises UnitTreeError: when the new parent is the unit itself or stands below it.
    """
    require(actor, today, can_manage_organisation)
    unknown = set(changes) - set(UNIT_FIELDS)
    if unknown:
        raise TypeError(f"unit_update: unknown fields {sorted(unknown)}")
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    before = snapshot(unit, UNIT_FIELDS)
    for field, value in changes.items():
        setattr(unit, field, nfc(value).strip() if isinstance(value, str) else value)
    if unit.parent_id is not None and unit.parent_id in subtree_ids([unit.pk]):
        raise UnitTreeError(
            _("%(unit)s không thể thuộc chính nó hoặc thuộc một đơn vị bên dưới nó. Hãy chọn đơn vị khác.")
            % {"unit": unit.name}
        )
    unit.sort_key = sort_key(unit.name)
    unit.full_clean()
    after = snapshot(unit, UNIT_FIELDS)
    if before != after:
        unit.save()
        audit_record(actor=actor, action="orgs.unit.update", target=unit, before=before, after=after)
        forget_all()
    return unit


@transaction.atomic
def unit_members_set(*, actor: Viewer, today: date, unit: Unit, members: Iterable[Unit]) -> bool:
    """Say which units a group stands for; return whether that changed anything."""
    require(actor, today, can_manage_organisation)
    before = snapshot(unit, ["members"])
    unit.members.set(members)
    after = snapshot(unit, ["members"])
    if before != after:
        audit_record(actor=actor, action="orgs.unit.members", target=unit, before=before, after=after)
    return before != after


@transaction.atomic
def unit_code_set(
    *,
    actor: Viewer,
    today: date,
    unit: Unit,
    scheme: CodeScheme,
    code: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> UnitCode:
    """Record a code of a unit. The same code from the same day is changed, not added twice.

    :raises UnitCodeTakenError: when another unit holds the code on one of these days.
    """
    require(actor, today, can_manage_organisation)
    others = UnitCode.objects.filter(scheme=scheme, code=code).exclude(unit=unit).select_related("unit")
    if valid_to is not None:
        others = others.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=valid_to))
    if valid_from is not None:
        others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=valid_from))
    if (holder := others.first()) is not None:
        raise UnitCodeTakenError(
            _("Mã %(code)s đang là mã của %(unit)s. Hãy sửa ngày hết hiệu lực của mã cũ trước.")
            % {"code": code, "unit": holder.unit.name}
        )
    row, made = UnitCode.objects.get_or_create(
        unit=unit, scheme=scheme, code=code, valid_from=valid_from, defaults={"valid_to": valid_to}
    )
    if not made and row.valid_to == valid_to:
        return row
    before = None if made else snapshot(row, ["valid_to"])
    row.valid_to = valid_to
    row.full_clean()
    row.save()
    after = {"scheme": scheme, "code": code, **snapshot(row, ["valid_from", "valid_to"])}
    audit_record(actor=actor, action="orgs.unit.code", target=unit, before=before, after=after)
    return row


@transaction.atomic
def succession_record(
    *,
    actor: Viewer,
    today: date,
    kind: SuccessionKind,
    predecessor: Unit,
    successor: Unit,
    decision_number: str,
    effective_date: date,
    decision_date: date | None = None,
    note: str = "",
) -> UnitSuccession:
    """Record that ``successor`` takes over from ``predecessor``; the predecessor's last day is the day
    before.

    Handing over open items is each app's part of a later work; what this opens at once is reading the past.
    """
    require(actor, today, can_manage_organisation)
    row, made = UnitSuccession.objects.get_or_create(
        predecessor=predecessor,
        successor=successor,
        effective_date=effective_date,
        defaults={
            "kind": kind,
            "decision_number": decision_number,
            "decision_date": decision_date,
            "note": note,
        },
    )
    if not made:
        return row
    fields = [
        "kind",
        "predecessor",
        "successor",
        "decision_number",
        "decision_date",
        "effective_date",
        "note",
    ]
    audit_record(actor=actor, action="orgs.unit.succession", target=row, after=snapshot(row, fields))
    last_day = effective_date - timedelta(days=1)
    # A split or a change of borders may leave the old unit alive under its own name; then its end stays open.
    if kind == SuccessionKind.MERGE and (predecessor.valid_to is None or predecessor.valid_to > last_day):
        unit_update(actor=actor, today=today, unit=predecessor, valid_to=last_day)
    forget_all()
    return row

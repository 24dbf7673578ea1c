"""Write units, their codes and the decisions by which one follows another."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import KhcnError
from khcn.core.registry import Registry
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import nfc
from khcn.engines.text.slug import slugify_vi
from khcn.orgs.enums import CodeScheme, SuccessionKind
from khcn.orgs.handover import SuccessionFollower
from khcn.orgs.models import SuccessionDecision, Unit, UnitCode, UnitKind, UnitSuccession, Viewer
from khcn.orgs.models.units import new_unit_key, subtree_ids, successor_ids
from khcn.orgs.permissions import can_manage_organisation
from khcn.orgs.request_cache import forget_all
from khcn.orgs.services.guard import require

UNIT_FIELDS = (
    "key", "name", "name_en", "short_name", "kind", "parent", "members_complete", "electronic_id", "address",
    "email", "phone", "is_listed", "order", "valid_from", "valid_to",
)  # fmt: skip
SUCCESSION_FIELDS = (
    "kind", "predecessor", "successor", "decision_number", "decision_date", "effective_date", "note", "is_default",
    "predecessor_ends",
)  # fmt: skip

# Apps with open things of units: what is handed over when one unit follows another.
succession_followers: Registry[SuccessionFollower] = Registry("followers of a succession")


class UnitTreeError(KhcnError):
    """A unit would stand below itself."""

    code = "unit-tree"


class UnitCodeTakenError(KhcnError):
    """Another unit holds the same code on one of the days."""

    code = "unit-code-taken"


class SuccessionError(KhcnError):
    """One unit cannot follow the other."""

    code = "succession"
    status = 422


def free_key(name: str) -> str:
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
        key=key or free_key(name),
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


def successor_fault(predecessor: Unit, successor: Unit, effective: date) -> str:
    """Return why ``successor`` cannot follow ``predecessor`` from the day ``effective``; empty when it can.

    A circle is refused whatever its dates: a unit whose work came back to it would carry its own past twice. A name
    that returns is a new unit.
    """
    names = {"one": predecessor.name, "other": successor.name, "day": f"{effective:%d/%m/%Y}"}
    if predecessor.pk == successor.pk:
        return _("%(one)s không thể kế thừa chính nó. Hãy chọn đơn vị khác.") % names
    if not predecessor.in_force(effective - timedelta(days=1)):
        return (
            _(
                "%(one)s không hoạt động vào ngày trước %(day)s nên không còn gì để bàn giao. Hãy xem lại đơn vị hoặc ngày có hiệu lực."
            )
            % names
        )
    if not successor.in_force(effective):
        return (
            _(
                "%(other)s không hoạt động vào ngày %(day)s nên không nhận bàn giao được. Hãy chọn đơn vị đang hoạt động hoặc sửa ngày."
            )
            % names
        )
    if predecessor.pk in successor_ids([successor.pk]):
        return (
            _(
                "Kế thừa vòng tròn: việc của %(other)s trước đây đã về %(one)s. Nếu tên cũ được dùng lại, hãy lập một đơn vị mới mang tên đó."
            )
            % names
        )
    return ""


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
    is_default: bool | None = None,
    ends: bool | None = None,
    now: datetime | None = None,
) -> UnitSuccession:
    """Record that ``successor`` takes over from ``predecessor``; of a merger or a new name the predecessor's last day
    is the day before.

    ``is_default``: takes what is open (the first successor of a day when nothing is said). ``ends``: whether the
    predecessor ends; of a split it may live on. Reading the past opens by the date; what is open is handed over on the
    day (:mod:`khcn.orgs.services.handovers`).

    :raises SuccessionError: a circle, a unit after itself, or one of the two not in force.
    """
    require(actor, today, can_manage_organisation)
    known = UnitSuccession.objects.filter(
        predecessor=predecessor, successor=successor, effective_date=effective_date
    ).first()
    if known is not None:
        return known
    if fault := successor_fault(predecessor, successor, effective_date):
        raise SuccessionError(fault)
    last_day = effective_date - timedelta(days=1)
    ended = predecessor.valid_to is not None and predecessor.valid_to <= last_day
    ending = ended or (kind != SuccessionKind.SPLIT if ends is None else ends)
    if is_default is None:
        same_day = UnitSuccession.objects.filter(predecessor=predecessor, effective_date=effective_date)
        is_default = ending and not same_day.filter(is_default=True).exists()
    decision, _made = SuccessionDecision.objects.get_or_create(
        number=decision_number,
        effective_on=effective_date,
        defaults={
            "decided_on": decision_date,
            "note": note,
            "recorded_by_id": actor.pk if actor else None,
            "recorded_at": now or timezone.make_aware(datetime.combine(today, time.min)),
        },
    )
    row = UnitSuccession.objects.create(
        decision=decision,
        kind=kind,
        predecessor=predecessor,
        successor=successor,
        decision_number=decision_number,
        decision_date=decision_date,
        effective_date=effective_date,
        note=note,
        is_default=is_default,
        predecessor_ends=ending,
    )
    audit_record(
        actor=actor, action="orgs.unit.succession", target=row, after=snapshot(row, SUCCESSION_FIELDS)
    )
    if ending and not ended:
        unit_update(actor=actor, today=today, unit=predecessor, valid_to=last_day)
    forget_all()
    return row

"""Load a data profile: the units, words and facts of one place."""

from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction

from khcn.core.audit import audit_record, snapshot
from khcn.orgs.enums import CodeScheme, SuccessionKind
from khcn.orgs.models import SiteProfile, Unit, UnitKind, Viewer
from khcn.orgs.permissions import can_manage_organisation
from khcn.orgs.profiles import Profile, SiteData, UnitData, profile_read
from khcn.orgs.request_cache import forget_all
from khcn.orgs.services.guard import require
from khcn.orgs.services.units import (
    succession_record,
    unit_code_set,
    unit_create,
    unit_members_set,
    unit_update,
)
from khcn.orgs.site import forget_site_identity

SITE_FIELDS = (
    "profile", "site_name", "logo_text", "tagline", "owner", "responsible_title", "responsible_name",
    "address", "email", "phone", "operator", "terms", "contact_is_demo",
)  # fmt: skip


@dataclass(frozen=True)
class ProfileResult:
    """What loading a profile did, in units."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@transaction.atomic
def profile_load(*, name: str, actor: Viewer, today: date) -> ProfileResult:
    """Bring units, codes, successions and the site's facts of a profile into the database; twice is once.

    Units are found by key. What the profile says of a unit wins over the database, so that loading
    ``phuong-2025`` after ``quan5-2021`` closes the older units; dates that it leaves open stay as they are.
    The site's facts are written on the first load and whenever another profile is loaded, never over an edit.

    :raises ProfileError: unknown profile, or one whose files contradict each other.
    """
    require(actor, today, can_manage_organisation)
    profile = profile_read(name)
    # 1. kinds, 2. units (parents come first in the file), 3. groups, 4. codes, 5. decisions, 6. the site
    kinds = _kinds_load(profile)
    result = ProfileResult()
    units: dict[str, Unit] = {}
    for data in profile.units:
        units[data.key], done = _unit_load(actor, today, data, kinds, units)
        result = replace(result, **{done: getattr(result, done) + 1})
    for data in profile.units:
        if data.members:
            unit_members_set(
                actor=actor, today=today, unit=units[data.key], members=[units[key] for key in data.members]
            )
    _codes_load(actor, today, profile, units)
    for move in profile.moves:
        succession_record(
            actor=actor,
            today=today,
            kind=SuccessionKind(move.kind),
            predecessor=units[move.predecessor],
            successor=units[move.successor],
            decision_number=move.number,
            decision_date=move.decided,
            effective_date=move.effective,
            note=move.note,
            is_default=move.default,
        )
    _site_load(actor, profile, units)
    forget_all()
    return result


def _kinds_load(profile: Profile) -> dict[str, UnitKind]:
    kinds = {}
    for data in profile.kinds:
        kinds[data.code], _made = UnitKind.objects.update_or_create(
            code=data.code,
            defaults={
                "label": data.label,
                "label_en": data.label_en,
                "order": data.order,
                "is_group": data.is_group,
            },
        )
    return kinds


def _unit_load(
    actor: Viewer, today: date, data: UnitData, kinds: dict[str, UnitKind], units: dict[str, Unit]
) -> tuple[Unit, str]:
    """Create or update one unit; return it and which counter it belongs to."""
    parent = units[data.parent] if data.parent else None
    unit = Unit.objects.filter(key=data.key).first()
    if unit is None:
        unit = unit_create(
            actor=actor,
            today=today,
            key=data.key,
            name=data.name,
            kind=kinds[data.kind],
            parent=parent,
            name_en=data.name_en,
            short_name=data.short_name,
            members_complete=data.members_complete,
            electronic_id=data.electronic_id,
            address=data.address,
            email=data.email,
            phone=data.phone,
            valid_from=data.valid_from,
            valid_to=data.valid_to,
        )
        return unit, "created"
    changes: dict[str, object] = {"name": data.name, "kind": kinds[data.kind], "parent": parent}
    optional = (
        "name_en",
        "short_name",
        "electronic_id",
        "address",
        "email",
        "phone",
        "valid_from",
        "valid_to",
    )
    changes |= {field: getattr(data, field) for field in optional if getattr(data, field)}
    if all(getattr(unit, field) == value for field, value in changes.items()):
        return unit, "unchanged"
    return unit_update(actor=actor, today=today, unit=unit, **changes), "updated"


def _codes_load(actor: Viewer, today: date, profile: Profile, units: dict[str, Unit]) -> None:
    """Write the codes; those that end go first, so that a reused code is free for its next holder."""
    rows = [(data.key, code) for data in profile.units for code in data.codes]
    for key, code in sorted(rows, key=lambda row: row[1].valid_from or date.min):
        unit_code_set(
            actor=actor,
            today=today,
            unit=units[key],
            scheme=CodeScheme(code.scheme),
            code=code.code,
            valid_from=code.valid_from,
            valid_to=code.valid_to,
        )


def _site_values(profile: Profile, data: SiteData, units: dict[str, Unit]) -> dict[str, object]:
    values = {name: getattr(data, name) for name in SITE_FIELDS if name not in {"profile", "operator"}}
    return values | {"profile": profile.name, "operator": units[data.operator]}


def _site_load(actor: Viewer, profile: Profile, units: dict[str, Unit]) -> None:
    row = SiteProfile.objects.filter(pk=1).first()
    if row is not None and row.profile == profile.name:
        return
    before = snapshot(row, SITE_FIELDS) if row else None
    row = SiteProfile(pk=1, **_site_values(profile, profile.site, units))
    row.save()
    audit_record(
        actor=actor, action="orgs.site.load", target=row, before=before, after=snapshot(row, SITE_FIELDS)
    )
    transaction.on_commit(forget_site_identity)


@transaction.atomic
def site_update(*, actor: Viewer, today: date, **changes: object) -> SiteProfile:
    """Change the site's facts; ``changes`` names fields of :data:`SITE_FIELDS`."""
    require(actor, today, can_manage_organisation)
    unknown = set(changes) - set(SITE_FIELDS)
    if unknown:
        raise TypeError(f"site_update: unknown fields {sorted(unknown)}")
    row = SiteProfile.objects.select_for_update().get(pk=1)
    before = snapshot(row, SITE_FIELDS)
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    after = snapshot(row, SITE_FIELDS)
    if before != after:
        audit_record(actor=actor, action="orgs.site.update", target=row, before=before, after=after)
        transaction.on_commit(forget_site_identity)
    return row

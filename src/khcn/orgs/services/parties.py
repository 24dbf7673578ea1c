"""Write the register of outside parties."""

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import KhcnError
from khcn.core.registry import Registry
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold, nfc
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Party, Unit, Viewer
from khcn.orgs.models.units import ancestor_ids
from khcn.orgs.permissions import can_keep_party, can_merge_parties
from khcn.orgs.services.guard import require

PARTY_FIELDS = (
    "kind", "name", "registration_code", "address", "ward", "contact_name", "contact_phone", "contact_email",
    "valid_from", "valid_to",
)  # fmt: skip
_CONTACT = ("contact_name", "contact_phone", "contact_email")
_AUDITED = tuple(name for name in (*PARTY_FIELDS, "merged_into") if name not in _CONTACT)

# An app that keeps its own rows for parties moves them in the same transaction: ``follower(kept,
# duplicate)``.
party_merge_followers: Registry[Callable[[Party, Party], None]] = Registry("party merge followers")


class PartyMergeError(KhcnError):
    """These two records cannot become one."""

    code = "party-merge"


def _area(ward: Unit | None) -> frozenset[int] | None:
    return frozenset(ancestor_ids([ward.pk])) if ward else None


def _finish(party: Party) -> None:
    """Fill the derived columns and let the database's rules speak before it is written."""
    party.name = " ".join(nfc(party.name).split())
    party.folded_name = fold(party.name)
    party.sort_key = sort_key(party.name)
    party.registration_code = party.registration_code.replace(" ", "").upper()
    party.full_clean()


@transaction.atomic
def party_create(
    *,
    actor: Viewer,
    today: date,
    kind: PartyKind,
    name: str,
    registration_code: str = "",
    address: str = "",
    ward: Unit | None = None,
    contact_name: str = "",
    contact_phone: str = "",
    contact_email: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Party:
    """Add a party. Ask :func:`khcn.orgs.selectors.party_duplicates` first and show the person what it finds.

    :raises ValidationError: the code is held by another party of the kind.
    """
    require(actor, today, lambda held: can_keep_party(held, _area(ward)))
    party = Party(
        kind=kind,
        name=name,
        registration_code=registration_code,
        address=nfc(address).strip(),
        ward=ward,
        contact_name=nfc(contact_name).strip(),
        contact_phone=contact_phone.strip(),
        contact_email=contact_email.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
    )
    _finish(party)
    party.save()
    audit_record(actor=actor, action="orgs.party.create", target=party, after=snapshot(party, _AUDITED))
    return party


@transaction.atomic
def party_update(*, actor: Viewer, today: date, party: Party, **changes: object) -> Party:
    """Change a party; ``changes`` names fields of :data:`PARTY_FIELDS`. A move needs the right in both wards.

    The trail says that contact details changed, never what they are: a row there cannot be taken out again.
    """
    unknown = set(changes) - set(PARTY_FIELDS)
    if unknown:
        raise TypeError(f"party_update: unknown fields {sorted(unknown)}")
    party = Party.objects.select_for_update().get(pk=party.pk)
    require(actor, today, lambda held: can_keep_party(held, _area(party.ward)))
    before, contact = snapshot(party, _AUDITED), snapshot(party, _CONTACT)
    for field, value in changes.items():
        setattr(party, field, nfc(value).strip() if isinstance(value, str) else value)
    require(actor, today, lambda held: can_keep_party(held, _area(party.ward)))
    _finish(party)
    after = snapshot(party, _AUDITED)
    moved = sorted(name for name, value in snapshot(party, _CONTACT).items() if value != contact[name])
    if moved:
        before["contact"], after["contact"] = [], moved
    if before != after:
        party.save()
        audit_record(actor=actor, action="orgs.party.update", target=party, before=before, after=after)
    return party


@transaction.atomic
def party_merge(*, actor: Viewer, today: date, kept: Party, duplicate: Party, reason: str = "") -> Party:
    """Fold ``duplicate`` into ``kept``: empty fields are filled, its rows elsewhere follow, its record
    points on.

    :raises PartyMergeError: the same record, or one that was merged before.
    """
    require(actor, today, can_merge_parties)
    rows = {row.pk: row for row in Party.objects.select_for_update().filter(pk__in=[kept.pk, duplicate.pk])}
    if len(rows) != 2 or any(row.merged_into_id for row in rows.values()):
        raise PartyMergeError(
            _("Chỉ gộp được hai hồ sơ khác nhau và chưa gộp vào đâu. Hãy tải lại danh sách rồi chọn lại.")
        )
    kept, duplicate = rows[kept.pk], rows[duplicate.pk]
    before = snapshot(kept, _AUDITED)
    filled = {
        name: getattr(duplicate, name)
        for name in (*PARTY_FIELDS[2:8], "valid_from")
        if not getattr(kept, name) and getattr(duplicate, name)
    }
    duplicate.merged_into = kept
    duplicate.save(update_fields=["merged_into"])  # first: it gives up its code
    for name, value in filled.items():
        setattr(kept, name, value)
    _finish(kept)
    kept.save()
    Party.objects.filter(merged_into=duplicate).update(merged_into=kept)
    for follow in party_merge_followers.all():
        follow(kept, duplicate)
    after = snapshot(kept, _AUDITED) | {"merged": duplicate.pk}
    audit_record(
        actor=actor, action="orgs.party.merge", target=kept, before=before, after=after, reason=reason
    )
    return kept

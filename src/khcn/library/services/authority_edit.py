"""What a librarian does with names: describe, join two that are one, tell apart two that were taken for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.engines.records.name_keys import filing_key, filing_letter, name_key
from khcn.engines.records.pids import BadIdentifierError, normal_identifier
from khcn.engines.text.fold import normalize
from khcn.library import permissions
from khcn.library.enums import AuthorityKind
from khcn.library.errors import InvalidFieldError, LibraryPermissionError, StateChangedError
from khcn.library.models import Authority, AuthorityName, AuthorityTie, Work
from khcn.library.services.authorities import MAX_NAME, authority_row

FIELDS: Final = ("kind", "heading", "qualifier", "dates", "orcid", "isni", "viaf", "note")


def _check(actor: Actor) -> None:
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("sửa tên tác giả"))


def _taken(error: IntegrityError) -> InvalidFieldError:
    return InvalidFieldError(
        "orcid", _("Mã ORCID hoặc tên này đã thuộc về một tên khác. Hãy gộp hai tên, hoặc kiểm tra lại mã.")
    )


def normal_ids(values: Mapping[str, Any]) -> dict[str, str]:
    """Return ORCID, ISNI and VIAF in their one form. :raises InvalidFieldError: naming the one that is wrong."""
    found = {}
    orcid, isni, viaf = (str(values.get(name) or "").strip() for name in ("orcid", "isni", "viaf"))
    try:
        found["orcid"] = normal_identifier("orcid", orcid) if orcid else ""
    except BadIdentifierError:
        raise InvalidFieldError(
            "orcid",
            _("Mã ORCID này sai số kiểm tra. Hãy chép lại từ trang orcid.org, ví dụ 0000-0002-1825-0097."),
        ) from None
    import idutils  # noqa: PLC0415  # half a second, needed here only

    plain = isni.replace(" ", "").replace("-", "").upper().removeprefix("HTTPS://ISNI.ORG/ISNI/")
    if plain and not (len(plain) == 16 and idutils.is_isni(plain)):
        raise InvalidFieldError(
            "isni", _("Mã ISNI gồm 16 chữ số và số kiểm tra của mã này sai. Hãy chép lại.")
        )
    found["isni"] = plain
    number = viaf.rstrip("/").rpartition("/")[2].removeprefix("viaf:").strip()
    if number and not (
        number.isascii() and number.isdigit() and idutils.is_viaf(f"viaf:{number}") and len(number) <= 22
    ):
        raise InvalidFieldError("viaf", _("Mã VIAF chỉ gồm chữ số, ví dụ 102333412. Hãy chép lại."))
    found["viaf"] = number
    return found


@transaction.atomic
def authority_update(
    *, actor: Actor, authority: Authority, values: Mapping[str, Any], variants: Sequence[str], now: datetime
) -> Authority:
    """Change the description of a name; ``variants`` are all its other spellings.

    :raises InvalidFieldError: naming the field.
    """
    _check(actor)
    row = Authority.objects.select_for_update().get(pk=authority.pk)
    if row.merged_into_id:
        raise StateChangedError(_("đã gộp"))
    before = {**snapshot(row, FIELDS), "variants": [one.name for one in row.names.all()]}
    for name in set(values) & {"kind", "qualifier", "dates", "note"}:
        setattr(row, name, values[name])
    heading = " ".join(normalize(str(values.get("heading", row.heading))).split())
    if not heading or len(heading) > MAX_NAME or not name_key(heading):
        raise InvalidFieldError("heading", _("Hãy ghi tên, nhiều nhất 300 ký tự."))
    for name, value in normal_ids(
        {**{key: getattr(row, key) for key in ("orcid", "isni", "viaf")}, **values}
    ).items():
        setattr(row, name, value)
    _rename(row, heading)
    row.updated_at = now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise _taken(error) from error
    _write_names(row, [heading, *variants])
    after = {**snapshot(row, FIELDS), "variants": [one.name for one in row.names.all()]}
    if before != after:
        audit_record(
            actor=actor, action="library.authority.update", target=row, before=before, after=after, at=now
        )
    return row


def _rename(row: Authority, heading: str) -> None:
    person = row.kind == AuthorityKind.PERSON
    key = name_key(heading)
    same = Authority.objects.filter(kind=row.kind, key=key).exclude(pk=row.pk)
    if key != row.key or same.filter(distinct=row.distinct).exists():
        row.distinct = (same.aggregate(most=Max("distinct"))["most"] or 0) + 1
    row.heading, row.key = heading, key
    row.sort_key, row.letter = filing_key(heading, person=person), filing_letter(heading, person=person)


def _write_names(row: Authority, names: Sequence[str]) -> None:
    wanted: dict[str, str] = {}
    for said in names:
        name = " ".join(normalize(said).split())[:MAX_NAME]
        if name and name_key(name):
            wanted.setdefault(name_key(name), name)
    row.names.exclude(key__in=list(wanted)).delete()
    held = set(row.names.values_list("key", flat=True))
    AuthorityName.objects.bulk_create(
        AuthorityName(authority=row, name=name, key=key) for key, name in wanted.items() if key not in held
    )
    for key, name in wanted.items():
        row.names.filter(key=key).exclude(name=name).update(name=name)


@dataclass(frozen=True)
class MergePreview:
    """What joining ``source`` into ``target`` changes. ``works``: how many move; ``conflicts``: what both have."""

    source: Authority
    target: Authority
    works: int
    names: list[str]
    conflicts: list[str]


def merge_preview(source: Authority, target: Authority) -> MergePreview:
    """Return what a merge would do; nothing is written."""
    held = set(target.names.values_list("key", flat=True))
    names = [one.name for one in source.names.all() if one.key not in held]
    conflicts = [
        f"{label}: {getattr(source, name)} ≠ {getattr(target, name)}"
        for name, label in (
            ("orcid", "ORCID"),
            ("isni", "ISNI"),
            ("viaf", "VIAF"),
            ("dates", _("Năm sinh, năm mất")),
        )
        if getattr(source, name) and getattr(target, name) and getattr(source, name) != getattr(target, name)
    ]
    works = AuthorityTie.objects.filter(authority=source).values("work_id").distinct().count()
    return MergePreview(source, target, works, names, conflicts)


@transaction.atomic
def authority_merge(*, actor: Actor, source: Authority, target: Authority, now: datetime) -> Authority:
    """Join ``source`` into ``target``: works, spellings and missing identifiers move, the old address leads on.

    :raises InvalidFieldError: when both are the same, or they bear different ORCIDs.
    """
    _check(actor)
    rows = {
        row.pk: row
        for row in Authority.objects.select_for_update().filter(pk__in=[source.pk, target.pk]).order_by("pk")
    }
    if source.pk == target.pk or len(rows) < 2:
        raise InvalidFieldError("target", _("Hãy chọn một tên khác để gộp vào."))
    old, new = rows[source.pk], rows[target.pk]
    if old.merged_into_id or new.merged_into_id:
        raise StateChangedError(_("đã gộp"))
    if old.orcid and new.orcid and old.orcid != new.orcid:
        raise InvalidFieldError(
            "target",
            _("Hai tên có hai mã ORCID khác nhau nên là hai người. Hãy sửa mã trước nếu một mã sai."),
        )
    moved = AuthorityTie.objects.filter(authority=old).update(authority=new, certain=True)
    held = set(new.names.values_list("key", flat=True))
    AuthorityName.objects.filter(authority=old, key__in=held).delete()
    AuthorityName.objects.filter(authority=old).update(authority=new)
    taken = {
        name: getattr(old, name) for name in ("orcid", "isni", "viaf", "dates", "note") if getattr(old, name)
    }
    Authority.objects.filter(merged_into=old).update(merged_into=new)
    Authority.objects.filter(pk=old.pk).update(merged_into=new, orcid="", updated_at=now)
    for name, value in taken.items():
        if not getattr(new, name):
            setattr(new, name, value)
    new.updated_at = now
    new.save()
    audit_record(
        actor=actor,
        action="library.authority.merge",
        target=new,
        before={"merged": old.pk, "heading": old.heading, **taken},
        after={"heading": new.heading, "ties": moved},
        at=now,
    )
    return new


@transaction.atomic
def authority_split(
    *, actor: Actor, authority: Authority, work_ids: Sequence[int], qualifier: str, now: datetime
) -> Authority:
    """Tell apart two people of one name: these works become those of a new authority, known by ``qualifier``.

    :raises InvalidFieldError: without a qualifier, without works, or when nothing would be left.
    """
    _check(actor)
    row = Authority.objects.select_for_update().get(pk=authority.pk)
    if row.merged_into_id:
        raise StateChangedError(_("đã gộp"))
    qualifier = " ".join(normalize(qualifier).split())[:120]
    if not qualifier:
        raise InvalidFieldError(
            "qualifier", _("Hãy ghi điều phân biệt hai người, ví dụ năm sinh, nghề hoặc nơi công tác.")
        )
    ties = AuthorityTie.objects.filter(authority=row)
    chosen = ties.filter(work_id__in=list(work_ids))
    if not chosen.exists():
        raise InvalidFieldError("works", _("Hãy chọn ít nhất một tài liệu của người kia."))
    if not ties.exclude(work_id__in=list(work_ids)).exists():
        raise InvalidFieldError("works", _("Không thể tách hết mọi tài liệu. Nếu chỉ tên sai, hãy sửa tên."))
    most = Authority.objects.filter(kind=row.kind, key=row.key).aggregate(most=Max("distinct"))["most"] or 0
    fresh = authority_row(row.heading, row.kind, now, most + 1)
    fresh.key, fresh.qualifier = row.key, qualifier
    fresh.save()
    AuthorityName.objects.create(authority=fresh, name=fresh.heading, key=fresh.key)
    moved = chosen.update(authority=fresh, certain=True)
    ties.update(certain=True)  # the librarian has looked at all of them
    audit_record(
        actor=actor,
        action="library.authority.split",
        target=fresh,
        before={"from": row.pk, "heading": row.heading},
        after={"qualifier": qualifier, "ties": moved, "works": sorted(set(work_ids))[:100]},
        at=now,
    )
    return fresh


def works_of(authority: Authority) -> list[Work]:
    """Return all works tied to a name, for the librarian who splits it."""
    ids = AuthorityTie.objects.filter(authority=authority).values("work_id")
    return list(Work.objects.filter(pk__in=ids).defer("body", "extra").order_by("-id")[:500])

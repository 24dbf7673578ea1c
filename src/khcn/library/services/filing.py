"""From a file that was read to a work on the shelf: one short transaction for each file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.library import permissions, rules
from khcn.library.enums import (
    OPEN_STATES,
    PUBLISHABLE_STATES,
    TOMBSTONE_STATES,
    ItemState,
    RelationSource,
    WorkState,
)
from khcn.library.errors import LibraryPermissionError, StateChangedError
from khcn.library.models import Collection, LegalRecord, Work, WorkFile, WorkRelation
from khcn.library.pipeline.describe import relations_of
from khcn.library.pipeline.steps import RETRYABLE_CODES
from khcn.library.pipeline.types import Caution, Reading, Source
from khcn.library.search.changes import index_enqueue
from khcn.library.services.pages import pages_renumber, pages_write
from khcn.library.services.relations import relation_rows, relations_resolve
from khcn.library.services.taxonomy import Terms
from khcn.library.services.version_records import version_files_arrived, version_guard

# Cautions that are for the one who brings the file in and no blemish of the file.
_HARMLESS = frozenset({"extension"})
_LEGAL_SHOWN = (
    "number", "organ_name", "type_name", "place", "signer_name", "signer_position", "recipients",
    "effective_date", "expired_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filing:
    """How the files of one import become works. ``state``: where a new work begins."""

    now: datetime
    publish: bool = False
    unit_id: int | None = None
    collection: str = ""
    state: WorkState = WorkState.SUBMITTED
    external_source: str = ""
    terms: Terms = field(default_factory=lambda: Terms(Collection))


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a file. ``outcome`` counts it: imported, updated or unchanged."""

    work: Work
    state: ItemState
    outcome: str
    cautions: tuple[Caution, ...]
    metadata: Mapping[str, Any]
    pages: int
    duplicate_of: int | None = None


def file_held(sha256: str) -> WorkFile | None:
    """Return the file with this content that the library holds, if any; what was withdrawn does not count."""
    held = WorkFile.objects.filter(sha256=sha256).exclude(work__state__in=TOMBSTONE_STATES)
    return held.select_related("work").order_by("id").first()


def worth_another_try(file: WorkFile) -> bool:
    """Whether the file was read with a tool missing, so that reading it again may give more."""
    return any(caution.get("code") in RETRYABLE_CODES for caution in file.warnings)


@transaction.atomic
def work_file_new(*, actor: Actor, source: Source, reading: Reading, filing: Filing) -> Filed:
    """Make a work of a file. The caller has checked that the actor may."""
    description, now = reading.description, filing.now
    cautions = [*reading.cautions, *_same_number(description.legal, description.fields.get("issued_year"))]
    work = Work.objects.create(
        external_source=filing.external_source,
        kind=description.kind,
        title=description.title,
        language=description.language,
        **rules.work_keys(description.title),
        **description.fields,
        owner_unit_id=filing.unit_id,
        submitted_by_id=actor_id(actor),
        created_at=now,
        updated_at=now,
        state=filing.state,
        submitted_at=now if filing.state == WorkState.SUBMITTED else None,
        warnings=[caution.as_json() for caution in cautions],
    )
    if description.legal:
        LegalRecord.objects.create(work=work, **rules.legal_keys(description.legal))
    if filing.collection:
        work.collections.set(filing.terms.ids([filing.collection]))
    read = relation_rows(work.pk, relations_of(reading.header), source=RelationSource.PROPOSED)
    WorkRelation.objects.bulk_create(read)
    _attach(work, source, reading, now)
    relations_resolve([work.pk])
    published = filing.publish and work_place(work, now)
    audit_record(
        actor=actor,
        action="library.work.deposit",
        target=work,
        after={"file": source.name, "sha256": reading.fingerprint.sha256, "state": work.state},
        at=now,
    )
    index_enqueue([work.pk])
    return _filed(work, reading, cautions, "imported", hold=not published and filing.publish)


@transaction.atomic
def work_file_add(
    *, actor: Actor, work: Work, source: Source, reading: Reading, now: datetime, replaces: int | None = None
) -> Filed:
    """Add a file to a work, or put it in the place of another. The caller has checked that the actor may."""
    work = Work.objects.select_for_update().get(pk=work.pk)
    version_guard(work, now=now)
    old = work.files.filter(pk=replaces).first() if replaces else None
    position = old.position if old else None
    if old is not None:
        old.delete()
    file = _attach(work, source, reading, now, position=position)
    version_files_arrived(work)
    audit_record(
        actor=actor,
        action="library.work.file_replace" if old else "library.work.file_add",
        target=work,
        before={"sha256": old.sha256} if old else None,
        after={"file": source.name, "sha256": file.sha256},
        at=now,
    )
    index_enqueue([work.pk])
    return _filed(work, reading, list(reading.cautions), "updated")


@transaction.atomic
def work_file_reread(*, actor: Actor, file: WorkFile, reading: Reading, filing: Filing) -> Filed:
    """Take the pages of a file that was read again; the description, which people may have mended, stays."""
    work = Work.objects.select_for_update().get(pk=file.work_id)
    _note_reading(file, reading)
    file.save()
    pages_write(work, file=file, pages=reading.pages, now=filing.now)
    work.warnings = [caution.as_json() for caution in reading.cautions]
    work.save(update_fields=["warnings"])
    if filing.publish:
        work_place(work, filing.now)
    audit_record(
        actor=actor,
        action="library.work.reread",
        target=work,
        after={"file": file.original_name},
        at=filing.now,
    )
    index_enqueue([work.pk])
    return _filed(work, reading, list(reading.cautions), "updated")


@transaction.atomic
def work_file_remove(*, actor: Actor, work: Work, file: WorkFile, now: datetime) -> Work:
    """Take a file off a draft; the other pages are numbered anew. The bytes stay in the store, as for a replaced file.

    :raises StateChangedError: when the work is in review or published.
    """
    work = Work.objects.select_for_update().get(pk=work.pk)
    if work.state not in OPEN_STATES:
        raise StateChangedError(work.get_state_display())
    if not permissions.can_edit(actor, work):
        raise LibraryPermissionError(_("bỏ tệp khỏi tài liệu này"))
    before = {"file": file.original_name, "sha256": file.sha256}
    file.delete()
    pages_renumber(work, now)
    audit_record(actor=actor, action="library.work.file_remove", target=work, before=before, at=now)
    index_enqueue([work.pk])
    return work


def work_duplicate(*, actor: Actor, file: WorkFile, filing: Filing) -> Filed:
    """Answer for a file that is held already; a waiting work is published when that is asked for."""
    work, outcome = file.work, "unchanged"
    if filing.publish and work.state in PUBLISHABLE_STATES | OPEN_STATES:
        with transaction.atomic():
            before = {"state": work.state}
            if work_place(work, filing.now):
                outcome = "updated"
                audit_record(
                    actor=actor, action="library.work.publish", target=work, before=before,
                    after={"state": work.state}, at=filing.now,
                )  # fmt: skip
                index_enqueue([work.pk])
    if actor is None or Work.objects.visible_to(actor).filter(pk=work.pk).exists():
        text = _("Tệp này đã có trong thư viện: “%(title)s” (mã %(id)s). Không tạo thêm bản nữa.")
        caution = Caution("duplicate", text % {"title": work.title, "id": work.pk})
        metadata = {"title": work.title, "kind": work.kind, "language": work.language}
    else:  # another unit's draft: neither its title nor its number
        caution = Caution(
            "duplicate", _("Tệp này đã có trong thư viện, ở nơi bạn chưa được xem. Hãy hỏi thủ thư.")
        )
        metadata = {}
    return Filed(
        work, ItemState.WARNINGS, outcome, (caution,), metadata, file.page_count, duplicate_of=work.pk
    )


def work_place(work: Work, now: datetime) -> bool:
    """Publish a waiting work unless it is held back; return whether it is public now."""
    if work.sensitive and work.sensitive_cleared_at is None:
        return False
    if work.state in PUBLISHABLE_STATES | OPEN_STATES:
        work.state = WorkState.PUBLISHED
        work.published_at, work.updated_at = work.published_at or now, now
        work.save(update_fields=["state", "published_at", "updated_at"])
    return work.state == WorkState.PUBLISHED


def _attach(
    work: Work, source: Source, reading: Reading, now: datetime, *, position: int | None = None
) -> WorkFile:
    mark = reading.fingerprint
    file = WorkFile(
        work=work,
        position=position or work.files.count() + 1,
        sha256=mark.sha256,
        original_name=source.file_name[:255],
        size_bytes=mark.size_bytes,
        added_at=now,
    )
    _note_reading(file, reading)
    file.save()
    pages_write(work, file=file, pages=reading.pages, now=now)
    return file


def _note_reading(file: WorkFile, reading: Reading) -> None:
    serious = [caution for caution in reading.cautions if caution.code not in _HARMLESS]
    file.kind, file.mime = reading.fingerprint.kind, reading.fingerprint.mime
    file.encoding, file.page_count = reading.encoding, len(reading.pages)
    file.has_thumbnail = reading.has_thumbnail
    file.state = ItemState.WARNINGS if serious else ItemState.READY
    file.warnings = [caution.as_json() for caution in reading.cautions]


def _filed(
    work: Work, reading: Reading, cautions: Sequence[Caution], outcome: str, *, hold: bool = False
) -> Filed:
    state = ItemState.WARNINGS if cautions or hold else ItemState.READY
    metadata = reading.description.as_json()
    return Filed(work, state, outcome, tuple(cautions), metadata, len(reading.pages))


def _same_number(legal: Mapping[str, Any], year: int | None) -> list[Caution]:
    """Warn of another work with the same number and symbol of the same body (Decree 30/2020, annex VI, III.1.h)."""
    keys = rules.legal_keys(dict(legal)) if legal else {}
    if not keys.get("number_key") or not keys.get("organ_key"):
        return []
    same = LegalRecord.objects.same_document(
        number_key=keys["number_key"], organ_key=keys["organ_key"], year=year
    )
    twin = same.select_related("work").exclude(work__state__in=TOMBSTONE_STATES).order_by("pk").first()
    if twin is None:
        return []
    text = _(
        "Đã có văn bản cùng số, ký hiệu và cơ quan ban hành: “%(title)s” (mã %(id)s). Hãy xem có trùng không."
    )
    return [Caution("same_number", text % {"title": twin.work.title, "id": twin.pk})]

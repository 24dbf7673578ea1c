"""Versions of a published work: the first by itself at publication, every further one by a deliberate step.

Editing a published work changes what readers see at once. Then its keeper says what the change was: a small correction
(``version_correct``: it enters the list of corrections, the version stays) or a new version (``version_make``: the
description and files as they were stay at ``/ban-<n>/``). Of two who do so at once, the second is told.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.errors import KhcnError
from khcn.library import permissions
from khcn.library.enums import WorkState
from khcn.library.errors import LibraryPermissionError, StateChangedError
from khcn.library.models import VersionCorrection, Work, WorkVersion
from khcn.library.search.changes import index_enqueue
from khcn.library.selectors.versions import changes_between, files_of, pending_changes, snapshot_of
from khcn.library.services.deposits import deposit_start
from khcn.library.services.version_records import version_first
from khcn.library.uploads import Upload

MAX_NOTE = 2_000


class VersionTakenError(KhcnError):
    """Somebody else has made this number meanwhile."""

    code = "version-taken"

    def __init__(self, number: int) -> None:
        super().__init__(
            _(
                "Chưa ra bản mới được vì người khác vừa ra bản %(number)s của tài liệu này. "
                "Hãy tải lại trang, xem bản đó đã có phần bạn sửa chưa rồi làm tiếp."
            )
            % {"number": number}
        )


class NothingChangedError(KhcnError):
    """There is nothing to make a version of."""

    code = "nothing-changed"

    def __init__(self) -> None:
        super().__init__(
            _("Chưa có gì khác với bản đang có. Hãy sửa thông tin hoặc chọn tệp mới trước, rồi ra bản mới.")
        )


class NoteMissingError(KhcnError):
    """A version needs a sentence that says what changed."""

    code = "note-missing"

    def __init__(self) -> None:
        super().__init__(_("Hãy ghi có gì thay đổi, để người đã trích dẫn bản cũ biết có cần xem lại không."))


class FilesNeedVersionError(KhcnError):
    """Files were replaced, which is never a small correction: who cited the old ones must find them."""

    code = "files-need-version"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Tệp đã khác bản đang có nên không ghi là sửa nhỏ được. Hãy ra bản mới, "
                "để người đã trích dẫn vẫn tìm lại được tệp cũ."
            )
        )


@transaction.atomic
def version_make(
    *,
    actor: Actor,
    work: Work,
    expected: int,
    note: str,
    now: datetime,
    files: Sequence[Upload] = (),
    replaces: int | None = None,
) -> WorkVersion:
    """Make version ``expected + 1`` of a published work and return it.

    :param expected: the present version as the person saw it.
    :param files: new files, read in the background; they belong to the new version as they arrive.
    :param replaces: the file whose place the first of them takes.
    :raises VersionTakenError: when there is a newer version already.
    :raises NothingChangedError: when neither description nor files differ and no file is given.
    """
    _check(actor, work)
    note = _note(note)
    present = version_first(work, actor=None, now=now)
    if present.number == expected and not files and not pending_changes(work):
        raise NothingChangedError
    claimed = Work.objects.filter(pk=work.pk, version=expected, state=WorkState.PUBLISHED).update(
        version=expected + 1, updated_at=now
    )
    work.refresh_from_db()
    if not claimed:
        raise _lost(work)
    made = WorkVersion.objects.create(
        work=work,
        number=work.version,
        made_at=now,
        made_by_id=actor_id(actor),
        note=note,
        snapshot=snapshot_of(work),
        files=files_of(work),
    )
    if files:
        made.batch = deposit_start(
            actor=actor, unit_id=work.owner_unit_id, files=files, now=now, work=work, replaces=replaces
        )
        made.save(update_fields=["batch"])
    audit_record(
        actor=actor,
        action="library.work.version",
        target=work,
        before={"version": expected},
        after={"version": work.version},
        reason=note,
        at=now,
    )
    index_enqueue([work.pk])
    return made


def version_note(*, actor: Actor, work: Work, note: str, now: datetime) -> WorkVersion:
    """Make a new version of what was changed already, without files; for callers that hold no form (the API)."""
    return version_make(actor=actor, work=work, expected=work.version, note=note, now=now)


@transaction.atomic
def version_correct(
    *, actor: Actor, work: Work, expected: int, note: str, now: datetime
) -> VersionCorrection:
    """Record what was changed since the present version as a small correction of it."""
    _check(actor, work)
    note = _note(note)
    present = version_first(work, actor=None, now=now)
    present = WorkVersion.objects.select_for_update().get(pk=present.pk)
    if present.number != expected:
        raise _lost(work)
    snapshot, files = snapshot_of(work), files_of(work)
    if not changes_between(present.snapshot, snapshot, present.files, files):
        raise NothingChangedError
    if [file["sha256"] for file in files] != [file["sha256"] for file in present.files]:
        raise FilesNeedVersionError
    present.snapshot = snapshot
    present.save(update_fields=["snapshot"])
    row = VersionCorrection.objects.create(
        version=present, made_at=now, made_by_id=actor_id(actor), note=note[:500]
    )
    audit_record(actor=actor, action="library.work.correct", target=work, reason=note, at=now)
    return row


@transaction.atomic
def version_hide(*, actor: Actor, work: Work, number: int, reason: str, now: datetime) -> None:
    """Show the reason instead of an old version (personal data in it, a wrong file); its address stays.

    :param reason: "" shows the version again.
    """
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("ẩn một bản của tài liệu"))
    changed = work.versions.filter(number=number, number__lt=work.version).update(
        hidden_reason=reason.strip()[:500]
    )
    if not changed:
        raise StateChangedError(work.get_state_display())
    audit_record(
        actor=actor,
        action="library.work.version_hide" if reason.strip() else "library.work.version_show",
        target=work,
        after={"version": number},
        reason=reason.strip(),
        at=now,
    )


def _check(actor: Actor, work: Work) -> None:
    if not permissions.can_edit(actor, work):
        raise LibraryPermissionError(_("ra bản mới của tài liệu này"))
    if work.state != WorkState.PUBLISHED or work.embargoed:
        raise StateChangedError(work.get_state_display())


def _note(text: str) -> str:
    note = " ".join(text.split())[:MAX_NOTE]
    if not note:
        raise NoteMissingError
    return note


def _lost(work: Work) -> KhcnError:
    if work.state != WorkState.PUBLISHED:
        return StateChangedError(work.get_state_display())
    return VersionTakenError(work.version)

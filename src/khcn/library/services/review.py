"""The way of a work from draft to tombstone: submit, return, approve, publish, freeze, withdraw, restore.

Every step is one conditional UPDATE: of two people who act at once, the second gets :class:`StateChangedError`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.library import permissions, rules
from khcn.library.enums import (
    OPEN_STATES,
    PUBLISHABLE_STATES,
    RESTORABLE_STATES,
    REVIEWABLE_STATES,
    WITHDRAWABLE_STATES,
    NoteKind,
    WorkState,
)
from khcn.library.errors import (
    LibraryPermissionError,
    NotReadyError,
    OwnDepositError,
    ReasonMissingError,
    SensitiveNotClearedError,
    StateChangedError,
)
from khcn.library.models import Work, WorkNote
from khcn.library.search.changes import index_enqueue
from khcn.library.services.notices import tell_librarians, tell_submitter
from khcn.library.services.version_records import version_first


def _move(
    work: Work,
    *,
    actor: Actor,
    action: str,
    allowed: Iterable[str],
    now: datetime,
    reason: str = "",
    **values: Any,
) -> Work:
    """Change the state if it still is one of ``allowed``, and write the audit row. In the caller's transaction."""
    before = {"state": work.state}
    changed = Work.objects.filter(pk=work.pk, state__in=list(allowed)).update(updated_at=now, **values)
    work.refresh_from_db()
    if not changed:
        raise StateChangedError(work.get_state_display())
    audit_record(
        actor=actor,
        action=f"library.work.{action}",
        target=work,
        before=before,
        after={"state": work.state},
        reason=reason,
        at=now,
    )
    index_enqueue([work.pk])
    return work


def _note(work: Work, *, actor: Actor, kind: NoteKind, text: str, now: datetime) -> None:
    WorkNote.objects.create(work=work, author_id=actor_id(actor), kind=kind, text=text, written_at=now)


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissingError
    return text.strip()


def _check_review(actor: Actor, work: Work) -> None:
    if not permissions.has_review_right(actor, work):
        raise LibraryPermissionError(_("duyệt tài liệu này"))
    if permissions.is_own_deposit(actor, work):
        raise OwnDepositError


def _check_keep(actor: Actor, deed: str) -> None:
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(deed)


def missing_for_review(work: Work) -> list[tuple[str, str]]:
    """Return (field, what to do) for everything a reviewer could not do without."""
    missing = []
    has_content = bool(work.body or work.url) or work.files.exists() or work.pages.exists()
    if not has_content:
        missing.append(("files", _("Thêm ít nhất một tệp, hoặc địa chỉ, hoặc nội dung bài viết.")))
    if work.rights == "unknown":
        missing.append(("rights", _("Chọn quyền sử dụng của tài liệu.")))
    return missing


@transaction.atomic
def work_submit(*, actor: Actor, work: Work, now: datetime) -> Work:
    """Hand a draft in for review; the librarians find it on their desk."""
    if not permissions.can_submit(actor, work):
        raise LibraryPermissionError(_("gửi duyệt tài liệu này"))
    missing = missing_for_review(work)
    if missing:
        raise NotReadyError(
            " ".join(text for _field, text in missing), tuple(field for field, _text in missing)
        )
    work = _move(
        work,
        actor=actor,
        action="submit",
        allowed=OPEN_STATES,
        now=now,
        state=WorkState.SUBMITTED,
        submitted_at=now,
    )
    tell_librarians(work, now=now)
    return work


@transaction.atomic
def work_return(*, actor: Actor, work: Work, reason: str, now: datetime) -> Work:
    """Give a submitted work back with what is to be mended."""
    _check_review(actor, work)
    reason = _reason(reason)
    work = _move(
        work,
        actor=actor,
        action="return",
        allowed=REVIEWABLE_STATES,
        now=now,
        reason=reason,
        state=WorkState.RETURNED,
        reviewer_id=actor_id(actor),
    )
    _note(work, actor=actor, kind=NoteKind.RETURN, text=reason, now=now)
    tell_submitter(work, subject=_("Tài liệu cần sửa: %(title)s"), body=reason, now=now)
    return work


@transaction.atomic
def work_approve(*, actor: Actor, work: Work, now: datetime, publish_at: datetime | None = None) -> Work:
    """Approve a submitted work; with ``publish_at`` it is published then by itself."""
    _check_review(actor, work)
    if publish_at is not None and publish_at <= now:
        raise NotReadyError(
            _("Giờ hẹn đăng phải ở sau lúc này. Hãy chọn giờ khác, hoặc đăng ngay."), ("publish_at",)
        )
    if publish_at is not None and _held_back(work):
        raise SensitiveNotClearedError
    return _move(
        work,
        actor=actor,
        action="approve",
        allowed=REVIEWABLE_STATES,
        now=now,
        state=WorkState.APPROVED,
        reviewer_id=actor_id(actor),
        publish_at=publish_at,
    )


@transaction.atomic
def work_publish(*, actor: Actor, work: Work, now: datetime) -> Work:
    """Show a work to its readers. Publishing straight from review is the review."""
    if not permissions.can_publish(actor, work):
        raise (
            OwnDepositError
            if permissions.is_own_deposit(actor, work)
            else LibraryPermissionError(_("đăng tài liệu này"))
        )
    if work.state == WorkState.SUBMITTED:
        _check_review(actor, work)
    if _held_back(work):
        raise SensitiveNotClearedError
    work = _move(
        work,
        actor=actor,
        action="publish",
        allowed=PUBLISHABLE_STATES,
        now=now,
        state=WorkState.PUBLISHED,
        reviewer_id=work.reviewer_id or actor_id(actor),
        published_at=work.published_at or now,
        publish_at=None,
        embargoed=rules.embargoed(work.embargo_until, timezone.localdate(now)),
    )
    version_first(work, actor=actor, now=now)
    tell_submitter(work, subject=_("Đã đăng: %(title)s"), body=_("Tài liệu bạn gửi đã được đăng."), now=now)
    return work


@transaction.atomic
def work_freeze(*, actor: Actor, work: Work, reason: str, now: datetime) -> Work:
    """Stop showing a published work for a while; its address says why."""
    _check_keep(actor, _("tạm dừng tài liệu"))
    return _close(
        actor, work, reason, now, action="freeze", state=WorkState.FROZEN, allowed={WorkState.PUBLISHED}
    )


@transaction.atomic
def work_withdraw(*, actor: Actor, work: Work, reason: str, now: datetime) -> Work:
    """Take a work away; a tombstone stays at its address."""
    _check_keep(actor, _("rút tài liệu"))
    return _close(
        actor, work, reason, now, action="withdraw", state=WorkState.WITHDRAWN, allowed=WITHDRAWABLE_STATES
    )


def _close(
    actor: Actor,
    work: Work,
    reason: str,
    now: datetime,
    *,
    action: str,
    state: WorkState,
    allowed: Iterable[str],
) -> Work:
    reason = _reason(reason)
    work = _move(
        work,
        actor=actor,
        action=action,
        allowed=allowed,
        now=now,
        reason=reason,
        state=state,
        tombstone_reason=reason[:500],
        withdrawn_at=now,
        publish_at=None,
    )
    _note(work, actor=actor, kind=NoteKind.WITHDRAW, text=reason, now=now)
    return work


@transaction.atomic
def work_restore(*, actor: Actor, work: Work, now: datetime) -> Work:
    """Bring a frozen or withdrawn work back to where readers find it (or to review, if it never was published)."""
    _check_keep(actor, _("đăng lại tài liệu"))
    if _held_back(work):
        raise SensitiveNotClearedError
    state = WorkState.PUBLISHED if work.published_at else WorkState.SUBMITTED
    return _move(
        work,
        actor=actor,
        action="restore",
        allowed=RESTORABLE_STATES,
        now=now,
        state=state,
        tombstone_reason="",
        withdrawn_at=None,
        embargoed=rules.embargoed(work.embargo_until, timezone.localdate(now)),
    )


@transaction.atomic
def work_clear_sensitive(*, actor: Actor, work: Work, reason: str, now: datetime) -> Work:
    """Let a work with a secrecy stamp or personal data be published; the name of who decided stays with it."""
    _check_keep(actor, _("cho phép đăng nội dung nhạy cảm"))
    if actor_id(actor) is None:
        raise LibraryPermissionError(_("cho phép đăng nội dung nhạy cảm thay người thật"))
    reason = _reason(reason)
    cleared = Work.objects.filter(pk=work.pk, sensitive=True, sensitive_cleared_at__isnull=True).update(
        sensitive_cleared_by_id=actor_id(actor), sensitive_cleared_at=now, updated_at=now
    )
    work.refresh_from_db()
    if not cleared:
        raise StateChangedError(work.get_state_display())
    _note(work, actor=actor, kind=NoteKind.CLEAR, text=reason, now=now)
    audit_record(
        actor=actor,
        action="library.work.clear_sensitive",
        target=work,
        after={"findings": len(work.sensitive_findings)},
        reason=reason,
        at=now,
    )
    return work


@transaction.atomic
def work_comment(*, actor: Actor, work: Work, text: str, now: datetime) -> None:
    """Add a note for those who work on the work."""
    if not (permissions.can_edit(actor, work) or permissions.has_review_right(actor, work)):
        raise LibraryPermissionError(_("ghi chú vào tài liệu này"))
    _note(work, actor=actor, kind=NoteKind.COMMENT, text=_reason(text), now=now)


def _held_back(work: Work) -> bool:
    return work.sensitive and work.sensitive_cleared_at is None


def works_publish_due(now: datetime) -> int:
    """Publish what was approved for a time that has come; return how many. Called by the periodic tick."""
    due = Work.objects.filter(state=WorkState.APPROVED, publish_at__lte=now)
    done = 0
    for work in due:
        try:
            work_publish(actor=None, work=work, now=now)
            done += 1
        except (StateChangedError, SensitiveNotClearedError):
            continue
    return done


def embargoes_lift(now: datetime) -> int:
    """Open what may be read from today on; return how many. Called by the periodic tick."""
    today = timezone.localdate(now)
    with transaction.atomic():
        ids = list(Work.objects.filter(embargoed=True, embargo_until__lte=today).values_list("pk", flat=True))
        Work.objects.filter(pk__in=ids).update(embargoed=False, updated_at=now)
        for work in Work.objects.filter(pk__in=ids):
            audit_record(
                actor=None, action="library.work.embargo_end", target=work, after={"embargoed": False}, at=now
            )
        index_enqueue(ids)
    return len(ids)

"""What a source has deleted goes from here too, but not when it suddenly deletes much: then a librarian is asked."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.library.enums import WITHDRAWABLE_STATES, WorkState
from khcn.library.errors import StateChangedError
from khcn.library.harvest_enums import ItemProblem, SourceState
from khcn.library.models import HarvestItem, HarvestRun, HarvestSource, Work
from khcn.library.search.changes import index_enqueue
from khcn.library.services.harvest_marks import description_digests
from khcn.library.services.review import work_withdraw

FEW: Final = 10  # so many may always go without a question
_AT_ONCE: Final = 50


def gone_items_note(*, source: HarvestSource, run: HarvestRun) -> None:
    """After a full list: what was not in it is gone, whether or not the source keeps track of deletions."""
    unseen = HarvestItem.objects.filter(source=source, deleted=False, gone=False).exclude(seen_run=run)
    unseen.filter(work__isnull=False).exclude(problem=ItemProblem.KEPT).update(gone=True)
    unseen.filter(work__isnull=True).update(deleted=True, problem="", message="", held=None)


def too_many_gone(source: HarvestSource) -> str:
    """Return the question for the librarian when the source deletes more than its share, else ""."""
    held = HarvestItem.objects.filter(source=source, deleted=False, work__isnull=False)
    gone, live = held.filter(gone=True).count(), held.count()
    if gone <= max(FEW, live * source.delete_percent // 100):
        return ""
    text = _(
        "Nguồn đã xoá %(gone)s trên %(live)s biểu ghi, nhiều hơn mức %(percent)s%% được phép xoá không cần hỏi. Chưa có "
        "tài liệu nào bị rút. Hãy xem lại ở nguồn rồi chọn rút theo nguồn hoặc giữ lại."
    )
    return text % {"gone": gone, "live": live, "percent": source.delete_percent}


def gone_items_withdraw(*, source: HarvestSource, actor: Actor, now: datetime) -> tuple[int, bool]:
    """Withdraw some of what is gone, in one short transaction; return how many, and whether more is left."""
    with transaction.atomic():
        items = list(
            HarvestItem.objects.filter(source=source, gone=True)
            .select_related("work")
            .order_by("pk")[:_AT_ONCE]
        )
        present = description_digests([item.work_id for item in items if item.work_id])
        done = sum(
            _withdraw(item, actor=actor, now=now, mark=present.get(item.work_id or 0)) for item in items
        )
    return done, len(items) == _AT_ONCE


def _withdraw(item: HarvestItem, *, actor: Actor, now: datetime, mark: str | None) -> bool:
    work = item.work
    item.gone, item.updated_at = False, now
    if work is not None and item.written and mark != item.written:
        item.problem = ItemProblem.GONE_EDITED  # somebody has worked on it here: ask
        item.save(update_fields=["gone", "problem", "updated_at"])
        return False
    if work is not None:
        work_close(work=work, actor=actor, now=now, source=item.source)
    item.deleted, item.problem, item.held = True, "", None
    item.save(update_fields=["gone", "deleted", "problem", "held", "updated_at"])
    return True


def work_close(*, work: Work, actor: Actor, now: datetime, source: HarvestSource) -> None:
    """Withdraw one work because its source has deleted it. One that a person has closed stays as it is."""
    reason = _("%(source)s đã xoá tài liệu này ở nguồn.") % {"source": source.name}
    if work.state in WITHDRAWABLE_STATES - {WorkState.FROZEN}:
        try:
            work_withdraw(actor=actor, work=work, reason=reason, now=now)
        except StateChangedError:
            return
    elif work.state == WorkState.SUBMITTED:  # it waits for review and was never seen: out of the queue
        moved = Work.objects.filter(pk=work.pk, state=WorkState.SUBMITTED).update(
            state=WorkState.WITHDRAWN, tombstone_reason=reason[:500], withdrawn_at=now, updated_at=now
        )
        if moved:
            audit_record(
                actor=actor, action="library.work.withdraw", target=work, before={"state": "submitted"},
                after={"state": "withdrawn"}, reason=reason, at=now,
            )  # fmt: skip
            index_enqueue([work.pk])


def gone_items_keep(*, source: HarvestSource, now: datetime) -> int:
    """Keep what the source has deleted; return how many."""
    return HarvestItem.objects.filter(source=source, gone=True).update(
        gone=False, problem=ItemProblem.KEPT, updated_at=now
    )


def gone_items_settle(*, source_id: int) -> None:
    """Carry out all that is gone, after a librarian said yes (a task). Safe to run twice."""
    from django.utils import timezone  # noqa: PLC0415  # the interface of a task is here

    source = HarvestSource.objects.get(pk=source_id)
    if source.state == SourceState.ASKING:
        return
    while gone_items_withdraw(source=source, actor=None, now=timezone.now())[1]:
        pass

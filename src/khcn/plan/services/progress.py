"""Progress of work items: what a unit enters, what cooperating units add, what the head confirms and reopens.

Two phones at once are settled by the revision: the write is one conditional UPDATE, and whoever comes second is told.
Every write leaves a note that never changes and a row in the audit trail.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit
from khcn.orgs.selectors import authority_for
from khcn.plan.enums import ITEM_COUNTED, ItemState, PercentRule
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import ProgressNote, WorkItem
from khcn.plan.permissions import acting, can_confirm_progress, can_enter_progress
from khcn.plan.rules.progress import WHOLE, follows_report, may_move
from khcn.plan.selectors.progress_item import cooperating_units
from khcn.plan.selectors.progress_values import item_percent

FIELDS: Final = ("state", "percent", "started_on", "done_on", "result", "difficulties")
LONGEST: Final = 10_000  # characters of a text


class ProgressError(PlanError):
    """What was entered does not go together."""

    code = "progress"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a unit enters. ``percent`` counts only where the unit judges for itself; ``None``: as it was.

    ``done_on``: the day it was done, when not today.
    """

    state: str
    percent: int | None = None
    text: str = ""
    difficulties: str = ""
    done_on: date | None = None


def progress_enter(
    *, actor: Actor, item_id: int, revision: int, entry: Entry, now: datetime, note: bool = True
) -> WorkItem:
    """Enter how far a work item is, and leave a note.

    :param revision: as the form showed it.
    :param note: leave the audit row here; a caller that writes many leaves its own one.
    :raises PermissionDeniedError: for the item of another unit.
    :raises StaleError: when somebody else has written meanwhile.
    :raises ProgressError: when state, percentage and text do not go together.
    """
    day = local_date(now)
    with transaction.atomic():
        item = item_of(item_id)
        if not can_enter_progress(acting(actor, day), item.unit_id):
            raise _not_yours()
        _check(item, entry, day)
        before = snapshot(item, FIELDS)
        _apply(item, entry, day)
        _keep(item, revision, now)
        hurdles = entry.difficulties if item.difficulties != before["difficulties"] else ""  # said once
        _note(item, actor, now, unit=item.unit, text=entry.text, difficulties=hurdles)
        if note:
            audit_record(
                actor=actor, action="plan.progress.enter", target=item, before=before,
                after=snapshot(item, FIELDS), at=now,
            )  # fmt: skip
    return item


def entry_apply(item: WorkItem, entry: Entry, day: date) -> None:
    """Put an entry into ``item`` by the rules, without writing it. :raises ProgressError: it does not go together."""
    _check(item, entry, day)
    _apply(item, entry, day)


def item_of(item_id: int) -> WorkItem:
    """Return a work item with what the rules need. :raises StaleError: when it is gone."""
    found = WorkItem.objects.select_related("task", "plan", "unit").filter(pk=item_id).first()
    if found is None:
        raise StaleError(_("Việc này không còn trong hệ thống. Hãy mở lại danh sách việc."))
    return found


def _check(item: WorkItem, entry: Entry, day: date) -> None:
    if item.state not in ITEM_COUNTED:
        raise ProgressError(
            _("Việc này %(state)s nên không ghi tiến độ được nữa. Hãy mở danh sách việc hiện tại của đơn vị.")
            % {"state": str(item.get_state_display()).lower()},
            code="progress-closed",
        )
    if entry.state not in ItemState or not may_move(
        item.state, entry.state, confirmed=bool(item.confirmed_at)
    ):
        raise ProgressError(
            _("Việc đã được thủ trưởng xác nhận hoàn thành. Muốn sửa, đề nghị thủ trưởng mở lại việc.")
            if item.confirmed_at
            else _("Không chuyển được sang trạng thái này. Hãy chọn Chưa, Đang hoặc Hoàn thành."),
            code="progress-move",
        )
    if follows_report(item.task.percent_rule, item.task.level) and entry.state != item.state:
        raise ProgressError(
            _(
                "Trạng thái của việc này đi theo báo cáo của đơn vị. Hãy lập và gửi báo cáo; trạng thái tự đổi."
            ),
            code="progress-by-report",
        )
    _check_figures(item, entry, day)


def _check_figures(item: WorkItem, entry: Entry, day: date) -> None:
    if entry.percent is not None and not 0 <= entry.percent <= WHOLE:
        raise ProgressError(_("Phần trăm hoàn thành từ 0 đến 100. Hãy ghi lại."), code="progress-percent")
    typed = item.task.percent_rule == PercentRule.TYPED
    if typed and entry.percent == WHOLE and entry.state != ItemState.DONE:
        raise ProgressError(
            _("Đã đạt 100 % thì hãy chọn Hoàn thành; nếu còn việc phải làm, hãy ghi dưới 100 %."),
            code="progress-percent",
        )
    if entry.state == ItemState.DONE and item.task.percent_rule == PercentRule.STEPS:
        left = item.steps.filter(done_on__isnull=True).count()
        if left:
            raise ProgressError(
                _(
                    "Còn %(count)s bước chưa xong. Hãy đánh dấu xong các bước, hoặc bỏ bước không còn cần, rồi ghi hoàn thành."
                )
                % {"count": left},
                code="progress-steps",
            )
    if entry.done_on is not None and entry.done_on > day:
        raise ProgressError(
            _("Ngày hoàn thành không được ở sau hôm nay. Hãy ghi lại ngày."), code="progress-day"
        )
    if item.started_on and entry.done_on is not None and entry.done_on < item.started_on:
        raise ProgressError(
            _("Ngày hoàn thành không được trước ngày bắt đầu. Hãy ghi lại ngày."), code="progress-day"
        )
    if max(len(entry.text), len(entry.difficulties)) > LONGEST:
        raise ProgressError(
            _("Nội dung dài quá %(most)s ký tự. Hãy rút gọn, hoặc gửi kèm tệp ở phần minh chứng.")
            % {"most": LONGEST},
            code="progress-long",
        )


def _apply(item: WorkItem, entry: Entry, day: date) -> None:
    if entry.state == ItemState.DONE:
        item.done_on = entry.done_on or item.done_on or day
    else:
        item.done_on = None
        item.confirmed_by, item.confirmed_at = None, None
    if entry.state == ItemState.TODO:
        item.started_on = None
    elif item.started_on is None:
        item.started_on = min(day, item.done_on or day)
    if entry.state == ItemState.DONE and item.state != ItemState.DONE:
        item.unit_name = item.unit.name  # later names never change what was done under this one
    item.state = entry.state
    item.result = clean(entry.text) or item.result
    item.difficulties = clean(entry.difficulties)
    typed = item.percent if entry.percent is None else entry.percent
    item.percent = item_percent(item, typed=typed, on=day)


def clean(text: str) -> str:
    """Return what people typed without the characters that no database and no file takes."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def _keep(item: WorkItem, revision: int, now: datetime) -> None:
    """Write the item if it still has ``revision``. The one place where two writers meet."""
    names = (*FIELDS, "unit_name", "confirmed_by_id", "confirmed_at")
    values: dict[str, Any] = {name: getattr(item, name) for name in names}
    same = WorkItem.objects.filter(pk=item.pk, revision=revision)
    if not same.update(**values, updated_at=now, revision=F("revision") + 1):
        raise StaleError(
            _(
                "Có người vừa cập nhật việc này trước bạn. Trang dưới đây là nội dung mới nhất, phần bạn viết vẫn còn "
                "trong ô; hãy xem lại rồi ghi lần nữa."
            )
        )
    item.revision, item.updated_at = revision + 1, now


def _note(
    item: WorkItem, actor: Actor, now: datetime, *, unit: Unit, text: str, difficulties: str = ""
) -> ProgressNote:
    return ProgressNote.objects.create(
        item=item, unit=unit, unit_name=unit.name, by_id=actor_id(actor), at=now, state=item.state,
        percent=item.percent, text=clean(text), difficulties=clean(difficulties),
    )  # fmt: skip


def progress_note_add(
    *, actor: Actor, item_id: int, text: str, now: datetime, difficulties: str = ""
) -> ProgressNote:
    """Add what a cooperating unit did, or a remark of the own unit, without touching the state.

    :raises PermissionDeniedError: for units that have no part in the task.
    """
    if not clean(text):
        raise ProgressError(
            _("Chưa có nội dung. Hãy viết đơn vị đã làm gì rồi ghi lại."), code="progress-empty"
        )
    if max(len(text), len(difficulties)) > LONGEST:
        raise ProgressError(
            _("Nội dung dài quá %(most)s ký tự. Hãy rút gọn.") % {"most": LONGEST}, code="progress-long"
        )
    with transaction.atomic():
        item = item_of(item_id)
        unit = contributing_unit(actor, item, local_date(now))
        note = _note(item, actor, now, unit=unit, text=text, difficulties=difficulties)
        audit_record(
            actor=actor,
            action="plan.progress.note",
            target=item,
            after={"unit": unit.pk, "note": note.pk},
            at=now,
        )
    return note


def contributing_unit(actor: Actor, item: WorkItem, day: date) -> Unit:
    """Return for which unit ``actor`` adds to ``item``: the item's own, or a cooperating one.

    :raises PermissionDeniedError: when none of the person's units has a part in it.
    """
    reach = acting(actor, day)
    if item.state not in ITEM_COUNTED:
        raise ProgressError(
            _("Việc này đã khép lại nên không ghi thêm được. Hãy mở danh sách việc hiện tại của đơn vị."),
            code="progress-closed",
        )
    if can_enter_progress(reach, item.unit_id):
        return item.unit
    mine = reach.reporting | reach.heading
    found = next((unit for unit in cooperating_units(item, day) if unit.pk in mine), None)
    if found is None:
        raise _not_yours()
    return found


def progress_confirm(*, actor: Actor, item_id: int, revision: int, now: datetime) -> WorkItem:
    """Confirm, as the unit's head, what the unit entered. Whoever entered it does not confirm it.

    :raises PermissionDeniedError: for others than the head of the unit (or of the focal unit).
    :raises StaleError: when it was changed meanwhile.
    """
    with transaction.atomic():
        item = item_of(item_id)
        behalf = _as_head(actor, item, local_date(now))
        last = item.notes.filter(unit_id=item.unit_id).order_by("-at", "-pk").first()
        if item.state not in ITEM_COUNTED or last is None:
            raise ProgressError(
                _("Chưa có tiến độ nào để xác nhận. Đơn vị ghi tiến độ trước."), code="progress-empty"
            )
        if actor is not None and last.by_id == actor_id(actor):
            raise PermissionDeniedError(
                _(
                    "Người ghi tiến độ không tự xác nhận. Hãy nhờ thủ trưởng khác, hoặc thủ trưởng đơn vị đầu mối, xác nhận."
                )
            )
        item.confirmed_by_id, item.confirmed_at = actor_id(actor), now
        _keep(item, revision, now)
        audit_record(
            actor=actor, action="plan.progress.confirm", target=item, on_behalf_of=behalf,
            after={"state": item.state, "percent": item.percent}, at=now,
        )  # fmt: skip
    return item


def progress_reopen(*, actor: Actor, item_id: int, revision: int, reason: str, now: datetime) -> WorkItem:
    """Open a finished item again, as the unit's head, with a reason that stays in its timeline."""
    if not clean(reason):
        raise ProgressError(
            _("Mở lại việc cần lý do. Hãy viết lý do rồi bấm lần nữa."), code="progress-reason"
        )
    with transaction.atomic():
        item = item_of(item_id)
        behalf = _as_head(actor, item, local_date(now))
        if item.state != ItemState.DONE:
            raise ProgressError(_("Việc này chưa ghi hoàn thành nên không cần mở lại."), code="progress-move")
        if follows_report(item.task.percent_rule, item.task.level):
            raise ProgressError(
                _("Việc này đi theo báo cáo. Hãy mở lại báo cáo của đơn vị; trạng thái tự đổi."),
                code="progress-by-report",
            )
        before = snapshot(item, FIELDS)
        item.state, item.done_on, item.unit_name = ItemState.DOING, None, ""
        item.confirmed_by, item.confirmed_at = None, None
        item.percent = item_percent(item, typed=WHOLE - 1, on=local_date(now))
        _keep(item, revision, now)
        _note(item, actor, now, unit=item.unit, text=_("Mở lại: %(reason)s") % {"reason": clean(reason)})
        audit_record(
            actor=actor, action="plan.progress.reopen", target=item, before=before, after=snapshot(item, FIELDS),
            on_behalf_of=behalf, reason=clean(reason)[:1000], at=now,
        )  # fmt: skip
    return item


def _as_head(actor: Actor, item: WorkItem, day: date) -> Any:
    """Return in whose place the actor acts as the head (``None``: in the own). Raises PermissionDeniedError."""
    if not can_confirm_progress(acting(actor, day), item.unit_id):
        raise PermissionDeniedError(
            _("Chỉ thủ trưởng đơn vị chủ trì, hoặc thủ trưởng đơn vị đầu mối, làm được việc này.")
        )
    if actor is None:
        return None
    own = authority_for(actor, day, {Role.UNIT_HEAD}, unit_id=item.unit_id)
    found = own or authority_for(actor, day, {Role.FOCAL_HEAD})
    return found.on_behalf_of if found else None


def _not_yours() -> PermissionDeniedError:
    return PermissionDeniedError(
        _("Việc này của đơn vị khác. Chỉ người báo cáo và thủ trưởng của đơn vị đó ghi được tiến độ.")
    )

"""Steps of a work item, and the percentages that follow what was recorded elsewhere."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.plan.enums import ITEM_COUNTED, ITEM_OPEN, ItemState, PercentRule
from khcn.plan.errors import StaleError
from khcn.plan.models import WorkItem, WorkStep
from khcn.plan.permissions import acting, can_enter_progress
from khcn.plan.rules.progress import percent_of
from khcn.plan.selectors.progress_values import facts_of
from khcn.plan.services.progress import ProgressError, clean, item_of

MOST_STEPS: Final = 50


def _open_item(actor: Actor, item_id: int, day: date) -> WorkItem:
    item = item_of(item_id)
    if not can_enter_progress(acting(actor, day), item.unit_id):
        raise PermissionDeniedError(
            _("Việc này của đơn vị khác. Chỉ người báo cáo và thủ trưởng của đơn vị đó sửa được các bước.")
        )
    if item.state not in ITEM_COUNTED or (item.confirmed_at and item.state == ItemState.DONE):
        raise ProgressError(
            _("Việc đã khép lại nên không sửa các bước được. Muốn sửa, đề nghị thủ trưởng mở lại việc."),
            code="progress-closed",
        )
    return item


def _follow(item: WorkItem, now: datetime) -> None:
    """Bring state and percentage of ``item`` in line with its steps; always the newest counts, whoever was first."""
    WorkItem.objects.filter(pk=item.pk).update(updated_at=now, revision=F("revision") + 1)
    if item.task.percent_rule != PercentRule.STEPS:
        return
    day = local_date(now)
    facts = facts_of(item, typed=item.percent, on=day)
    if facts.steps_done and item.state == ItemState.TODO:
        WorkItem.objects.filter(pk=item.pk, state=ItemState.TODO).update(
            state=ItemState.DOING, started_on=day
        )
    if item.state == ItemState.DONE and facts.steps_done < facts.steps:
        WorkItem.objects.filter(pk=item.pk).update(state=ItemState.DOING, done_on=None, unit_name="")
    item.refresh_from_db(fields=["state", "revision"])
    WorkItem.objects.filter(pk=item.pk).update(percent=percent_of(facts_of(item, typed=item.percent, on=day)))


def step_add(*, actor: Actor, item_id: int, title: str, now: datetime, due: date | None = None) -> WorkStep:
    """Add a step at the end of a work item's steps."""
    words = " ".join(clean(title).split())
    if not words or len(words) > 300:
        raise ProgressError(_("Tên bước từ 1 đến 300 ký tự. Hãy viết lại ngắn gọn."), code="progress-step")
    with transaction.atomic():
        item = _open_item(actor, item_id, local_date(now))
        if item.steps.count() >= MOST_STEPS:
            raise ProgressError(
                _("Một việc có nhiều nhất %(most)s bước. Hãy gộp các bước nhỏ.") % {"most": MOST_STEPS},
                code="progress-step",
            )
        last = item.steps.aggregate(last=Max("order"))["last"] or 0
        step = WorkStep.objects.create(item=item, order=last + 1, title=words, due=due)
        _follow(item, now)
        audit_record(
            actor=actor, action="plan.step.add", target=item, after={"title": words, "due": due}, at=now
        )
    return step


def step_tick(*, actor: Actor, item_id: int, step_id: int, done: bool, now: datetime) -> WorkStep:
    """Mark a step as done today, or as not done."""

    def change(step: WorkStep) -> None:
        step.done_on = (step.done_on or local_date(now)) if done else None
        step.save(update_fields=["done_on"])

    return _on_step(actor, (item_id, step_id), now, "plan.step.tick", change)


def step_remove(*, actor: Actor, item_id: int, step_id: int, now: datetime) -> WorkStep:
    """Take a step away that is no longer needed; the trail keeps its name."""

    def change(step: WorkStep) -> None:
        WorkStep.objects.filter(pk=step.pk).delete()

    return _on_step(actor, (item_id, step_id), now, "plan.step.remove", change)


def _on_step(
    actor: Actor, ids: tuple[int, int], now: datetime, action: str, change: Callable[[WorkStep], None]
) -> WorkStep:
    item_id, step_id = ids
    with transaction.atomic():
        item = _open_item(actor, item_id, local_date(now))
        step = item.steps.select_for_update().filter(pk=step_id).first()
        if step is None:
            raise StaleError(_("Bước này vừa được người khác bỏ. Trang đã cập nhật."))
        before = {"title": step.title, "done_on": step.done_on}
        change(step)
        _follow(item, now)
        after = None if action.endswith("remove") else {"title": step.title, "done_on": step.done_on}
        audit_record(actor=actor, action=action, target=item, before=before, after=after, at=now)
    return step


def percents_follow(now: datetime) -> int:
    """Work out anew the percentages that count an indicator, as recorded activity grows. A periodic duty.

    Returns how many changed. The state stays as the unit set it, and so does the revision: a form somebody has open
    is not made old by it.
    """
    day, changed = local_date(now), 0
    rows = WorkItem.objects.filter(state__in=ITEM_OPEN, task__percent_rule=PercentRule.INDICATOR)
    for item in rows.select_related("task", "plan").order_by("pk").iterator(chunk_size=500):
        percent = percent_of(facts_of(item, typed=item.percent, on=day))
        if percent != item.percent:
            changed += WorkItem.objects.filter(pk=item.pk, percent=item.percent).update(percent=percent)
    return changed

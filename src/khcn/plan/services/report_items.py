"""The work item of a report task follows the unit's report: done when it is accepted, in work again when reopened."""

from datetime import datetime

from django.db.models import F

from khcn.core.dates import local_date
from khcn.plan.enums import ITEM_OPEN, ItemState
from khcn.plan.models import UnitReport, WorkItem

_MOST_STEPS = 20  # of a chain of hand-overs; a longer one is a circle


def report_item(report: UnitReport) -> WorkItem | None:
    """Return the work item behind a report: of its unit, or where that was handed over to."""
    period = report.period
    if not period.task_code or period.regime.plan_id is None:
        return None
    item = WorkItem.objects.filter(
        plan=period.regime.plan_id, code=period.task_code, unit=report.unit_id
    ).first()
    for _step in range(_MOST_STEPS):
        if item is None or item.state != ItemState.HANDED_OVER or item.handed_to_id is None:
            break
        item = WorkItem.objects.filter(pk=item.handed_to_id).first()
    return item


def item_done(report: UnitReport, now: datetime) -> bool:
    """Close the work item of an accepted report; return whether that changed it. Inside the caller's transaction.

    The head who approved the report has thereby confirmed the item: nobody is asked a second time.
    """
    item = report_item(report)
    if item is None:
        return False
    sent = report.submitted_at or now
    return bool(
        WorkItem.objects.filter(pk=item.pk, state__in=ITEM_OPEN).update(
            state=ItemState.DONE, percent=100, done_on=local_date(sent), unit_name=report.unit_name,
            confirmed_by=report.approved_by_id, confirmed_at=sent, revision=F("revision") + 1, updated_at=now,
        )
    )  # fmt: skip


def item_reopened(report: UnitReport, now: datetime) -> bool:
    """Put the work item of a reopened report back to work; return whether that changed it."""
    item = report_item(report)
    if item is None:
        return False
    return bool(
        WorkItem.objects.filter(pk=item.pk, state=ItemState.DONE).update(
            state=ItemState.DOING,
            percent=50,
            done_on=None,
            confirmed_by=None,
            confirmed_at=None,
            revision=F("revision") + 1,
            updated_at=now,
        )
    )

"""Many updates at once from a filled sheet: all of it, or nothing with the errors by row and column."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_batch
from khcn.core.dates import local_date
from khcn.core.errors import KhcnError
from khcn.core.exports.forms import CellError, FilledForm, FilledRow
from khcn.plan.enums import ItemState, PercentRule
from khcn.plan.errors import PlanError, RowFault, RowsError
from khcn.plan.models import WorkItem
from khcn.plan.services.progress import Entry, clean, progress_enter

MOST: Final = 2000


@dataclass(frozen=True, slots=True)
class SheetResult:
    """How many lines changed something, and how many were as before."""

    changed: int
    unchanged: int


def progress_sheet_take_in(*, actor: Actor, filled: FilledForm, now: datetime) -> SheetResult:
    """Take in a filled sheet of progress. Lines that change nothing are left alone.

    :raises RowsError: with every wrong cell; nothing of the sheet was taken in then.
    """
    faults = [_fault(error) for error in filled.errors]
    if len(filled.rows) + len(filled.errors) > MOST:
        raise RowsError(_("Bảng có hơn %(most)s dòng. Hãy chia nhỏ rồi gửi từng phần.") % {"most": MOST})
    if not filled.rows and not faults:
        raise RowsError(_("Bảng không có dòng nào. Hãy tải bảng về, điền vào đó rồi gửi lại."))
    changed = 0
    with transaction.atomic():
        items = _items(filled.rows)
        seen: set[int] = set()
        for row in filled.rows:
            pk = int(str(row.values["item"]))
            try:
                if pk in seen:
                    raise PlanError(_("Việc này có ở một dòng khác. Hãy chỉ giữ một dòng."), code="item")
                seen.add(pk)
                changed += _take(actor, items.get(pk), row, now)
            except KhcnError as error:
                faults.append(RowFault(_where(row.number), _column(error), error.message))
        if faults:
            raise RowsError(_("Có ô chưa đúng nên chưa ghi gì. Sửa trong Excel rồi gửi lại."), faults)
        audit_batch(
            actor=actor, action="plan.progress.import", count=changed, at=now,
            summary={"rows": len(filled.rows), "items": sorted(seen)[:200]},
        )  # fmt: skip
    return SheetResult(changed, len(filled.rows) - changed)


def _items(rows: Sequence[FilledRow]) -> dict[int, WorkItem]:
    wanted = [int(str(row.values["item"])) for row in rows]
    sound = [pk for pk in wanted if 0 < pk < 2**63]
    return WorkItem.objects.select_related("task").in_bulk(sound)


def _take(actor: Actor, item: WorkItem | None, row: FilledRow, now: datetime) -> int:
    """Enter one line; return 1 when it changed something."""
    if item is None:
        raise PlanError(_("Không có việc mang số này. Hãy tải lại bảng, không tự thêm dòng."), code="item")
    revision = int(str(row.values["revision"]))
    entry = _entry(item, row.values, now, checked=revision == item.revision)
    if entry is None:
        return 0
    progress_enter(actor=actor, item_id=item.pk, revision=revision, entry=entry, now=now, note=False)
    return 1


def _entry(item: WorkItem, values: dict[str, Any], now: datetime, *, checked: bool) -> Entry | None:
    """Return what a line changes, or ``None``. A percentage that the rule works out may not be typed over.

    ``checked``: the line is about the newest version; an older one is refused as such, not for its percentage.
    """
    state, percent = str(values["state"]), values.get("percent")
    result, hurdles = clean(str(values.get("result") or "")), clean(str(values.get("difficulties") or ""))
    done_on = values.get("done_on")
    typed = percent is not None and int(percent) != item.percent
    if checked and typed and item.task.percent_rule != PercentRule.TYPED:
        raise PlanError(
            _("Phần trăm của việc này do máy tính. Hãy để nguyên %(percent)s.") % {"percent": item.percent},
            code="progress-percent",
        )
    fresh = result if result and result != clean(item.result) else ""
    moved = state != item.state or (state == ItemState.DONE and done_on not in (None, item.done_on))
    if not (moved or typed or fresh or hurdles != clean(item.difficulties)):
        return None
    return Entry(
        state=state,
        percent=None if percent is None else int(percent),
        text=fresh,
        difficulties=hurdles,
        done_on=(done_on or local_date(now)) if state == ItemState.DONE and item.done_on is None else done_on,
    )


def _where(number: int) -> str:
    return _("Dòng %(number)s") % {"number": number}


def _fault(error: CellError) -> RowFault:
    return RowFault(_where(error.row), error.column, error.message)


def _column(error: KhcnError) -> str:
    """Return the header under which a fault of the rules belongs."""
    return {
        "stale": _("Bản"),
        "item": _("Số"),
        "permission-denied": _("Đơn vị"),
        "progress-percent": _("Hoàn thành (%)"),
        "progress-day": _("Hoàn thành ngày"),
        "progress-long": _("Kết quả"),
    }.get(error.code, _("Trạng thái"))

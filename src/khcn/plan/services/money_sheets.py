"""Sheets of money taken in: lines of an estimate, and entries. All rows or none; the same file twice changes nothing.

Every wrong row is named with its column. ``dry``: everything is tried and nothing kept, for the preview.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.audit import audit_batch
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.forms import FilledRow
from khcn.core.numbers import number_vi
from khcn.orgs.models import Unit
from khcn.plan.enums import ENTRY_COUNTED, EntryKind
from khcn.plan.errors import RowFault, RowsError
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry
from khcn.plan.rules.money import MoneyError
from khcn.plan.services import money_sums
from khcn.plan.services.money_entries import allocation_book, entry_propose
from khcn.plan.services.money_estimates import MOST_LINES, line_save

# The columns by key, in their order: headers of the template, and the names of fields in errors.
LINE_TITLES: Final = {
    "line": gettext_lazy("Mã dòng"),
    "unit": gettext_lazy("Đơn vị sử dụng"),
    "task_code": gettext_lazy("Mã nhiệm vụ"),
    "title": gettext_lazy("Nội dung chi"),
    "budget_code": gettext_lazy("Mục lục ngân sách"),
    "estimated": gettext_lazy("Dự toán (đồng)"),
    "note": gettext_lazy("Ghi chú"),
}
ENTRY_TITLES: Final = {
    "entry": gettext_lazy("Mã bút toán"),
    "line": gettext_lazy("Dòng dự toán"),
    "kind": gettext_lazy("Loại"),
    "happened_on": gettext_lazy("Ngày"),
    "amount": gettext_lazy("Số tiền (đồng)"),
    "document": gettext_lazy("Chứng từ, hợp đồng"),
    "partner": gettext_lazy("Đơn vị thụ hưởng"),
    "text": gettext_lazy("Nội dung"),
    "commitment": gettext_lazy("Theo cam kết"),
}
ALLOCATED, CUT = "allocation", "allocation_cut"
_ENTRY_FIELDS: Final = ("amount", "happened_on", "document", "partner", "text")


@dataclass(frozen=True, slots=True)
class SheetOutcome:
    """How many rows were new, changed something, or were known already."""

    new: int = 0
    changed: int = 0
    same: int = 0


@transaction.atomic
def lines_take_in(
    *, actor: Actor, estimate: Estimate, rows: Sequence[FilledRow], now: datetime, dry: bool = False
) -> SheetOutcome:
    """Add and change lines of a draft. A row without its number is found again by unit, task, code and content.

    :raises PermissionDeniedError, RowsError:
    """
    if len(rows) + estimate.lines.count() > 2 * MOST_LINES:
        raise RowsError(_("Một dự toán có nhiều nhất %(most)s dòng.") % {"most": number_vi(MOST_LINES)})
    units = Unit.objects.in_bulk({int(str(row.values["unit"])) for row in rows})
    held = {line.pk: line for line in BudgetLine.objects.filter(estimate=estimate)}

    def take(row: FilledRow) -> str:
        given = row.values
        values = {name: given.get(name) or "" for name in ("task_code", "title", "budget_code", "note")}
        values["title"] = " ".join(str(values["title"]).split())
        line = _line_of(given, values, held)
        wanted = {
            **values,
            "unit": units[int(str(given["unit"]))],
            "estimated": given.get("estimated") or Decimal(0),
        }
        saved, changed = line_save(
            actor=actor, estimate=estimate, values=wanted, now=now, line=line, audited=False
        )
        held[saved.pk] = saved
        return "same" if not changed else "changed" if line else "new"

    outcome = _all_or_none(rows, take, LINE_TITLES)
    _keep(actor, "plan.estimate.import", estimate, outcome, now=now, dry=dry)
    return outcome


def _line_of(
    given: Mapping[str, Any], values: Mapping[str, Any], held: Mapping[int, BudgetLine]
) -> BudgetLine | None:
    number = given.get("line")
    if number is not None:
        if number not in held:
            raise MoneyError(
                _("Dự toán này không có dòng mã %(number)s. Dòng mới hãy để trống mã.") % {"number": number},
                field="line",
            )
        return held[int(number)]
    code = _digits(values["budget_code"])
    return next(
        (
            line
            for line in held.values()
            if line.unit_id == int(str(given["unit"]))
            and line.title == values["title"]
            and line.task_code == str(values["task_code"]).strip()
            and _digits(line.budget_code) == code
        ),
        None,
    )


def _digits(code: Any) -> str:
    return "".join(sign for sign in str(code) if sign.isdigit())


@transaction.atomic
def entries_take_in(
    *, actor: Actor, estimate: Estimate, rows: Sequence[FilledRow], now: datetime, dry: bool = False
) -> SheetOutcome:
    """Enter commitments, payments and (finance) allocations. A row that was entered before is known by its content.

    :raises PermissionDeniedError, MoneyError, RowsError:
    """
    money_sums.estimate_open(estimate.pk)
    lines = {line.pk: line for line in BudgetLine.objects.filter(estimate=estimate).visible_to(actor)}
    seen: Counter[str] = Counter()

    def take(row: FilledRow) -> str:
        given = row.values
        line = lines.get(int(str(given["line"])))
        if line is None:
            raise MoneyError(_("Dòng này không thuộc dự toán hoặc không phải của đơn vị bạn."), field="line")
        if given.get("entry") is not None:
            return _known(line, given)
        printed = _print_of(given)
        seen[printed] += 1
        reference = f"sheet:{printed}-{seen[printed]}"
        if MoneyEntry.objects.filter(reference=reference, state__in=ENTRY_COUNTED).exists():
            return "same"
        _enter(actor, line, given, reference, now)
        return "new"

    outcome = _all_or_none(rows, take, ENTRY_TITLES)
    _keep(actor, "plan.money.import", estimate, outcome, now=now, dry=dry)
    return outcome


def _enter(actor: Actor, line: BudgetLine, given: Mapping[str, Any], reference: str, now: datetime) -> None:
    values = {name: given.get(name) for name in _ENTRY_FIELDS}
    kind = str(given["kind"])
    if kind in {ALLOCATED, CUT}:
        amount = Decimal(given["amount"]) * (-1 if kind == CUT else 1)
        allocation_book(actor=actor, line=line, amount=amount, values=values, now=now, reference=reference)
        return
    commitment = (
        _commitment(line, str(given.get("commitment") or "")) if kind == EntryKind.DISBURSEMENT else None
    )
    entry_propose(
        actor=actor,
        line=line,
        kind=EntryKind(kind),
        values=values,
        now=now,
        commitment=commitment,
        reference=reference,
    )


def _known(line: BudgetLine, given: Mapping[str, Any]) -> str:
    """Accept a row that goes down with every filled template; what was entered is never changed by a sheet."""
    entry = MoneyEntry.objects.filter(pk=int(str(given["entry"])), line__estimate=line.estimate).first()
    if entry is None:
        raise MoneyError(_("Không có bút toán mã này. Bút toán mới hãy để trống mã."), field="entry")
    same = (
        entry.line_id == line.pk
        and abs(entry.amount) == given["amount"]
        and entry.happened_on == given["happened_on"]
        and entry.kind == str(given["kind"]).removesuffix("_cut")
        and all(
            getattr(entry, name) == " ".join(str(given.get(name) or "").split())
            for name in ("document", "partner", "text")
        )
    )
    if not same:
        raise MoneyError(
            _("Bút toán đã ghi không sửa bằng bảng. Hãy hủy bút toán đó rồi ghi dòng mới."), field="entry"
        )
    return "same"


def _commitment(line: BudgetLine, named: str) -> MoneyEntry:
    """Return the commitment a payment names by its document or number; the only open one when it names none."""
    rows = MoneyEntry.objects.filter(line=line, kind=EntryKind.COMMITMENT, state__in=ENTRY_COUNTED)
    wanted = " ".join(named.split()).casefold()
    found = [
        row
        for row in rows
        if (
            wanted in {row.document.casefold(), str(row.pk), f"#{row.pk}"}
            if wanted
            else row.amount > row.paid + row.released
        )
    ]
    if len(found) != 1:
        raise MoneyError(
            _("Dòng này có %(count)s cam kết phù hợp. Hãy ghi đúng số chứng từ hoặc mã của một cam kết.")
            % {"count": len(found)},
            field="commitment",
        )
    return found[0]


def _print_of(given: Mapping[str, Any]) -> str:
    text = "\n".join(" ".join(str(given.get(name) or "").split()) for name in ENTRY_TITLES if name != "entry")
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _all_or_none(
    rows: Sequence[FilledRow], take: Callable[[FilledRow], str], titles: Mapping[str, Any]
) -> SheetOutcome:
    counts: Counter[str] = Counter()
    faults = []
    for row in rows:
        try:
            with transaction.atomic():
                counts[take(row)] += 1
        except PermissionDeniedError:
            raise
        except KhcnError as error:
            field = getattr(error, "field", "")
            faults.append(RowFault(str(row.number), str(titles.get(field, "")), error.message))
    if faults:
        raise RowsError(
            _("Có %(count)s dòng chưa đúng, chưa lưu gì.") % {"count": number_vi(len(faults))}, faults
        )
    return SheetOutcome(**counts)


def _keep(
    actor: Actor, action: str, estimate: Estimate, outcome: SheetOutcome, *, now: datetime, dry: bool
) -> None:
    """Leave one row for the batch, or undo everything after a dry run."""
    if dry:
        transaction.set_rollback(True)
    elif outcome.new or outcome.changed:
        summary = {"estimate": str(estimate), "new": outcome.new, "changed": outcome.changed}
        audit_batch(actor=actor, action=action, count=outcome.new + outcome.changed, summary=summary, at=now)

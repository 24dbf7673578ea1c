"""Money as files: the table of a year, and the sheets of lines and entries (empty or filled with what is known)."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Cell, Column
from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.exports.forms import FormColumn
from khcn.core.exports.tables import table_response
from khcn.orgs.models import Unit
from khcn.plan.enums import ENTRY_COUNTED, EntryKind
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry, Plan, Task
from khcn.plan.selectors.money import MoneyFilter, lines_of_year
from khcn.plan.selectors.money_lines import estimate_lines
from khcn.plan.services.money_sheets import ALLOCATED, CUT, ENTRY_TITLES, LINE_TITLES


def year_response(user: Any, asked: MoneyFilter, kind: str) -> HttpResponseBase:
    """Return the lines of a year that ``user`` may read as CSV or XLSX."""
    titles = [
        _("Đơn vị sử dụng"), _("Mã nhiệm vụ"), _("Nội dung chi"), _("Mục lục ngân sách"), _("Dự toán (đồng)"),
        _("Đã giao (đồng)"), _("Đã cam kết (đồng)"), _("Đã giải ngân (đồng)"), _("Còn được cam kết (đồng)"),
        _("Tỷ lệ giải ngân (%)"), _("Đã quyết toán (đồng)"), _("Tên dự toán"), _("Mã dòng"),
    ]  # fmt: skip
    columns = [Column(title, decimals=1 if "%" in title else None) for title in titles]
    name = _("Kinh phí %(year)s") % {"year": asked.year}
    return table_response(kind, columns, _year_rows(user, asked), name, title=name)


def _year_rows(user: Any, asked: MoneyFilter) -> Iterator[list[Cell]]:
    lines = (
        lines_of_year(user, asked)
        .select_related("unit", "estimate")
        .order_by("estimate__title", "order", "pk")
    )
    for line in lines.iterator():
        share = round(100 * line.paid / line.allocated, 1) if line.allocated else None
        yield [
            line.unit.name, line.task_code, line.title, line.budget_code, line.estimated, line.allocated, line.committed,
            line.paid, line.allocated - line.committed, share, line.settled, line.estimate.title, line.pk,
        ]  # fmt: skip


def entries_response(user: Any, estimate: Estimate, kind: str) -> HttpResponseBase:
    """Return the entries of an estimate that ``user`` may read as CSV or XLSX."""
    titles: list[str] = [
        *map(str, ENTRY_TITLES.values()),
        _("Trạng thái"),
        _("Người đề nghị"),
        _("Người quyết định"),
        _("Lý do"),
    ]
    entries = MoneyEntry.objects.filter(line__in=estimate_lines(user, estimate))
    entries = entries.select_related("line", "commitment", "proposed_by", "decided_by").order_by(
        "happened_on", "pk"
    )
    rows: Iterator[list[Cell]] = (
        [
            entry.pk, entry.line.title, str(entry.get_kind_display()), entry.happened_on, entry.amount, entry.document,
            entry.partner, entry.text, _named(entry.commitment), str(entry.get_state_display()),
            str(entry.proposed_by or ""), str(entry.decided_by or ""), entry.reason,
        ]
        for entry in entries.iterator()
    )  # fmt: skip
    name = _("Bút toán %(title)s %(year)s") % {"title": estimate.title, "year": estimate.year}
    return table_response(kind, [Column(title) for title in titles], rows, name)


# Sheets


def task_choices(plan: Plan | None) -> dict[str, str]:
    """Return the tasks of a plan's newest version, code by what people pick."""
    version = plan.versions.order_by("-number").first() if plan else None
    tasks = Task.objects.filter(version=version).order_by("order", "code") if version else []
    return {f"{task.code} {task.title}"[:200]: task.code for task in tasks}


def line_columns(estimate: Estimate, units: list[Unit]) -> list[FormColumn]:
    """Return the columns of the sheet of lines of an estimate."""
    tasks = task_choices(estimate.plan)
    names = [unit.name for unit in units]
    picked = {
        f"{unit.name} ({unit.pk})" if names.count(unit.name) > 1 else unit.name: str(unit.pk)
        for unit in units
    }
    return [
        FormColumn("line", LINE_TITLES["line"], "integer", help=_("Để trống ở dòng mới; không sửa ở dòng đã có."), width=10),
        FormColumn("unit", LINE_TITLES["unit"], "choice", required=True, choices=picked, width=34, example=next(iter(picked), "")),
        FormColumn("task_code", LINE_TITLES["task_code"], "choice", choices=tasks, width=34, help=_("Để trống nếu là chi chung."))
        if tasks
        else FormColumn("task_code", LINE_TITLES["task_code"], max_length=40),
        FormColumn("title", LINE_TITLES["title"], required=True, max_length=500, width=50, example=_("In tờ rơi")),
        FormColumn(
            "budget_code", LINE_TITLES["budget_code"], max_length=40, example="599-100-103-7000-7049",
            help=_("Chương-loại-khoản-mục-tiểu mục."),
        ),
        FormColumn("estimated", LINE_TITLES["estimated"], "money", required=True, example=25_000_000),
        FormColumn("note", LINE_TITLES["note"], max_length=500, width=30),
    ]  # fmt: skip


def lines_sheet(user: Any, estimate: Estimate, units: list[Unit], *, filled: bool) -> HttpResponse:
    """Return the sheet of lines, empty or with the lines there are."""
    lines = estimate_lines(user, estimate) if filled else BudgetLine.objects.none()
    rows = [
        {
            "line": line.pk, "unit": str(line.unit_id), "task_code": line.task_code, "title": line.title,
            "budget_code": line.budget_code, "estimated": line.estimated, "note": line.note,
        }
        for line in lines
    ]  # fmt: skip
    name = _("Dự toán %(title)s %(year)s") % {"title": estimate.title, "year": estimate.year}
    return workbook_response(filled_template(line_columns(estimate, units), rows, title=name), name)


def entry_columns(user: Any, estimate: Estimate, *, finance: bool) -> list[FormColumn]:
    """Return the columns of the sheet of entries of an estimate; only finance allocates."""
    lines = {f"{line.pk} {line.title}"[:120]: str(line.pk) for line in estimate_lines(user, estimate)}
    kinds = {
        str(EntryKind.COMMITMENT.label): EntryKind.COMMITMENT,
        str(EntryKind.DISBURSEMENT.label): EntryKind.DISBURSEMENT,
    }
    if finance:
        kinds |= {_("Giao, điều chỉnh tăng"): ALLOCATED, _("Điều chỉnh giảm"): CUT}  # type: ignore[dict-item]  # plain text
    return [
        FormColumn("entry", ENTRY_TITLES["entry"], "integer", help=_("Để trống ở dòng mới; dòng có mã là bút toán đã ghi."), width=10),
        FormColumn("line", ENTRY_TITLES["line"], "choice", required=True, choices=lines, width=44),
        FormColumn("kind", ENTRY_TITLES["kind"], "choice", required=True, choices=kinds),
        FormColumn("happened_on", ENTRY_TITLES["happened_on"], "date", required=True, width=14),
        FormColumn("amount", ENTRY_TITLES["amount"], "money", required=True, example=1_500_000),
        FormColumn("document", ENTRY_TITLES["document"], max_length=120, example="HĐ 05/2026"),
        FormColumn("partner", ENTRY_TITLES["partner"], max_length=200),
        FormColumn("text", ENTRY_TITLES["text"], required=True, max_length=500, width=44),
        FormColumn("commitment", ENTRY_TITLES["commitment"], max_length=120,
                   help=_("Chỉ cho giải ngân: số chứng từ hoặc mã bút toán của cam kết; để trống nếu dòng chỉ có một cam kết còn mở.")),
    ]  # fmt: skip


def entries_sheet(user: Any, estimate: Estimate, *, finance: bool, filled: bool) -> HttpResponse:
    """Return the sheet of entries, empty or with the entries that stand."""
    kinds = [EntryKind.COMMITMENT, EntryKind.DISBURSEMENT, *([EntryKind.ALLOCATION] if finance else [])]
    entries = MoneyEntry.objects.filter(
        line__in=estimate_lines(user, estimate), state__in=ENTRY_COUNTED, kind__in=kinds
    )
    rows = [
        {
            "entry": entry.pk, "line": str(entry.line_id), "kind": CUT if entry.amount < 0 else entry.kind,
            "happened_on": entry.happened_on, "amount": abs(entry.amount), "document": entry.document,
            "partner": entry.partner, "text": entry.text, "commitment": _named(entry.commitment),
        }
        for entry in (entries.select_related("commitment").order_by("happened_on", "pk") if filled else ())
    ]  # fmt: skip
    name = _("Bút toán %(title)s %(year)s") % {"title": estimate.title, "year": estimate.year}
    return workbook_response(
        filled_template(entry_columns(user, estimate, finance=finance), rows, title=name), name
    )


def _named(commitment: MoneyEntry | None) -> str:
    return "" if commitment is None else commitment.document or f"#{commitment.pk}"

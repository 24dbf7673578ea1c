"""The task list of a plan as a spreadsheet: down with what is there, filled in, up with errors by row and column."""

from collections.abc import Iterable, Mapping
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.exports.columns import Column
from khcn.core.exports.filled import filled_template
from khcn.core.exports.forms import FormColumn, read_workbook
from khcn.orgs.models import Unit
from khcn.plan.enums import TaskLevel
from khcn.plan.errors import RowFault, RowsError
from khcn.plan.models import Plan, PlanVersion, Task
from khcn.plan.selectors.plans import version_tasks
from khcn.plan.services.plans_sheet import SheetRow

_SEPARATOR: Final = "; "
LIST_COLUMNS: Final = (
    Column(gettext_lazy("Mã")), Column(gettext_lazy("Mục")), Column(gettext_lazy("Nhiệm vụ"), width=60), Column(gettext_lazy("Loại việc")),
    Column(gettext_lazy("Chủ trì")), Column(gettext_lazy("Phối hợp"), width=40), Column(gettext_lazy("Bắt đầu")), Column(gettext_lazy("Hạn")),
    Column(gettext_lazy("Kinh phí (đồng)")),
)  # fmt: skip


def sheet_columns(plan: Plan) -> list[FormColumn]:
    """Return the columns of the list; their keys are fields of the engine's task."""
    kinds = {str(name): code for code, name in (plan.kinds or {}).items()}
    levels = {str(level.label): level.value for level in TaskLevel}
    return [
        FormColumn("code", _("Mã"), required=True, max_length=40, width=14, help=_("Mã nhiệm vụ; mã mới là nhiệm vụ mới."), example="II.1-a"),
        FormColumn("section", _("Mục"), max_length=30, width=10, help=_("Số mục của kế hoạch."), example="II.1"),
        FormColumn("title", _("Nhiệm vụ"), required=True, max_length=500, width=60),
        FormColumn("text", _("Nguyên văn"), max_length=20_000, width=60, help=_("Câu trong văn bản kế hoạch.")),
        FormColumn("level", _("Thuộc phần"), "choice", choices=levels, width=22),
        *([FormColumn("kind", _("Loại việc"), "choice", choices=kinds, width=26)] if kinds else []),
        FormColumn("lead", _("Chủ trì"), max_length=200, width=26, help=_("Tên hoặc mã đơn vị trong danh mục.")),
        FormColumn("cooperating", _("Phối hợp"), max_length=4000, width=40, help=_("Nhiều đơn vị cách nhau bằng dấu chấm phẩy.")),
        FormColumn("fan_out", _("Giao từng đơn vị"), "yes_no", width=12, help=_("Có: mỗi đơn vị phối hợp có việc riêng.")),
        FormColumn("starts_on", _("Bắt đầu"), "date", width=12),
        FormColumn("deadline", _("Hạn"), "date", width=12, help=_("Ngày cuối cùng còn đúng hạn.")),
        FormColumn("expected_result", _("Kết quả dự kiến"), max_length=1000, width=40),
        FormColumn("amount_vnd", _("Kinh phí (đồng)"), "money", width=18),
    ]  # fmt: skip


def _values(task: Task) -> dict[str, Any]:
    return {
        "code": task.code, "section": task.section.ref if task.section else "", "title": task.title, "text": task.text,
        "level": task.level, "kind": task.kind,
        "lead": task.lead.name if task.lead else "",
        "cooperating": _SEPARATOR.join(one.unit.name for one in task.cooperating.all()), "fan_out": _("Có") if task.fan_out else _("Không"),
        "starts_on": task.starts_on, "deadline": task.deadline, "expected_result": task.expected_result,
        "amount_vnd": task.amount,
    }  # fmt: skip


def tasks_workbook(version: PlanVersion) -> bytes:
    """Return the list of a version's tasks, ready to be filled in."""
    columns = sheet_columns(version.plan)
    rows = [_values(task) for task in version_tasks(version).select_related("version__plan")]
    return filled_template(columns, rows, title=_("Nhiệm vụ của %(plan)s") % {"plan": version.plan})


def read_tasks(file: IO[bytes], plan: Plan) -> tuple[list[SheetRow], dict[str, str]]:
    """Read a filled list; return its rows and the header of each field. :raises RowsError: with row and column."""
    columns = sheet_columns(plan)
    titles = {column.key: str(column.title) for column in columns}
    form = read_workbook(file, columns)
    faults = [
        RowFault(_("Dòng %(number)s") % {"number": one.row}, one.column, one.message) for one in form.errors
    ]
    names = _unit_names()
    rows = []
    for row in form.rows:
        values, wrong = _changes(row.values, names)
        faults += [
            RowFault(_("Dòng %(number)s") % {"number": row.number}, titles[key], text) for key, text in wrong
        ]
        rows.append(SheetRow(row.number, str(row.values["code"]), values))
    if faults:
        raise RowsError(_("Chưa nhập dòng nào. Hãy sửa các ô sau rồi tải lên lại."), faults)
    return rows, titles


def _unit_names() -> dict[str, str]:
    """Return the key of every unit by its key, name and short name in small letters; a name of several units is none."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for unit in Unit.objects.all():
        for name in {unit.key, unit.name.casefold(), unit.short_name.casefold()} - {""}:
            if found.setdefault(name, unit.key) != unit.key:
                twice.add(name)
    return {name: key for name, key in found.items() if name not in twice or name == key}


def _changes(
    values: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    found: dict[str, Any] = {}
    wrong: list[tuple[str, str]] = []
    for key, value in values.items():
        if key == "code":
            continue
        if key in ("lead", "cooperating"):
            parts = [part.strip() for part in str(value or "").split(";") if part.strip()]
            keys = [names.get(part.casefold()) or names.get(part) for part in parts]
            wrong += [
                (
                    key,
                    _(
                        "Không có đơn vị “%(name)s” trong danh mục (hoặc có nhiều đơn vị cùng tên, hãy ghi mã)."
                    )
                    % {"name": part},
                )
                for part, unit in zip(parts, keys, strict=True)
                if unit is None
            ]
            clean = [one for one in keys if one]
            found[key] = tuple(clean) if key == "cooperating" else (clean[0] if clean else "")
        elif key in ("starts_on", "deadline", "amount_vnd"):
            found[key] = value
        elif key == "fan_out":
            found[key] = bool(value)
        elif value is not None or key not in ("level", "kind"):
            found[key] = value if value is not None else ""
    return found, wrong


def list_rows(tasks: Iterable[Task]) -> Iterable[list[Any]]:
    """Yield the rows of the plain list of tasks (:data:`LIST_COLUMNS`)."""
    for task in tasks:
        yield [
            task.code, task.section.ref if task.section else "", task.title, task.version.plan.kinds.get(task.kind, task.kind),
            task.lead.name if task.lead else "", _SEPARATOR.join(one.unit.name for one in task.cooperating.all()),
            task.starts_on, task.deadline, task.amount,
        ]  # fmt: skip

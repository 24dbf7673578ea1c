"""Tables and the chart of money pages."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from khcn.core.exports.forms import FilledForm, FormColumn
from khcn.plan.enums import EntryState, EstimateState
from khcn.plan.models import BudgetLine, MoneyEntry
from khcn.plan.selectors.money import BY_LINE, BY_TASK, MoneyGroup, MoneyYear, Sums
from khcn.ui.charts.model import BulletItem, Chart, bullet
from khcn.ui.formats import format_money, format_number, format_percent
from khcn.ui.parts import Column, State, Table, Tone

MILLION: Final = Decimal(1_000_000)
MOST_BARS: Final = 12
PREVIEWED: Final = 50
ENTRY_TONES: Final[dict[str, Tone]] = {
    EntryState.PROPOSED: "watch", EntryState.CONFIRMED: "good", EntryState.REFUSED: "bad", EntryState.VOID: "neutral",
}  # fmt: skip
ESTIMATE_TONES: Final[dict[str, Tone]] = {
    EstimateState.DRAFT: "neutral", EstimateState.SUBMITTED: "watch", EstimateState.APPROVED: "good", EstimateState.SETTLED: "info",
}  # fmt: skip


def entry_state(entry: MoneyEntry) -> State:
    """Return the state of an entry in words and tone."""
    return State(label=str(entry.get_state_display()), tone=ENTRY_TONES[entry.state])


def estimate_state(state: str) -> State:
    """Return the state of an estimate in words and tone."""
    return State(label=str(EstimateState(state).label), tone=ESTIMATE_TONES[state])


def year_table(found: MoneyYear, groups: Sequence[MoneyGroup]) -> Table:
    """Return the year's table; ``groups``: the rows of this page, the foot is the whole year."""
    by_line = found.asked.group == BY_LINE
    heads = [
        Column(
            label=_("Nội dung chi")
            if by_line
            else _("Nhiệm vụ")
            if found.asked.group == BY_TASK
            else _("Đơn vị")
        )
    ]
    if by_line:
        heads += [Column(label=_("Đơn vị sử dụng")), Column(label=_("Mục lục ngân sách"))]
    heads += [
        Column(label=label, numeric=True)
        for label in (_("Dự toán"), _("Đã giao"), _("Cam kết"), _("Giải ngân"), _("Còn lại"), _("Đã chi"))
    ]
    rows = [
        [_label(found, group), *([group.unit, group.code] if by_line else []), *_cells(group.sums)]
        for group in groups
    ]
    foot = [_("Cả năm"), *(["", ""] if by_line else []), *_cells(found.total)]
    caption = _("Kinh phí năm %(year)s, đồng; còn lại là phần đã giao chưa cam kết") % {
        "year": found.asked.year
    }
    return Table(caption=caption, columns=heads, rows=rows, foot=foot if groups else (), sticky=True)


def _label(found: MoneyYear, group: MoneyGroup) -> Any:
    if found.asked.group == BY_LINE:
        return format_html(
            '<a href="{}">{}</a>', reverse("plan-desk:money-line", args=[group.key]), group.label
        )
    name = "nhiem-vu" if found.asked.group == BY_TASK else "don-vi"
    address = f"{reverse('plan-desk:money')}?nam={found.asked.year}&xem={BY_LINE}&{name}={group.key}"
    prefix = f"{group.task} " if group.task else ""
    return format_html('<a href="{}">{}{}</a>', address, prefix, group.label)


def _cells(sums: Sums) -> list[str]:
    amounts = (sums.estimated, sums.allocated, sums.committed, sums.paid, sums.free)
    return [*(format_number(amount, places=0) for amount in amounts), format_percent(sums.paid_share)]


def year_chart(found: MoneyYear) -> Chart | None:
    """Return what was paid of what is allocated, the largest rows; None when nothing is allocated."""
    groups = sorted(
        (one for one in found.groups if one.sums.allocated > 0), key=lambda one: -one.sums.allocated
    )
    if not groups:
        return None
    items = [
        BulletItem(
            label=(group.task or group.label)[:60],
            value=float(round(group.sums.paid / MILLION, 1)),
            target=float(max(Decimal("0.1"), round(group.sums.allocated / MILLION, 1))),
        )
        for group in groups[:MOST_BARS]
    ]
    title = _("Đã giải ngân %(share)s kinh phí được giao năm %(year)s") % {
        "share": format_percent(found.total.paid_share), "year": found.asked.year,
    }  # fmt: skip
    return bullet(
        title=title, unit=_("Triệu đồng"), source=_("Bút toán của dự toán năm"), items=items, label_word=_("Mục"),
        value_word=_("Đã giải ngân"), target_word=_("Đã giao"), missing_word=_("không có số liệu"),
    )  # fmt: skip


def entries_table(entries: Sequence[MoneyEntry], caption: str, *, with_line: bool = False) -> Table:
    """Return entries; amounts are links to the entry."""
    heads = [Column(label=_("Nội dung")), *([Column(label=_("Dòng dự toán"))] if with_line else [])]
    heads += [
        Column(label=_("Loại")),
        Column(label=_("Ngày")),
        Column(label=_("Chứng từ")),
        Column(label=_("Số tiền"), numeric=True),
        Column(label=_("Trạng thái")),
    ]
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("plan-desk:money-entry", args=[entry.pk]), entry.text),
            *([entry.line.title] if with_line else []),
            str(entry.get_kind_display()), entry.happened_on, entry.document, format_money(entry.amount), entry_state(entry),
        ]
        for entry in entries
    ]  # fmt: skip
    return Table(caption=caption, columns=heads, rows=rows, hide_caption=True)


def lines_table(lines: Sequence[BudgetLine], total: Sums) -> Table:
    """Return the lines of an estimate."""
    heads = [Column(label=_("Nội dung chi")), Column(label=_("Đơn vị sử dụng")), Column(label=_("Nhiệm vụ")), Column(label=_("Mục lục ngân sách")),
             Column(label=_("Dự toán"), numeric=True), Column(label=_("Đã giao"), numeric=True), Column(label=_("Giải ngân"), numeric=True)]  # fmt: skip
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("plan-desk:money-line", args=[line.pk]), line.title),
            line.unit.label, line.task_code, line.budget_code,
            *(format_number(amount, places=0) for amount in (line.estimated, line.allocated, line.paid)),
        ]
        for line in lines
    ]  # fmt: skip
    foot = [
        _("Cộng"),
        "",
        "",
        "",
        *(format_number(amount, places=0) for amount in (total.estimated, total.allocated, total.paid)),
    ]
    return Table(
        caption=_("Các dòng dự toán, đồng"), columns=heads, rows=rows, foot=foot if rows else (), sticky=True
    )


def sheet_preview(filled: FilledForm, columns: Sequence[FormColumn]) -> Table:
    """Return the first rows of a sheet as they were understood."""
    names = {column.key: {code: label for label, code in column.choices.items()} for column in columns}

    def shown(value: Any, column: FormColumn) -> Any:
        if value is None:
            return ""
        if column.kind == "money":
            return format_money(value)
        return names[column.key].get(str(value), value) if column.kind == "choice" else value

    rows = [
        [row.number, *(shown(row.values.get(column.key), column) for column in columns)]
        for row in filled.rows[:PREVIEWED]
    ]
    heads = [
        Column(label=_("Dòng")),
        *(Column(label=str(column.title), numeric=column.kind == "money") for column in columns),
    ]
    return Table(caption=_("Xem trước"), columns=heads, rows=rows)

"""The figures of the library as tables, as a chart and as a workbook."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column as SheetColumn
from khcn.core.exports.columns import Row
from khcn.library.selectors.usage import Counts, Narrowed, UsageReport
from khcn.orgs.selectors import site_identity
from khcn.ui.charts.columns import Bar, columns
from khcn.ui.charts.model import Chart
from khcn.ui.parts import Column, Table


def _heads() -> list[str]:
    return [
        _("Lượt xem"),
        _("Lượt tải"),
        _("Xem, mỗi người mỗi giờ một lần"),
        _("Tải, mỗi người mỗi giờ một lần"),
    ]


def _cells(counts: Counts) -> list[int]:
    return [counts.views, counts.downloads, counts.unique_views, counts.unique_downloads]


def _columns(first: str, *more: str) -> list[Column]:
    return [Column(label=first), *(Column(label=text, numeric=True) for text in (*more, *_heads()))]


def month_chart(report: UsageReport, narrowed: Narrowed) -> Chart:
    """Return the views by month; its title is its message."""
    months = report.months
    best = max(months, key=lambda row: row[1].views)
    title = _("Tài liệu được xem nhiều nhất vào tháng %(month)s") % {"month": best[0].words}
    if not best[1].views:
        title = _("Chưa có lượt xem nào trong thời gian này")
    return columns(
        title=title,
        unit=_("lượt xem"),
        source=_("Đếm ở %(site)s, %(first)s đến %(last)s, đã bỏ máy tự động và bấm đúp")
        % {"site": site_identity().site_name, "first": narrowed.first.words, "last": narrowed.last.words},
        bars=[
            Bar(label=month.words, value=counts.views, light=month == narrowed.last)
            for month, counts in months
        ],
        label_word=_("Tháng"),
        value_word=_("Lượt xem"),
        language=(get_language() or "vi")[:2],
    )


def month_table(report: UsageReport) -> Table:
    """Return the months, the newest first, with their sum."""
    return Table(
        caption=_("Theo tháng"),
        columns=_columns(_("Tháng")),
        rows=[[month.words, *_cells(counts)] for month, counts in reversed(report.months)],
        foot=[_("Cộng"), *_cells(report.total)],
        hide_caption=True,
    )


def top_table(report: UsageReport) -> Table:
    """Return the works most used, each with the way to its page on the desk."""
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("library-desk:work", args=[use.work_id]), use.title),
            *_cells(use.counts),
        ]
        for use in report.top
    ]
    return Table(
        caption=_("Tài liệu được dùng nhiều nhất"),
        columns=_columns(_("Tài liệu")),
        rows=rows,
        hide_caption=True,
    )


def group_table(caption: str, first: str, rows: list[tuple[str, Counts]]) -> Table:
    """Return sums by shelf, unit or kind."""
    return Table(
        caption=caption,
        columns=_columns(first, _("Tài liệu có người xem")),
        rows=[[name, counts.works, *_cells(counts)] for name, counts in rows],
        hide_caption=True,
    )


def sheet_columns() -> list[SheetColumn]:
    """Return the columns of the workbook."""
    return [
        SheetColumn(_("Bảng"), 24),
        SheetColumn(_("Dòng"), 60),
        *(SheetColumn(head, 18) for head in _heads()),
    ]


def sheet_rows(report: UsageReport) -> Iterator[Row]:
    """Yield every line of the page, the name of its table first."""
    for month, counts in report.months:
        yield [_("Theo tháng"), month.words, *_cells(counts)]
    parts = (
        (_("Theo bộ sưu tập"), report.by_collection),
        (_("Theo đơn vị"), report.by_unit),
        (_("Theo loại"), report.by_kind),
        (_("Tài liệu được dùng nhiều nhất"), [(use.title, use.counts) for use in report.top]),
    )
    for name, rows in parts:
        for label, counts in rows:
            yield [name, label, *_cells(counts)]

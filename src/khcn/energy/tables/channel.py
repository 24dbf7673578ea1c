"""The month of one channel as a table."""

from django.utils.translation import gettext as _

from khcn.energy.selectors.site_page import ChannelMonth
from khcn.energy.words import completeness_state, number, power
from khcn.engines.energy.metrics import Metric
from khcn.engines.energy.types import ChannelKind
from khcn.ui.parts import Column, Table


def channel_context(found: ChannelMonth, metric: Metric) -> dict[str, object]:
    """Return the days with total, highest power and completeness."""
    counted = metric.kind not in (ChannelKind.GAUGE, ChannelKind.STATE)
    rows: list[list[object]] = []
    for day in sorted(found.days, reverse=True):
        row = found.days[day]
        rows.append(
            [
                day,
                number(row.total, 2),
                power(row.peak_kw) if row.peak_kw is not None else "",
                completeness_state(row.measured / row.expected if row.expected else None),
            ]
        )
    unit = "kWh" if counted else metric.unit
    columns = [
        Column(label=_("Ngày")),
        Column(label=_("Tổng, %(unit)s") % {"unit": unit} if counted else _("Trung bình %(unit)s") % {"unit": unit}, numeric=True),
        Column(label=_("Cao nhất trong 15 phút"), numeric=True),
        Column(label=_("Số liệu có")),
    ]  # fmt: skip
    return {"table": Table(caption=_("Từng ngày"), columns=columns, rows=rows) if rows else None}

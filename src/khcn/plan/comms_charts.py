"""The chart of communication work: people reached by channel, its message as a sentence."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.plan.selectors.comms import ChannelSum
from khcn.ui.charts.model import BarItem, Chart, bars


def channel_chart(
    sums: Sequence[ChannelSum], since: date | None = None, until: date | None = None
) -> Chart | None:
    """Return people reached by channel; ``None`` when nothing was entered. A channel without numbers is missing, not zero."""
    if not sums:
        return None
    best = sums[0]
    title = (
        _("%(channel)s đến được nhiều người nhất") % {"channel": best.label}
        if best.people
        else _("Chưa có số người tiếp cận ở hình thức nào")
    )
    days = _("mọi ngày")
    if since and until:
        days = _("từ %(from)s đến %(to)s") % {"from": date_vi(since), "to": date_vi(until)}
    elif since or until:
        days = (
            _("từ %(day)s") % {"day": date_vi(since)} if since else _("đến %(day)s") % {"day": date_vi(until)}
        )
    return bars(
        title=title, unit=_("Lượt người, phần lớn là ước tính"), source=_("Việc tuyên truyền các đơn vị ghi, %(days)s") % {"days": days},
        items=[BarItem(label=one.label, value=one.people, highlight=one is best) for one in sums],
        label_word=_("Hình thức"), value_word=_("Lượt người"), missing_word=_("không ghi số người"),
    )  # fmt: skip

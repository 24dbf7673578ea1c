"""The map of presence as a chart."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from khcn.markets.charts import presence_source
from khcn.markets.models import Market
from khcn.markets.selectors.market_page import KEPT_MARKETS
from khcn.markets.words import number, span_words
from khcn.ui.charts.maps import floor_map
from khcn.ui.charts.model import Chart
from khcn.ui.templatetags.ui_formats import language

_kept: dict[tuple[int, str], tuple[str, Chart | None]] = {}


def floor_chart(market: Market, floor: Mapping[str, Any] | None) -> Chart | None:
    """Return the map that a worker prepared; None when there is none. A process keeps it until a new one is made."""
    if floor is None:
        return None
    place, stamp = (market.pk, language()), f"{floor.get('made_at')} {market.name}"
    kept = _kept.get(place)
    if kept is None or kept[0] != stamp:
        while len(_kept) >= KEPT_MARKETS:
            _kept.pop(next(iter(_kept)), None)
        kept = _kept[place] = (stamp, _floor_chart(market, floor))
    return kept[1]


def _floor_chart(market: Market, floor: Mapping[str, Any]) -> Chart | None:
    span = span_words(date.fromisoformat(floor["first"]), date.fromisoformat(floor["last"]))
    known = [value for line in floor["cells"] for value in line if value is not None]
    if not known or max(known) <= 0:
        return None
    if floor["basis"] == "floor":
        share = _share_of_busiest(known)
        title = _("Một phần tư mặt sàn giữ %(share)s %% sự có mặt của khách") % {"share": number(100 * share)}
        unit = _(
            "Số người có mặt trung bình trên mỗi 10 mét vuông, %(span)s; mặt sàn %(width)s x %(height)s m"
        ) % {
            "span": span,
            "width": number(floor["width"], 1),
            "height": number(floor["height"], 1),
        }
        cells = [
            [None if value is None else round(10 * value, 3) for value in line] for line in floor["cells"]
        ]
    else:
        title = _("Nơi khách đứng nhiều trong khung hình của %(camera)s") % {"camera": floor["camera"]}
        unit = _("Số người có mặt trung bình trong mỗi ô hình, %(span)s; chưa khai báo bốn điểm mặt sàn") % {
            "span": span
        }
        cells = [[None if value is None else round(value, 3) for value in line] for line in floor["cells"]]
    return floor_map(
        title=title,
        unit=unit,
        source=presence_source(market.name),
        cells=cells,
        width=floor["width"],
        height=floor["height"],
        column_word=_("Cột"),
        row_word=_("Hàng"),
        value_word=_("Người"),
        missing_word=_("ngoài tầm camera"),
        language=language(),
    )


def _share_of_busiest(known: list[float]) -> float:
    """Return the share of presence on the busiest quarter of the seen floor."""
    ranked = sorted(known, reverse=True)
    return sum(ranked[: max(1, len(ranked) // 4)]) / sum(ranked)

"""Figures of programmes for reports, each with the programmes it came from: counts only, nobody's name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Indicator, Period
from khcn.core.references import Reference
from khcn.programmes.enums import Audience, Sex
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting
from khcn.programmes.selectors import figures

MOST_SOURCES: Final = 200
PROGRAMME: Final = Programme._meta.label_lower


@dataclass(frozen=True, slots=True)
class CountIndicator:
    """One count over the programmes of units; units of a group come with those they carry on (the plan asks so)."""

    title: str | Promise
    unit: str | Promise
    read: figures.Read

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the count over ``period``; 0 means that nothing was recorded."""
        reach = acting(reader)
        wanted: frozenset[int] | None = None if reach.everything else reach.units
        if unit_ids is not None:
            wanted = frozenset(unit_ids)
        return _answer([row for row in self.read(period) if wanted is None or row[0] in wanted])

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the count for each group of units, in one query for all of them."""
        by_unit: dict[int, list[figures.Row]] = defaultdict(list)
        for row in self.read(period):
            by_unit[row[0]].append(row)
        return {
            key: _answer([row for unit in dict.fromkeys(units) for row in by_unit.get(unit, ())])
            for key, units in groups.items()
        }


def _answer(rows: Sequence[figures.Row]) -> Figure:
    programmes = dict.fromkeys(programme for _unit, programme, _n in rows)
    sources = tuple(Reference(PROGRAMME, str(pk)) for pk in programmes)[:MOST_SOURCES]
    return Figure(Decimal(sum(n for _unit, _programme, n in rows)), sources=sources)


_PEOPLE: Final = _("người")
_WHO: Final = _("Đăng ký có chỗ: {who}")
INDICATORS: Final[dict[str, Indicator]] = {
    "programmes.sessions_held": CountIndicator(_("Buổi đã tổ chức"), _("buổi"), figures.sessions_held),
    "programmes.registered": CountIndicator(_("Người đăng ký có chỗ"), _PEOPLE, figures.registered()),
    **{
        f"programmes.registered_{one.value}": CountIndicator(
            format_lazy(_WHO, who=one.label), _PEOPLE, figures.registered(audience=one.value)
        )
        for one in Audience
    },
    **{
        f"programmes.registered_{one.value}": CountIndicator(
            format_lazy(_WHO, who=one.label), _PEOPLE, figures.registered(sex=one.value)
        )
        for one in Sex
    },
    "programmes.teams": CountIndicator(_("Đội dự thi"), _("đội"), figures.teams),
    "programmes.entries": CountIndicator(_("Bài dự thi đã nộp"), _("bài"), figures.entries),
    "programmes.awards": CountIndicator(_("Giải thưởng đã công bố"), _("giải"), figures.awards),
    "programmes.exhibitors": CountIndicator(_("Đơn vị trưng bày"), _("đơn vị"), figures.exhibitors),
    "programmes.contacts": CountIndicator(
        _("Liên hệ giữa khách và đơn vị trưng bày"), _("lượt"), figures.contacts
    ),
}

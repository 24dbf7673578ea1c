"""The programme in words: tiles, sums with what they leave out, one line a site, the map."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.energy.charts import programme_months
from khcn.energy.enums import BuildingKind
from khcn.energy.map_picture import MapPicture, Place, map_picture
from khcn.energy.models import Site
from khcn.energy.selectors.months import Sums
from khcn.energy.selectors.overview import Filters, Health, Programme, SiteLine
from khcn.energy.words import (
    NBSP,
    completeness_state,
    energy,
    energy_figure,
    number,
    percent,
    short_money,
)
from khcn.ui.parts import State, Tone

TONES: dict[Health, Tone] = {
    Health.FAULT: "bad",
    Health.SILENT: "bad",
    Health.WATCH: "watch",
    Health.GOOD: "good",
    Health.BILLS: "info",
    Health.NOTHING: "neutral",
}
NAMED = 6  # sites named in a sentence; the rest are counted


def health_label(health: Health) -> str:
    """Return how a site stands, in words."""
    return health_labels()[health]


def health_labels() -> dict[Health, str]:
    """Return all states in words: a list of many sites asks once."""
    return {
        Health.FAULT: _("Có sự cố"),
        Health.SILENT: _("Mất liên lạc"),
        Health.WATCH: _("Cần xem"),
        Health.GOOD: _("Chạy tốt"),
        Health.BILLS: _("Chỉ có hóa đơn"),
        Health.NOTHING: _("Chưa nối thiết bị"),
    }


def health_state(health: Health) -> State:
    """Return how a site stands, as a state."""
    return State(label=health_label(health), tone=TONES[health])


@dataclass(frozen=True)
class Tile:
    """One large figure."""

    value: str
    unit: str
    label: str


@dataclass(frozen=True)
class OverviewLine:
    """One site as the list shows it."""

    site: Site
    url: str
    state: State
    month: str
    known: bool
    completeness: State | None
    power: str
    faults: str


def sum_tiles(sums: Sums) -> list[Tile]:
    """Return the three figures of a time: energy, money, CO2."""
    saved, unit = short_money(sums["savings_vnd"])
    carbon = sums["co2_kg"]
    return [
        Tile(energy_figure(sums["production_kwh"]), _("kWh"), _("điện mặt trời làm ra")),
        Tile(saved, unit, _("tiền điện đỡ phải trả")),
        Tile(number(None if carbon is None else carbon / 1000, 1), _("tCO₂"), _("khí thải tránh được")),
    ]


def overview_context(found: Programme, asked: Filters, page: Sequence[SiteLine]) -> dict[str, object]:
    """Return what the overview shows; ``page``: the lines of this page of the list."""
    labels = health_labels()
    return {
        "found": found,
        "month_tiles": sum_tiles(found.month),
        "year_tiles": sum_tiles(found.year),
        "running": [
            Tile(f"{found.running}/{found.systems}", "", _("hệ thống đang chạy")),
            Tile(number(found.troubled), "", _("hệ thống có vấn đề")),
            Tile(percent(found.month.availability, 1), "", _("mức sẵn sàng tháng này")),
            Tile(percent(found.month.completeness), "", _("số liệu tháng này đã có")),
        ],
        "complete": complete_words(found),
        "chart": programme_months(found.by_month, found.today, _export("thang")),
        "map": programme_map(found.lines),
        "lines": [_line(line, labels) for line in page],
        "kinds": BuildingKind.choices,
        "units": unit_choices(found.lines),
        "states": [("co-van-de", _("Có vấn đề")), *((one.value, labels[one]) for one in Health)],
        "asked": asked,
        "query": urlencode(
            {
                name: value
                for name, value in (
                    ("don-vi", asked.unit or ""), ("loai", asked.kind), ("tinh-trang", asked.state), ("ten", asked.text),
                )
                if value
            }
        ),
    }  # fmt: skip


def _export(what: str) -> str:
    return reverse("energy-desk:export-all", args=[what, "csv"])


def unit_choices(lines: Sequence[SiteLine]) -> list[tuple[int, str]]:
    """Return the units of the sites, in the order of the sites' names."""
    return list({line.site.unit_id: line.site.unit.name for line in lines}.items())


def complete_words(found: Programme) -> list[str]:
    """Return over whom the sums of this month run, and who is missing."""
    words = [
        ngettext(
            "Cộng từ %(with)s trên %(all)s công trình.", "Cộng từ %(with)s trên %(all)s công trình.", len(found.lines)
        )
        % {"with": found.with_data, "all": len(found.lines)}
    ]  # fmt: skip
    if found.missing:
        words.append(
            _("Chưa có số liệu tháng này: %(names)s.")
            % {"names": _names([line.site.name for line in found.missing])}
        )
    if found.incomplete:
        words.append(
            _("Số liệu tháng này còn thiếu nhiều: %(names)s.")
            % {"names": _names([line.site.name for line in found.incomplete])}
        )
    return words


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMED])
    rest = len(names) - NAMED
    return shown if rest <= 0 else _("%(names)s và %(rest)s nơi khác") % {"names": shown, "rest": rest}


def programme_map(lines: Sequence[SiteLine]) -> MapPicture | None:
    """Return the map of the sites with coordinates."""
    labels = health_labels()
    return map_picture(
        [
            Place(
                latitude=float(line.site.latitude),
                longitude=float(line.site.longitude),
                words=f"{line.site.name}: {labels[line.health]}",
                url=reverse("energy-desk:site", args=[line.site.key]),
                tone=TONES[line.health],
                name=line.site.name,
            )
            for line in lines
            if line.site.latitude is not None and line.site.longitude is not None
        ]
    )


def _line(line: SiteLine, labels: dict[Health, str]) -> OverviewLine:
    faults = ""
    if line.faults:
        faults = ngettext("%(count)s sự cố", "%(count)s sự cố", line.faults) % {"count": line.faults}
    return OverviewLine(
        site=line.site,
        url=reverse("energy-desk:site", args=[line.site.key]),
        state=State(label=labels[line.health], tone=TONES[line.health]),
        month=energy(line.month["production_kwh"]),
        known=line.month["production_kwh"] is not None,
        completeness=completeness_state(line.month.completeness) if line.month.known else None,
        power=f"{number(line.kwp, 1)}{NBSP}kWp" if line.systems else "",
        faults=faults,
    )

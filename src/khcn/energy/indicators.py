"""Figures of clean energy for the half-year report, each with its completeness and sources."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Indicator, Period
from khcn.core.numbers import number_vi, percent_vi
from khcn.core.references import reference_to
from khcn.energy.models import Site, SiteDay, System


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one figure is about: its sites and days."""

    sites: list[Site]
    systems: list[System]
    period: Period

    @property
    def days(self) -> QuerySet[SiteDay]:
        return SiteDay.objects.filter(
            site__in=[site.pk for site in self.sites], day__gte=self.period.start, day__lte=self.period.end
        )

    @property
    def expected_days(self) -> int:
        """Days on which sites with a system ought to have figures, over all sites."""
        spans: dict[int, set[int]] = {}
        for system in self.systems:
            first = max(system.valid_from or self.period.start, self.period.start)
            last = min(system.valid_to or self.period.end, self.period.end)
            if last >= first:
                days = spans.setdefault(system.site_id, set())
                days |= {first.toordinal() + n for n in range((last - first).days + 1)}
        return sum(len(days) for days in spans.values())

    def completeness(self) -> float | None:
        """Return the measured share of all days that ought to be there."""
        total = self.expected_days
        if not total:
            return None
        found: float = self.days.aggregate(share=Sum("completeness"))["share"] or 0.0
        return round(min(1.0, found / total), 4)

    def total(self, name: str) -> float | None:
        """Return the sum of one field over the days, None when nothing is known."""
        found = self.days.filter(**{f"{name}__isnull": False}).aggregate(total=Sum(name))["total"]
        return None if found is None else float(found)


Answer = tuple[Decimal | None, str]


@dataclass(frozen=True, slots=True)
class EnergyIndicator:
    """One figure over the sites of some units."""

    title: str | Promise
    unit: str | Promise
    work_out: Callable[[_Asked], Answer]

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the value over ``period``; ``None`` when there is no system or nothing was measured."""
        visible: Any = Site.objects.all() if reader is None else Site.objects.visible_to(reader)
        held = Q(valid_from__isnull=True) | Q(valid_from__lte=period.end)
        held &= Q(valid_to__isnull=True) | Q(valid_to__gte=period.start)
        sites = visible.filter(held)
        if unit_ids is not None:
            sites = sites.filter(unit_id__in=list(unit_ids))
        sites = list(sites)
        systems = list(System.objects.filter(held, site__in=sites))
        with_system = {system.site_id for system in systems}
        asked = _Asked([site for site in sites if site.pk in with_system], systems, period)
        if not systems:
            return Figure(None, note=_("Chưa có hệ thống điện mặt trời nào."))
        value, note = self.work_out(asked)
        sources = tuple(reference_to(site) for site in asked.sites)
        return Figure(value, asked.completeness(), _noted(note, asked), sources)


def _noted(note: str, asked: _Asked) -> str:
    share = asked.completeness()
    parts = [note] if note else []
    if share is not None and share < 0.995:
        parts.append(_("Số liệu đầy đủ %(share)s.") % {"share": percent_vi(share, 0)})
    return " ".join(parts)


def _kwh(asked: _Asked) -> Answer:
    total = asked.total("production_kwh")
    return (None if total is None else round(Decimal(str(total)), 0)), ""


def _savings(asked: _Asked) -> Answer:
    total = asked.total("savings_vnd")
    if total is None:
        return None, _("Chưa có giá điện hoặc hợp đồng để tính tiền.")
    unpriced = asked.days.filter(savings_vnd__isnull=True, self_consumed_kwh__isnull=False).count()
    note = _("Mỗi ngày tính theo giá điện của ngày đó.")
    if unpriced:
        note += " " + _("%(days)s ngày chưa có giá nên chưa tính.") % {"days": number_vi(unpriced)}
    return round(Decimal(str(total)), 0), note


def _co2(asked: _Asked) -> Answer:
    total = asked.total("co2_kg")
    documents = {
        (factor["document"], factor["data_year"])
        for versions in asked.days.values_list("versions", flat=True)
        if (factor := (versions.get("terms") or {}).get("factor"))
    }
    if total is None:
        return None, _("Chưa có hệ số phát thải của năm.")
    named = "; ".join(
        _("%(document)s (số liệu năm %(year)s)") % {"document": document, "year": year}
        for document, year in sorted(documents, key=str)
    )
    return round(Decimal(str(total)) / 1000, 2), _("Hệ số phát thải: %(named)s.") % {"named": named}


def _systems(asked: _Asked) -> Answer:
    working = [system for system in asked.systems if system.in_force(asked.period.end)]
    kwp = sum((system.kwp for system in working), Decimal(0))
    note = _("Tổng công suất %(kwp)s kWp ở %(sites)s công trình.") % {
        "kwp": number_vi(round(float(kwp), 1)),
        "sites": number_vi(len({system.site_id for system in working})),
    }
    return Decimal(len(working)), note


def _availability(asked: _Asked) -> Answer:
    judged = asked.days.filter(availability__isnull=False)
    sums = judged.aggregate(made=Sum("production_kwh"), lost=Sum("lost_kwh"))
    made, lost = sums["made"] or 0.0, sums["lost"] or 0.0
    if made + lost <= 0:
        return None, _("Chưa có ngày nào xét được.")
    note = _("Mất khoảng %(kwh)s kWh do ngừng máy.") % {"kwh": number_vi(round(lost))} if lost >= 1 else ""
    return round(Decimal(str(100 * made / (made + lost))), 2), note


INDICATORS: dict[str, Indicator] = {
    "energy.kwh": EnergyIndicator(gettext_lazy("Điện mặt trời đã phát"), "kWh", _kwh),
    "energy.savings_vnd": EnergyIndicator(
        gettext_lazy("Tiền điện tiết kiệm nhờ điện mặt trời"), gettext_lazy("đồng"), _savings
    ),
    "energy.co2_t": EnergyIndicator(gettext_lazy("Khí nhà kính tránh phát thải"), "tCO₂", _co2),
    "energy.systems": EnergyIndicator(
        gettext_lazy("Hệ thống điện mặt trời đang vận hành"), gettext_lazy("hệ thống"), _systems
    ),
    "energy.availability": EnergyIndicator(
        gettext_lazy("Mức sẵn sàng của các hệ thống điện mặt trời"), "%", _availability
    ),
}

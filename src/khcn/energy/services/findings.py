"""Faults: the engine surveys the intervals of a site, and the rows are made to fit what it found.

A fault that goes on is one row however often it is found; what people did with it stays. Hourly the last days are looked
at for what is urgent, nightly three months for everything. A fault that late data take away is closed with a word why.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from khcn.energy.enums import DeviceKind, FindingState, MeterRole
from khcn.energy.models import Channel, Device, Finding, Site, SiteDay, System
from khcn.energy.rules.days import day_of_ms, moment_of, ms_of
from khcn.energy.rules.pricing import mean_price
from khcn.energy.selectors.flows import INVERTER, PRODUCTION, SUN, Series, device_series, site_flows
from khcn.energy.services.expectation import expectation_of, usual_of_inverters
from khcn.engines.energy.types import STEP_MS, FindingKind
from khcn.engines.energy.types import Finding as Found

logger = logging.getLogger("khcn.energy")
WHOLE_DAYS: Final = 90
URGENT_DAYS: Final = 14
URGENT: Final = frozenset(
    {FindingKind.OUTAGE, FindingKind.COMMUNICATION_GAP, FindingKind.STALE, FindingKind.NIGHT_PRODUCTION}
)
MOST_POINTS: Final = 400
SAME_WITHIN: Final = timedelta(days=2)  # a fault found to begin a little earlier or later is the same fault


@dataclass(slots=True)
class SurveyReport:
    """What one survey did, over all sites."""

    sites: int = 0
    opened: int = 0
    closed: int = 0
    withdrawn: int = 0
    failed: int = 0


def findings_hourly(now: datetime) -> SurveyReport:
    """Look at the last days of every site for what is urgent. A periodic duty."""
    return _survey_all(now, URGENT_DAYS, whole=False)


def findings_nightly(now: datetime) -> SurveyReport:
    """Look at three months of every site for everything. A periodic duty."""
    return _survey_all(now, WHOLE_DAYS, whole=True)


def _survey_all(now: datetime, days: int, *, whole: bool) -> SurveyReport:
    report = SurveyReport()
    alive = Channel.objects.filter(last_at__gte=now - timedelta(days=days)).values("device__site_id")
    for site in Site.objects.in_force(now.date()).filter(pk__in=alive):
        try:
            site_survey(site, now, days=days, whole=whole, report=report)
        except Exception:  # one site's odd data must not hide the faults of the others
            logger.exception("survey of site %s failed", site.key)
            report.failed += 1
    return report


def site_survey(
    site: Site,
    now: datetime,
    *,
    days: int = WHOLE_DAYS,
    whole: bool = True,
    report: SurveyReport | None = None,
) -> SurveyReport:
    """Survey one site and make its faults fit. Loads pvlib: for the worker."""
    from khcn.engines.energy.faults.survey import survey  # noqa: PLC0415  # worker only

    report = report or SurveyReport()
    last = day_of_ms(ms_of(now), site.zone)
    series = site_series(site, last - timedelta(days=days), last, now)
    if series is None:
        return report
    found = [one for one in survey(series) if whole or one.kind in URGENT]
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        _Reconciling(site, now, moment_of(int(series.ms[0])), report, whole=whole).all(found)
    report.sites += 1
    return report


def site_series(site: Site, first: date, last: date, now: datetime) -> Any:
    """Return what the engine is given: every producing device of a site on one grid, until the last data there can be.

    ``None`` when the site has no device that produces.
    """
    from khcn.engines.energy.faults.site import DeviceKind as Kind  # noqa: PLC0415
    from khcn.engines.energy.faults.site import DeviceSeries, SiteSeries  # noqa: PLC0415

    flows = site_flows(site, first, last)
    size = min(flows.grid.size, max(0, (ms_of(now) - flows.grid.start_ms) // STEP_MS))
    systems = list(System.objects.filter(site=site).prefetch_related("arrays"))
    here = list(Device.objects.filter(site=site).order_by("key"))
    inverters = [device for device in here if (_chosen(device) or ("",))[0] == "inverter"]
    usual = usual_of_inverters(site, systems, inverters, flows.grid)
    devices = []
    for device in here:
        chosen = _chosen(device)
        if chosen is None:
            continue
        kind, names = chosen
        held: Series | None = device_series(site, device, names, flows.grid)
        if held is None or not np.isfinite(held.values[:size]).any():
            continue
        devices.append(
            DeviceSeries(
                key=device.key, kind=Kind(kind), kwh=held.values[:size], flags=held.flags[:size],
                rated_kw=float(device.rated_kw) if device.rated_kw is not None else None,
                kwp=float(device.kwp) if device.kwp is not None else None, name=device.name,
                usual_kwh=usual[device.key][:size] if device.key in usual else None,
            )
        )  # fmt: skip
    if not devices or not size:
        return None
    expected = expectation_of(site, systems, flows).total
    return SiteSeries(
        zone=site.zone,
        latitude=float(site.latitude) if site.latitude is not None else None,
        longitude=float(site.longitude) if site.longitude is not None else None,
        ms=flows.grid.start_ms + np.arange(size, dtype=np.int64) * STEP_MS,
        devices=devices,
        now_ms=ms_of(now),
        expected_kwh=expected[:size] if expected is not None else None,
    )


def _chosen(device: Device) -> tuple[str, Sequence[str]] | None:
    """Return as what a device is surveyed and by which of its series."""
    if device.kind == DeviceKind.INVERTER and device.role != MeterRole.LOAD:
        return "inverter", INVERTER
    if device.kind == DeviceKind.METER and device.role == MeterRole.PRODUCTION:
        return "meter", PRODUCTION
    if device.kind == DeviceKind.WEATHER:
        return "pyranometer", SUN
    return None


class _Reconciling:
    """The rows of one site being made to fit what was found."""

    def __init__(
        self, site: Site, now: datetime, since: datetime, report: SurveyReport, *, whole: bool
    ) -> None:
        self._site, self._now, self._since, self._report, self._whole = site, now, since, report, whole
        self._devices = {device.key: device for device in Device.objects.filter(site=site)}
        rows = Finding.objects.filter(site=site, ends_at__gte=since - SAME_WITHIN).defer("evidence")
        self._held = {row.identity: row for row in rows}
        self._prices: dict[date, Decimal | None] = {}

    def all(self, found: Iterable[Found]) -> None:
        """Open, continue and close."""
        from khcn.engines.energy.faults.survey import identity  # noqa: PLC0415

        seen: set[int] = set()
        for one in found:
            name = identity(one)[:160]
            row = self._held.get(name) or self._alike(one, seen)
            if row is None:
                made = self._open(name, one)
                seen |= {made} if made else set()
            else:
                self._continue(row, one)
                seen.add(row.pk)
        for row in self._held.values():
            if row.pk not in seen:
                self._gone(row)

    def _alike(self, one: Found, seen: set[int]) -> Finding | None:
        """Return the row of the same fault when its beginning is now seen a little differently."""
        start, end = moment_of(one.start_ms), moment_of(one.end_ms)
        for row in self._held.values():
            codes = {one.code, one.code.removesuffix("-ongoing"), f"{one.code}-ongoing"}
            same = row.code in codes and sorted(row.params.get("devices", [])) == sorted(one.devices)
            near = row.starts_at - SAME_WITHIN <= end and start <= row.ends_at + SAME_WITHIN
            overlaps = row.starts_at < end and start < row.ends_at
            if row.pk not in seen and same and near and overlaps:
                return row
        return None

    def _values(self, one: Found) -> dict[str, Any]:
        device = self._devices.get(one.devices[0]) if len(one.devices) == 1 else None
        system_ids = {self._devices[key].system_id for key in one.devices if key in self._devices}
        return {
            "kind": str(one.kind)[:24],
            "code": one.code[:40],
            "params": {**_plain(one.params), "devices": list(one.devices)},
            "ends_at": moment_of(one.end_ms),
            "ongoing": bool(one.params.get("ongoing", False)),
            "loss_kwh": one.loss_kwh,
            "loss_vnd": self._vnd(one),
            "evidence": thinned(one.evidence),
            "device": device,
            "system_id": system_ids.pop() if len(system_ids) == 1 else None,
        }

    def _open(self, name: str, one: Found) -> int | None:
        try:
            with transaction.atomic():
                row = Finding.objects.create(
                    site=self._site, identity=name, starts_at=moment_of(one.start_ms), found_at=self._now,
                    **self._values(one),
                )  # fmt: skip
        except IntegrityError:  # an older row of this name, before the surveyed days
            return None
        self._report.opened += 1
        return row.pk

    def _continue(self, row: Finding, one: Found) -> None:
        values = self._values(one)
        began = moment_of(one.start_ms)
        if (
            row.starts_at < self._since
        ):  # it began before the surveyed days: beginning and loss are known better
            values.pop("loss_kwh")
            values.pop("loss_vnd")
            began = row.starts_at
        if row.ongoing and not values["ongoing"]:
            self._report.closed += 1
        Finding.objects.filter(pk=row.pk).update(starts_at=min(began, row.starts_at), **values)

    def _gone(self, row: Finding) -> None:
        """Close what is not found any more; withdraw what the data of the surveyed days contradict."""
        if not self._whole and row.kind not in URGENT:
            return
        if self._whole and row.starts_at >= self._since + SAME_WITHIN and row.state == FindingState.NEW:
            note = _("Số liệu đến sau cho thấy không có sự cố này.")
            changed = Finding.objects.filter(pk=row.pk, state=FindingState.NEW)
            self._report.withdrawn += changed.update(
                state=FindingState.DISMISSED, ongoing=False, note=note[:500]
            )
        elif row.ongoing:
            # the sentence of a fault that lasts would go on saying so
            Finding.objects.filter(pk=row.pk).update(ongoing=False, code=row.code.removesuffix("-ongoing"))
            self._report.closed += 1

    def _vnd(self, one: Found) -> Decimal | None:
        """Return what was lost, at the price of the day on which it began (or of the nearest day before)."""
        if one.loss_kwh is None:
            return None
        price = self._price(day_of_ms(one.start_ms, self._site.zone))
        return None if price is None else (Decimal(str(round(one.loss_kwh, 3))) * price).quantize(Decimal(1))

    def _price(self, day: date) -> Decimal | None:
        if day not in self._prices:
            rows = SiteDay.objects.filter(site=self._site, day__lte=day, savings_vnd__isnull=False)
            at = rows.aggregate(day=Max("day"))["day"]
            versions = (
                SiteDay.objects.filter(site=self._site, day=at).values_list("versions", flat=True).first()
            )
            self._prices[day] = mean_price((versions or {}).get("terms") or {})
        return self._prices[day]


def thinned(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return evidence as JSON with no more points than a chart shows."""
    found: dict[str, Any] = _plain(evidence)
    longest = max((len(value) for value in found.values() if isinstance(value, list)), default=0)
    if longest <= MOST_POINTS:
        return found
    step = -(-longest // MOST_POINTS)
    return {
        name: value[::step] if isinstance(value, list) and len(value) == longest else value
        for name, value in found.items()
    }


def _plain(value: Any) -> Any:
    """Return JSON that both databases take."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray):
        return [_plain(one) for one in value.tolist()]
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return round(value, 4) if np.isfinite(value) else None
    return value if isinstance(value, str | int | bool | None) else str(value)

"""Demo of clean energy: six sites that do not exist, with thirteen months of simulated devices, some of them faulty.

Everything goes through the services and the engine: counters become intervals, days, money, faults. Loading again
changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.demo import Progress
from khcn.energy.demo_sites import SITES, DemoSite
from khcn.energy.enums import DeviceKind, Driver, MeterRole, Stage
from khcn.energy.models import Channel, Collector, Device, Site, SiteDay, System
from khcn.energy.rules.days import day_of_ms, day_start_ms, days_between, month_end, month_start, ms_of
from khcn.energy.services.bills import bill_save
from khcn.energy.services.bulk import history_load
from khcn.energy.services.collectors import collector_create
from khcn.energy.services.contracts import contract_save, tariff_assign
from khcn.energy.services.derive import intervals_derive
from khcn.energy.services.devices import channels_ensure, device_create
from khcn.energy.services.figures import figures_derive
from khcn.energy.services.findings import site_survey
from khcn.energy.services.ingest import batch_ingest
from khcn.energy.services.kpis import kpis_refresh
from khcn.energy.services.parcels import Sender
from khcn.energy.services.projects import project_create, project_move
from khcn.energy.services.seed import tables_seed
from khcn.energy.services.sites import roof_save, site_create, system_save
from khcn.engines.energy.types import DAY_MS, STEP_MS, Millis, Values
from khcn.orgs.models import Membership, Unit

DAYS_A_MONTH: Final = 30.4
RAW_DAYS: Final = 1  # days before today of which the demo keeps raw readings
RAW_STEP_S: Final = 300
SEED: Final = 2026
KPI_MONTHS: Final = 10  # site-months at once; the worker does the rest
COLLECTOR: Final = "may-thu-thap-mau"
HISTORY: Final = (
    "ac_energy", "ac_power", "import_energy", "export_energy", "grid_power", "poa_irradiance", "module_temperature",
)  # fmt: skip
MONTHS: int | None = None  # tests load fewer


def load_demo(progress: Progress) -> None:
    """Load what is missing of the demo sites."""
    now = timezone.now()
    tables_seed(now)
    for number, demo in enumerate(SITES):
        seat = (
            Membership.objects.filter(user__username=demo.seat).select_related("unit").order_by("pk").first()
        )
        if seat is None:
            continue
        site = Site.objects.filter(key=demo.key).first()
        if site is not None and (SiteDay.objects.filter(site=site).exists() or not demo.inverters):
            continue
        progress(_("Công trình mẫu: %(name)s") % {"name": demo.name})
        site = site or _found(demo, seat.unit, number, now)
        if demo.inverters:
            _fill(demo, site, number, now)
        _bills(demo, site, now)
    kpis_refresh(now, limit=KPI_MONTHS)


def _first_day(demo: DemoSite, today: date) -> date:
    months = demo.months if MONTHS is None else min(MONTHS, demo.months)
    return month_start(today - timedelta(days=round(months * DAYS_A_MONTH)))


@transaction.atomic
def _found(demo: DemoSite, unit: Unit, number: int, now: datetime) -> Site:
    """Make a site with its roofs, system, contract, devices."""
    first = _first_day(demo, timezone.localtime(now).date())
    values: dict[str, Any] = {
        "name": demo.name, "kind": demo.kind, "address": _("Số 00 đường Ví Dụ"),
        "latitude": Decimal(demo.place[0]), "longitude": Decimal(demo.place[1]), "altitude_m": 5.0,
        "floor_area_m2": Decimal(demo.area_m2), "people": demo.people, "is_public": True,
    }  # fmt: skip
    site = site_create(actor=None, unit=unit, values=values, now=now, key=demo.key)
    contract = contract_save(
        actor=None, site=site, now=now,
        values={
            "customer_code": f"PE0000000{number + 1:04d}", "supplier": _("Công ty Điện lực Mẫu (minh họa)"),
            "valid_from": date(2020, 1, 1),
        },
    )  # fmt: skip
    tariff_assign(
        actor=None, contract=contract, group=demo.group, voltage=demo.voltage, time_of_use=demo.time_of_use,
        valid_from=date(2020, 1, 1), now=now,
    )  # fmt: skip
    for place in range(max(1, len(demo.inverters))):
        slope = demo.inverters[place] if demo.inverters else None
        roof_save(
            actor=None, site=site, now=now,
            values={
                "name": _("Mái %(number)s") % {"number": place + 1},
                "area_m2": Decimal(round(slope.kwp * 6.5)) if slope else Decimal(420),
                "tilt_deg": slope.tilt_deg if slope else 10.0,
                "azimuth_deg": slope.azimuth_deg if slope else 180.0,
            },
        )  # fmt: skip
    if demo.inverters:
        _devices(demo, site, _system(demo, site, first, now), first, now)
    else:
        _project(site, now)
    return site


def _system(demo: DemoSite, site: Site, first: date, now: datetime) -> System:
    roofs = list(site.roofs.order_by("pk"))
    return system_save(
        actor=None, site=site, now=now,
        values={
            "name": _("Điện mặt trời mái nhà"), "kwp": Decimal(str(demo.kwp)),
            "ac_kw": Decimal(str(sum(one.rated_kw for one in demo.inverters))), "grid": demo.grid,
            "notified_on": first - timedelta(days=20), "price_vnd": Decimal(demo.price_vnd), "valid_from": first,
        },
        arrays=[
            {"kwp": Decimal(str(one.kwp)), "tilt_deg": one.tilt_deg, "azimuth_deg": one.azimuth_deg, "roof": roof}
            for one, roof in zip(demo.inverters, roofs, strict=True)
        ],
    )  # fmt: skip


def _devices(demo: DemoSite, site: Site, system: System, first: date, now: datetime) -> None:
    collector = Collector.objects.filter(key=COLLECTOR).first() or collector_create(
        actor=None, unit=site.unit, name=_("Máy thu thập mẫu (minh họa)"), key=COLLECTOR, now=now
    )
    shared: dict[str, Any] = {"driver": Driver.MODBUS, "collector": collector, "valid_from": first}
    for place, one in enumerate(demo.inverters, start=1):
        device_create(
            actor=None, site=site, now=now, key=f"{demo.key}-inv-{place}",
            values={
                **shared, "name": one.name, "kind": DeviceKind.INVERTER, "system": system,
                "rated_kw": Decimal(str(one.rated_kw)), "kwp": Decimal(str(one.kwp)),
                "serial": f"MAU-{site.pk:03d}-{place:02d}",
            },
        )  # fmt: skip
    device_create(
        actor=None, site=site, now=now, key=f"{demo.key}-cong-to",
        values={
            **shared, "name": _("Công tơ điểm nối lưới"), "kind": DeviceKind.METER, "role": MeterRole.GRID,
            "rated_kw": Decimal(round(max(demo.load_kw, demo.kwp) * 1.6)), "serial": f"MAU-{site.pk:03d}-CT",
        },
    )  # fmt: skip
    if demo.weather:
        device_create(
            actor=None, site=site, now=now, key=f"{demo.key}-buc-xa",
            values={**shared, "name": _("Trạm đo bức xạ"), "kind": DeviceKind.WEATHER, "system": system},
        )  # fmt: skip


def _project(site: Site, now: datetime) -> None:
    """A site without a system has a project on its way."""
    today = timezone.localtime(now).date()
    project = project_create(
        actor=None, site=site, now=now,
        values={
            "title": _("Lắp điện mặt trời mái nhà văn hóa (minh họa)"), "kwp": Decimal(30),
            "budget_vnd": Decimal(540_000_000), "due_on": today + timedelta(days=150),
        },
    )  # fmt: skip
    project_move(
        actor=None, project=project, stage=Stage.PLANNING, reached_on=today, now=now,
        note=_("Đã khảo sát mái, đang lập phương án."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Simulated:
    """The simulated site with the keys of its devices."""

    site: Any
    keys: Mapping[str, str]


def _simulated(demo: DemoSite, number: int, first: date, zone: str, now: datetime) -> _Simulated:
    from khcn.engines.energy.devices.simulated_site import (  # noqa: PLC0415  # for this loader only
        Fault,
        FaultKind,
        InverterSpec,
        SimulatedSite,
        SiteSpec,
    )

    start = day_start_ms(first, zone)
    today = day_start_ms(day_of_ms(ms_of(now), zone), zone)
    faults = []
    for fault in demo.faults:
        begin = today - fault.ago * DAY_MS + round(fault.hour * 3_600_000)
        if begin > start:
            faults.append(
                Fault(
                    f"inv-{fault.inverter + 1}", FaultKind(fault.kind), begin, begin + round(fault.hours * 3_600_000),
                    fault.size,
                )
            )  # fmt: skip
    inverters = tuple(
        InverterSpec(f"inv-{place}", one.kwp, one.rated_kw, one.tilt_deg, one.azimuth_deg)
        for place, one in enumerate(demo.inverters, start=1)
    )
    spec = SiteSpec(
        key=demo.key, inverters=inverters, meter="cong-to", weather="buc-xa" if demo.weather else None,
        load_kind=demo.load_kind, load_kw=demo.load_kw, night_kw=demo.night_kw, latitude=float(demo.place[0]),
        longitude=float(demo.place[1]), seed=SEED + number, since_ms=start, faults=tuple(faults),
    )  # fmt: skip
    names = [*(one.key for one in inverters), "cong-to", "buc-xa"]
    return _Simulated(SimulatedSite(spec), {name: f"{demo.key}-{name}" for name in names})


def _fill(demo: DemoSite, site: Site, number: int, now: datetime) -> None:
    """Write thirteen months of intervals, some days of raw readings, then derive days, months and faults."""
    today = day_of_ms(ms_of(now), site.zone)
    first = _first_day(demo, today)
    simulated = _simulated(demo, number, first, site.zone, now)
    devices = {device.key: device for device in Device.objects.filter(site=site).select_related("site")}
    until = ms_of(now)
    history = simulated.site.readings(day_start_ms(first, site.zone), until, STEP_MS / 1000)
    for (name, metric), values in history.series.items():
        device = devices.get(simulated.keys[name])
        if device is not None and metric in HISTORY:
            channel = channels_ensure(device, [metric])[metric]
            channel.device = device
            history_load(channel, history.t, values, now)
    raw = simulated.site.readings(
        day_start_ms(today - timedelta(days=RAW_DAYS), site.zone), until, RAW_STEP_S
    )
    _ingest(simulated, raw.t, raw.series, now)
    intervals_derive(now, site_id=site.pk)
    figures_derive(site, list(days_between(first, today)), now)
    site_survey(site, now)
    Channel.objects.filter(device__site=site, metric__in=("state", "ac_energy_today")).update(counts=False)


def _ingest(
    simulated: _Simulated, t: Millis, series: Mapping[tuple[str, str], Values], now: datetime
) -> None:
    """Bring raw readings in as the collector does, an hour and more at a time."""
    collector = Collector.objects.get(key=COLLECTOR)
    sender = Sender(f"import:{COLLECTOR}-{simulated.site.spec.key}", "demo", collector=collector)
    pieces = []
    for (name, metric), values in series.items():
        known = np.isfinite(values)
        pieces.append(
            {
                "device": simulated.keys[name],
                "metric": metric,
                "t": t[known].tolist(),
                "v": values[known].tolist(),
            }
        )
    batch_ingest(sender=sender, seq=1, series=pieces, now=now)
    Collector.objects.filter(pk=collector.pk).update(heard_at=now)


def _bills(demo: DemoSite, site: Site, now: datetime) -> None:
    """Bills of the last months: what the meter at the grid counted, or a plausible use where nothing is measured."""
    today = timezone.localtime(now).date()
    contract = site.contracts.get()
    if contract.bills.exists():
        return
    rng = np.random.default_rng([SEED, site.pk])
    month = month_start(today - timedelta(days=360 if MONTHS is None else 30 * MONTHS))
    while month_end(month) < today:
        days = list(SiteDay.objects.filter(site=site, day__gte=month, day__lte=month_end(month)))
        bought = [day for day in days if day.cost_vnd is not None and day.import_kwh is not None]
        whole = len(bought) == (month_end(month) - month).days + 1
        if whole:
            kwh = Decimal(str(round(sum(day.import_kwh or 0.0 for day in bought))))
            total = sum((day.cost_vnd or Decimal(0) for day in bought), Decimal(0)).quantize(Decimal(1))
        else:
            kwh = Decimal(round(demo.load_kw * 130 * (1 + 0.12 * float(rng.standard_normal()))))
            total = (kwh * Decimal("2404.08")).quantize(Decimal(1))
        _bill(contract, month, kwh, total, now, timed=demo.time_of_use)
        month = month_end(month) + timedelta(days=1)


def _bill(contract: Any, month: date, kwh: Decimal, total: Decimal, now: datetime, *, timed: bool) -> None:
    before = (total / Decimal("1.08")).quantize(Decimal(1))
    values: dict[str, Any] = {
        "starts_on": month, "ends_on": month_end(month), "kwh_normal": kwh, "kwh_peak": Decimal(0),
        "kwh_off": Decimal(0), "before_vat": before, "vat": total - before, "total": total,
    }  # fmt: skip
    if timed:
        values["kwh_peak"] = (kwh * Decimal("0.17")).quantize(Decimal(1))
        values["kwh_off"] = (kwh * Decimal("0.20")).quantize(Decimal(1))
        values["kwh_normal"] = kwh - values["kwh_peak"] - values["kwh_off"]
    bill_save(actor=None, contract=contract, values=values, now=now)

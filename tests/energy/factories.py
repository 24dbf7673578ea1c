"""Short stories about energy begin here: one call makes a site, a device, its channels, days of intervals. Plain ORM."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import numpy as np

from khcn.energy.enums import BuildingKind, DeviceKind, Driver, MeterRole, PriceGroup, Voltage
from khcn.energy.models import (
    Channel,
    Collector,
    Contract,
    Device,
    Finding,
    IntervalDay,
    Roof,
    Site,
    SiteDay,
    SiteMonth,
    System,
    SystemArray,
    TariffAssignment,
)
from khcn.energy.rules.days import day_start_ms, day_steps, days_between
from khcn.energy.rules.packing import pack_day
from khcn.engines.energy.types import STEP_MS, Quality
from khcn.engines.text.collate import sort_key
from khcn.orgs.models import Unit
from tests.orgs.factories import make_unit

_number = count(1)
NOW = datetime(2026, 3, 16, 3, 0, tzinfo=UTC)  # a Monday, 10:00 in Viet Nam
TODAY = date(2026, 3, 16)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def make_site(name: str = "", *, unit: Unit | None = None, **fields: Any) -> Site:
    """Return a school in Sai Gon whose totals are published."""
    number = next(_number)
    name = name or f"Trường Thử {number}"
    fields.setdefault("key", f"truong-thu-{number}")
    fields.setdefault("kind", BuildingKind.SCHOOL)
    fields.setdefault("latitude", Decimal("10.77690"))
    fields.setdefault("longitude", Decimal("106.70090"))
    fields.setdefault("floor_area_m2", Decimal(2000))
    fields.setdefault("people", 400)
    fields.setdefault("is_public", True)
    return Site.objects.create(name=name, unit=unit or make_unit(), sort_key=sort_key(name), **fields)


def make_roof(site: Site, **fields: Any) -> Roof:
    """Return a flat roof of 500 m2."""
    fields.setdefault("name", f"Mái {next(_number)}")
    fields.setdefault("area_m2", Decimal(500))
    return Roof.objects.create(site=site, **fields)


def make_system(site: Site | None = None, *, kwp: float = 60, **fields: Any) -> System:
    """Return a PV system with one array."""
    fields.setdefault("name", f"Hệ thống {next(_number)}")
    fields.setdefault("ac_kw", Decimal(str(round(kwp * 0.9, 3))))
    system = System.objects.create(site=site or make_site(), kwp=Decimal(str(kwp)), **fields)
    SystemArray.objects.create(system=system, kwp=system.kwp)
    return system


def make_collector(unit: Unit | None = None, **fields: Any) -> Collector:
    """Return a collector without a token."""
    number = next(_number)
    fields.setdefault("key", f"may-thu-{number}")
    fields.setdefault("name", f"Máy thu {number}")
    return Collector.objects.create(unit=unit or make_unit(), **fields)


def make_device(
    site: Site | None = None, *, kind: str = DeviceKind.INVERTER, metrics: Sequence[str] = (), **fields: Any
) -> Device:
    """Return an inverter of 50 kW (or another ``kind``) with channels of ``metrics``."""
    number = next(_number)
    fields.setdefault("key", f"thiet-bi-{number}")
    fields.setdefault("name", f"Thiết bị {number}")
    fields.setdefault("driver", Driver.MODBUS)
    fields.setdefault("rated_kw", Decimal(50))
    device = Device.objects.create(site=site or make_site(), kind=kind, **fields)
    for metric in metrics:
        make_channel(device, metric)
    return device


def make_grid_meter(site: Site, **fields: Any) -> Device:
    """Return the meter at the grid connection with its two counters."""
    fields.setdefault("rated_kw", Decimal(150))
    return make_device(
        site, kind=DeviceKind.METER, role=MeterRole.GRID, metrics=("import_energy", "export_energy"), **fields
    )


def make_channel(device: Device | None = None, metric: str = "ac_energy", **fields: Any) -> Channel:
    """Return a channel."""
    return Channel.objects.create(device=device or make_device(), metric=metric, **fields)


def make_contract(
    site: Site, *, group: str = PriceGroup.PUBLIC_SCHOOL, voltage: str = Voltage.BELOW_6, **fields: Any
) -> Contract:
    """Return a contract billed by one group since 2020."""
    fields.setdefault("customer_code", f"PE{next(_number):011d}")
    time_of_use = fields.pop("time_of_use", False)
    contract = Contract.objects.create(site=site, valid_from=date(2020, 1, 1), **fields)
    TariffAssignment.objects.create(
        contract=contract, group=group, voltage=voltage, time_of_use=time_of_use, valid_from=date(2020, 1, 1)
    )
    return contract


def fill_days(
    channel: Channel,
    first: date,
    last: date,
    values: float | Sequence[float] | Callable[[date, int], float] = 1.0,
    *,
    flags: int = int(Quality.MEASURED),
    skip: Iterable[date] = (),
) -> None:
    """Give ``channel`` intervals from ``first`` to ``last``: one value, values of a day, or a function of (day, number).

    nan: missing. Derived days of the site are not made: see :func:`derive_site`.
    """
    zone, left_out, rows = channel.device.site.zone, set(skip), []
    for day in days_between(first, last):
        if day in left_out:
            continue
        steps = day_steps(day, zone)
        if callable(values):
            found = np.array([values(day, number) for number in range(steps)])
        elif isinstance(values, int | float):
            found = np.full(steps, float(values))
        else:
            found = np.resize(np.array(values, np.float64), steps)
        known = np.isfinite(found)
        rows.append(
            IntervalDay(
                channel=channel, day=day, packed=pack_day(found, np.where(known, flags, 0).astype(np.uint8)),
                total=float(np.nansum(found)) if known.any() else None,
                peak_kw=float(np.nanmax(found) * 4) if known.any() else None,
                measured=int(known.sum()), expected=steps, derived_at=NOW,
            )
        )  # fmt: skip
    IntervalDay.objects.bulk_create(rows, batch_size=1000)


def solar_day(peak_kwh: float = 5.0) -> list[float]:
    """Return a bell of 96 quarters between six and eighteen o'clock."""
    return [
        max(0.0, peak_kwh * float(np.sin(np.pi * (number / 4 - 6) / 12))) if 24 <= number < 72 else 0.0
        for number in range(96)
    ]


def derive_site(site: Site, first: date, last: date, now: datetime = NOW) -> None:
    """Derive the days and months of a site from the intervals of its channels, as the product does it."""
    from khcn.energy.services.figures import figures_derive  # services come after the first stories

    figures_derive(site, list(days_between(first, last)), now)


def make_site_day(site: Site, day: date, **fields: Any) -> SiteDay:
    """Return a plausible day of a site, without anything below it."""
    values: dict[str, Any] = {
        "production_kwh": 200.0, "import_kwh": 80.0, "export_kwh": 10.0, "load_kwh": 270.0, "self_consumed_kwh": 190.0,
        "savings_vnd": Decimal("393680.00"), "cost_vnd": Decimal("165760.00"), "co2_kg": 131.8, "completeness": 1.0,
        "expected_kwh": 210.0, "lost_kwh": 0.0, "availability": 1.0, "peak_kw": 45.0, "derived_at": NOW,
    }  # fmt: skip
    return SiteDay.objects.create(site=site, day=day, **{**values, **fields})


def make_site_month(site: Site, month: date, **fields: Any) -> SiteMonth:
    """Return a plausible month of a site."""
    figures: dict[str, Any] = {
        "import_kwh": 2400.0, "export_kwh": 300.0, "load_kwh": 8100.0, "self_consumed_kwh": 5700.0,
        "cost_vnd": 4_972_800.0, "surplus_vnd": 0.0, "expected_kwh": 6300.0, "lost_kwh": 0.0, "availability": 1.0,
        "peak_kw": 45.0, "days": 30, "days_measured": 30, **fields.pop("figures", {}),
    }  # fmt: skip
    values: dict[str, Any] = {
        "production_kwh": 6000.0, "savings_vnd": Decimal("11810400.00"), "co2_kg": 3955.2, "completeness": 1.0,
        "derived_at": NOW,
    }  # fmt: skip
    return SiteMonth.objects.create(
        site=site, month=month.replace(day=1), figures=figures, **{**values, **fields}
    )


def make_finding(site: Site, **fields: Any) -> Finding:
    """Return an outage of two hours that is still new."""
    number = next(_number)
    values: dict[str, Any] = {
        "identity": f"outage:{number}", "kind": "outage", "code": "finding-outage", "params": {},
        "starts_at": NOW - 5 * HOUR, "ends_at": NOW - 3 * HOUR, "ongoing": False, "loss_kwh": 40.0,
        "loss_vnd": Decimal(82_880), "found_at": NOW,
    }  # fmt: skip
    return Finding.objects.create(site=site, **{**values, **fields})


def ms(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def quarter_ms(day: date, number: int, zone: str = "Asia/Ho_Chi_Minh") -> int:
    """Return the start of a quarter of an hour of a local day."""
    return day_start_ms(day, zone) + number * STEP_MS

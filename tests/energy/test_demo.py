"""The demo sites: plausible, complete, and loaded once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from khcn.energy import demo
from khcn.energy.models import (
    Bill,
    Channel,
    Collector,
    Contract,
    Device,
    Finding,
    IntervalDay,
    KpiRecord,
    Price,
    Project,
    ReadingHour,
    Roof,
    Site,
    SiteDay,
    SiteMonth,
    System,
    SystemDay,
    Touched,
)
from khcn.energy.permissions import can_connect, can_found, can_manage_site
from khcn.energy.selectors.telemetry import live_now, site_day_power
from khcn.orgs.demo import load_demo as load_demo_people
from khcn.orgs.models import User

pytestmark = pytest.mark.django_db


# what the loaded sites simulate; dust on one of two roofs shows as a weakness beside the other
SIMULATED = {"outage", "communication_gap", "stale", "soiling", "underperformance"}


def quiet(_text: str) -> None:
    """Take progress and say nothing."""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Load two months of three sites instead of thirteen of six."""
    monkeypatch.setattr(demo, "MONTHS", 2)
    monkeypatch.setattr(demo, "SITES", (demo.SITES[0], demo.SITES[3], demo.SITES[5]))
    monkeypatch.setattr(demo, "KPI_MONTHS", 2)
    load_demo_people(quiet)
    return lambda: demo.load_demo(quiet)


def picture() -> list[Any]:
    """Return how much there is of everything."""
    models = (
        Site, Roof, System, Device, Channel, Collector, Contract, Price, IntervalDay, SiteDay, SystemDay, SiteMonth,
        Bill, Finding, ReadingHour, Project,
    )  # fmt: skip
    return [model._default_manager.count() for model in models]


def test_the_demo_is_loaded_once_and_is_plausible(short: Callable[[], None]) -> None:
    short()
    first = picture()
    short()
    assert picture() == first
    assert all("minh họa" in site.name for site in Site.objects.all())
    today = timezone.localdate()
    for site in Site.objects.exclude(kind="culture"):
        days = SiteDay.objects.filter(site=site, day__lt=today)
        assert days.count() >= 55
        kwp = float(site.systems.get().kwp)
        made = days.aggregate(total=Sum("production_kwh"))["total"] / days.count() / kwp
        assert 2.0 < made < 5.5  # kWh a day for each kWp
        assert days.aggregate(total=Sum("completeness"))["total"] / days.count() > 0.9
        assert not days.filter(savings_vnd=None).exists()
        assert not days.filter(expected_kwh=None).exists()
        assert not days.filter(co2_kg=None).exists()
        assert live_now(site, timezone.now() + timedelta(minutes=1)).load_kw is not None
        power = site_day_power(site, today - timedelta(days=1))
        assert power.production is not None
        assert power.load is not None
    assert Finding.objects.filter(kind="outage").exists()
    assert set(Finding.objects.values_list("kind", flat=True)) <= SIMULATED
    assert KpiRecord.objects.exists()
    assert Bill.objects.exists()
    assert Project.objects.filter(site__kind="culture").exists()
    assert not Touched.objects.exists()
    assert not SiteDay.objects.filter(day__gt=today).exists()

    people_may_do_their_work()


def people_may_do_their_work() -> None:
    """Check the demo people's rights on the demo sites (one load serves both: it takes a while)."""
    school = Site.objects.get(key="truong-mau-binh-minh")
    market = Site.objects.get(key="cho-vi-du-ben-mau")
    people = {name: User.objects.get(username=name) for name in ("quanlynangluong", "kythuat", "nangluong")}
    assert can_manage_site(people["quanlynangluong"], school)
    assert not can_manage_site(people["quanlynangluong"], market)
    assert can_connect(people["kythuat"], school)
    assert can_found(people["nangluong"])
    assert can_manage_site(people["nangluong"], market)

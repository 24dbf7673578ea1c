"""Pages of figures on the desk: who may see them, and that they say what was measured."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khcn.core.audit import AuditEvent
from khcn.core.jobs import Job
from khcn.energy.enums import DeviceKind, Driver, FindingState
from khcn.energy.models import (
    Bill,
    EmissionFactor,
    Finding,
    KpiRecord,
    MeterReplacement,
    QualityEvent,
    SavingPlan,
    SetAside,
    Touched,
)
from khcn.orgs.enums import Role
from tests.energy.factories import (
    NOW,
    TODAY,
    fill_days,
    make_channel,
    make_collector,
    make_contract,
    make_device,
    make_finding,
    make_grid_meter,
    make_site,
    make_site_day,
    make_site_month,
    make_system,
    solar_day,
)
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
ROOT = "/ban-lam-viec/nang-luong/"


class School:
    """A school with a roof, a meter, thirteen months of figures, a fault, and the people around it."""

    def __init__(self) -> None:
        self.unit = make_unit("Trường Tiểu học Thử Nghiệm")
        self.site = make_site("Trường Thử Nghiệm", unit=self.unit, key="truong-thu-nghiem")
        self.system = make_system(self.site, kwp=60, name="Mái chính")
        self.inverter = make_device(
            self.site, metrics=("ac_energy", "ac_power"), system=self.system, name="Biến tần 1", heard_at=NOW
        )
        self.meter = make_grid_meter(self.site, name="Công tơ tổng", heard_at=NOW)
        self.manager = make_member(Role.UNIT_ENERGY_MANAGER, self.unit)
        self.technician = make_member(Role.TECHNICIAN, self.unit)
        self.leader = make_member(Role.LEADER)
        self.officer = make_member(Role.ENERGY_OFFICER)
        self.stranger = make_member(Role.UNIT_ENERGY_MANAGER, make_unit("Trường khác"))
        self.contributor = make_member(Role.CONTRIBUTOR)

    def measure(self, months: int = 13) -> None:
        """Give it months back from the running one, and the last ten days."""
        month = date(2026, 3, 1)
        for _number in range(months):
            make_site_month(self.site, month)
            month = (month - timedelta(days=1)).replace(day=1)
        for number in range(10):
            make_site_day(self.site, TODAY - timedelta(days=number))

    def quarters(self) -> None:
        """Give it quarters of an hour, today until ten."""
        energy = self.inverter.channels.get(metric="ac_energy")
        fill_days(energy, TODAY - timedelta(days=14), TODAY - timedelta(days=1), solar_day())
        today = [value if number < 40 else float("nan") for number, value in enumerate(solar_day())]
        fill_days(energy, TODAY, TODAY, today)
        bought = self.meter.channels.get(metric="import_energy")
        fill_days(bought, TODAY - timedelta(days=14), TODAY, 1.5)

    def url(self, name: str = "site", *arguments: Any) -> str:
        """Return the address of a page of the site."""
        return reverse(f"energy-desk:{name}", args=[self.site.key, *arguments])


@pytest.fixture
def school(the_moment: None) -> School:
    """Make the school without figures."""
    return School()


@pytest.fixture
def the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages believe that it is 10:00 on that Monday."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def body(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.status_code
    content = response.getvalue() if response.streaming else response.content
    return content.decode("utf-8", "replace")


def words(page: str) -> str:
    """Return the text of a page without tags, one space between words."""
    return re.sub(r"[ \n\t\u00a0]+", " ", re.sub(r"<[^>]+>", " ", page))


SITE_PAGES = ("site", "quality", "downloads", "now")
ALL_PAGES = ("", "su-co/", "so-sanh/", "chat-luong/", "mai-nha/")


@pytest.mark.parametrize("name", SITE_PAGES)
def test_every_page_opens_without_and_with_figures(client: Client, school: School, name: str) -> None:
    client.force_login(school.manager)
    body(client, school.url(name))
    school.measure()
    school.quarters()
    make_finding(school.site)
    body(client, school.url(name))


@pytest.mark.parametrize("path", ALL_PAGES)
def test_every_list_opens_without_and_with_figures(client: Client, school: School, path: str) -> None:
    client.force_login(school.leader)
    body(client, ROOT + path)
    school.measure()
    make_finding(school.site)
    body(client, ROOT + path)


@pytest.mark.parametrize("name", SITE_PAGES)
def test_figures_are_for_their_readers(client: Client, school: School, name: str) -> None:
    assert client.get(school.url(name)).status_code == 302  # sign in first
    client.force_login(school.stranger)
    body(client, school.url(name), 404)
    client.force_login(school.contributor)
    body(client, school.url(name), 403)
    for person in (school.leader, school.manager, school.technician, school.officer):
        client.force_login(person)
        body(client, school.url(name))


@pytest.mark.parametrize("ky", ["ngay", "thang", "nam"])
def test_every_span_opens(client: Client, school: School, ky: str) -> None:
    school.measure()
    school.quarters()
    client.force_login(school.leader)
    body(client, f"{school.url()}?ky={ky}")

"""A head of a school plans a roof on a phone; every page of the energy programme under axe, in both languages."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from khcn.energy.enums import RunState
from khcn.energy.models import RoofPlan, Site
from khcn.energy.services.plans import plan_run
from khcn.orgs.enums import Role
from tests.e2e.conftest import TIMEOUT_MS, Open
from tests.e2e.test_accessibility import violations
from tests.energy import factories as energy
from tests.orgs.factories import make_member, make_unit
from tests.web.permission_places import School

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]
DESK = "/ban-lam-viec/nang-luong"


@pytest.fixture
def school() -> Site:
    """A school, and its head ``hieutruong``."""
    unit = make_unit("Trường Hoa Sen")
    make_member(Role.UNIT_HEAD, unit, username="hieutruong")
    return energy.make_site("Trường Hoa Sen", unit=unit)


@pytest.mark.parametrize("script", [True, False])
def test_a_head_plans_a_roof(sign_in: SignIn, school: Site, script: bool) -> None:
    pytest.importorskip("pvlib")
    address = f"{DESK}/thiet-lap/cong-trinh/{school.key}/phuong-an/"
    page = sign_in("hieutruong", address, script=script, width=360)
    page.locator("input[name=size]").fill("400")
    page.get_by_label("Đông Nam").check()
    page.get_by_label("Số kWh mỗi tháng").check()
    page.locator("input[name=use]").fill("5.000")
    page.get_by_role("button", name="Tính phương án").click()
    page.wait_for_url("**/thiet-lap/phuong-an/*/")
    plan = RoofPlan.objects.get(site=school)
    plan_run(plan.pk)
    plan.refresh_from_db()
    assert plan.state == RunState.DONE, plan.problem
    page.goto(page.url)
    expect(page.get_by_text("kWh", exact=False).first).to_be_visible()
    expect(page.get_by_role("heading", name="Kết quả này chắc đến đâu")).to_be_visible()
    assert plan.result["low"]["annual_kwh"] < plan.result["annual_kwh"] < plan.result["high"]["annual_kwh"]
    shown = f"{round(plan.result['annual_kwh']):,}".replace(",", ".")
    assert shown in page.content()


class Programme(School):
    """A site with months, days and everything that a page of the desk shows."""

    def __init__(self) -> None:
        super().__init__(make_unit("Trường Hoa Hồng"))
        today = timezone.localdate()
        energy.make_grid_meter(self.site)
        energy.fill_days(self.channel, today - timedelta(days=3), today, energy.solar_day())
        for day in range(1, 4):
            energy.make_site_day(self.site, today - timedelta(days=day))
        month = date(today.year, today.month, 1)
        for _number in range(14):
            energy.make_site_month(self.site, month)
            month = (month - timedelta(days=1)).replace(day=1)

    def desk_pages(self) -> list[str]:
        """What the officer of the programme opens."""
        at, setup, key = DESK, f"{DESK}/thiet-lap", self.site.key
        return [
            f"{at}/", f"{at}/su-co/", f"{at}/su-co/{self.finding.pk}/", f"{at}/so-sanh/", f"{at}/chat-luong/",
            f"{at}/chat-luong/ghi-nhan/{self.event.pk}/", f"{at}/bao-cao/", f"{at}/bao-cao/{self.unit.pk}/",
            f"{at}/nam/{self.unit.pk}/2026/", f"{at}/mai-nha/", f"{at}/{key}/", f"{at}/{key}/?xem=thang",
            f"{at}/{key}/kenh/{self.channel.pk}/", f"{at}/{key}/chat-luong/", f"{at}/{key}/tai-ve/",
            f"{setup}/", f"{setup}/cong-trinh-moi/", f"{setup}/excel/", f"{setup}/cong-trinh/{key}/",
            f"{setup}/cong-trinh/{key}/mai-moi/", f"{setup}/cong-trinh/{key}/he-thong-moi/",
            f"{setup}/cong-trinh/{key}/hop-dong-moi/", f"{setup}/cong-trinh/{key}/phuong-an/",
            f"{setup}/cong-trinh/{key}/ket-noi/", f"{setup}/cong-trinh/{key}/ket-noi/sunspec/",
            f"{setup}/cong-trinh/{key}/hoa-don/", f"{setup}/cong-trinh/{key}/muc-co-so/",
            f"{setup}/hop-dong/{self.contract.pk}/hoa-don-moi/", f"{setup}/hoa-don/{self.bill.pk}/",
            f"{setup}/thiet-bi/{self.device.pk}/", f"{setup}/may-thu-thap/", f"{setup}/bang/", f"{setup}/bang/gia/",
            f"{setup}/bang/gia/them/", f"{setup}/bang/gia/{self.decision.pk}/", f"{setup}/bang/khung-gio/them/",
            f"{setup}/du-an/", f"{setup}/du-an/{self.project.pk}/", f"{setup}/tiet-kiem/",
        ]  # fmt: skip


@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 1280)])
def test_pages_of_the_desk_are_accessible(sign_in: SignIn, language: str, width: int) -> None:
    programme = Programme()
    make_member(Role.ENERGY_OFFICER, programme.unit, username="canbo")
    page = sign_in("canbo", f"{DESK}/", language=language, width=width)
    assert violations(page, programme.desk_pages()) == {}


@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 1280)])
def test_public_pages_are_accessible(open_site: Open, language: str, width: int) -> None:
    programme = Programme()
    page = open_site("/", language=language, width=width)
    assert violations(page, ["/nang-luong/", f"/nang-luong/{programme.site.key}/"]) == {}

"""A ward reports from a phone: with and without scripts, and what was typed survives a closed tab."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from khcn.orgs.enums import Role
from khcn.plan.enums import ReportState
from khcn.plan.models import RegimeRule, UnitReport
from khcn.plan.services.ad_hoc import usual_due
from khcn.plan.services.periods import period_open
from tests.e2e.conftest import TIMEOUT_MS
from tests.e2e.test_accessibility import RULES
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import make_indicator, make_period, make_regime

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]
PHONE = 360


@pytest.fixture
def report() -> UnitReport:
    """An expected report of a ward whose reporter is ``phuong`` and whose head is ``truong``."""
    unit = make_unit("UBND Phường thử")
    make_member(Role.UNIT_REPORTER, unit, username="phuong")
    make_member(Role.UNIT_HEAD, unit, username="truong")
    today = timezone.localdate()
    figures = (
        make_indicator("trained", title="Người được tập huấn"),
        make_indicator("registered", title="Người đăng ký", unit="người"),
    )
    regime = make_regime([unit], indicators=figures, headings=("Kết quả", "Khó khăn"))
    RegimeRule.objects.create(regime=regime, left="trained", compare="le", right="registered")
    period = make_period(
        regime,
        title="Báo cáo 6 tháng",
        starts_on=today.replace(day=1),
        cutoff=today,
        opens_on=today,
        due=usual_due(today),
    )
    period_open(actor=None, period=period, now=timezone.now())
    return UnitReport.objects.get(period=period)


def address(report: UnitReport) -> str:
    return f"/ban-lam-viec/ke-hoach/bao-cao/{report.pk}/"


def drafts(page: Page) -> list[str]:
    return list(page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('khcn.draft.'))"))


@pytest.mark.parametrize("script", [True, False])
def test_the_whole_way_on_a_phone(sign_in: SignIn, report: UnitReport, script: bool) -> None:
    page = sign_in("phuong", address(report), width=PHONE, script=script)
    page.get_by_label("Người được tập huấn (người)").fill("12")
    page.get_by_label("Người đăng ký (người)").fill("10")
    page.get_by_label("Kết quả").fill("Đã mở 3 lớp.")
    page.get_by_role("button", name="Gửi thủ trưởng duyệt").click()
    expect(page.get_by_text("Đã lưu bản nháp, chưa gửi được")).to_be_visible()
    expect(page.locator("#error-trained")).to_contain_text("là 12, không được lớn hơn")
    page.get_by_label("Người đăng ký (người)").fill("1.200")
    page.get_by_role("button", name="Gửi thủ trưởng duyệt").click()
    expect(page.get_by_text("Đã gửi thủ trưởng duyệt.")).to_be_visible()
    head = sign_in("truong", address(report), width=PHONE, script=script)
    head.get_by_role("button", name="Duyệt và gửi đơn vị đầu mối").click()
    expect(head.get_by_text("Đã duyệt và gửi đơn vị đầu mối.")).to_be_visible()
    report.refresh_from_db()
    assert report.state == ReportState.APPROVED


def test_what_was_typed_survives_a_closed_tab_and_a_lost_line(sign_in: SignIn, report: UnitReport) -> None:
    page = sign_in("phuong", address(report), width=PHONE)
    page.get_by_label("Kết quả").fill("Viết dở trên tàu")
    page.get_by_label("Người được tập huấn (người)").fill("7")
    expect(page.locator("[data-local-draft-status]")).to_contain_text("Bản nháp trên máy này, lưu lúc")
    context = page.context
    page.close()  # the tab is gone, nothing was sent
    again = context.new_page()
    again.goto(address(report))
    expect(again.get_by_text("Có bản nháp trên máy này chưa lưu")).to_be_visible()
    expect(again.get_by_label("Kết quả")).to_have_value("")
    again.get_by_role("button", name="Khôi phục").click()
    expect(again.get_by_label("Kết quả")).to_have_value("Viết dở trên tàu")
    expect(again.get_by_label("Người được tập huấn (người)")).to_have_value("7")
    assert Axe().run(again, options=RULES).response["violations"] == []
    again.get_by_role("button", name="Lưu bản nháp").click()
    expect(again.get_by_text("Đã lưu bản nháp.")).to_be_visible()
    assert drafts(again) == []  # what the server has is not kept twice


def test_a_draft_may_be_dropped_and_signing_out_leaves_none(sign_in: SignIn, report: UnitReport) -> None:
    page = sign_in("phuong", address(report), width=PHONE)
    page.get_by_label("Kết quả").fill("Bỏ đi")
    expect(page.locator("[data-local-draft-status]")).to_contain_text("lưu lúc")
    page.reload()
    page.get_by_role("button", name="Bỏ bản này").click()
    assert drafts(page) == []
    page.get_by_label("Kết quả").fill("Còn lại khi đăng xuất")
    expect(page.locator("[data-local-draft-status]")).to_contain_text("lưu lúc")
    page.goto("/tai-khoan/dang-xuat/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/")
    assert drafts(page) == []


def test_two_phones_see_both_versions(sign_in: SignIn, report: UnitReport) -> None:
    one = sign_in("phuong", address(report), width=PHONE)
    two = one.context.new_page()
    two.goto(address(report))
    one.get_by_label("Kết quả").fill("Bản máy một")
    one.get_by_role("button", name="Lưu bản nháp").click()
    expect(one.get_by_text("Đã lưu bản nháp.")).to_be_visible()
    two.get_by_label("Kết quả").fill("Bản máy hai")
    with two.expect_response(lambda answer: answer.request.method == "POST") as sent:
        two.get_by_role("button", name="Lưu bản nháp").click()
    assert sent.value.status == 409
    expect(two.get_by_label("Kết quả")).to_have_value("Bản máy hai")
    expect(two.locator(".report-figure__other", has_text="Bản máy một")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, 1280])
def test_nothing_is_wider_than_the_screen(sign_in: SignIn, report: UnitReport, width: int) -> None:
    page: Any = sign_in("phuong", address(report), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

"""A ward enters what it did on a phone: without scripts, and without a line, when the entry waits in the phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from khcn.orgs.enums import Role
from khcn.orgs.models import Unit
from khcn.plan.models import Outreach
from tests.e2e.conftest import TIMEOUT_MS
from tests.e2e.test_accessibility import RULES
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import make_campaign

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]
ENTRY = "/ban-lam-viec/ke-hoach/tuyen-truyen/ghi/"


@pytest.fixture
def ward() -> Unit:
    unit = make_unit("UBND Phường thử")
    make_member(Role.UNIT_REPORTER, unit, username="phuong")
    today = timezone.localdate()
    make_campaign(unit, starts_on=today, ends_on=today)
    return unit


def waiting(page: Page) -> int:
    found = page.evaluate(
        "Object.entries(localStorage).filter(([key]) => key.startsWith('khcn.draft.outreach.')).flatMap(([, rows]) => JSON.parse(rows)).length"
    )
    return int(found)


@pytest.mark.parametrize("script", [True, False])
def test_two_taps_and_a_number(sign_in: SignIn, ward: Unit, script: bool) -> None:
    page = sign_in("phuong", ENTRY, script=script, width=360)
    if script:
        assert Axe().run(page, options=RULES).response["violations"] == []
    page.get_by_label("Loa phát thanh").check()
    page.get_by_label("Số người tiếp cận").fill("1.200")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_text("Đã ghi: Loa phát thanh, 1 lượt, 1.200 người.")).to_be_visible()
    row = Outreach.objects.get()
    assert (row.people, row.unit, row.campaign is not None) == (1200, ward, True)
    assert page.get_by_label("Loa phát thanh").is_checked()


def test_without_a_line_it_waits_in_the_phone_and_is_sent_once(sign_in: SignIn, ward: Unit) -> None:
    page = sign_in("phuong", ENTRY, width=360)
    page.context.set_offline(True)
    for channel, people in (("Zalo", "300"), ("Facebook", "500")):
        page.get_by_label(channel, exact=True).check()
        page.get_by_label("Số người tiếp cận").fill(people)
        page.get_by_role("button", name="Ghi", exact=True).click()
        expect(page.get_by_text("Chưa có mạng: đã giữ trên máy này")).to_be_visible()
    assert waiting(page) == 2
    assert not Outreach.objects.exists()

    page.context.set_offline(False)  # the phone hears that the line is back, and sends
    expect(page.get_by_text("Đã gửi hết những việc giữ trên máy này.")).to_be_visible()
    assert waiting(page) == 0
    assert sorted(Outreach.objects.values_list("channel", "people")) == [("facebook", 500), ("zalo", 300)]


def test_an_entry_that_arrived_although_the_answer_was_lost_is_not_entered_twice(
    sign_in: SignIn, ward: Unit
) -> None:
    page = sign_in("phuong", ENTRY, width=360)
    key = page.locator("[name=client_key]").input_value()
    page.get_by_label("Zalo", exact=True).check()
    page.get_by_label("Số người tiếp cận").fill("70")
    page.context.set_offline(True)
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_text("Chưa có mạng")).to_be_visible()
    Outreach.objects.create(
        unit=ward,
        channel="zalo",
        happened_on=timezone.localdate(),
        people=70,
        client_key=key,
        entered_at=timezone.now(),
    )
    page.context.set_offline(False)
    expect(page.get_by_text("Đã gửi hết những việc giữ trên máy này.")).to_be_visible()
    assert Outreach.objects.count() == 1

"""The gate: a helper opens the link, loses the line, ticks three people, reloads, and each of them is found once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from khcn.programmes.models.attendance import Attendance, CheckInLink
from khcn.programmes.services.attendance_sync import link_make
from tests.e2e.conftest import TIMEOUT_MS
from tests.e2e.test_accessibility import RULES
from tests.programmes.factories import make_programme, make_registration, make_session

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
NAMES = ("Nguyễn Thị Ánh", "Trần Đức Bình", "Lê Văn Chiến", "Phạm Thị Dung")


@pytest.fixture
def link() -> CheckInLink:
    now = timezone.now()
    programme = make_programme(title="Lớp thử ở cổng")
    session = make_session(programme, starts_at=now - timedelta(minutes=10))
    for name in NAMES:
        make_registration(programme, name=name)
    return link_make(actor=None, session=session, now=now, label="Cổng chính")


def tap(page: Page, name: str) -> None:
    page.locator("[data-ticket]", has_text=name).get_by_role("button").click()


def test_three_people_without_a_line_are_each_found_once(
    open_site: Callable[..., Page], link: CheckInLink
) -> None:
    page = open_site(reverse("programmes:check-in", args=[link.token]), width=360)
    expect(page.locator("[data-check-in][data-ready='1']")).to_be_visible()
    assert Axe().run(page, options=RULES).response["violations"] == []
    page.context.set_offline(True)
    for name in NAMES[:3]:
        tap(page, name)
    expect(page.locator("[data-state]")).to_contain_text("3 lượt đang giữ trên máy này")
    page.reload()  # still without a line: the phone shows the page it kept
    expect(page.locator("[data-state]")).to_contain_text("3 lượt đang giữ trên máy này")
    expect(page.locator("[data-ticket]", has_text=NAMES[0]).locator("[data-mark]")).to_have_text("Có mặt")
    assert not Attendance.objects.exists()

    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-state]")).to_contain_text("Mọi lượt điểm danh đã gửi.")
    found = sorted(Attendance.objects.values_list("registration__name", "state"))
    assert found == sorted((name, "present") for name in NAMES[:3])
    page.reload()
    expect(page.locator("[data-ticket]", has_text=NAMES[3]).get_by_role("button")).to_be_visible()
    assert Attendance.objects.count() == 3


def test_a_helper_who_is_done_empties_the_phone(open_site: Callable[..., Page], link: CheckInLink) -> None:
    page = open_site(reverse("programmes:check-in", args=[link.token]), width=360)
    expect(page.locator("[data-check-in][data-ready='1']")).to_be_visible()
    page.get_by_role("button", name="Xong việc").click()
    expect(page.get_by_text("Dữ liệu trên máy này đã được xóa")).to_be_visible()
    left = page.evaluate(
        "(async () => [Object.keys(localStorage).filter((key) => key.startsWith('khcn.check-in')).length, (await caches.keys()).length])()"
    )
    assert left == [0, 0]


def test_without_scripts_one_person_at_a_time(open_site: Callable[..., Page], link: CheckInLink) -> None:
    page = open_site(reverse("programmes:check-in", args=[link.token]), script=False, width=360)
    tap(page, NAMES[1])
    expect(page.get_by_text("Đã ghi: Trần Đức Bình.")).to_be_visible()
    assert Attendance.objects.get().registration.name == NAMES[1]

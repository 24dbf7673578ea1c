"""What a reader does with a work or a result on a phone: cites it, asks for news of a search, asks about a day."""

from collections.abc import Callable
from datetime import date
from urllib.parse import urljoin, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from khcn.library.enums import Alert, RelationKind, WorkKind, WorkState
from khcn.library.models import SavedSearch, WorkRelation
from khcn.library.search.changes import index_enqueue
from khcn.library.services.saved_links import confirm_url, leave_url
from khcn.library.tables.results import work_url
from tests.e2e.conftest import TIMEOUT_MS, Open
from tests.library.makers import make_page, make_work

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_pupil_cites_from_the_top_of_a_long_page(open_site: Open) -> None:
    work = make_work("Phiếu đo độ mặn", state=WorkState.PUBLISHED, creators=[{"name": "Lê Văn Tám"}])
    make_page(work, text="Nước giếng.\n" * 400)
    page = open_site(work_url(work), width=360)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    heading = page.get_by_role("heading", name="Trích dẫn")
    expect(heading).not_to_be_in_viewport()
    page.get_by_role("link", name="Trích dẫn", exact=True).click()
    expect(heading).to_be_in_viewport()
    page.get_by_role("link", name="APA (bản 7)").click()
    expect(heading).to_be_in_viewport()
    part = page.get_by_role("region", name="Trích dẫn")
    expect(part).to_contain_text("Lê, V. T.")
    part.get_by_role("button", name="Chép chữ").click()
    expect(part.get_by_text("Đã chép.")).to_be_visible()
    assert "Phiếu đo độ mặn" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("script", [True, False], ids=["with-javascript", "without"])
def test_was_it_in_force_on_that_day(open_site: Open, script: bool) -> None:
    legal = {"type_name": "Quyết định", "effective_date": date(2019, 2, 1), "number": "15/QĐ-UBND"}
    old = make_work("Quyết định về giếng", kind=WorkKind.LEGAL, state=WorkState.PUBLISHED, legal=legal)
    legal = {**legal, "effective_date": date(2023, 7, 1), "number": "41/QĐ-UBND"}
    new = make_work("Quyết định mới về giếng", kind=WorkKind.LEGAL, state=WorkState.PUBLISHED, legal=legal)
    WorkRelation.objects.create(work=new, target=old, kind=RelationKind.REPLACES)
    page = open_site(work_url(old), width=360, script=script)
    for day, said in (
        ("2023-06-30", "văn bản này có hiệu lực"),
        ("2023-07-01", "văn bản này đã hết hiệu lực"),
    ):
        page.get_by_label("Ngày", exact=True).fill(day)
        page.get_by_role("button", name="Xem ngày này").click()
        expect(page.locator(".validity__answer")).to_contain_text(said)
    picture = page.locator(".validity__svg")
    inside = picture.evaluate(
        """svg => [...svg.querySelectorAll("text")].every(text => {
          const box = text.getBBox(), all = svg.viewBox.baseVal;
          return box.x >= -1 && box.x + box.width <= all.width + 1 && box.y + box.height <= all.height + 1;
        })"""
    ) if script else True  # fmt: skip
    assert inside, "a word of the picture is cut"


def test_an_address_that_is_none_is_explained(open_site: Open, searchable: Callable[[], object]) -> None:
    work = make_work("Đo độ mặn nước giếng", state=WorkState.PUBLISHED)
    make_page(work, text="Nước giếng.")
    index_enqueue([work.pk])
    searchable()
    page = open_site("/thu-vien/tim/?q=nuoc+gieng", width=360)
    page.get_by_role("link", name="Nhận tin khi có tài liệu mới").click()
    page.get_by_label("Thư điện tử của bạn").fill("<script>alert(1)</script>")
    page.get_by_role("button", name="Gửi thư xác nhận cho tôi").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("Thư điện tử của bạn").fill("ban.doc@example.vn")
    page.get_by_role("button", name="Gửi thư xác nhận cho tôi").click()
    expect(page.get_by_role("heading", name="Kiểm tra hộp thư của bạn")).to_be_visible()


def test_who_got_the_mail_confirms_and_leaves_with_the_buttons(open_site: Open) -> None:
    """A page that hides its address from others must still be able to send its own form."""
    now = timezone.now()
    search = SavedSearch.objects.create(
        address="ban.doc@example.vn", name="đo lường", params="q=%C4%91o+l%C6%B0%E1%BB%9Dng", alert=Alert.DAILY,
        by_mail=True, created_at=now, nonce="n",
        told_at=now, seen_at=now,
    )  # fmt: skip
    page = open_site(urlsplit(confirm_url(search)).path, width=360)
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_role("heading", name="Đã xác nhận")).to_be_visible()
    search.refresh_from_db()
    assert search.confirmed_at is not None
    page.goto(urljoin(page.url, urlsplit(leave_url(search)).path))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    assert not SavedSearch.objects.filter(pk=search.pk).exists()

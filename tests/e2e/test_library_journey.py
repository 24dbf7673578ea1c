"""A contributor hands in a scan, the operator publishes it, a reader finds it without tone marks and opens the page.

Everything is clicked in Vietnamese as people do it; the scan is drawn by the project's own demo builder.
"""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from khcn.library.demo_content import DemoLegal, DemoWork
from khcn.library.demo_files import build_file
from khcn.library.enums import WorkState
from khcn.library.models import Collection, Work
from khcn.library.search.changes import index_enqueue
from khcn.orgs.enums import Role
from tests.e2e.conftest import TIMEOUT_MS, Open
from tests.library.makers import make_page, make_term, make_work
from tests.orgs.factories import make_member, make_unit

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
needs_tesseract = pytest.mark.skipif(
    not shutil.which("tesseract"),
    reason="no tesseract on this machine: apt install tesseract-ocr tesseract-ocr-vie",
)

FILLER = (
    "Các trường học trên địa bàn tổ chức cho học sinh làm thí nghiệm, ghi chép kết quả và trình bày trước lớp. "
    "Giáo viên phụ trách hướng dẫn an toàn, chuẩn bị dụng cụ và nhận xét từng nhóm vào cuối buổi học."
)
LAST = "Mỗi trạm quan trắc độ mặn nước giếng gửi số liệu về phòng chuyên môn vào sáng thứ hai hằng tuần."


def scan(folder: Path) -> Path:
    """Draw an official plan of two pages; only the second speaks of wells."""
    legal = DemoLegal(
        type_name="Kế hoạch",
        code_number="145",
        code_notation="KH-UBND",
        organ_name="Ủy ban nhân dân Quận 5",
        issued_date=date(2021, 4, 12),
        subject="Tổ chức ngày hội sáng tạo năm 2021",
        text="full",
        place="Quận 5",
        recipients=("Như trên", "Lưu: VT"),
        signer_name="Nguyễn Văn Mẫu",
        signer_position="Chủ tịch",
    )
    work = DemoWork(
        id="ke-hoach-145",
        kind="legal",
        title="Kế hoạch tổ chức ngày hội sáng tạo năm 2021",
        abstract="",
        creators=(),
        publisher="",
        issued=date(2021, 4, 12),
        collection="",
        subjects=(),
        audiences=(),
        rights="official",
        certainty="own_measurement",
        sources=(),
        body="\n\n".join([*[FILLER] * 11, LAST]),
        render="scan",
        legal=legal,
    )
    return build_file(work, folder)


def run_worker() -> None:
    """Do the queued work of this moment, as the worker does it."""
    call_command(
        "db_worker", queue_name="*", batch=True, interval=0, startup_delay=False, reload=False, verbosity=0
    )


def hand_in(page: Page, file: Path) -> None:
    """Upload one file from the desk and see it read."""
    page.get_by_role("link", name="Gửi tài liệu").filter(visible=True).first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Tải lên và đọc").click()
    expect(page.get_by_role("heading", name="Đợt gửi")).to_be_visible()
    run_worker()
    title = page.locator(".hit__title a")
    expect(title).to_have_text("Kế hoạch tổ chức ngày hội sáng tạo năm 2021")  # the page follows by itself
    title.click()


def check_and_submit(page: Page) -> None:
    """Read what was recognised, look at the form that filled itself, and hand the work in."""
    expect(page.locator(".page-text").first).to_contain_text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    page.get_by_role("link", name="Sửa thông tin").click()
    expect(page.get_by_label("Số, ký hiệu")).to_have_value("145/KH-UBND")
    expect(page.get_by_label("Cơ quan ban hành")).to_have_value("Ủy ban nhân dân Quận 5")
    expect(page.get_by_label("Ngày ban hành")).to_have_value("2021-04-12")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu thông tin tài liệu.")).to_be_visible()
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.get_by_text("Đã gửi duyệt.")).to_be_visible()


def publish(page: Page) -> None:
    """Find the work on the librarian's desk and publish it."""
    page.get_by_role("link", name="Chờ duyệt").filter(visible=True).first.click()
    page.get_by_role("link", name="Kế hoạch tổ chức ngày hội sáng tạo năm 2021").click()
    page.get_by_role("button", name="Đăng ngay").click()
    expect(page.get_by_text("Đã đăng.")).to_be_visible()


def find_and_read(page: Page) -> None:
    """Type a question without tone marks on the home page, and open the very page that answers it."""
    page.get_by_label("Tìm trong thư viện").fill("do man nuoc gieng")
    page.get_by_label("Tìm trong thư viện").press("Enter")
    expect(page.locator(".hit mark").first).to_be_visible()
    hit = page.locator(".hit").first
    expect(hit).to_contain_text("145/KH-UBND")
    hit.get_by_role("link", name="trang 2").click()
    expect(page.get_by_role("heading", name="Trang 2 trên 2")).to_be_visible()
    marked = page.locator(".reader__text mark").all_text_contents()
    assert {"độ", "mặn", "nước", "giếng"} <= {word.lower() for word in marked}
    picture = page.locator(".reader__image img")
    picture.scroll_into_view_if_needed()
    answer = page.request.get(picture.get_attribute("src") or "")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")


@needs_tesseract
def test_from_a_scan_to_the_page_that_a_reader_needs(
    open_site: Open, sign_in: Callable[..., Page], searchable: Callable[[], object], tmp_path: Path
) -> None:
    unit = make_unit("Phòng Giáo dục")
    contributor = make_member(Role.CONTRIBUTOR, unit, username="guitailieu")
    librarian = make_member(Role.LIBRARIAN, username="thuthu")

    desk = sign_in(contributor.username, "/ban-lam-viec/")
    hand_in(desk, scan(tmp_path))
    check_and_submit(desk)
    work = Work.objects.get()
    assert (work.state, work.page_count, work.submitted_by) == (WorkState.SUBMITTED, 2, contributor)

    publish(sign_in(librarian.username, "/ban-lam-viec/"))
    searchable()
    find_and_read(open_site("/"))
    find_and_read(open_site("/", script=False))


@pytest.mark.smoke
@pytest.mark.parametrize("script", [True, False], ids=["with-javascript", "without"])
def test_a_reader_finds_and_opens_a_work(
    open_site: Open, searchable: Callable[[], object], script: bool
) -> None:
    work = make_work("Đo độ mặn của nước giếng", state=WorkState.PUBLISHED, abstract="Làm từng bước.")
    make_page(work, text="Chuẩn bị cốc và cân.")
    make_page(work, 2, text="Nhúng que đo độ mặn vào nước giếng rồi đọc số.")
    work.collections.add(make_term(Collection, "STEM trong trường học"))
    index_changed(work)
    searchable()
    page = open_site("/", script=script)
    page.get_by_label("Tìm trong thư viện").fill("que do do man")
    page.get_by_role("button", name="Tìm").filter(visible=True).first.click()
    page.get_by_role("link", name="trang 2").click()
    expect(page.get_by_role("heading", name="Trang 2 trên 2")).to_be_visible()
    page.get_by_role("link", name="Đo độ mặn của nước giếng").first.click()
    page.get_by_role("link", name="STEM trong trường học").click()
    expect(page.get_by_role("heading", name="STEM trong trường học")).to_be_visible()
    expect(page.locator(".hit")).to_have_count(1)


def index_changed(*works: Any) -> None:
    """Note that works made without a service have changed."""
    index_enqueue([work.pk for work in works])

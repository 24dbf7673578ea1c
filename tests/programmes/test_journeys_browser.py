"""Journeys 6 to 9 and 14 in the browser, as people walk them: citizens on a phone, officials at a desk, in Vietnamese.

People begin on the calendar, on the desk, or at a link that was sent to them, and go on by clicking. Each journey has a
step that goes wrong: a double click, a wrong file, a code that is too old, a deadline that passes, too much money.
"""

import importlib
import io
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from khcn.core.indicators import Period
from khcn.core.models import Message
from khcn.core.money_port import money_booker
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.programmes.enums import (
    ConsentBy,
    ConsentPurpose,
    JurorSeat,
    PhaseKind,
    ProgrammeKind,
    RegistrationWay,
)
from khcn.programmes.models.attendance import Attendance
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.contests import Award, Contest, ContestResult, Review
from khcn.programmes.models.entries import Entry, EntryFile, Team, TeamMember
from khcn.programmes.models.programmes import Programme, Session, barred
from khcn.programmes.models.registrations import ContactCode, Registration
from khcn.programmes.models.support import SupportRequest
from khcn.programmes.rules.contest_scoring import ranking_of, standing_json
from khcn.programmes.selectors.figures import FIGURES
from khcn.programmes.services.contests_conflicts import conflicts_declare
from khcn.programmes.services.contests_reviews import review_save
from khcn.programmes.services.entries_files import ENTRIES
from khcn.programmes.services.support_calls import CallRules, call_save
from khcn.programmes.simulation.granting import Purse
from tests.e2e.conftest import TIMEOUT_MS, Open
from tests.e2e.test_accessibility import RULES
from tests.orgs.factories import PASSWORD, make_member, make_unit
from tests.programmes import factories as made

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]
PHONE, DESK = 360, 1280
WORDS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


@pytest.fixture
def open_site(browser: Browser, live_server: Any) -> Iterator[Open]:
    """Open the site as a new visitor. Unlike that of the other stories, it lets pages refuse what is wrong."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(text: str) -> None:
        if not re.search(r"status of (404|410|422|429)|net::ERR_INTERNET_DISCONNECTED", text):
            complaints.append(text)

    def opened(path: str = "/", *, width: int = DESK) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="vi-VN", base_url=live_server.url
        )
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: hear(str(error)))
        page.on("console", lambda line: hear(line.text) if line.type == "error" else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in(open_site: Open) -> SignIn:
    """Sign an official in through the form."""

    def signed_in(username: str, path: str, *, width: int = DESK) -> Page:
        page = open_site(f"/tai-khoan/dang-nhap/?next={path}", width=width)
        page.locator("#id_login").fill(username)
        page.locator("#id_password").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(f"**{path}")
        return page

    return signed_in


def accessible(page: Page) -> None:
    """Nothing for axe to say, and nothing wider than the screen."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found] == []
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name).first.click()


def as_human(page: Page) -> None:
    """Answer the question of the human check, not faster than a person."""
    said = re.search(r"Số nào lớn hơn: (\w+) hay (\w+)\?", page.locator("main").inner_text())
    assert said is not None
    page.get_by_label("Câu hỏi kiểm tra").fill(max(said.groups(), key=WORDS.index))
    page.wait_for_timeout(2100)


def code_sent() -> str:
    """Return the code of the newest message, as its reader finds it."""
    found = re.search(r"Mã xác nhận của bạn: (\d{6})", Message.objects.latest("pk").body)
    assert found is not None
    return found[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def picture() -> bytes:
    """Return a small picture as a phone would send it."""
    data = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(data, "PNG")
    return data.getvalue()


def this_year() -> Period:
    """Return all that the stories of this file may fall into."""
    return Period(date(2026, 1, 1), timezone.localdate() + timedelta(days=60))


def in_hours(hours: float) -> Any:
    return timezone.now() + timedelta(hours=hours)


@pytest.fixture
def officials() -> Any:
    """The officials by user name; the unit ``phong`` runs the programmes."""
    importlib.import_module("khcn.programmes.migrations.0002_consent_texts").write(
        apps, None
    )  # emptied by other stories
    committee = make_unit("Ủy ban thử")
    unit = make_unit("Phòng đầu mối thử", parent=committee)
    roles = {
        "canbo": Role.FOCAL_OFFICER, "truong": Role.FOCAL_HEAD, "lanhdao": Role.LEADER, "taichinh": Role.FINANCE,
        "vanthu": Role.CLERK,
    }  # fmt: skip
    for name, role in roles.items():
        make_member(role, unit if "FOCAL" in role.name else committee, username=name)
    return unit


def programme_of(unit: Any, title: str, **fields: Any) -> Programme:
    """Return a published programme that begins in an hour by the real clock."""
    day = timezone.localdate(in_hours(1))
    return made.make_programme(unit, title=title, **({"starts_on": day, "ends_on": day} | fields))


def test_6_a_class_visits_an_incubator(open_site: Open, sign_in: SignIn, officials: Any) -> None:
    programme = programme_of(
        officials, "Thăm vườn ươm khởi nghiệp", kind=ProgrammeKind.VISIT, registration=RegistrationWay.GROUP, capacity=25,
        audiences=barred(["pupils"]), purposes=barred(["photo"]),
    )  # fmt: skip
    session = made.make_session(programme, starts_at=in_hours(1))
    accounts = User.objects.count()

    # the teacher, on a phone: a wrong code first, then the right one
    page = open_site("/chuong-trinh/", width=PHONE)
    follow(page, programme.title)
    follow(page, "Đăng ký cho đoàn")
    page.get_by_label("Số điện thoại hoặc thư điện tử").fill("0901234567")
    as_human(page)
    press(page, "Gửi mã")
    page.get_by_label("Mã xác nhận").fill(wrong(code_sent()))
    page.get_by_label("Trường, đơn vị, doanh nghiệp").fill("Trường THCS Ánh Sáng")
    page.get_by_label("Lớp, tổ, đoàn").fill("7A")
    page.get_by_label("Người phụ trách").fill("Cô Nguyễn Thị Ỷ")
    page.get_by_label("Tôi đồng ý").check()
    press(page, "Đăng ký")
    expect(page.get_by_text("Mã chưa đúng. Bạn còn 4 lần thử.").first).to_be_visible()
    expect(page.get_by_label("Người phụ trách")).to_have_value("Cô Nguyễn Thị Ỷ")
    page.get_by_label("Mã xác nhận").fill(code_sent())
    press(page, "Đăng ký")
    expect(page.get_by_role("heading", name="Trường THCS Ánh Sáng, 7A")).to_be_visible()
    accessible(page)

    # the list: a photo of it first, then the list; pressed twice, written once
    names = [f"Lê Thị Học Sinh {number:02}" for number in range(1, 31)]
    rows = ["Họ và tên;Là;Lớp;Năm sinh;Cha mẹ hoặc người giám hộ"]
    rows += [f"{name};Học sinh;7A;2014;Cha của {name}" for name in names]
    choose = page.get_by_label("Danh sách đã điền")
    choose.set_input_files({"name": "anh.xlsx", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n\0\0"})
    press(page, "Xem thử danh sách")
    expect(page.get_by_text("Hãy lưu lại dạng .xlsx").first).to_be_visible()
    page.get_by_label("Danh sách đã điền").set_input_files(
        {"name": "lop7a.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode("utf-8-sig")}
    )
    press(page, "Xem thử danh sách")
    expect(page.get_by_text("Danh sách đọc được, chưa ghi")).to_be_visible()
    assert not Registration.objects.exists()
    page.get_by_role("button", name="Ghi danh sách này").dblclick()
    expect(page.get_by_text("30 người: 25 có chỗ, 5 chờ.")).to_be_visible()
    assert Registration.objects.count() == 30

    # papers to sign, and two of them signed
    follow(page, "In phiếu đồng ý cho từng em")
    expect(page.get_by_text(names[0]).first).to_be_visible()
    page.go_back()
    page.get_by_text("Mở để ghi").click()
    for name in names[:2]:
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("checkbox", name="Chụp ảnh, quay phim").check()
    press(page, "Ghi phiếu")
    expect(page.get_by_role("row", name=names[1])).to_contain_text("còn thiếu chữ ký của học sinh")
    page.get_by_text("Mở để ghi").click()
    for name in names[:2]:
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("checkbox", name="Chụp ảnh, quay phim").check()
    page.get_by_label("Ai đã ký").select_option("Học sinh")
    press(page, "Ghi phiếu")
    expect(page.get_by_role("row", name=names[1])).not_to_contain_text("còn thiếu")
    expect(page.get_by_role("row", name=names[2])).not_to_contain_text("Chụp ảnh")
    assert Consent.objects.filter(purpose=ConsentPurpose.PHOTO).count() == 4

    # the officer hands a link to the gate
    desk = sign_in("canbo", "/ban-lam-viec/chuong-trinh/", width=DESK)
    follow(desk, programme.title)
    follow(desk, "Điểm danh")
    follow(desk, "Buổi 1")
    desk.get_by_label("Giao cho ai, ở cửa nào").fill("Cổng chính")
    press(desk, "Tạo liên kết")
    link = re.search(r"/chuong-trinh/diem-danh/[\w-]+/", desk.locator("main").inner_text())
    assert link is not None
    accessible(desk)

    # the gate: no line, 24 children come, the line is back
    gate = open_site(link[0], width=PHONE)
    expect(gate.locator("[data-check-in][data-ready='1']")).to_be_visible()
    expect(gate.locator("[data-ticket]", has_text=names[0])).not_to_contain_text("không chụp ảnh")
    expect(gate.locator("[data-ticket]", has_text=names[5])).to_contain_text("không chụp ảnh")
    gate.context.set_offline(True)
    for name in names[:24]:
        gate.locator("[data-ticket]", has_text=name).get_by_role("button").click()
    expect(gate.locator("[data-state]")).to_contain_text("24 lượt đang giữ trên máy này")
    gate.context.set_offline(False)
    gate.evaluate("dispatchEvent(new Event('online'))")
    expect(gate.locator("[data-state]")).to_contain_text("Mọi lượt điểm danh đã gửi.")
    assert Attendance.objects.count() == 24
    desk.reload()
    expect(desk.get_by_text("Có mặt", exact=True).first).to_be_attached()
    over = timezone.now() - timedelta(minutes=1)
    Session.objects.filter(pk=session.pk).update(starts_at=over - timedelta(hours=1), ends_at=over)
    today = timezone.localdate(over)
    read = FIGURES["attended.pupils"].read(Period(today, today))
    assert sum(row.amount for row in read) == 24
    assert User.objects.count() == accounts


def test_7_a_worker_earns_a_certificate(
    open_site: Open, sign_in: SignIn, officials: Any, settings: Any
) -> None:
    programme = programme_of(
        officials,
        "Lớp số hóa bán hàng",
        registration=RegistrationWay.PERSON,
        audiences=barred(["workers"]),
        capacity=10,
    )
    for hours in range(1, 6):
        made.make_session(programme, starts_at=in_hours(hours))

    # the worker, on a phone; the first code is too old when it is typed, and what was typed stays
    page = open_site("/chuong-trinh/", width=PHONE)
    follow(page, programme.title)
    follow(page, "Đăng ký")
    page.get_by_label("Số điện thoại hoặc thư điện tử").fill("0912345678")
    as_human(page)
    press(page, "Gửi mã")
    ContactCode.objects.update(expires_at=timezone.now())
    page.get_by_label("Mã xác nhận").fill(code_sent())
    page.get_by_label("Họ và tên").fill("Trần Đức Ước")
    page.get_by_label("Ghi thông tin").or_(page.locator("input[name=ok_processing]")).first.check()
    press(page, "Đăng ký")
    expect(page.get_by_text("Mã này đã hết hạn hoặc đã dùng.").first).to_be_visible()
    press(page, "Gửi lại mã")
    expect(page.get_by_label("Họ và tên")).to_have_value("Trần Đức Ước")
    page.get_by_label("Mã xác nhận").fill(code_sent())
    page.get_by_role("button", name="Đăng ký", exact=True).dblclick()
    expect(page.get_by_text("Đưa mã này ở cửa.")).to_be_visible()
    row = Registration.objects.get()
    assert (row.state, row.contact_address) == ("confirmed", "+84912345678")
    accessible(page)

    # four of five sessions
    for session in programme.sessions.all():
        Session.objects.filter(pk=session.pk).update(
            starts_at=session.starts_at - timedelta(days=1), ends_at=session.ends_at - timedelta(days=1)
        )
    desk = sign_in("canbo", "/ban-lam-viec/chuong-trinh/", width=DESK)
    follow(desk, programme.title)
    follow(desk, "Điểm danh")
    for number in range(1, 6):
        follow(desk, f"Buổi {number}")
        desk.get_by_label(row.name).select_option("Vắng" if number == 3 else "Có mặt")
        press(desk, "Ghi điểm danh")
        follow(desk, "Điểm danh")
    assert Attendance.objects.filter(state="present").count() == 4

    # officer, head, clerk
    follow(desk, "Giấy chứng nhận")
    follow(desk, "Lập đợt cấp giấy")
    desk.get_by_label("Tên giấy").fill("Giấy chứng nhận")
    desk.get_by_label("Nội dung chứng nhận").fill("Đã hoàn thành lớp số hóa bán hàng")
    desk.get_by_label("Chức vụ người ký").fill("Chủ tịch")
    desk.get_by_label("Họ tên người ký").fill("Người Ký Thử")
    press(desk, "Lưu đợt")
    accessible(desk)
    desk.get_by_role("button", name="Trình duyệt").dblclick()
    head = sign_in("truong", "/ban-lam-viec/chuong-trinh/viec-hom-nay/", width=DESK)
    head.locator("main").get_by_role("link", name=re.compile("chứng nhận|giấy", re.IGNORECASE)).first.click()
    press(head, "Duyệt đợt này")
    clerk = sign_in("vanthu", "/ban-lam-viec/chuong-trinh/chung-nhan/", width=DESK)
    follow(clerk, "Giấy chứng nhận · Lớp số hóa bán hàng")
    clerk.get_by_label("Số quyết định").fill("123/QĐ-UBND")
    clerk.get_by_label("Ngày quyết định").fill(timezone.localdate().isoformat())
    press(clerk, "Ghi số và cấp giấy")
    expect(clerk.get_by_text("Có giá trị")).to_be_visible()

    # the worker finds it, the employer checks it
    page.reload()
    follow(page, "Xem và tải giấy chứng nhận của bạn")
    follow(page, "Trang kiểm tra")
    expect(page.get_by_text("Giấy chứng nhận này có giá trị")).to_be_visible()
    for words in ("Trần Đức Ước", programme.title, timezone.localdate().strftime("%d/%m/%Y")):
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("main")).not_to_contain_text("912345678")
    accessible(page)

    # taken back, with the day
    head.reload()
    head.get_by_role("checkbox", name=row.name).check()
    head.get_by_text("Thu hồi các giấy đã chọn").click()
    head.get_by_label("Lý do").last.fill("Cấp nhầm")
    press(head, "Thu hồi")
    page.reload()
    expect(page.get_by_text("Giấy chứng nhận này đã bị thu hồi từ ngày")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Cấp nhầm")

    # guessing is stopped after a while
    settings.KHCN = settings.KHCN.model_copy(update={"gate_percent": 100, "gate_free_networks": []})
    answers = [page.request.get(f"/chung-nhan/{secrets.token_hex(6).upper()}/").status for _try in range(30)]
    assert answers[0] == 404 and answers[-1] == 429


def contest_of(unit: Any, *, jurors: int = 3) -> Programme:
    """Return an open contest of teams of one or two, with rules and a council."""
    programme = made.make_contest(unit, phase=PhaseKind.OPEN, title="Ý tưởng khởi nghiệp trẻ")
    day = timezone.localdate()
    Programme.objects.filter(pk=programme.pk).update(starts_on=day, ends_on=day + timedelta(days=30))
    Contest.objects.filter(programme=programme).update(
        deadline=in_hours(2), council_decision="12/QĐ-UBND", reviews_wanted=jurors
    )
    for number in range(jurors):
        juror = make_member(Role.JUROR, make_unit(), username=f"giamkhao{number}")
        made.make_juror(programme, user=juror, seat=JurorSeat.MEMBER if number else JurorSeat.CHAIR)
    return programme


def next_phase(page: Page, name: str) -> None:
    follow(page, "Giai đoạn")
    press(page, f"Chuyển sang: {name}")
    expect(page.get_by_text(f"Đang ở: {name}")).to_be_visible()


def test_8_a_contest_from_rules_to_result(open_site: Open, sign_in: SignIn, officials: Any) -> None:
    programme = contest_of(officials)
    others = [made.make_entry(made.make_team(programme), state="submitted") for _ in range(2)]
    assert len(others) == 2

    # a team, on a phone
    page = open_site("/chuong-trinh/", width=PHONE)
    follow(page, programme.title)
    follow(page, "Đăng ký đội")
    page.get_by_label("Tên đội").fill("Mầm Xanh")
    page.get_by_label("Trường, đơn vị, doanh nghiệp").fill("Trường THPT Bến Nước")
    page.get_by_label("Người phụ trách", exact=True).fill("Thầy Phạm Văn Ổn")
    page.get_by_label("Số điện thoại hoặc thư điện tử").fill("doi@truong.example.vn")
    page.get_by_label("Tôi đồng ý").check()
    as_human(page)
    press(page, "Gửi mã xác nhận")
    page.get_by_label("Mã xác nhận gồm 6 chữ số").fill(code_sent())
    page.get_by_role("button", name="Đăng ký đội").dblclick()
    expect(page.get_by_text("Còn thiếu trước khi nộp")).to_be_visible()
    team = Team.objects.get(name="Mầm Xanh")
    follow(page, "Thêm người")
    page.get_by_label("Họ và tên").fill("Lê Thị Bé Ngoan")
    page.get_by_label("Năm sinh").fill("2010")
    page.get_by_role("textbox", name="Cha mẹ hoặc người giám hộ").fill("Mẹ Của Ngoan")
    page.get_by_label("Người này").check()
    press(page, "Lưu")
    expect(page.get_by_text("Lê Thị Bé Ngoan").first).to_be_visible()
    accessible(page)

    # a film instead of a paper, then the paper; an edit; then the deadline passes while they type
    page.get_by_label("Tên bài dự thi").fill("Máy lọc nước từ vỏ dừa")
    page.get_by_label("Tóm tắt").fill("Lọc nước cho hộ dân ven kênh.")
    page.get_by_label("Thêm tệp").set_input_files(
        {"name": "bai.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\0" + b"\0" * 200}
    )
    press(page, "Lưu và nộp bài")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Tóm tắt")).to_have_value("Lọc nước cho hộ dân ven kênh.")
    page.get_by_label("Thêm tệp").set_input_files(
        {"name": "may-loc.png", "mimeType": "image/png", "buffer": picture()}
    )
    press(page, "Lưu và nộp bài")
    expect(page.get_by_text("Đã nộp bài").first).to_be_visible()
    page.get_by_label("Tóm tắt").fill("Lọc nước cho hộ dân ven kênh, bản sửa.")
    press(page, "Lưu và nộp bài")
    expect(page.get_by_text("Lần 2, nhận lúc")).to_be_visible()
    page.get_by_label("Tóm tắt").fill("Sửa quá hạn.")
    Contest.objects.filter(programme=programme).update(deadline=timezone.now())
    press(page, "Lưu và nộp bài")
    expect(page.get_by_text("Đã hết hạn lúc").first).to_be_visible()
    entry = Entry.objects.get(team=team)
    assert (entry.state, entry.summary) == ("submitted", "Lọc nước cho hộ dân ven kênh, bản sửa.")

    # the officer checks, gives codes, opens the declarations
    desk = sign_in("canbo", "/ban-lam-viec/chuong-trinh/", width=DESK)
    follow(desk, programme.title)
    follow(desk, "Tổ chức thi")
    next_phase(desk, "Kiểm tra hợp lệ, ẩn danh")
    for one in programme.teams.order_by("pk"):
        follow(desk, "Bài dự thi")
        follow(desk, one.name)
        press(desk, "Nhận bài hợp lệ")
    follow(desk, "Tổ chức thi")
    next_phase(desk, "Giám khảo khai xung đột lợi ích")

    # one juror in the browser, two by the services
    juror = sign_in("giamkhao0", "/ban-lam-viec/chuong-trinh/cham-thi/", width=DESK)
    follow(juror, "Khai xung đột lợi ích")
    expect(juror.locator("main")).to_contain_text("Trường THPT Bến Nước")
    press(juror, "Gửi khai báo")
    expect(juror.get_by_role("alert").first).to_be_visible()
    juror.get_by_label("Tôi đã đọc hết danh sách").check()
    press(juror, "Gửi khai báo")
    now = timezone.now()
    for seat in programme.jurors.exclude(user__username="giamkhao0"):
        conflicts_declare(actor=seat.user, juror=seat, chosen=(), confirmed=True, now=now)
    follow(desk, "Phân công")
    press(desk, "Phân bài")
    next_phase(desk, "Chấm điểm")
    assert Review.objects.count() == 9

    for number in range(3):
        if not number:
            juror.reload()
            follow(juror, "Chấm bài tiếp theo")
            expect(juror.locator("main")).not_to_contain_text(
                re.compile("Mầm Xanh|Bé Ngoan|Bến Nước|may-loc")
            )
            accessible(juror)
            juror.get_by_label("Tiêu chí 1").fill("11")
            juror.get_by_label("Tiêu chí 2").fill("7,5")
            press(juror, "Nộp phiếu và sang bài tiếp")
            expect(juror.get_by_text("Hãy ghi số từ 0 đến 10, ví dụ 7,5.").first).to_be_visible()
        juror.get_by_label("Tiêu chí 1").fill(f"{9 - number}")
        juror.get_by_label("Tiêu chí 2").fill("7,5")
        press(juror, "Nộp phiếu và sang bài tiếp")
        expect(juror.get_by_text("Đã nộp phiếu.").first).to_be_visible()
    expect(juror.get_by_text("Bạn đã nộp 3/3 phiếu.")).to_be_visible()
    for review in Review.objects.filter(submitted_at=None):
        place = int(
            review.entry.code[-1]
        )  # all have the same total; the published rule looks at the first criterion
        points = {"c1": Decimal(5 + place), "c2": Decimal(9 - place)}
        review_save(
            actor=review.juror.user, review_id=review.pk, points=points, comment="", revision=review.revision, submit=True,
            now=now,
        )  # fmt: skip

    # frozen, proposed, approved, public; the sheet that is downloaded gives the same ranking
    follow(desk, "Kết quả")
    press(desk, "Chốt điểm")
    follow(desk, "Xếp hạng")
    with desk.expect_download() as waiting:
        follow(desk, "Tải bảng điểm Excel")
    book = openpyxl.load_workbook(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    cells = {str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line}
    frozen = ContestResult.objects.get().frozen
    assert [standing_json(one) for one in ranking_of(frozen)] == frozen["ranking"]
    assert [one["entry"] for one in frozen["ranking"]] == ["BT-03", "BT-02", "BT-01"]
    assert {"BT-01", "BT-02", "BT-03"} <= cells
    follow(desk, "Kết quả")
    press(desk, "Trình lãnh đạo")
    leader = sign_in("lanhdao", "/ban-lam-viec/chuong-trinh/", width=DESK)
    follow(leader, programme.title)
    follow(leader, "Tổ chức thi")
    follow(leader, "Kết quả")
    leader.get_by_role("button", name="Phê duyệt và công bố").dblclick()
    expect(leader.get_by_text("Đã công bố lúc")).to_be_visible()
    citizen = open_site("/chuong-trinh/", width=PHONE)
    follow(citizen, programme.title)
    follow(citizen, "Xem kết quả")
    expect(citizen.locator("main")).to_contain_text("Giải Nhất")
    expect(citizen.locator("main")).not_to_contain_text("Bé Ngoan")
    accessible(citizen)


@pytest.fixture
def purse() -> Iterator[Purse]:
    with money_booker.using(Purse(Decimal(10_000_000))) as held:
        yield held


def test_9_a_school_gets_equipment(open_site: Open, sign_in: SignIn, officials: Any, purse: Purse) -> None:
    programme = programme_of(officials, "Hỗ trợ phòng thực hành", kind=ProgrammeKind.SUPPORT, audiences=barred(["teachers", "pupils"]))  # fmt: skip
    rules = CallRules(
        task_code="II.4.2.1-a", budget_year=timezone.localdate().year, limit_vnd=Decimal(20_000_000)
    )
    call_save(actor=User.objects.get(username="canbo"), programme=programme, rules=rules, now=timezone.now())

    page = open_site("/chuong-trinh/ho-tro/", width=PHONE)
    follow(page, "Gửi đề nghị")
    page.get_by_label("Số điện thoại hoặc thư điện tử").fill("co@truong.example.vn")
    as_human(page)
    press(page, "Gửi mã cho tôi")
    page.get_by_label("Mã xác nhận 6 số").fill(code_sent())
    page.get_by_label("Tên trường, doanh nghiệp, tổ chức").fill("Trường Tiểu học Đốm Lửa")
    page.get_by_label("Trường học").check()
    page.get_by_label("Họ tên người liên hệ").fill("Nguyễn Thị Ỷ")
    page.get_by_label("Tôi đồng ý").check()
    page.get_by_role("button", name="Xác nhận và điền danh sách").dblclick()
    expect(page.get_by_role("heading", name="Trường Tiểu học Đốm Lửa")).to_be_visible()
    row = SupportRequest.objects.get()

    # a price that cannot be read, then the right one; sent by a double click
    page.get_by_label("Dùng để làm gì").fill("Cho phòng thực hành của học sinh khối 5")
    page.get_by_label("Phục vụ cho").select_option("Học sinh")
    first, second = page.get_by_role("group", name="Khoản 1"), page.get_by_role("group", name="Khoản 2")
    for part, values in (
        (first, ("Kính hiển vi", "cái", "3", "ba triệu mấy")),
        (second, ("Bộ mạch", "bộ", "4", "1.000.000")),
    ):
        for label, value in zip(("Tên", "Đơn vị tính", "Số lượng", "Đơn giá (đồng)"), values, strict=True):
            part.get_by_label(label, exact=True).fill(value)
    press(page, "Gửi đề nghị")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(first.get_by_label("Tên", exact=True)).to_have_value("Kính hiển vi")
    accessible(page)
    first.get_by_label("Đơn giá (đồng)").fill("3.000.000")
    page.get_by_role("button", name="Gửi đề nghị").dblclick()
    expect(page.get_by_text("Bạn chưa phải làm gì")).to_be_visible()
    row.refresh_from_db()
    assert (row.state, row.asked) == ("submitted", 13_000_000)

    # more than there is: finance cannot confirm it; the officer recommends less; the head grants a part of that
    desk = sign_in("canbo", "/ban-lam-viec/chuong-trinh/ho-tro/")
    follow(desk, row.organisation)
    press(desk, "Kiến nghị hỗ trợ")
    finance = sign_in("taichinh", "/ban-lam-viec/chuong-trinh/ho-tro/")
    follow(finance, row.organisation)
    press(finance, "Xác nhận đủ kinh phí")
    expect(finance.get_by_text("chưa đủ 13.000.000").first).to_be_visible()
    desk.reload()
    desk.get_by_label("Số lượng kiến nghị: Kính hiển vi").fill("2")
    press(desk, "Kiến nghị hỗ trợ")
    follow(finance, "Hỗ trợ thiết bị, vật tư")
    follow(finance, row.organisation)
    press(finance, "Xác nhận đủ kinh phí")
    head = sign_in("truong", "/ban-lam-viec/chuong-trinh/ho-tro/")
    follow(head, row.organisation)
    accessible(head)
    assert (purse.committed, purse.paid) == (0, 0)
    head.get_by_label("Số lượng duyệt: Kính hiển vi").fill("1")
    head.get_by_role("button", name="Duyệt", exact=False).first.dblclick()
    expect(head.get_by_text("Còn giao").first).to_be_visible()
    assert (purse.committed, purse.paid) == (7_000_000, 0)

    # handed over, with a photo; what is no photo is refused and what was typed stays
    desk.reload()
    desk.get_by_label("Ngày bàn giao").fill(timezone.localdate().isoformat())
    for label, value in (("Nơi bàn giao", row.organisation), ("Bên giao", "Anh Giao"), ("Bên nhận", "Cô Ỷ")):
        desk.get_by_label(label).fill(value)
    desk.get_by_label("Ảnh bàn giao").set_input_files(
        {"name": "anh.png", "mimeType": "image/png", "buffer": b"MZ khong phai anh"}
    )
    press(desk, "Ghi bàn giao và thanh toán")
    expect(desk.get_by_role("alert").first).to_be_visible()
    expect(desk.get_by_label("Bên nhận")).to_have_value("Cô Ỷ")
    desk.get_by_label("Ảnh bàn giao").set_input_files(
        {"name": "anh.png", "mimeType": "image/png", "buffer": picture()}
    )
    desk.get_by_role("button", name="Ghi bàn giao và thanh toán").dblclick()
    expect(desk.get_by_role("img", name="Ảnh bàn giao lần 1")).to_be_visible()
    assert (purse.committed, purse.paid) == (7_000_000, 7_000_000)

    # the school says that it came, and later what came of it
    page.reload()
    expect(page.locator("main")).to_contain_text("Duyệt 7.000.000")
    press(page, "Tôi đã nhận")
    page.get_by_label("Kết quả sử dụng").fill("Ba lớp đã dùng kính hiển vi mỗi tuần.")
    page.get_by_label("Số người đã dùng").fill("96")
    press(page, "Gửi kết quả")
    expect(page.get_by_label("Kết quả sử dụng")).to_have_value("Ba lớp đã dùng kính hiển vi mỗi tuần.")
    desk.reload()
    press(desk, "Ghi nhận kết quả")
    expect(desk.get_by_text("Đã ghi nhận ngày")).to_be_visible()
    accessible(page)


def test_14_a_parent_takes_the_consent_back(open_site: Open, officials: Any) -> None:
    programme = contest_of(officials, jurors=1)
    team = made.make_team(programme, members=1, name="Mầm Xanh", organisation="Trường THPT Bến Nước")
    entry = made.make_entry(team, title="Máy lọc nước vỏ dừa", code="BT-01")
    TeamMember.objects.filter(team=team).update(name="Lê Thị Bé Ngoan")
    kept = ENTRIES.keep(SimpleUploadedFile("may-loc.png", picture(), "image/png"))
    file = EntryFile.objects.create(
        entry=entry, name=kept.name, title="may-loc.png", size=1, sha256="0", mime="image/png", kept_at=timezone.now()
    )  # fmt: skip
    for by in (ConsentBy.CHILD, ConsentBy.GUARDIAN):
        made.make_consent(programme, f"programmes.teammember:{team.members.get().pk}", "publication", by=by)
    result = ContestResult.objects.create(
        programme=programme, rules=programme.rules.get(), frozen={"ranking": []}, sha256="x", frozen_at=timezone.now(),
        published_at=timezone.now(),
    )  # fmt: skip
    Award.objects.create(programme=programme, result=result, entry=entry, title="Giải Nhất", order=1)
    Contest.objects.filter(programme=programme).update(phase=PhaseKind.DONE)
    counts = [sum(row.amount for row in FIGURES[name].read(this_year())) for name in ("teams", "entries", "awards")]  # fmt: skip

    citizen = open_site("/chuong-trinh/", width=PHONE)
    follow(citizen, programme.title)
    follow(citizen, "Bài đạt giải")
    expect(citizen.locator("main")).to_contain_text("Lê Thị Bé Ngoan")
    shown = citizen.url
    held = citizen.request.get(f"{shown}tep/{file.pk}/")
    assert (
        held.status == 200 and "no-store" in held.headers["cache-control"]
    )  # nothing on the way keeps a copy

    # the parent opens the link of the team; a first copy of everything, then one word is taken back
    parent = open_site(f"/chuong-trinh/{programme.key}/doi/{team.token}/", width=PHONE)
    with parent.expect_download() as copy:
        follow(parent, "Tải về mọi thông tin đang giữ")
    assert "Bé Ngoan" in Path(copy.value.path()).read_text()
    follow(parent, "Ghi hoặc rút đồng ý công bố")
    accessible(parent)
    parent.get_by_role("button", name="Rút đồng ý").dblclick()
    expect(parent.get_by_text("Đang có đồng ý công bố")).to_have_count(0)

    # gone at once: the page that is open, the results, the file, the feeds, the searches
    citizen.reload()
    expect(citizen.locator("main")).not_to_contain_text("Bé Ngoan")
    assert citizen.request.get(f"{shown}tep/{file.pk}/").status == 404
    root = f"/chuong-trinh/{programme.key}/"
    places = [
        root,
        f"{root}ket-qua/",
        f"{root}the-le/",
        f"{root}trien-lam/",
        "/chuong-trinh/",
        reverse("programmes:feed"),
    ]
    places += [reverse("programmes:calendar-file"), "/sitemap.xml", "/thu-vien/tim/?q=vo+dua"]
    for path in places:
        answer = citizen.request.get(path)
        assert answer.status == 200, path
        assert "Bé Ngoan" not in answer.text(), path
    ledger = Consent.objects.filter(purpose=ConsentPurpose.PUBLICATION)
    assert ledger.count() == 2 and not ledger.filter(withdrawn_at=None).exists()
    assert all(row.text.version and row.text.text and row.given_at for row in ledger)
    assert counts == [sum(row.amount for row in FIGURES[name].read(this_year())) for name in ("teams", "entries", "awards")]  # fmt: skip


def test_14_a_person_takes_everything_back(open_site: Open, officials: Any) -> None:
    programme = programme_of(officials, "Lớp làm phim ngắn", purposes=barred(["photo"]))
    row = made.make_registration(programme, name="Võ Thị Hạnh", created_at=timezone.now())
    for purpose in ("processing", "photo"):
        made.make_consent(programme, f"programmes.registration:{row.pk}", purpose, given_at=timezone.now())
    before = sum(one.amount for one in FIGURES["registered"].read(this_year()))

    page = open_site(f"/chuong-trinh/dang-ky/{row.token}/", width=PHONE)
    follow(page, "Xem, tải về, rút lại sự đồng ý, xóa")
    with page.expect_download() as copy:
        follow(page, "Tải bản sao (JSON)")
    assert "Võ Thị Hạnh" in Path(copy.value.path()).read_text()
    page.locator("h3", has_text="Chụp ảnh").locator("..").get_by_role("link", name="Rút lại").click()
    page.get_by_role("button", name="Rút lại").dblclick()
    expect(page.get_by_text("Đã rút lúc")).to_be_visible()
    assert Consent.objects.filter(withdrawn_at=None).get().purpose == ConsentPurpose.PROCESSING
    accessible(page)
    follow(page, "Xóa thông tin của tôi")
    page.get_by_role("button", name="Xóa hẳn").dblclick()
    expect(page.locator("main")).not_to_contain_text("Võ Thị Hạnh")
    row.refresh_from_db()
    assert (row.name, row.contact_address) == ("—", "") and row.erased_at
    page.goto(f"/chuong-trinh/dang-ky/{row.token}/")
    expect(page.locator("main")).not_to_contain_text("Võ Thị Hạnh")
    assert (
        sum(one.amount for one in FIGURES["registered"].read(this_year())) == before - 1
    )  # a coming seat is given up

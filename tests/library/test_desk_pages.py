"""The library's desk: lists, deposits, steps and exports, for the people who may."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from khcn.core.audit import audit_record
from khcn.core.jobs import job_fail, job_start
from khcn.core.outbox.selectors import desk_unread_count
from khcn.library.enums import BatchState, TakedownState, WorkKind, WorkState
from khcn.library.models import ImportBatch, Work
from khcn.library.services.deposits import deposit_process
from khcn.library.services.review import work_submit
from khcn.orgs.enums import Role
from tests.library.makers import make_batch, make_page, make_takedown, make_work
from tests.orgs.factories import make_member, make_unit, make_user

pytestmark = pytest.mark.django_db
ROOT = "/ban-lam-viec/thu-vien/"


def text(client: Client, address: str, /, **data: Any) -> str:
    response = client.post(address, data, follow=True) if data else client.get(address, follow=True)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


class Desk:
    """A unit with its people, and a work of the contributor in a state of choice."""

    def __init__(self) -> None:
        self.unit = make_unit("Phòng Giáo dục")
        self.contributor = make_member(Role.CONTRIBUTOR, self.unit, full_name="Thử Văn Gửi")
        self.librarian = make_member(Role.LIBRARIAN)
        self.auditor = make_member(Role.AUDITOR)
        self.editor = make_member(Role.EDITOR)
        self.focal_head = make_member(Role.FOCAL_HEAD)
        self.stranger = make_member(Role.CONTRIBUTOR, make_unit("Phòng khác"))

    def work(
        self, state: WorkState = WorkState.DRAFT, title: str = "Phiếu thí nghiệm", **fields: Any
    ) -> Work:
        work = make_work(title, state=state, owner_unit=self.unit, submitted_by=self.contributor, **fields)
        make_page(work, text="Chữ của phiếu.")
        return work


@pytest.fixture
def desk() -> Desk:
    """Make the people."""
    return Desk()


def page_of(work: Work) -> str:
    return reverse("library-desk:work", args=[work.pk])


# --- home of the desk ---------------------------------------------------------------------------------------


def test_the_desk_says_first_what_waits(client: Client, desk: Desk) -> None:
    work_submit(actor=desk.contributor, work=desk.work(), now=timezone.now())
    client.force_login(desk.librarian)
    page = text(client, "/ban-lam-viec/")
    waiting = page.split('class="waiting"')[1].split("</ul>")[0]
    assert "Chờ duyệt" in waiting
    assert "Bị trả lại" not in waiting  # nothing waits there
    assert "Chờ duyệt: Phiếu thí nghiệm" in page


def test_messages_are_read_one_by_one_or_all(client: Client, desk: Desk) -> None:
    works = [desk.work(title=f"Phiếu {number}") for number in (1, 2, 3)]
    now = timezone.now()
    for work in works:
        work_submit(actor=desk.contributor, work=work, now=now)
    client.force_login(desk.librarian)
    page = text(client, "/ban-lam-viec/")
    number = page.split('name="tin" value="')[1].split('"')[0]
    opened = client.post(reverse("desk:message-read"), {"tin": number, "mo": "1"})
    assert opened.headers["Location"] in {page_of(work) for work in works}
    assert desk_unread_count(desk.librarian, timezone.now()) == 2
    client.force_login(desk.stranger)
    client.post(reverse("desk:message-read"), {"tin": number})  # not theirs: nothing happens
    client.force_login(desk.librarian)
    client.post(reverse("desk:message-read"), {"tin": "٣"})
    client.post(reverse("desk:message-read"))
    assert desk_unread_count(desk.librarian, timezone.now()) == 0
    assert "Bạn đã đọc hết tin." in text(client, "/ban-lam-viec/")
    assert "Phiếu 2" in text(client, "/ban-lam-viec/tin-nhan/")


def test_background_work_is_seen_by_who_started_it(client: Client, desk: Desk) -> None:
    job_start(kind="library.import", title="Nhập 40 tệp", actor=desk.contributor, total=40)
    broken = job_start(kind="library.import", title="Nhập hỏng", actor=desk.contributor)
    job_fail(broken, error="Ổ đĩa đã đầy.")
    client.force_login(desk.contributor)
    for address in ("/ban-lam-viec/", "/ban-lam-viec/viec-nen/"):
        page = text(client, address)
        for piece in ("Nhập 40 tệp", "Đang chạy", "Nhập hỏng", "Ổ đĩa đã đầy."):
            assert piece in page, (address, piece)
    client.force_login(desk.stranger)
    assert "Nhập 40 tệp" not in text(client, "/ban-lam-viec/viec-nen/")


# --- the audit trail ----------------------------------------------------------------------------------------


def test_the_trail_is_read_by_who_may_and_filtered(client: Client, desk: Desk) -> None:
    work, other = desk.work(title="Phiếu một"), desk.work(title="Phiếu hai")
    after = {"title": "<b>mới</b>"}
    audit_record(
        actor=desk.contributor, action="library.work.update", target=work, before={"title": "cũ"}, after=after
    )
    audit_record(actor=desk.librarian, action="library.work.publish", target=other, reason="Đủ điều kiện")
    client.force_login(desk.auditor)
    page = text(client, "/ban-lam-viec/nhat-ky/")
    for piece in ("Thử Văn Gửi", "Sửa thông tin tài liệu", "Phiếu một", "<del>cũ</del>", "&lt;b&gt;mới&lt;/b&gt;",
                  "Đăng tài liệu", "Đủ điều kiện"):  # fmt: skip
        assert piece in page, piece
    today = timezone.localdate().isoformat()
    for query, shown in {
        "ai=Thử+Văn": {"Phiếu một"},
        "gi=Phiếu+hai": {"Phiếu hai"},
        "linh-vuc=library": {"Phiếu một", "Phiếu hai"},
        "linh-vuc=core": set(),
        f"tu={today}&den={today}": {"Phiếu một", "Phiếu hai"},
        "tu=2999-01-01": set(),
        "tu=2021-99-99&linh-vuc=x&ai=%00": {"Phiếu một", "Phiếu hai"},  # nonsense is left out
    }.items():
        trail = text(client, f"/ban-lam-viec/nhat-ky/?{query}").split("<main")[1].split('role="status"')[1]
        assert {title for title in ("Phiếu một", "Phiếu hai") if title in trail} == shown, query
    client.force_login(desk.stranger)
    assert "Phiếu một" not in text(client, "/ban-lam-viec/nhat-ky/")


# --- lists --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "box", "seen"),
    [
        ("contributor", "cua-toi", {"draft", "returned", "submitted"}),
        ("contributor", "cho-duyet", {"submitted"}),
        ("contributor", "tat-ca", {"draft", "returned", "submitted"}),
        ("stranger", "tat-ca", set()),
        ("librarian", "cho-duyet", {"submitted"}),
        ("librarian", "tra-lai", {"returned"}),
        ("librarian", "tat-ca", {"draft", "returned", "submitted"}),
        ("auditor", "tat-ca", {"draft", "returned", "submitted"}),
        ("librarian", "khong-co", set()),
    ],
)
def test_who_finds_what_in_which_box(client: Client, desk: Desk, who: str, box: str, seen: set[str]) -> None:
    works = {
        "draft": desk.work(title="Bản A"),
        "submitted": desk.work(WorkState.SUBMITTED, "Bản B"),
        "returned": desk.work(WorkState.RETURNED, "Bản C"),
    }
    client.force_login(getattr(desk, who))
    page = text(client, f"{ROOT}?hop={box}")
    assert {key for key, work in works.items() if page_of(work) in page} == seen


def test_the_list_is_filtered_without_marks_and_by_number(client: Client, desk: Desk) -> None:
    legal = desk.work(title="Kế hoạch", kind=WorkKind.LEGAL, legal={"number": "82/KH-UBND"})
    sheet = desk.work(title="Phiếu đo gió")
    client.force_login(desk.contributor)
    assert page_of(sheet) in text(client, f"{ROOT}?q=do+gio")
    assert page_of(legal) not in text(client, f"{ROOT}?q=do+gio")
    assert page_of(legal) in text(client, f"{ROOT}?q=82/kh-ubnd")
    assert "Không có nhan đề nào khớp" in text(client, f"{ROOT}?q=khong+he+co")


@pytest.mark.parametrize("who", [None, Role.MARKET_MANAGER])
def test_who_has_no_business_here(client: Client, desk: Desk, who: Role | None) -> None:
    work = desk.work()
    client.force_login(make_member(who) if who else make_user())
    for address in (ROOT, f"{ROOT}gui/", f"{ROOT}dot/", f"{ROOT}xuat/csv/", page_of(work)):
        assert client.get(address).status_code == 403, address


def test_a_works_page_is_not_there_for_another_unit(client: Client, desk: Desk) -> None:
    work = desk.work()
    client.force_login(desk.stranger)
    assert client.get(page_of(work)).status_code == 404
    assert client.post(reverse("library-desk:step", args=[work.pk, "gui-duyet"])).status_code == 404
    assert client.get(reverse("library-desk:edit", args=[work.pk])).status_code == 404


def test_lists_cost_the_same_however_full(
    client: Client, desk: Desk, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(30):
        desk.work(
            WorkState.SUBMITTED, f"Phiếu {number}", kind=WorkKind.LEGAL, legal={"number": f"{number}/KH"}
        )
    client.force_login(desk.librarian)
    for address, most in {
        f"{ROOT}?hop=cho-duyet": 20,
        "/ban-lam-viec/": 18,
        "/ban-lam-viec/nhat-ky/": 18,
    }.items():
        client.get(address)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


# --- exports ------------------------------------------------------------------------------------------------


def test_a_list_goes_into_a_spreadsheet_as_text(client: Client, desk: Desk) -> None:
    desk.work(title='=HYPERLINK("http://x")')
    client.force_login(desk.contributor)
    csv = client.get(f"{ROOT}xuat/csv/?hop=cua-toi")
    data = b"".join(csv.streaming_content) if csv.streaming else csv.content
    assert data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in csv.headers["Content-Disposition"]
    assert "\n=" not in data.decode("utf-8-sig")
    assert ",=" not in data.decode("utf-8-sig")
    xlsx = client.get(f"{ROOT}xuat/xlsx/?hop=cua-toi")
    book = b"".join(xlsx.streaming_content) if xlsx.streaming else xlsx.content
    sheet = load_workbook(BytesIO(book)).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert rows[0][1].value == "Nhan đề"
    assert rows[1][1].data_type == "s"
    assert client.get(f"{ROOT}xuat/exe/").status_code == 404


# --- deposits -----------------------------------------------------------------------------------------------


def test_from_upload_to_the_state_of_every_file(client: Client, desk: Desk) -> None:
    client.force_login(desk.contributor)
    files = [
        SimpleUploadedFile("tot.txt", "Phiếu đo gió bằng chong chóng.".encode()),
        SimpleUploadedFile("hong.pdf", b"%PDF-1.7 x"),
    ]
    response = client.post(f"{ROOT}gui/", {"documents": files, "unit": str(desk.unit.pk), "collection": ""})
    batch = ImportBatch.objects.get()
    address = reverse("library-desk:batch", args=[batch.pk])
    assert response.headers["Location"] == address
    running = text(client, address)
    assert "Chờ xử lý" in running
    assert 'hx-trigger="every 2s"' in running
    assert "<noscript><meta http-equiv" in running  # without JavaScript the page looks again by itself
    assert text(client, reverse("library-desk:batches"))
    deposit_process(batch.pk)
    done = text(client, address)
    for piece in ("Sẵn sàng", "Không đọc được", "hong.pdf", "Thử lại các tệp hỏng"):
        assert piece in done, piece
    assert "hx-trigger" not in done
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="cac-tep"')
    assert "<html" not in part
    client.force_login(desk.stranger)
    assert client.get(address).status_code == 404


def test_a_deposit_without_files_keeps_the_choice_and_says_what_is_missing(
    client: Client, desk: Desk
) -> None:
    client.force_login(desk.librarian)
    page = text(client, f"{ROOT}gui/", unit=str(desk.unit.pk))
    assert "error-summary" in page
    assert f'value="{desk.unit.pk}" selected' in page
    client.force_login(desk.contributor)
    other = make_unit("Đơn vị lạ")
    file = SimpleUploadedFile("a.txt", b"a")
    assert "error-summary" in text(client, f"{ROOT}gui/", unit=str(other.pk), documents=file)
    assert not ImportBatch.objects.exists()


def test_a_failed_batch_is_tried_again_only_by_its_people(client: Client, desk: Desk) -> None:
    batch = make_batch(desk.contributor, desk.unit, state=BatchState.DONE)
    address = reverse("library-desk:batch", args=[batch.pk])
    client.force_login(desk.stranger)
    assert client.post(address).status_code == 404
    client.force_login(desk.auditor)
    assert client.post(address).status_code == 403


# --- descriptions -------------------------------------------------------------------------------------------


def test_a_new_article_begins_as_a_draft_with_its_description(client: Client, desk: Desk) -> None:
    client.force_login(desk.contributor)
    page = text(client, f"{ROOT}moi/", kind="link", title="  ", unit=str(desk.unit.pk))
    assert "error-summary" in page
    page = text(client, f"{ROOT}moi/", kind="link", title="Bản đồ nắng", unit=str(desk.unit.pk))
    assert "Sửa thông tin" in page
    assert 'name="url"' in page
    work = Work.objects.get(title="Bản đồ nắng")
    assert (work.state, work.kind, work.owner_unit) == (WorkState.DRAFT, WorkKind.LINK, desk.unit)


def test_a_wrong_form_keeps_what_was_typed(client: Client, desk: Desk) -> None:
    work = desk.work(kind=WorkKind.LEGAL, legal={"number": "1/KH"})
    client.force_login(desk.contributor)
    data = {"title": "Nhan đề mới gõ", "kind": "legal", "rights": "official", "visibility": "public", "language": "vi",
            "vb-number": "2/KH-UBND", "vb-effective_date": "2021-05-01", "vb-expired_date": "2021-04-01"}  # fmt: skip
    page = text(client, reverse("library-desk:edit", args=[work.pk]), **data)
    for piece in (
        "error-summary",
        "Ngày hết hiệu lực phải sau ngày có hiệu lực.",
        "Nhan đề mới gõ",
        "2/KH-UBND",
    ):
        assert piece in page, piece
    work.refresh_from_db()
    assert work.title == "Phiếu thí nghiệm"
    data["vb-expired_date"] = "2022-04-01"
    assert "Đã lưu thông tin tài liệu." in text(client, reverse("library-desk:edit", args=[work.pk]), **data)
    work = Work.objects.select_related("legal").get()
    assert (work.title, work.legal.number) == ("Nhan đề mới gõ", "2/KH-UBND")


# --- steps --------------------------------------------------------------------------------------------------

STEPS = {
    # state: who -> the steps offered
    WorkState.DRAFT: {"contributor": {"gui-duyet"}, "librarian": {"gui-duyet"}, "auditor": set()},
    WorkState.SUBMITTED: {
        "contributor": set(),
        "librarian": {"dang", "hen-gio", "duyet", "tra-lai"},
        "auditor": set(),
    },
    WorkState.RETURNED: {"contributor": {"gui-duyet"}, "librarian": {"gui-duyet"}, "auditor": set()},
    WorkState.APPROVED: {"contributor": set(), "librarian": {"dang", "rut"}, "auditor": set()},
    WorkState.PUBLISHED: {"contributor": set(), "librarian": {"tam-dung", "rut"}, "auditor": set()},
    WorkState.FROZEN: {"contributor": set(), "librarian": {"dang-lai", "rut"}, "auditor": set()},
    WorkState.WITHDRAWN: {"contributor": set(), "librarian": {"dang-lai"}, "auditor": set()},
}
ALL_STEPS = ("gui-duyet", "dang", "duyet", "dang-lai", "tra-lai", "tam-dung", "rut", "cho-phep", "hen-gio")


@pytest.mark.parametrize("state", list(STEPS))
@pytest.mark.parametrize("who", ["contributor", "librarian", "auditor"])
def test_the_page_offers_what_may_be_done_and_nothing_else(
    client: Client, desk: Desk, state: WorkState, who: str
) -> None:
    work = desk.work(state)
    client.force_login(getattr(desk, who))
    page = text(client, page_of(work))
    offered = {
        key for key in ALL_STEPS if f'action="{reverse("library-desk:step", args=[work.pk, key])}"' in page
    }
    assert offered == STEPS[state][who]


def test_a_sensitive_work_is_cleared_before_it_is_published(client: Client, desk: Desk) -> None:
    findings = [{"page": 1, "kind": "mobile", "excerpt": "09** *** *01", "count": 5}]
    work = desk.work(WorkState.SUBMITTED, sensitive=True, sensitive_findings=findings)
    client.force_login(desk.librarian)
    page = text(client, page_of(work))
    assert "số điện thoại di động" in page
    assert "mobile" not in page.split("<main")[1]
    assert "Đăng ngay" not in page
    refused = text(client, reverse("library-desk:step", args=[work.pk, "dang"]), x="1")
    assert "Đã đăng." not in refused
    text(client, reverse("library-desk:step", args=[work.pk, "cho-phep"]), reason="Dữ liệu giả.")
    assert "Đăng ngay" in text(client, page_of(work))


def test_a_step_without_its_reason_does_nothing(client: Client, desk: Desk) -> None:
    work = desk.work(WorkState.SUBMITTED)
    client.force_login(desk.librarian)
    text(client, reverse("library-desk:step", args=[work.pk, "tra-lai"]), reason="  ")
    text(client, reverse("library-desk:step", args=[work.pk, "hen-gio"]), publish_at="mai")
    work.refresh_from_db()
    assert work.state == WorkState.SUBMITTED
    page = text(client, reverse("library-desk:step", args=[work.pk, "tra-lai"]), reason="Thiếu năm <b>")
    assert "Thiếu năm &lt;b&gt;" in page
    client.force_login(desk.contributor)
    assert "Thiếu năm" in text(client, page_of(work))


def test_steps_are_posts_and_unknown_ones_are_not_there(client: Client, desk: Desk) -> None:
    work = desk.work()
    client.force_login(desk.contributor)
    assert client.get(reverse("library-desk:step", args=[work.pk, "gui-duyet"])).status_code == 405
    assert client.post(reverse("library-desk:step", args=[work.pk, "xoa-het"])).status_code == 404


# --- take-down requests -------------------------------------------------------------------------------------


def test_requests_are_read_and_answered_by_librarians_only(client: Client, desk: Desk) -> None:
    work = desk.work(WorkState.PUBLISHED)
    decided = make_takedown(work)
    decided.state, decided.decision = TakedownState.UPHELD, "Đã sửa."
    decided.decided_by, decided.decided_at = desk.librarian, timezone.now()
    decided.save()
    asked = make_takedown(work)
    decided_later = make_takedown(work)
    type(asked).objects.filter(pk=decided_later.pk).update(
        state=TakedownState.REJECTED, decision="Không.", decided_by=desk.librarian, decided_at=timezone.now()
    )
    address = reverse("library-desk:takedown", args=[asked.pk])
    client.force_login(desk.contributor)
    assert client.get(address).status_code == 403
    client.force_login(desk.librarian)
    page = text(client, reverse("library-desk:takedowns"))
    places = [
        page.index(reverse("library-desk:takedown", args=[one.pk])) for one in (asked, decided_later, decided)
    ]
    assert places == sorted(places)  # what waits comes first
    assert "error-summary" in text(client, address, upheld="0", decision="")
    text(client, address, upheld="0", decision="Năm đã đúng.")
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == (TakedownState.REJECTED, desk.librarian)

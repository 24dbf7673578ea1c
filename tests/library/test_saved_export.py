"""Lists with chosen columns: what stands in them, for whom, how many, and who may fetch them."""

import html
import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from khcn.core.enums import JobState
from khcn.core.models.jobs import Job
from khcn.library.enums import Visibility, WorkKind, WorkState
from khcn.library.list_columns import DEFAULT, columns_for
from khcn.library.models import Collection, ExportChoice, Work
from khcn.library.search.changes import index_drain, index_enqueue
from khcn.library.selectors.lists import WantedList
from khcn.library.services import saved_exports
from khcn.library.services.saved_exports import (
    Asked,
    ExportRefusedError,
    ReadyFile,
    export_make,
    export_path,
    export_request,
    exports_expire,
)
from khcn.orgs.enums import Role
from tests.library.makers import make_page, make_term, make_work
from tests.orgs.factories import make_member, make_unit, make_user

pytestmark = pytest.mark.django_db
PUBLISHED = WorkState.PUBLISHED
SEARCH = "/thu-vien/xuat/?q=thử+nghiệm"
WANTED = WantedList("search", "q=th%E1%BB%AD+nghi%E1%BB%87m")


def put(title: str, **fields: Any) -> Work:
    fields.setdefault("state", PUBLISHED)
    work = make_work(f"{title} thử nghiệm", **fields)
    make_page(work, text="Nội dung thử nghiệm.")
    return work


def searchable(*works: Work) -> None:
    index_enqueue([work.pk for work in works])
    index_drain()


def body(response: Any) -> bytes:
    assert response.status_code == 200, response.status_code
    return b"".join(response.streaming_content)


def rows_of(data: bytes) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_every_field_of_the_decree_and_of_the_library_in_the_order_of_the_result(client: Client) -> None:
    plan = put(
        "Kế hoạch", kind=WorkKind.LEGAL, issued_date=date(2026, 3, 2), issued_year=2026, abstract="=1+1",
        legal={"number": "12/KH-UBND", "code_number": "12", "code_notation": "KH-UBND", "type_name": "Kế hoạch",
               "organ_name": "Ủy ban nhân dân", "signer_name": "Nguyễn Văn Thử", "recipients": ["Như trên", "Lưu: VT"],
               "effective_date": date(2026, 3, 10), "due_date": date(2026, 4, 1), "file_notation": "HS-01"},
    )  # fmt: skip
    plan.collections.add(make_term(Collection, "Kế hoạch năm"))
    report = put("An báo cáo", kind=WorkKind.REPORT, issued_date=date(2026, 5, 2))
    searchable(plan, report)
    client.force_login(make_member(Role.LIBRARIAN))
    columns = columns_for(staff=True)
    chosen: dict[str, list[str]] = {}
    for column in columns:
        chosen.setdefault(column.group, []).append(column.key)
    answer = client.post(SEARCH + "&sap-xep=ten", {"kind": "xlsx", **chosen})
    rows = rows_of(body(answer))
    assert rows[0][0] == "DANH SÁCH TÀI LIỆU"
    above = {row[0]: row[1] for row in rows[1:6] if row[0]}
    assert above["Từ cần tìm"] == "thử nghiệm" and above["Số tài liệu"] == "2" and "Lập lúc" in above
    head = next(index for index, row in enumerate(rows) if row[0] == "STT")
    assert rows[head] == [str(column.title) for column in columns]
    assert [row[0] for row in rows[head + 1 :]] == [1, 2]
    first, second = (dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :])
    assert first["Trích yếu, nhan đề"].startswith("An báo cáo") and first["Số, ký hiệu"] is None
    expected = {
        "Số, ký hiệu": "12/KH-UBND", "Số": "12", "Ký hiệu": "KH-UBND", "Tên loại": "Kế hoạch",
        "Cơ quan ban hành": "Ủy ban nhân dân", "Người ký": "Nguyễn Văn Thử", "Nơi nhận": "Như trên; Lưu: VT",
        "Tóm tắt, ghi chú": "=1+1", "Mã hồ sơ": "HS-01", "Bộ sưu tập": "Kế hoạch năm", "Trạng thái": "Đã đăng",
    }  # fmt: skip
    assert {key: second[key] for key in expected} == expected
    assert second["Hạn trả lời"].date() == date(2026, 4, 1) and second["Ngày, tháng, năm"].date() == date(
        2026, 3, 2
    )


def test_what_was_chosen_is_remembered_for_the_person(client: Client) -> None:
    searchable(put("Một"))
    user = make_user()
    client.force_login(user)
    client.post(SEARCH, {"kind": "docx", "decree": ["trich-yeu"], "library": ["nam"]})
    assert (ExportChoice.objects.get().columns, ExportChoice.objects.get().kind) == (
        ["trich-yeu", "nam"],
        "docx",
    )
    form = client.get(SEARCH).context["form"]
    assert form["decree"].initial == ["trich-yeu"] and form["kind"].initial == "docx"
    client.logout()
    assert set(client.get(SEARCH).context["form"]["decree"].initial) <= set(DEFAULT)


def test_word_stands_in_the_decree_s_form_for_staff_only(client: Client) -> None:
    searchable(put("Một"))
    chosen = {"kind": "docx", "decree": ["stt", "trich-yeu"]}
    heads = {}
    for who in (None, make_member(Role.LIBRARIAN)):
        if who is not None:
            client.force_login(who)
        document = Document(io.BytesIO(body(client.post(SEARCH, chosen))))
        heads[who is not None] = "\n".join(
            [cell.text for table in document.tables for row in table.rows for cell in row.cells]
            + [paragraph.text for paragraph in document.paragraphs]
        )
    for text in heads.values():
        assert "DANH SÁCH TÀI LIỆU" in text and "Một thử nghiệm" in text and "thử nghiệm" in text
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in heads[True]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" not in heads[False]


CLOSED = [
    {"visibility": Visibility.SIGNED_IN},
    {"visibility": Visibility.UNITS},
    {"embargoed": True, "embargo_until": date(2090, 1, 1)},
    {"state": WorkState.DRAFT},
    {"state": WorkState.FROZEN},
    {"state": WorkState.WITHDRAWN},
    {"state": WorkState.SUBMITTED, "sensitive": True},
]


@pytest.mark.parametrize("fields", CLOSED)
def test_a_visitor_s_list_holds_nothing_closed(client: Client, fields: dict[str, Any]) -> None:
    works = [put("Mật", **fields), put("Mở")]
    searchable(*works)
    # columns of the desk are no choice of theirs: what they add to the form counts for nothing
    data = body(client.post(SEARCH, {"kind": "xlsx", "decree": ["trich-yeu"], "desk": ["nguoi-gui"]}))
    assert "Người gửi" not in str(rows_of(data))
    package = zipfile.ZipFile(io.BytesIO(data))
    text = html.unescape("".join(package.read(name).decode() for name in package.namelist()))
    assert "Mở" in text and "Mật" not in text


@pytest.mark.parametrize(
    ("chosen", "signed_in"),
    [
        ({"kind": "xlsx"}, False),
        ({"kind": "pdf", "decree": ["stt"]}, False),
        ({"kind": "exe", "decree": ["stt"]}, True),
        ({"kind": "docx", "decree": [column.key for column in columns_for(staff=False)[:11]]}, True),
        ({"kind": "xlsx", "decree": ["han-tra-loi"]}, True),
    ],
)
def test_a_list_that_cannot_be_is_refused_in_the_form(
    client: Client, chosen: dict[str, Any], signed_in: bool
) -> None:
    searchable(put("Một"))
    if signed_in:
        client.force_login(make_user())
    answer = client.post(SEARCH, chosen)
    assert answer.status_code == 200 and answer.context["form"].errors
    assert not Job.objects.exists()


def test_visitors_get_the_first_works_and_are_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_exports, "VISITOR_CAP", 2)
    searchable(*(put(f"Số {n}") for n in range(4)))
    assert "chỉ lấy 2 tài liệu đầu" in client.get(SEARCH).content.decode()
    rows = rows_of(body(client.post(SEARCH, {"kind": "xlsx", "decree": ["stt", "trich-yeu"]})))
    assert sum(isinstance(row[0], int) for row in rows) == 2
    assert any("2 trong 4" in str(row[1]) for row in rows)


def big(monkeypatch: pytest.MonkeyPatch, user: Any, kind: str = "xlsx") -> Job:
    monkeypatch.setitem(saved_exports.AT_ONCE, kind, 1)
    searchable(put("Một"), put("Hai"))
    made = export_request(actor=user, asked=Asked(WANTED, ("stt", "trich-yeu"), kind), now=timezone.now())
    assert isinstance(made, Job)
    return made


def test_a_large_list_is_written_by_the_worker_for_its_maker_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user()
    job = big(monkeypatch, user)
    address = f"/thu-vien/xuat/{job.pk}/"
    client.force_login(user)
    assert client.get(address).headers["Refresh"] == "4"
    assert not hasattr(client.get(address + "?tai=1"), "streaming_content")
    export_make(job.pk)
    assert "Tải về" in client.get(address).content.decode()
    rows = rows_of(body(client.get(address + "?tai=1")))
    assert [row[1] for row in rows[-2:]] and rows[-1][0] == 2
    for other in (make_user(), make_member(Role.LIBRARIAN), make_member(Role.AUDITOR)):
        client.force_login(other)
        assert client.get(address).status_code == 404
        assert client.get(address + "?tai=1").status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_the_file_dies_after_a_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    job = big(monkeypatch, user)
    for left in export_path(job).parent.glob("*"):
        left.unlink()
    export_make(job.pk)
    now = timezone.now()
    assert exports_expire(now) == 0 and export_path(job).is_file()
    assert exports_expire(now + timedelta(hours=25)) == 1
    client.force_login(user)
    page = client.get(f"/thu-vien/xuat/{job.pk}/").content.decode()
    assert "hết hạn" in page


def test_the_worker_writes_with_the_rights_of_that_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    hidden = put("Nội bộ", visibility=Visibility.SIGNED_IN)
    searchable(hidden)
    job = big(monkeypatch, user)
    Work.objects.filter(pk=hidden.pk).update(visibility=Visibility.UNITS)
    export_make(job.pk)
    assert "Nội bộ" not in str(rows_of(export_path(job).read_bytes()))
    closed = big(monkeypatch, user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(Exception, match="không còn dùng được"):
        export_make(closed.pk)
    closed.refresh_from_db()
    assert closed.state == JobState.FAILED and not export_path(closed).exists()


def test_one_person_cannot_fill_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    for _number in range(saved_exports.MOST_RUNNING):
        big(monkeypatch, user)
    with pytest.raises(ExportRefusedError):
        big(monkeypatch, user)


def test_from_the_desk_list(client: Client) -> None:
    unit = make_unit("Phòng Thử")
    person = make_member(Role.CONTRIBUTOR, unit)
    make_work("Của phòng", owner_unit=unit, state=WorkState.RETURNED)
    make_work("Của phòng khác", owner_unit=make_unit(), state=WorkState.RETURNED)
    client.force_login(person)
    address = "/ban-lam-viec/thu-vien/xuat-danh-sach/?hop=tra-lai"
    assert "xuat-danh-sach" in client.get("/ban-lam-viec/thu-vien/?hop=tra-lai").content.decode()
    rows = rows_of(
        body(client.post(address, {"kind": "xlsx", "decree": ["stt", "trich-yeu"], "desk": ["don-vi"]}))
    )
    assert rows[-1] == [1, "Của phòng", "Phòng Thử"]
    client.force_login(make_user())
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("query", ["q=%22", "q=%27--", "nam=x%00", "q=" + "a" * 900, "sap-xep=ten"])
def test_hostile_searches_make_lists_like_any_other(client: Client, query: str) -> None:
    searchable(put("Một"))
    answer = client.post(f"/thu-vien/xuat/?{query}", {"kind": "xlsx", "decree": ["stt"]})
    assert answer.status_code in {200, 302}


def test_a_ready_file_is_small() -> None:
    searchable(put("Một"))
    made = export_request(actor=None, asked=Asked(WANTED, ("stt",), "xlsx"), now=timezone.now())
    assert isinstance(made, ReadyFile) and made.name.endswith(".xlsx")

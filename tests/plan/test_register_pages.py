"""The register on the desk: list, document, steps by button, downloads, the check of any file, the port."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from openpyxl import load_workbook

from khcn.core.document_port import DocumentWanted, document_desk, document_followers
from khcn.core.errors import PermissionDeniedError
from khcn.core.papers.writer import paper_docx
from khcn.core.references import Reference, resolve
from khcn.plan.enums import DocumentState
from khcn.plan.models import Document, DocumentFile
from khcn.plan.services.register import SIGNED
from khcn.plan.services.register_flow import document_issue, document_recall
from tests.core.papers.others import Maker, Wish
from tests.orgs.factories import make_user
from tests.plan.factories import NOW
from tests.plan.register_stories import PDF, Register, again, paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Register:
    return Register()


def docx(data: bytes | None = None, name: str = "bao-cao.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data if data is not None else paper_docx(paper()))


def page(client: Client, name: str, *args: Any, status: int = 200, **query: str) -> str:
    answer = client.get(reverse(f"plan-desk:{name}", args=args), query)
    assert answer.status_code == status
    return answer.content.decode()


def press(client: Client, document: Document, deed: str, **values: Any) -> str:
    """Press a button; return the page that follows."""
    answer = client.post(
        reverse("plan-desk:document", args=[document.pk]), {"viec": deed, **values}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_whole_way_by_buttons(client: Client, story: Register) -> None:
    people = story.people
    client.force_login(people.reporter)
    answer = client.post(
        reverse("plan-desk:document-new"),
        {"file": docx(), "type_code": "BC", "subject": "Kết quả 6 tháng", "agency": people.unit.pk,
         "drafting_unit": people.unit.pk, "symbol": "BC-UBND", "recipients": "Như trên\nLưu: VT"},
    )  # fmt: skip
    document = Document.objects.get()
    assert answer["Location"] == reverse("plan-desk:document", args=[document.pk])
    assert document.recipients == ["Như trên", "Lưu: VT"]
    assert "Nội dung đạt" not in page(client, "document", document.pk)
    client.force_login(people.head)
    assert "Đã chuyển văn thư" in press(client, document, "noi-dung")
    client.force_login(people.clerk)
    assert "Đúng thể thức. Văn bản chờ ký." in press(client, document, "the-thuc")
    client.force_login(people.leader)
    assert "Đã ghi nhận văn bản đã ký" in press(client, document, "ky", signer=people.leader.pk, mode="TM.")
    client.force_login(people.clerk)
    assert "Số kế tiếp: <strong>01/BC-UBND</strong>" in page(client, "document", document.pk)
    day = date.today()  # the form's own default
    assert "Đã cấp số 01/BC-UBND" in press(client, document, "so", dated=day.isoformat())
    assert "Chưa có bản đã ký" in press(client, document, "phat-hanh")
    assert "mã SHA-256" in press(client, document, "ban-ky", file=SimpleUploadedFile("ky.pdf", PDF))
    text = press(client, document, "phat-hanh")
    assert "Đã phát hành" in text
    assert DocumentFile.objects.get(role="signed").sha256 in text
    assert again(document).state == DocumentState.ISSUED


def test_the_result_of_the_format_check_stands_on_the_page(client: Client, story: Register) -> None:
    wrong = Maker(Wish(number="Số: 5/BC-SKHCN", authority=["KT GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"])).make()
    document = story.content(story.draft(docx=wrong))
    client.force_login(story.people.clerk)
    text = press(client, document, "the-thuc")
    assert "Văn bản chưa đúng thể thức" in text
    assert "Số nhỏ hơn 10 phải ghi thêm số 0 phía trước" in text
    assert escape("KT GIÁM ĐỐC") in text
    assert "Cần:" in text and "Ở:" in text
    press(client, document, "chap-nhan", reason="")
    assert again(document).state == DocumentState.CONTENT_CHECKED
    assert "Đã chấp nhận có lý do" in press(client, document, "chap-nhan", reason="Mẫu của cấp trên")
    assert "Mẫu của cấp trên" in page(client, "document", document.pk)


def test_the_list_is_narrowed_and_searched_without_tones(client: Client, story: Register) -> None:
    first = story.number(story.signed(subject="Kết quả hội thi sáng tạo"))
    story.draft(subject="Kế hoạch tập huấn", type_code="KH", symbol="KH-UBND")
    client.force_login(story.people.clerk)
    text = page(client, "register")
    assert "Kết quả hội thi sáng tạo" in text and "Kế hoạch tập huấn" in text
    assert "…/KH-UBND" in text and "01/BC-UBND" in text
    for query, hits in (
        ({"tim": "hoi thi sang tao"}, "Kết quả hội thi"), ({"tim": "1/bc-ubnd"}, "Kết quả hội thi"),
        ({"tim": "HỘI THI"}, "Kết quả hội thi"), ({"loai": "KH"}, "Kế hoạch tập huấn"), ({"trang-thai": "draft"}, "Kế hoạch tập huấn"),
    ):  # fmt: skip
        text = page(client, "register", **query)
        assert hits in text, query
        assert text.count(reverse("plan-desk:document", args=[first.pk])) <= 1
    assert "Không có văn bản nào như vậy" in page(client, "register", tim="zzz")
    assert page(client, "register", nam="nonsense", trang="x", loai="<b>")


def test_units_see_only_their_own(client: Client, story: Register) -> None:
    own, other = (
        story.draft(),
        story.draft(story.people.officer, drafting_unit=story.people.focal, subject="Việc khác"),
    )
    client.force_login(story.people.reporter)
    assert "Việc khác" not in page(client, "register")
    page(client, "document", own.pk)
    page(client, "document", other.pk, status=404)
    file = other.files.get()
    assert client.get(reverse("plan-desk:document-file", args=[other.pk, file.pk])).status_code == 404
    assert client.get(reverse("plan-desk:document-file", args=[own.pk, file.pk])).status_code == 404
    client.force_login(make_user())
    assert client.get(reverse("plan-desk:register")).status_code == 403


def test_the_register_as_a_workbook(client: Client, story: Register) -> None:
    document = story.number(story.signed(subject="=HYPERLINK(1)"))
    file = story.attach(document)
    client.force_login(story.people.clerk)
    answer = client.get(reverse("plan-desk:register-export", args=["xlsx"]))
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    sheet = load_workbook(io.BytesIO(data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    row = next(row for row in rows if row[0] == "01/BC-UBND")
    assert file.sha256 in row
    assert "HYPERLINK" in str(row[3])
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    assert client.get(reverse("plan-desk:register-export", args=["exe"])).status_code == 404


def test_a_download_is_compared_with_its_hash(client: Client, story: Register) -> None:
    document = story.signed()
    file = story.attach(document)
    client.force_login(story.people.clerk)
    address = reverse("plan-desk:document-file", args=[document.pk, file.pk])
    answer = client.get(address)
    assert answer.content == PDF
    assert answer["X-Content-SHA256"] == file.sha256
    assert answer["Content-Disposition"].startswith("attachment")
    SIGNED.path(file.file).write_bytes(PDF + b" ")
    answer = client.get(address, follow=True)
    assert "không còn khớp mã SHA-256" in answer.content.decode()
    assert PDF not in answer.content


def test_any_official_checks_a_file_and_nothing_is_kept(client: Client, story: Register) -> None:
    client.force_login(story.people.reporter)
    address = reverse("plan-desk:format-check")
    assert "Kiểm tra" in client.get(address).content.decode()
    text = client.post(address, {"file": docx(Maker(Wish(motto="")).make())}).content.decode()
    assert "Văn bản phải có Tiêu ngữ" in text
    assert "Các quy tắc đạt" in text
    text = client.post(address, {"file": docx()}).content.decode()
    assert "đúng thể thức" in text
    for data, words in (
        (b"%PDF-1.4", "PDF"),
        (b"PK\x03\x04", "hỏng"),
        (b"hello", "không phải là văn bản Word"),
    ):
        answer = client.post(address, {"file": docx(data)})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert Document.objects.count() == DocumentFile.objects.count() == 0
    client.force_login(make_user())
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).status_code == 302


def test_names_of_files_are_text_on_the_page(client: Client, story: Register) -> None:
    client.force_login(story.people.reporter)
    answer = client.post(reverse("plan-desk:format-check"), {"file": docx(name="<img src=x>.docx")})
    assert b"<img src=x>" not in answer.content


# ---- the port ---------------------------------------------------------------------------------------------


class Follower:
    """Notes what it is told; refuses when asked to."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def issued(self, *, actor: Any, document: Any, now: Any) -> None:
        self.heard.append(f"issued {document.full_number}")

    def recalled(self, *, actor: Any, document: Any, reason: str, now: Any) -> None:
        self.heard.append(f"recalled {reason}")


def test_other_apps_draft_and_number_through_the_port(
    story: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower, people = Follower(), story.people
    monkeypatch.setitem(document_followers._items, "test.award", follower)
    desk = document_desk.get()
    wanted = DocumentWanted(
        agency_id=story.agency.pk, type_code="BC", subject="Kết quả hội thi", paper=paper(), source="test.award:17",
        drafting_unit_id=people.unit.pk,
    )  # fmt: skip
    made = desk.draft(actor=people.reporter, wanted=wanted, now=NOW)
    assert (made.state, made.full_number, made.source) == ("draft", "", "test.award:17")
    desk.redraft(actor=people.reporter, document_id=made.id, paper=paper("Kết quả mới"), now=NOW)
    assert [one.id for one in desk.of_source("test.award:17")] == [made.id]
    assert desk.get(0) is None
    document = story.sign(story.format(story.content(Document.objects.get(pk=made.id))))
    with pytest.raises(PermissionDeniedError):
        desk.number(actor=people.reporter, document_id=made.id, now=NOW)
    assert desk.number(actor=people.clerk, document_id=made.id, now=NOW).full_number == "01/BC-UBND"
    story.attach(again(document))
    document_issue(actor=people.clerk, document=again(document), now=NOW)
    document_recall(actor=people.clerk, document=again(document), reason="Nhầm", now=NOW)
    assert follower.heard == ["issued 01/BC-UBND", "recalled Nhầm"]


def test_documents_resolve_for_those_who_read_them(story: Register) -> None:
    document = story.number(story.signed(subject="Kết quả hội thi"))
    reference = Reference(Document._meta.label_lower, str(document.pk))
    found = resolve(reference, story.people.clerk)
    assert found is not None and found.title == "01/BC-UBND Kết quả hội thi"
    assert resolve(reference, make_user()) is None

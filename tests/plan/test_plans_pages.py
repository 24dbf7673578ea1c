"""Pages of plans as people meet them: who gets in, the way from a file to a published plan, what the public sees."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from khcn.core.papers.checker import check_document
from khcn.engines.plans.reading import read_plan
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit, User
from khcn.plan.enums import ItemState, VersionState
from khcn.plan.models import Plan, PlanVersion, Task, WorkItem
from khcn.plan.selectors.plans import known_units
from tests.engines.plans.samples import MARKDOWN, YAML
from tests.orgs.factories import make_member
from tests.plan.factories import NOW, People
from tests.plan.test_plans_flow import Story

pytestmark = pytest.mark.django_db
DESK = "/ban-lam-viec/ke-hoach/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:300]
    return response.content.decode()


def upload(text: str, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def test_from_a_file_to_a_published_plan_by_the_buttons() -> None:
    people = People()
    officer = signed_in(people.officer)
    page = officer.post(f"{DESK}nhap/", {"file": upload(MARKDOWN, "ke-hoach.md")}).content.decode()
    assert (
        "Chưa lưu gì cả" in page
        and "Mở" not in page[:50]
        and not Plan.objects.exists()
        and not Unit.objects.filter(name="Các tổ dân phố").exists()
    )
    token = page.split('name="tep" value="')[1].split('"')[0]
    answer = officer.post(f"{DESK}nhap/", {"tep": token})
    version = PlanVersion.objects.select_related("plan").get()
    home = f"{DESK}{version.plan.key}/"
    assert answer["Location"] == f"{home}?ban=1"
    assert "cần xem lại" in text_of(officer, f"{home}?ban=1")
    assert "Còn nhiệm vụ" in officer.post(f"{home}?ban=1", {"viec": "trinh"}, follow=True).content.decode()
    codes = list(Task.objects.values_list("code", flat=True))
    officer.post(f"{home}xac-nhan/", {"ma": codes})
    officer.post(f"{home}?ban=1", {"viec": "trinh"})
    signed_in(people.focal_head).post(f"{home}?ban=1", {"viec": "chuyen"})
    signed_in(people.leader).post(f"{home}?ban=1", {"viec": "duyet"})
    version.refresh_from_db()
    assert version.state == VersionState.PUBLISHED and WorkItem.objects.exists()
    assert "Điều chỉnh kế hoạch" in text_of(officer, home)


def test_a_wrong_file_shows_every_fault_and_keeps_nothing() -> None:
    officer = signed_in(People().officer)
    wrong = YAML.replace("lead_unit: phong-a", "lead_unit: phong-x").replace(
        "deadline: 2024-11-30", "deadline: mai"
    )
    page = officer.post(f"{DESK}nhap/", {"file": upload(wrong, "a.yaml")}).content.decode()
    assert "phong-x" in page and "“mai”" in page and "nhiệm vụ I.1-a › deadline" in page
    assert not Plan.objects.exists()


def test_a_token_is_of_no_use_to_somebody_else() -> None:
    people = People()
    page = signed_in(people.officer).post(f"{DESK}nhap/", {"file": upload(YAML, "a.yaml")}).content.decode()
    token = page.split('name="tep" value="')[1].split('"')[0]
    other = make_member(Role.FOCAL_OFFICER)
    assert (
        "không còn nữa" in signed_in(other).post(f"{DESK}nhap/", {"tep": token}, follow=True).content.decode()
    )
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.FOCAL_OFFICER, 200),
        (Role.LEADER, 200),
        (Role.UNIT_REPORTER, 200),
        (Role.CLERK, 200),
        (Role.LIBRARIAN, 403),
        (Role.SYSADMIN, 403),
        (Role.DOST_READER, 403),
    ],
)
def test_who_reads_drafts_on_the_desk(role: Role, status: int) -> None:
    story = Story()
    client = signed_in(make_member(role))
    for address in (
        DESK,
        f"{DESK}kh-15/?ban=1",
        f"{DESK}kh-15/nhiem-vu/II-a/?ban=1",
        f"{DESK}kh-15/tai/csv/?ban=1",
        f"{DESK}kh-15/docx/?ban=1",
    ):
        assert client.get(address).status_code == status, address
    assert story.version.state == VersionState.DRAFT


@pytest.mark.parametrize("role", [Role.LEADER, Role.UNIT_REPORTER, Role.UNIT_HEAD, Role.CLERK, Role.AUDITOR])
def test_who_only_reads_finds_no_way_to_write(role: Role) -> None:
    Story()
    client = signed_in(make_member(role))
    for address in (
        "nhap/",
        "kh-15/xac-nhan/",
        "kh-15/van-ban/",
        "kh-15/excel/",
        "kh-15/nhiem-vu-moi/",
        "kh-15/nhiem-vu/II-a/sua/",
        "kh-15/dieu-chinh/",
    ):
        assert client.get(DESK + address).status_code == 403, address
    for deed in ("trinh", "chuyen", "rut", "bo"):
        assert client.post(f"{DESK}kh-15/?ban=1", {"viec": deed}).status_code == 403, deed


def test_visitors_are_sent_to_sign_in_and_never_see_a_draft() -> None:
    Story()
    client = Client()
    assert client.get(DESK).status_code == 302
    assert "Chưa có kế hoạch" in text_of(client, "/ke-hoach/")
    for address in ("/ke-hoach/kh-15/", "/ke-hoach/kh-15/du-lieu.csv"):
        assert client.get(address).status_code == 404


def test_the_public_reads_tasks_state_and_confirmed_results_only() -> None:
    story = Story()
    story.publish()
    WorkItem.objects.filter(code="I.1-a").update(
        state=ItemState.DONE, percent=100, result="Đã mở hai lớp", confirmed_at=NOW
    )
    WorkItem.objects.filter(code="II-a").update(state=ItemState.DOING, result="Chưa ai xác nhận")
    new = story.amend()
    Task.objects.filter(version=new, code="II-a").update(title="Còn trong bản nháp")
    page = text_of(Client(), "/ke-hoach/kh-15/")
    assert "Mở lớp tập huấn" in page and "Đã mở hai lớp" in page
    assert "Chưa ai xác nhận" not in page and "Còn trong bản nháp" not in page
    csv = b"".join(Client().get("/ke-hoach/kh-15/du-lieu.csv")).decode()
    assert csv.count("\n") == 4 and "I.1-a" in csv


def test_a_task_is_changed_on_its_form_and_faults_stand_at_their_field() -> None:
    story = Story()
    officer = signed_in(story.people.officer)
    address = f"{DESK}kh-15/nhiem-vu/I.1-a/sua/"
    page = text_of(officer, address)
    assert "Mở lớp tập huấn" in page and "12.500.000" in page
    lead, helper = Unit.objects.get(key="phong-b"), Unit.objects.get(key="cac-to")
    values = {
        "section": "I.1",
        "title": "Mở ba lớp",
        "level": "programme",
        "lead": lead.pk,
        "cooperating": [helper.pk],
        "deadline": "2024-10-01",
        "amount_vnd": "15,5 triệu",
    }
    assert (
        "trước ngày bắt đầu" in officer.post(address, {**values, "starts_on": "2024-12-01"}).content.decode()
    )
    assert officer.post(address, values).status_code == 302
    task = Task.objects.get(code="I.1-a")
    assert (task.title, task.lead, int(task.amount or 0)) == ("Mở ba lớp", lead, 15_500_000)


def test_the_list_goes_down_and_comes_back_unchanged_then_changed() -> None:
    story = Story()
    officer = signed_in(story.people.officer)
    down = officer.get(f"{DESK}kh-15/excel/?tep=co&ban=1")
    book = load_workbook(io.BytesIO(down.content))
    sheet = book.worksheets[0]
    heads = [cell.value.rstrip(" *") for cell in sheet[1]]
    same = officer.post(
        f"{DESK}kh-15/excel/", {"file": SimpleUploadedFile("a.xlsx", down.content)}, follow=True
    )
    assert "0 mới, 0 cập nhật, 3 giữ nguyên" in same.content.decode()
    sheet.cell(2, heads.index("Nhiệm vụ") + 1).value = "Mở bốn lớp"
    sheet.cell(3, heads.index("Chủ trì") + 1).value = "Phòng không có"
    out = io.BytesIO()
    book.save(out)
    wrong = officer.post(
        f"{DESK}kh-15/excel/", {"file": SimpleUploadedFile("a.xlsx", out.getvalue())}
    ).content.decode()
    assert "Dòng 3, Chủ trì" in wrong and Task.objects.get(code="I.1-a").title == "Mở lớp tập huấn"
    sheet.cell(3, heads.index("Chủ trì") + 1).value = "Phòng Kinh tế"
    out = io.BytesIO()
    book.save(out)
    officer.post(f"{DESK}kh-15/excel/", {"file": SimpleUploadedFile("a.xlsx", out.getvalue())})
    assert Task.objects.get(code="I.1-a").title == "Mở bốn lớp"


def test_the_difference_shows_words_and_no_codes() -> None:
    story = Story()
    story.publish()
    new = story.amend()
    officer = signed_in(story.people.officer)
    lead = Unit.objects.get(key="phong-b")
    officer.post(
        f"{DESK}kh-15/nhiem-vu/II-b/sua/",
        {
            "section": "II",
            "title": "Báo cáo quý",
            "level": "report",
            "lead": lead.pk,
            "deadline": "2024-06-01",
            "kind": "report",
        },
    )
    page = text_of(officer, f"{DESK}kh-15/khac-biet/?ban={new.number}")
    assert "<ins>quý</ins>" in page and "Phòng Tài chính" in page and "phong-b" not in page
    assert signed_in(story.people.officer).get(f"{DESK}kh-15/khac-biet/?ban=1").status_code == 404


def test_the_document_follows_the_decree_and_reads_back_as_the_plan() -> None:
    story = Story()
    data = signed_in(story.people.officer).get(f"{DESK}kh-15/docx/?ban=1").content
    found = check_document(data)
    assert found.kind is not None and found.kind.code == "KH"
    assert [one.as_json() for one in found.broken] == []
    again = read_plan("kh.docx", data, known=known_units())
    assert (again.header.full_number, again.header.date) == ("15/KH-UBND", story.version.plan.starts_on)
    assert {task.text for task in again.tasks} >= {"Mở lớp tập huấn cho cán bộ."}


def test_the_page_of_a_plan_reads_in_few_queries(django_assert_max_num_queries: object) -> None:
    story = Story()
    story.publish()
    officer = signed_in(story.people.officer)
    officer.get(f"{DESK}kh-15/")
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        officer.get(f"{DESK}kh-15/")
    client = Client()
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get("/ke-hoach/kh-15/")


def test_nonsense_in_the_address_is_no_error() -> None:
    Story()
    officer = signed_in(make_member(Role.FOCAL_OFFICER))
    for query in (
        "?ban=abc",
        "?ban=99999",
        "?ban=1&don-vi=x",
        "?ban=1&tim=%00%25",
        "?ban=1&loai=zz&phan=yy&muc=%27",
    ):
        assert officer.get(f"{DESK}kh-15/{query}").status_code in (200, 404), query
    assert officer.post(f"{DESK}kh-15/?ban=1", {"viec": "la"}).status_code == 404

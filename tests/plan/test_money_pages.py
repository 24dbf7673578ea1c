"""Pages of money: who sees what, what a phone enters, what finance decides."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.plan.enums import EntryState, EstimateState
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry, MoneyFile
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import NOW, TODAY, People, make_estimate, make_line, make_plan, make_task

pytestmark = pytest.mark.django_db
M = 1_000_000
ENTRY = {"amount": "2,5 triệu", "happened_on": TODAY.isoformat(), "text": "In tờ rơi", "token": "a" * 32}


def at(name: str, *args: Any) -> str:
    return reverse(f"plan-desk:money{name}", args=args)


class Desk:
    """A plan with an approved estimate: a line of the unit, one of somebody else, and an entry that waits."""

    def __init__(self) -> None:
        self.people = People()
        plan = make_plan()
        self.task = make_task(plan, lead=self.people.unit, title="Tuyên truyền sở hữu trí tuệ")
        self.estimate = make_estimate(plan, title="Dự toán KHCN")
        self.line = make_line(self.estimate, self.people.unit, title="In tờ rơi", task_code=self.task.code)
        self.other = make_line(self.estimate, make_unit("Đơn vị khác"), title="Dòng của nơi khác")
        self.entry = MoneyEntry.objects.create(
            line=self.line, kind="commitment", amount=M, happened_on=TODAY, text="Đặt in", proposed_at=NOW,
            proposed_by=self.people.reporter,
        )  # fmt: skip
        BudgetLine.objects.filter(pk=self.line.pk).update(committed=M)
        self.client = Client()

    def as_(self, user: User | None) -> Client:
        self.client.logout()
        if user is not None:
            self.client.force_login(user)
        return self.client

    def page(self, user: User, name: str, *args: Any, **query: Any) -> str:
        response = self.as_(user).get(at(name, *args), query)
        assert response.status_code == 200, response
        return str(response.content.decode()).replace("\xa0", " ")

    def post(self, user: User, name: str, *args: Any, **data: Any) -> Any:
        return self.as_(user).post(at(name, *args), data)


def status(desk: Desk, user: User | None, name: str, *args: Any) -> int:
    return int(desk.as_(user).get(at(name, *args)).status_code)


def test_who_reads_which_page() -> None:
    desk = Desk()
    people, own, other = desk.people, desk.line.pk, desk.other.pk
    reading = [people.officer, people.focal_head, people.leader, people.finance, make_member(Role.AUDITOR)]
    for user in reading:
        for name, pk in (("", None), ("-waiting", None), ("-estimate", desk.estimate.pk), ("-line", other), ("-entry", desk.entry.pk), ("-settlement", desk.estimate.pk)):  # fmt: skip
            assert status(desk, user, name, *([pk] if pk else [])) == 200, (user, name)
    for user in (people.reporter, people.head):
        assert [status(desk, user, "-line", pk) for pk in (own, other)] == [200, 404]
        assert "Dòng của nơi khác" not in desk.page(user, "", nam=2026)
        assert "Dòng của nơi khác" not in desk.page(user, "-estimate", desk.estimate.pk)
        assert "Dòng của nơi khác" not in desk.page(user, "-settlement", desk.estimate.pk)
    for user in (
        people.clerk,
        make_member(Role.SYSADMIN),
        make_member(Role.DOST_READER),
        make_member(Role.EDITOR),
    ):
        assert {status(desk, user, name) for name in ("", "-waiting")} == {403}
        assert status(desk, user, "-line", own) == 403
    assert status(desk, None, "") == 302
    assert status(desk, make_member(Role.UNIT_REPORTER), "-estimate", desk.estimate.pk) == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_downloads_hold_what_the_page_holds(kind: str) -> None:
    desk = Desk()
    for name, args in (("-export", [kind]), ("-entries-export", [desk.estimate.pk, kind])):
        response = desk.as_(desk.people.reporter).get(at(name, *args), {"nam": 2026})
        data = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code == 200
        if kind == "csv":
            assert "In tờ rơi" in data.decode()
            assert "Dòng của nơi khác" not in data.decode()
    assert desk.as_(desk.people.reporter).get(at("-export", "pdf")).status_code == 404


def test_the_year_in_three_views() -> None:
    desk = Desk()
    by_task = desk.page(desk.people.leader, "", nam=2026)
    assert "Tuyên truyền sở hữu trí tuệ" in by_task
    assert "Chi chung, không gắn nhiệm vụ" in by_task
    assert "Đã giải ngân 0 % kinh phí được giao năm 2026" in by_task
    assert "Đơn vị khác" in desk.page(desk.people.leader, "", nam=2026, xem="don-vi")
    lines = desk.page(desk.people.leader, "", nam=2026, xem="dong", **{"nhiem-vu": desk.task.code})
    assert "In tờ rơi" in lines
    assert "Dòng của nơi khác" not in lines
    empty = desk.page(desk.people.leader, "", nam=2031, xem="x", **{"don-vi": "-1"})
    assert "Chưa có kinh phí nào được duyệt" in empty


def test_a_phone_enters_a_commitment_and_a_second_tap_does_nothing() -> None:
    desk = Desk()
    page = desk.page(desk.people.reporter, "-entry-new", desk.line.pk, "cam-ket")
    assert "còn được cam kết 9.000.000 đ" in page
    photo = SimpleUploadedFile(
        "hoa don.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )
    for vouchers in ([photo], []):
        response = desk.post(
            desk.people.reporter, "-entry-new", desk.line.pk, "cam-ket", **ENTRY, vouchers=vouchers
        )
        assert response.status_code == 302
    made = MoneyEntry.objects.exclude(pk=desk.entry.pk).get()
    assert (made.amount, made.state) == (Decimal(2_500_000), EntryState.PROPOSED)
    file = MoneyFile.objects.get()
    assert (file.entry_id, file.title) == (made.pk, "hoa don.pdf")
    for user, code in (
        (desk.people.finance, 200),
        (desk.people.reporter, 200),
        (make_member(Role.UNIT_HEAD), 404),
        (desk.people.clerk, 403),
    ):
        assert status(desk, user, "-voucher", file.pk) == code


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": "1.500"}, "hiểu được theo hai cách"),
        ({"amount": "9.000.001"}, "còn lại 9.000.000"),
        ({"amount": "0"}, "lớn hơn 0"),
        ({"amount": "-5"}, "nhỏ hơn 0"),
        ({"amount": ""}, "bắt buộc"),
        ({"text": ""}, "bắt buộc"),
        ({"happened_on": "2025-01-01"}, "không thuộc năm ngân sách 2026"),
        ({"happened_on": "hôm qua"}, ""),
    ],
)
def test_a_wrong_entry_says_why_and_keeps_what_was_typed(change: dict[str, str], sentence: str) -> None:
    desk = Desk()
    response = desk.post(desk.people.reporter, "-entry-new", desk.line.pk, "cam-ket", **{**ENTRY, **change})
    shown = response.content.decode().replace("\xa0", " ")
    assert response.status_code == 200
    assert sentence in shown
    assert change.get("amount", "2,5 triệu") in shown
    assert MoneyEntry.objects.count() == 1


def test_finance_confirms_many_and_refuses_one() -> None:
    desk = Desk()
    desk.post(desk.people.reporter, "-entry-new", desk.line.pk, "cam-ket", **ENTRY)
    desk.post(desk.people.finance, "-entry-new", desk.line.pk, "cam-ket", **{**ENTRY, "token": "b" * 32})
    waiting = desk.page(desk.people.finance, "-waiting")
    assert "bạn ghi, người khác xác nhận" in waiting
    desk.post(
        desk.people.finance,
        "-waiting",
        **{"but-toan": [*MoneyEntry.objects.values_list("pk", flat=True), "x"]},
    )
    states = dict(MoneyEntry.objects.values_list("proposed_by_id", "state"))
    assert states == {
        desk.people.reporter.pk: EntryState.CONFIRMED,
        desk.people.finance.pk: EntryState.PROPOSED,
    }
    assert desk.post(desk.people.officer, "-waiting", **{"but-toan": [desk.entry.pk]}).status_code == 403
    assert "Đặt in" not in desk.page(desk.people.reporter, "-waiting")
    response = desk.post(desk.people.finance, "-entry", desk.entry.pk, viec="huy", reason="")
    assert response.status_code == 200
    assert (
        desk.post(desk.people.finance, "-entry", desk.entry.pk, viec="huy", reason="Nhầm").status_code == 302
    )
    assert MoneyEntry.objects.get(pk=desk.entry.pk).state == EntryState.VOID
    for viec, code in (("xac-nhan", 200), ("linh-tinh", 404)):
        assert desk.post(desk.people.finance, "-entry", desk.entry.pk, viec=viec).status_code == code


def test_a_person_without_the_role_is_refused_the_deed() -> None:
    desk = Desk()
    for viec in ("xac-nhan", "tu-choi", "huy", "giai-toa"):
        response = desk.post(desk.people.leader, "-entry", desk.entry.pk, viec=viec, reason="x")
        assert response.status_code == 403
    for user, what, code in (
        (desk.people.leader, "cam-ket", 403), (desk.people.officer, "giao", 403), (desk.people.finance, "giao", 200),
        (desk.people.finance, "la", 404), (desk.people.reporter, "cam-ket", 200),
    ):  # fmt: skip
        assert status(desk, user, "-entry-new", desk.line.pk, what) == code
    assert MoneyEntry.objects.get(pk=desk.entry.pk).state == EntryState.PROPOSED


def test_allocate_pay_and_release_on_the_pages() -> None:
    desk = Desk()
    finance, reporter = desk.people.finance, desk.people.reporter
    values = {
        "direction": "giam",
        "amount": "2 triệu",
        "document": "5/QĐ",
        "happened_on": TODAY.isoformat(),
        "text": "Giảm",
    }
    assert desk.post(finance, "-entry-new", desk.line.pk, "giao", **values).status_code == 302
    assert "Chỉ giảm được tối đa 7.000.000" in desk.post(
        finance, "-entry-new", desk.line.pk, "giao", **{**values, "amount": "8 triệu"}
    ).content.decode().replace("\xa0", " ")
    desk.post(finance, "-entry", desk.entry.pk, viec="xac-nhan")
    payment = {**ENTRY, "amount": "400.000", "commitment": desk.entry.pk, "token": "c" * 32}
    assert desk.post(reporter, "-entry-new", desk.line.pk, "giai-ngan", **payment).status_code == 302
    page = desk.page(finance, "-entry", desk.entry.pk)
    assert "600.000 đ" in page
    desk.post(finance, "-entry", desk.entry.pk, viec="giai-toa", reason="Đủ rồi")
    line = BudgetLine.objects.get(pk=desk.line.pk)
    assert (line.allocated, line.committed, line.paid) == (8 * M, 400_000, 400_000)
    shown = desk.page(reporter, "-line", desk.line.pk)
    assert "Còn được cam kết 7.600.000 đ" in shown


def test_from_a_new_estimate_to_the_settled_year_on_the_pages() -> None:
    desk = Desk()
    officer, leader, finance = desk.people.officer, desk.people.leader, desk.people.finance
    desk.post(officer, "-estimate-new", title="Dự toán bổ sung", year="2026", source="", plan="")
    made = Estimate.objects.get(title="Dự toán bổ sung")
    line = {
        "unit": desk.people.unit.pk,
        "task_code": "",
        "title": "Hội thảo",
        "budget_code": "599 100 103",
        "estimated": "3 triệu",
    }
    assert desk.post(officer, "-line-new", made.pk, **line).status_code == 302
    assert (
        "Mục lục ngân sách"
        in desk.post(officer, "-line-new", made.pk, **{**line, "budget_code": "1"}).content.decode()
    )
    row = made.lines.get()
    assert desk.post(officer, "-line-edit", row.pk, **{**line, "estimated": "4.000.000"}).status_code == 302
    for user, viec, more, state in (
        (officer, "gui", {}, EstimateState.SUBMITTED),
        (leader, "tra-lai", {"reason": "Sửa"}, EstimateState.DRAFT),
        (officer, "gui", {}, EstimateState.SUBMITTED),
        (leader, "duyet", {}, EstimateState.APPROVED),
        (finance, "giao", {"decision": "1/QĐ", "decided_on": "2026-01-05"}, EstimateState.APPROVED),
    ):
        assert desk.post(user, "-estimate", made.pk, viec=viec, **more).status_code == 302
        made.refresh_from_db()
        assert made.state == state
    row.refresh_from_db()
    assert (row.allocated, row.budget_code) == (4 * M, "599-100-103")
    assert desk.post(officer, "-estimate", made.pk, viec="duyet").status_code == 403
    assert desk.post(officer, "-settlement", made.pk, viec="khoa").status_code == 403
    refused = desk.post(finance, "-settlement", made.pk, **{f"so-{row.pk}": "1"})
    assert "không thể lớn hơn số đã giải ngân" in refused.content.decode()
    assert desk.post(finance, "-settlement", made.pk, viec="khoa", reason="").status_code == 302
    made.refresh_from_db()
    assert made.state == EstimateState.SETTLED
    assert status(desk, desk.people.reporter, "-entry-new", row.pk, "cam-ket") == 403


def test_reading_a_page_writes_nothing() -> None:
    desk = Desk()
    before = MoneyEntry.objects.count()
    for name, args in (
        ("-entry", [desk.entry.pk]),
        ("-estimate", [desk.estimate.pk]),
        ("-settlement", [desk.estimate.pk]),
    ):
        for viec in ("xac-nhan", "gui", "khoa"):
            desk.as_(desk.people.finance).get(at(name, *args), {"viec": viec})
    desk.entry.refresh_from_db()
    assert (MoneyEntry.objects.count(), desk.entry.state) == (before, EntryState.PROPOSED)

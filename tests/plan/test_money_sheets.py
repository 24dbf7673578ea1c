"""Lines and entries by Excel: errors by row and column, nothing half-imported, the same file twice changes nothing."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from khcn.core.exports.forms import read_workbook
from khcn.core.private_files import FileRefusedError
from khcn.plan.enums import EntryKind, EntryState, EstimateState
from khcn.plan.exports.money import entries_sheet, entry_columns, line_columns, lines_sheet
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry
from khcn.plan.services.money_entries import entry_propose
from khcn.plan.services.money_files import SHEETS, sheet_keep, sheet_open, sheets_expire
from tests.plan.factories import NOW, TODAY, People, make_estimate, make_line

M = 1_000_000
LINE_HEAD = [
    "Mã dòng",
    "Đơn vị sử dụng *",
    "Mã nhiệm vụ",
    "Nội dung chi *",
    "Mục lục ngân sách",
    "Dự toán (đồng) *",
    "Ghi chú",
]
ENTRY_HEAD = [
    "Mã bút toán", "Dòng dự toán *", "Loại *", "Ngày *", "Số tiền (đồng) *", "Chứng từ, hợp đồng", "Đơn vị thụ hưởng",
    "Nội dung *", "Theo cam kết",
]  # fmt: skip
pytestmark = pytest.mark.django_db


def workbook(head: list[str], *rows: list[Any]) -> bytes:
    """Return a filled sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (head, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Desk:
    """People, a draft and an approved estimate, and a client that sends sheets."""

    def __init__(self) -> None:
        self.people = People()
        self.draft = make_estimate(state=EstimateState.DRAFT)
        self.estimate = make_estimate()
        self.line = make_line(self.estimate, self.people.unit, title="In tờ rơi")
        self.client = Client()

    def send(self, name: str, estimate: Estimate, data: bytes, *, save: bool = True, as_: Any = None) -> str:
        """Upload, and press save when the preview offers it; return the page that came last."""
        self.client.force_login(as_ or self.people.officer)
        url = reverse(f"plan-desk:{name}", args=[estimate.pk])
        file = SimpleUploadedFile("bang.xlsx", data)
        page = self.client.post(url, {"file": file})
        shown = str(page.content.decode())
        if not save or "Lưu bảng này" not in shown:
            return shown
        return str(self.client.post(url, {"tep": page.context["token"]}, follow=True).content.decode())

    def lines(self, *rows: list[Any], save: bool = True) -> str:
        return self.send("money-lines-sheet", self.draft, workbook(LINE_HEAD, *rows), save=save)

    def entries(self, *rows: list[Any], save: bool = True, as_: Any = None) -> str:
        return self.send(
            "money-entries-sheet", self.estimate, workbook(ENTRY_HEAD, *rows), save=save, as_=as_
        )

    def commitment(self, amount: Any, document: str = "HĐ 1", day: Any = date(2026, 5, 4)) -> list[Any]:
        return [
            None,
            f"{self.line.pk} In tờ rơi",
            "Cam kết chi",
            day,
            amount,
            document,
            "",
            "In 5.000 tờ",
            "",
        ]

    def payment(self, amount: Any, of: str = "", document: str = "UNC 1") -> list[Any]:
        return [
            None,
            f"{self.line.pk} In tờ rơi",
            "Giải ngân",
            date(2026, 5, 5),
            amount,
            document,
            "",
            "Trả tiền in",
            of,
        ]


def test_lines_go_up_and_the_same_file_changes_nothing() -> None:
    desk = Desk()
    rows = [
        [None, desk.people.unit.name, "", "Tập huấn", "599-100-103-7000-7049", "1,5 triệu", ""],
        [None, desk.people.focal.name, None, "Hội thảo", None, 25_000_000, "Một buổi"],
    ]
    assert "2 dòng mới" in desk.lines(*rows)
    amounts = list(desk.draft.lines.order_by("order").values_list("title", "estimated"))
    assert amounts == [("Tập huấn", Decimal("1500000")), ("Hội thảo", Decimal(25 * M))]
    assert "Tệp không có gì mới" in desk.lines(*rows)
    rows[0][5] = "1.600.000 đ"
    assert "0 dòng mới, 1 dòng thay đổi, 1 dòng đã có" in desk.lines(*rows)
    assert desk.draft.lines.count() == 2


def test_every_wrong_row_is_named_and_nothing_is_kept() -> None:
    desk = Desk()
    page = desk.lines(
        [None, desk.people.unit.name, "", "Đúng", "", 5 * M, ""],
        [None, "Đơn vị lạ", "", "Sai đơn vị", "", 5 * M, ""],
        [None, desk.people.unit.name, "", "Sai tiền", "", "1.500", ""],
        [None, desk.people.unit.name, "", "Sai mã", "599-1", 5 * M, ""],
        [99, desk.people.unit.name, "", "Sai dòng", "", 5 * M, ""],
        [None, desk.people.unit.name, "", "", "", 5 * M, ""],
    )
    for sentence in (
        "Dòng 3, cột “Đơn vị sử dụng”", "Dòng 4, cột “Dự toán (đồng)”: “1.500” hiểu được theo hai cách",
        "Dòng 5, cột “Mục lục ngân sách”", "Dòng 6, cột “Mã dòng”", "Dòng 7, cột “Nội dung chi”",
    ):  # fmt: skip
        assert sentence in page
    assert not desk.draft.lines.exists()


def test_a_preview_alone_keeps_nothing() -> None:
    desk = Desk()
    page = desk.lines([None, desk.people.unit.name, "", "Tập huấn", "", 5 * M, ""], save=False)
    assert "1 dòng mới" in page
    assert "Lưu bảng này" in page
    assert not desk.draft.lines.exists()


def test_formulas_are_read_by_their_kept_value_or_refused() -> None:
    desk = Desk()
    page = desk.lines([None, desk.people.unit.name, "", "Công thức", "", "=5000000*2", ""])
    assert "công thức chưa được tính" in page
    page = desk.lines([None, desk.people.unit.name, "", "Lỗi", "", "#REF!", ""])
    assert "cho lỗi #REF!" in page
    assert not desk.draft.lines.exists()


def test_a_broken_file_is_named() -> None:
    desk = Desk()
    for data in (b"khong phai excel", b""):
        page = desk.send("money-lines-sheet", desk.draft, data)
        assert "Lưu bảng này" not in page
    page = desk.send("money-lines-sheet", desk.draft, workbook(["Tên", "Tiền"], ["a", 1]))
    assert "Thiếu cột bắt buộc" in page
    assert not desk.draft.lines.exists()


def test_the_filled_template_comes_back_unchanged() -> None:
    desk = Desk()
    desk.lines([None, desk.people.unit.name, "", "Tập huấn", "599-100-103-7000-7049", 5 * M, "Ghi chú"])
    units = [desk.people.unit, desk.people.focal]
    content = lines_sheet(desk.people.officer, desk.draft, units, filled=True).content
    assert "Tệp không có gì mới" in desk.send("money-lines-sheet", desk.draft, content)
    (row,) = read_workbook(io.BytesIO(content), line_columns(desk.draft, units)).rows
    assert (row.values["estimated"], row.values["title"]) == (Decimal(5 * M), "Tập huấn")


def test_entries_go_up_once() -> None:
    desk = Desk()
    rows = [desk.commitment("4.000.000"), desk.commitment("4.000.000"), desk.payment("1,500,000", of="HĐ 2")]
    rows[1][5] = "HĐ 2"
    page = desk.entries(*rows)
    assert "3 dòng mới" in page
    line = BudgetLine.objects.get(pk=desk.line.pk)
    assert (line.committed, line.paid) == (8 * M, 1_500_000)
    assert set(MoneyEntry.objects.values_list("state", flat=True)) == {EntryState.PROPOSED}
    assert "Tệp không có gì mới" in desk.entries(*rows)
    content = entries_sheet(desk.people.officer, desk.estimate, finance=False, filled=True).content
    assert "Tệp không có gì mới" in desk.send("money-entries-sheet", desk.estimate, content)
    assert MoneyEntry.objects.count() == 3


def test_two_equal_rows_of_one_file_are_two_entries() -> None:
    desk = Desk()
    rows = [desk.commitment(M), desk.commitment(M)]
    assert "2 dòng mới" in desk.entries(*rows)
    assert "Tệp không có gì mới" in desk.entries(*rows)
    assert MoneyEntry.objects.count() == 2


def test_a_sheet_that_spends_too_much_is_refused_whole() -> None:
    desk = Desk()
    page = desk.entries(desk.commitment(6 * M, "A"), desk.commitment(6 * M, "B"), desk.payment(7 * M, of="A"))
    assert "Dòng 3, cột “Số tiền (đồng)”: Không đủ kinh phí" in page
    assert "còn lại 4.000.000" in page.replace("\xa0", " ")
    assert "Dòng 4, cột “Số tiền (đồng)”: Vượt cam kết" in page
    assert not MoneyEntry.objects.exists()
    assert BudgetLine.objects.get(pk=desk.line.pk).committed == 0


def test_a_payment_names_one_commitment() -> None:
    desk = Desk()
    desk.entries(desk.commitment(M, "A"), desk.commitment(M, "B"))
    assert "Dòng 2, cột “Theo cam kết”: Dòng này có 2 cam kết phù hợp" in desk.entries(desk.payment(M))
    assert "Dòng này có 0 cam kết phù hợp" in desk.entries(desk.payment(M, of="C"))
    assert "1 dòng mới" in desk.entries(desk.payment(M, of="b"))


def test_a_known_entry_is_not_changed_by_a_sheet() -> None:
    desk = Desk()
    desk.entries(desk.commitment(M))
    row = [MoneyEntry.objects.get().pk, *desk.commitment(2 * M)[1:]]
    assert "Bút toán đã ghi không sửa bằng bảng" in desk.entries(row)
    assert MoneyEntry.objects.get().amount == M


def test_only_finance_allocates_by_sheet_and_a_unit_sees_its_own_lines() -> None:
    desk = Desk()
    row = [
        None,
        f"{desk.line.pk} In tờ rơi",
        "Giao, điều chỉnh tăng",
        TODAY,
        5 * M,
        "9/QĐ",
        "",
        "Bổ sung",
        "",
    ]
    assert "không có trong danh sách" in desk.entries(row)
    assert "1 dòng mới" in desk.entries(row, as_=desk.people.finance)
    assert BudgetLine.objects.get(pk=desk.line.pk).allocated == 15 * M
    make_line(desk.estimate, desk.people.focal, title="Của đơn vị khác")
    columns = entry_columns(desk.people.reporter, desk.estimate, finance=False)
    assert [label for label in columns[1].choices if "Của đơn vị khác" in label] == []
    assert "1 dòng mới" in desk.entries(desk.commitment(M), as_=desk.people.reporter)


def test_a_sheet_belongs_to_who_sent_it_for_a_day() -> None:
    desk = Desk()
    data = workbook(LINE_HEAD, [None, desk.people.unit.name, "", "x", "", 1, ""])
    token = sheet_keep(actor=desk.people.officer, file=SimpleUploadedFile("a.xlsx", data))
    assert load_workbook(sheet_open(actor=desk.people.officer, token=token)).active is not None
    for person, wrong in (
        (desk.people.finance, token),
        (desk.people.officer, token[:-2]),
        (desk.people.officer, "x"),
    ):
        with pytest.raises(FileRefusedError):
            sheet_open(actor=person, token=wrong)
    sheets_expire(NOW.replace(year=2099))
    assert not any(SHEETS.folder().iterdir())
    with pytest.raises(FileRefusedError):
        sheet_open(actor=desk.people.officer, token=token)


def test_an_entry_by_hand_and_by_sheet_are_two() -> None:
    desk = Desk()
    values = {
        "amount": Decimal(M),
        "happened_on": date(2026, 5, 4),
        "text": "In 5.000 tờ",
        "document": "HĐ 1",
    }
    entry_propose(
        actor=desk.people.officer, line=desk.line, kind=EntryKind.COMMITMENT, values=values, now=NOW
    )
    assert "1 dòng mới" in desk.entries(desk.commitment(M))
    assert MoneyEntry.objects.count() == 2

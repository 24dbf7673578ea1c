"""The sheet of progress: down, filled, up; wrong cells by row and column, and nothing half taken in."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from khcn.core.exports.forms import read_workbook
from khcn.core.models import AuditEvent
from khcn.plan.enums import ItemState, PercentRule
from khcn.plan.errors import RowsError
from khcn.plan.exports.progress import sheet_columns, sheet_response
from khcn.plan.models import ProgressNote, WorkItem
from khcn.plan.services.progress import Entry, progress_enter
from khcn.plan.services.progress_sheet import progress_sheet_take_in
from tests.plan.factories import NOW, TODAY, People, make_item, make_plan, make_task

pytestmark = pytest.mark.django_db
STATE, PERCENT, DONE_ON, RESULT, HURDLES = 8, 9, 10, 11, 12


class Sheet:
    """The sheet of some items as a person has it open in Excel."""

    def __init__(self, *items: WorkItem) -> None:
        rows = WorkItem.objects.select_related("task", "plan", "unit").filter(
            pk__in=[item.pk for item in items]
        )
        self.book: Any = load_workbook(io.BytesIO(sheet_response(rows.order_by("pk"), "Tiến độ").content))
        self.page = self.book.worksheets[0]

    def fill(self, row: int, column: int, value: Any) -> "Sheet":
        self.page.cell(row, column).value = value
        return self

    def file(self) -> io.BytesIO:
        out = io.BytesIO()
        self.book.save(out)
        out.seek(0)
        return out

    def send(self, actor: Any) -> Any:
        filled = read_workbook(self.file(), sheet_columns())
        return progress_sheet_take_in(actor=actor, filled=filled, now=NOW)


@pytest.fixture
def people() -> People:
    return People()


def an_item(people: People, **task: Any) -> WorkItem:
    return make_item(make_task(make_plan(), lead=people.unit, **task))


def test_down_filled_up(people: People) -> None:
    first, second, third = an_item(people), an_item(people, percent_rule=PercentRule.TYPED), an_item(people)
    sheet = Sheet(first, second, third)
    sheet.fill(2, STATE, "Hoàn thành").fill(2, DONE_ON, date(2026, 5, 18)).fill(
        2, RESULT, "Đã tập huấn\n120 người"
    )
    sheet.fill(3, STATE, "đang thực hiện").fill(3, PERCENT, 40).fill(3, HURDLES, "Thiếu kinh phí")
    result = sheet.send(people.reporter)
    assert (result.changed, result.unchanged) == (2, 1)
    first.refresh_from_db()
    second.refresh_from_db()
    third.refresh_from_db()
    assert (first.state, first.done_on, first.result) == ("done", date(2026, 5, 18), "Đã tập huấn\n120 người")
    assert (second.state, second.percent, second.difficulties) == ("doing", 40, "Thiếu kinh phí")
    assert third.revision == 0
    event = AuditEvent.objects.get(action="plan.progress.import")
    assert event.count == 2
    assert Sheet(first, second, third).send(people.reporter).changed == 0  # down and up again changes nothing


def test_words_that_look_like_formulas_survive_the_journey(people: People) -> None:
    item = an_item(people)
    hostile = '=HYPERLINK("http://x","bấm")'
    progress_enter(
        actor=None, item_id=item.pk, revision=0, entry=Entry(ItemState.DOING, text=hostile), now=NOW
    )
    sheet = Sheet(item)
    cell = sheet.page.cell(2, RESULT)
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", hostile, True)
    assert sheet.send(people.reporter).changed == 0


def test_a_formula_that_nobody_worked_out_is_an_error_of_its_cell(people: People) -> None:
    item = an_item(people)
    with pytest.raises(RowsError) as caught:
        Sheet(item).fill(2, RESULT, "=1+1").send(people.reporter)
    assert [(fault.where, fault.item) for fault in caught.value.faults] == [("Dòng 2", "Kết quả")]


def test_wrong_cells_are_named_and_nothing_is_taken_in(people: People) -> None:
    items = [an_item(people) for _number in range(5)]
    sheet = Sheet(*items)
    sheet.fill(2, STATE, "Hoàn thành")  # good
    sheet.fill(3, STATE, "Xong rồi")
    sheet.fill(4, PERCENT, 70)  # worked out by the rule
    sheet.fill(5, STATE, "Hoàn thành").fill(5, DONE_ON, date(2030, 1, 1))
    sheet.fill(6, 1, items[0].pk)  # twice the same
    with pytest.raises(RowsError) as caught:
        sheet.send(people.reporter)
    assert {(fault.where, fault.item) for fault in caught.value.faults} == {
        ("Dòng 3", "Trạng thái"), ("Dòng 4", "Hoàn thành (%)"), ("Dòng 5", "Hoàn thành ngày"), ("Dòng 6", "Số"),
    }  # fmt: skip
    assert all(fault.message for fault in caught.value.faults)
    assert not ProgressNote.objects.exists()
    assert not WorkItem.objects.exclude(state=ItemState.TODO).exists()


def test_an_old_sheet_does_not_overwrite(people: People) -> None:
    item = an_item(people)
    sheet = Sheet(item).fill(2, STATE, "Hoàn thành")
    progress_enter(actor=people.head, item_id=item.pk, revision=0, entry=Entry(ItemState.DOING), now=NOW)
    with pytest.raises(RowsError) as caught:
        sheet.send(people.reporter)
    assert [(fault.where, fault.item) for fault in caught.value.faults] == [("Dòng 2", "Bản")]


def test_items_of_other_units_are_refused(people: People) -> None:
    foreign = make_item(make_task(make_plan()))
    with pytest.raises(RowsError) as caught:
        Sheet(foreign).fill(2, STATE, "Hoàn thành").send(people.reporter)
    assert caught.value.faults[0].item == "Đơn vị"
    with pytest.raises(RowsError):
        Sheet(foreign).fill(2, 1, 999_999_999).send(people.reporter)
    with pytest.raises(RowsError):
        Sheet(foreign).fill(2, 1, -5).fill(2, STATE, "Hoàn thành").send(people.reporter)


def test_an_empty_sheet_says_so(people: People) -> None:
    with pytest.raises(RowsError):
        Sheet().send(people.reporter)


def test_the_page(people: People) -> None:
    item = an_item(people)
    client = Client()
    client.force_login(people.reporter)
    place = reverse("plan-desk:progress-sheet")
    down = client.get(place + "?tep=bang")
    book: Any = load_workbook(io.BytesIO(down.content))
    assert book.worksheets[0].cell(2, 1).value == item.pk
    bad = Sheet(item).fill(2, STATE, "Xong rồi").file().read()
    response = client.post(place, {"file": SimpleUploadedFile("tien-do.xlsx", bad)})
    assert response.status_code == 422
    assert "Dòng 2" in response.content.decode()
    response = client.post(place, {"file": SimpleUploadedFile("tien-do.xlsx", b"khong phai excel")})
    assert response.status_code == 422
    good = Sheet(item).fill(2, STATE, "Hoàn thành").file().read()
    assert client.post(place, {"file": SimpleUploadedFile("tien-do.xlsx", good)}).status_code == 302
    item.refresh_from_db()
    assert item.state == ItemState.DONE
    assert item.done_on is not None
    assert item.done_on >= TODAY

"""Spreadsheets: what goes out is text that stays text; what comes back is checked row by row."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from khcn.core.exports import forms, tables
from khcn.core.exports.columns import (
    Column,
    attachment,
    clean_text,
    is_formula_like,
    plain_cell,
    safe_filename,
)
from khcn.core.exports.forms import FormColumn, WorkbookError, read_workbook, template_workbook
from khcn.core.exports.tables import TableTooLongError, csv_lines, table_response, write_xlsx

COLUMNS = [Column("Tên đơn vị"), Column("Số lượng"), Column("Ngày")]
EVIL = [
    '=cmd|" /C calc"!A0',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "  =1",
    "\n=1",
    "#N/A",
    "=1\u202e",
]


def _csv(rows: Any, columns: Any = COLUMNS) -> list[list[str]]:
    text = "".join(csv_lines(columns, rows))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def _xlsx(rows: Any, columns: Any = COLUMNS, **values: Any) -> Any:
    file = io.BytesIO()
    write_xlsx(file, columns, rows, **values)
    return load_workbook(file).worksheets[0]


@pytest.mark.parametrize("text", EVIL)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    (value,) = _csv([[text]], [Column("Tên")])[1]
    assert not value.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert not value.lstrip().startswith("=")
    sheet = _xlsx([[text]], [Column("Tên")])
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value == clean_text(text)
    assert bool(sheet["A2"].quotePrefix) == is_formula_like(clean_text(text))


@settings(max_examples=60, deadline=None)
@example("\ufffe\uffff\x08\ud800")
@given(st.text(max_size=30))
def test_no_text_whatever_becomes_a_formula_or_breaks_the_file(text: str) -> None:
    ((value,),) = _csv([[text]], [Column("Tên")])[1:] or [("",)]
    assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))
    cell = _xlsx([[text]], [Column("Tên")])["A2"]
    assert cell.data_type in {"s", "n"}
    assert (cell.value or "") == clean_text(text)


def test_numbers_and_dates_keep_their_types() -> None:
    late = datetime(2021, 6, 4, 18, 30, tzinfo=UTC)
    row = [
        "Trường Nguyễn Trãi",
        -1234.5,
        date(2021, 6, 5),
        late,
        Decimal("12500000"),
        True,
        None,
        123456789012345678,
    ]
    columns = [Column(str(n)) for n in range(len(row))]
    assert _csv([row], columns)[1] == [
        "Trường Nguyễn Trãi",
        "-1234.5",
        "2021-06-05",
        "2021-06-05 01:30:00",
        "12500000",
        "Có",
        "",
        "123456789012345678",
    ]
    cells = list(_xlsx([row], columns)[2])
    assert [cell.data_type for cell in cells] == ["s", "n", "d", "d", "n", "s", "n", "s"]
    assert cells[1].value == -1234.5
    assert cells[2].value == datetime(2021, 6, 5)
    assert cells[3].value == datetime(2021, 6, 5, 1, 30)
    assert (cells[2].number_format, cells[3].number_format) == ("dd/mm/yyyy", "dd/mm/yyyy hh:mm")
    assert cells[7].value == "123456789012345678"


def test_an_xlsx_has_a_frozen_bold_header_widths_and_a_filter() -> None:
    rows = [["Ủy ban nhân dân phường có tên rất dài để thử bề rộng của cột", 5, None]]
    sheet = _xlsx(rows, [*COLUMNS[:2], Column("Ngày", width=33)], title="Báo cáo: [quý] 1/2021")
    assert [cell.value for cell in sheet[1]] == ["Tên đơn vị", "Số lượng", "Ngày"]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet.auto_filter.ref == "A1:C2"
    assert sheet.title == "Báo cáo   quý  1 2021"
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [60, 10, 33]


@pytest.mark.parametrize(("decimals", "text"), [(0, "#,##0"), (2, "#,##0.00")])
def test_decimals_of_a_column(decimals: int, text: str) -> None:
    assert _xlsx([[5.0]], [Column("Tiền", decimals=decimals)])["A2"].number_format == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_is_left_empty(value: Any) -> None:
    assert plain_cell(value) is None


def test_line_ends_direction_marks_and_control_signs_are_tamed() -> None:
    assert clean_text("a\r\nb\rc\x00\x1b\u202ed\u200f") == "a\nb\ncd"
    assert len(clean_text("ă" * 40_000)) == 32_767
    assert _csv([["a\r\nb", 1, None]])[1] == ["a\nb", "1", ""]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Báo cáo quý 1", "Báo cáo quý 1.csv"),
        ("../../etc/passwd", "etc-passwd.csv"),
        ("a\r\nSet-Cookie: x=1", "a Set-Cookie- x=1.csv"),
        ("hoa\u202efdp.exe", "hoafdp.exe.csv"),
        ('x"y;z', "x-y-z.csv"),
        ("", "bang.csv"),
        ("...", "bang.csv"),
        ("Ca\u0301", "Cá.csv"),
        ("a" * 400, "a" * 150 + ".csv"),
    ],
)
def test_file_names(name: str, safe: str) -> None:
    assert safe_filename(name, "csv") == safe


def test_the_name_of_a_download_is_utf8_with_an_ascii_fallback() -> None:
    assert (
        attachment("Đơn vị.csv")
        == "attachment; filename=\"Don vi.csv\"; filename*=UTF-8''%C4%90%C6%A1n%20v%E1%BB%8B.csv"
    )


@given(st.text(max_size=60))
def test_no_name_injects_a_header(name: str) -> None:
    header = attachment(safe_filename(name, "xlsx"))
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_a_csv_response_is_streamed() -> None:
    produced: list[int] = []

    def rows() -> Any:
        for n in range(1000):
            produced.append(n)
            yield [f"Đơn vị {n}", n, None]

    response: Any = table_response("csv", COLUMNS, rows(), "Danh sách đơn vị")
    stream = iter(response.streaming_content)
    next(stream)
    next(stream)
    assert len(produced) < 10
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert "Danh%20s%C3%A1ch" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_an_xlsx_response() -> None:
    response: Any = table_response(
        "xlsx", COLUMNS, ([f"Đơn vị {n}", n, None] for n in range(3000)), "Danh sách"
    )
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).worksheets[0]
    assert (sheet.max_row, sheet["A3001"].value) == (3001, "Đơn vị 2999")
    with pytest.raises(ValueError, match="pdf"):
        table_response("pdf", COLUMNS, [], "x")


def test_a_list_too_long_for_excel_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    with pytest.raises(TableTooLongError, match="CSV"):
        _xlsx([["a", 1, None]] * 4)


def test_a_row_of_the_wrong_length_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        _xlsx([["a", 1]])


# Down as a template, filled, and back

FORM = [
    FormColumn("name", "Tên hộ", required=True, max_length=20, help="Như trên giấy phép", example="Hộ An"),
    FormColumn("phone", "Điện thoại"),
    FormColumn("stalls", "Số sạp", kind="integer"),
    FormColumn("area", "Diện tích (m²)", kind="number"),
    FormColumn("since", "Từ ngày", kind="date", required=True, example=date(2021, 6, 5)),
    FormColumn("trade", "Ngành", kind="choice", choices={"Rau quả": "veg", "Thịt cá": "meat"}),
    FormColumn("active", "Đang bán", kind="yes_no"),
]


def _filled(rows: list[list[Any]], header: list[str] | None = None) -> io.BytesIO:
    book = load_workbook(io.BytesIO(template_workbook(FORM)))
    sheet = book.worksheets[0]
    if header is not None:
        for index, title in enumerate(header, start=1):
            sheet.cell(1, index, title)
    for number, row in enumerate(rows, start=2):
        for index, value in enumerate(row, start=1):
            sheet.cell(number, index, value)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_a_template_explains_itself() -> None:
    book = load_workbook(io.BytesIO(template_workbook(FORM, title="Danh sách hộ")))
    sheet, guide, lists = book.worksheets
    assert [cell.value for cell in sheet[1]][:2] == ["Tên hộ *", "Điện thoại"]
    assert sheet["B5"].number_format == "@"
    assert sheet["E5"].number_format == "dd/mm/yyyy"
    assert len(sheet.data_validations.dataValidation) == 2
    assert lists.sheet_state == "hidden"
    assert [cell.value for cell in guide[3]][:2] == ["Tên hộ", "Có"]
    assert guide["E7"].value == "05/06/2021"


def test_a_filled_form_comes_back_typed() -> None:
    good = ["Hộ An", "0901234567", 3, 12.5, datetime(2021, 6, 5), "rau  QUẢ", "có"]
    typed = ["Hộ Bình", 901234567.0, "1.200", "12,5", "5/6/2021", None, "Không"]
    form = read_workbook(_filled([good, [], typed]), FORM)
    assert form.errors == []
    assert [row.number for row in form.rows] == [2, 4]
    assert form.rows[0].values == {
        "name": "Hộ An",
        "phone": "0901234567",
        "stalls": 3,
        "area": Decimal("12.5"),
        "since": date(2021, 6, 5),
        "trade": "veg",
        "active": True,
    }
    assert form.rows[1].values == {
        "name": "Hộ Bình",
        "phone": "901234567",
        "stalls": 1200,
        "area": Decimal("12.5"),
        "since": date(2021, 6, 5),
        "trade": None,
        "active": False,
    }


@pytest.mark.parametrize(
    ("index", "value", "column", "words"),
    [
        (0, None, "Tên hộ", "bắt buộc"),
        (0, "x" * 21, "Tên hộ", "20 ký tự"),
        (2, 1.5, "Số sạp", "số nguyên"),
        (2, "ba", "Số sạp", "không phải là số"),
        (4, "31/02/2021", "Từ ngày", "31/02/2021"),
        (5, "Vàng", "Ngành", "Rau quả, Thịt cá"),
        (6, "maybe", "Đang bán", "Có, Không"),
    ],
)
def test_a_bad_cell_is_named_and_the_other_rows_are_kept(
    index: int, value: Any, column: str, words: str
) -> None:
    good = ["Hộ An", "0901234567", 3, 12.5, datetime(2021, 6, 5), "Rau quả", "Có"]
    bad = [*good[:index], value, *good[index + 1 :]]
    form = read_workbook(_filled([good, bad, good]), FORM)
    (error,) = form.errors
    assert (error.row, error.column) == (3, column)
    assert words in error.message
    assert [row.number for row in form.rows] == [2, 4]


def test_columns_may_stand_in_any_order_and_extra_ones_are_named() -> None:
    book = Workbook()
    book.worksheets[0].append(["ghi chú", "TỪ  NGÀY", "tên hộ *"])
    book.worksheets[0].append(["x", "05/06/2021", "Hộ An"])
    book.worksheets[0].append(["x", 44000, "Hộ Bình"])  # a number, in a cell that is not formatted as a date
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    form = read_workbook(file, FORM)
    assert form.rows[0].values == {"since": date(2021, 6, 5), "name": "Hộ An"}
    assert form.ignored == ["ghi chú"]
    assert ["không phải ngày" in error.message for error in form.errors] == [True]


def _packed(**members: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name.replace("__", "/"), data)
    file.seek(0)
    return file


@pytest.mark.parametrize("content", [b"", b"khong phai excel", b"PK\x03\x04" + b"\x00" * 50])
def test_a_file_that_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(WorkbookError, match=r"\.xlsx"):
        read_workbook(io.BytesIO(content), FORM)


def test_a_truncated_workbook_a_bomb_and_missing_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _filled([["Hộ An"]]).getvalue()
    with pytest.raises(WorkbookError):
        read_workbook(io.BytesIO(whole[: len(whole) // 2]), FORM)
    with pytest.raises(WorkbookError, match="Thiếu cột bắt buộc: Từ ngày"):
        read_workbook(_filled([], ["Tên hộ", "b", "c", "d", "e", "f", "g"]), FORM)
    with pytest.raises(WorkbookError, match="trùng tiêu đề"):
        read_workbook(_filled([], ["Tên hộ", "Tên hộ"]), FORM)
    monkeypatch.setattr(forms, "MOST_UNPACKED", 1000)
    with pytest.raises(WorkbookError, match="quá lớn"):
        read_workbook(_packed(a=b"0" * 2000), FORM)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_ROWS", 2)
    with pytest.raises(WorkbookError, match="hơn 2 dòng"):
        read_workbook(_filled([["Hộ An"]] * 4), FORM)


def test_a_list_prints_whole_on_a4_and_says_what_it_is() -> None:
    above = [["DANH SÁCH"], ["Từ cần tìm", "nước giếng"], ["Lập lúc", "22:19 23/11/2026"]]
    sheet = _xlsx([[1, "Tên", "x"]], [Column("STT", width=5), Column("Tên"), Column("Ghi chú")], above=above)
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape",
        1,
        0,
    )
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$5:$5"
    assert sheet["A5"].value == "STT"
    assert sheet.column_dimensions["A"].width >= len("Từ cần tìm")
    assert _xlsx([[1]], [Column("STT", width=5)]).column_dimensions["A"].width == 5

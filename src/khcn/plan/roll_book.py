"""The number annex of a consolidated report as a workbook: totals are formulas over the rows of the units, and carry
the value that we computed, so that a reader who does not recalculate (a phone, a viewer, a script) sees it too.

openpyxl writes formulas without their values, so the rows of the sheets are written here.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from khcn.core.exports.columns import clean_text, is_formula_like
from khcn.engines.plans.frozen import number
from khcn.plan.enums import ReportState
from khcn.plan.roll_words import aggregate_words, change_of, day_words, share_of
from khcn.plan.rules.chasing import Timeliness

_EMPTY: Final = re.compile(r"<sheetData\s*/>|<sheetData>\s*</sheetData>")
_BOLD: Final = Font(bold=True)
_FILL: Final = PatternFill("solid", fgColor="E8EDF3")
_TOP: Final = Border(top=Side(style="thin"))
_FIRST_UNIT: Final = 4  # row of the first unit on the sheet of units: title, codes and heads stand above
_FIRST_TOTAL: Final = 4  # row of the first indicator on the first sheet


class _Sheet:
    """A sheet of which openpyxl makes the frame and the styles; its rows are written here: formulas with their values,
    and ten times as fast.
    """

    def __init__(self, book: Workbook, title: str, widths: Sequence[int]) -> None:
        self.title = title
        self.sheet = book.create_sheet(title)
        self.rows: list[str] = []
        self._styles: dict[tuple[Any, ...], int] = {}
        self._letters = [get_column_letter(place) for place in range(1, max(len(widths), 12) + 1)]
        for letter, width in zip(self._letters, widths, strict=False):
            self.sheet.column_dimensions[letter].width = width

    def add(self, cells: Sequence[Any], *, head: bool = False, foot: bool = False) -> None:
        """Write one row: text, numbers, (number, digits after the comma), ``None``, or a :class:`_Formula`."""
        at = len(self.rows) + 1
        made = "".join(
            self._cell(f"{self._letters[place]}{at}", cell, head, foot)
            for place, cell in enumerate(cells)
            if cell is not None and cell != ""
        )
        self.rows.append(f'<row r="{at}">{made}</row>')

    def _cell(self, at: str, value: Any, head: bool, foot: bool) -> str:
        if isinstance(value, str):  # never a formula, whatever it begins with
            style = self._style(True, None, head, foot, is_formula_like(value))
            return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_clean(value)}</t></is></c>'
        if isinstance(value, _Formula):
            style = self._style(False, value.decimals, head, foot, False)
            return f'<c r="{at}" s="{style}"><f>{escape(value.text)}</f><v>{_digits(value.value)}</v></c>'
        decimals = None
        if isinstance(value, tuple):
            value, decimals = value
        return (
            f'<c r="{at}" s="{self._style(False, decimals, head, foot, False)}"><v>{_digits(value)}</v></c>'
        )

    def _style(self, text: bool, decimals: int | None, head: bool, foot: bool, quoted: bool) -> int:
        """Return the number of a style in the book."""
        key = (text, decimals, head, foot, quoted)
        if key not in self._styles:
            model = WriteOnlyCell(self.sheet)
            if text:
                model.alignment = Alignment(wrap_text=True, vertical="center" if head else "top")
                model.quotePrefix = quoted
            if decimals is not None:
                model.number_format = "#,##0" + ("." + "0" * decimals if decimals else "")
            if head:
                model.font, model.fill = _BOLD, _FILL
            if foot:
                model.font, model.border = _BOLD, _TOP
            self._styles[key] = int(model.style_id)
        return self._styles[key]


def _digits(value: Decimal | int) -> str:
    return str(value) if isinstance(value, int) else f"{value:f}"


@lru_cache(maxsize=8192)
def _clean(text: str) -> str:
    """Return text as XML. Names of units and indicators come again on thousands of rows."""
    return escape(clean_text(text))


class _Formula(tuple[str, Any, int]):
    """A formula without its sign, the value that it has, digits after the comma."""

    def __new__(cls, text: str, value: Any, decimals: int = 0) -> "_Formula":
        """Make one."""
        return super().__new__(cls, (text, value, decimals))

    @property
    def text(self) -> str:
        """The formula."""
        return self[0]

    @property
    def value(self) -> Any:
        """What it gives."""
        return self[1]

    @property
    def decimals(self) -> int:
        """Digits after the comma."""
        return self[2]


def roll_book(content: Mapping[str, Any], *, digest: str = "", title: str = "") -> bytes:
    """Return the workbook of a content (see :mod:`khcn.plan.selectors.roll_content`)."""
    book = Workbook(write_only=True)
    names = {"units": _("Theo đơn vị"), "rows": _("Từng số liệu")}
    sheets = [
        _totals(book, content, names, title, digest),
        _units(book, content, names["units"], title),
        _rows(book, content, names["rows"]),
        _reports(book, content),
    ]
    if content["tasks"]:
        sheets.append(_tasks(book, content))
    out = io.BytesIO()
    book.save(out)
    return _with_rows(out.getvalue(), sheets)


def _columns(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the column of each indicator on the sheet of units."""
    return {row["code"]: get_column_letter(place) for place, row in enumerate(content["indicators"], start=4)}


def _last_unit(content: Mapping[str, Any]) -> int:
    return _FIRST_UNIT + max(1, len(content["units"])) - 1


def total_formula(row: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Return the formula of a total over its column on the sheet of units, in the language of every spreadsheet."""
    columns, last = _columns(content), _last_unit(content)

    def span(code: str) -> str:
        return f"{columns[code]}{_FIRST_UNIT}:{columns[code]}{last}"

    kind, mine = row["aggregate"], span(row["code"])
    if kind == "ratio" and row["numerator"] in columns and row["denominator"] in columns:
        above, below = span(row["numerator"]), span(row["denominator"])
        known = f"ISNUMBER({above})*ISNUMBER({below})"
        return f"ROUND(100*SUMPRODUCT({known},{above})/SUMPRODUCT({known},{below}),4)"
    if kind == "mean":
        return f"ROUND(AVERAGE({mine}),4)"
    if kind == "last":
        places = {unit["id"]: place for place, unit in enumerate(content["units"], start=_FIRST_UNIT)}
        return f"{columns[row['code']]}{places.get(row['from'], _FIRST_UNIT)}"
    return f"MAX({mine})" if kind == "max" else f"SUM({mine})"


def _totals(
    book: Workbook, content: Mapping[str, Any], names: Mapping[str, str], title: str, digest: str
) -> _Sheet:
    sheet = _Sheet(book, _("Tổng hợp"), (6, 22, 46, 12, 16, 16, 12, 14, 14, 14, 12, 12))
    sheet.sheet.freeze_panes = f"D{_FIRST_TOTAL}"
    sheet.add([title or content["regime"]["title"]])
    facts = _("%(period)s, số liệu từ %(first)s đến %(last)s") % {
        "period": content["period"]["title"],
        "first": day_words(content["period"]["starts_on"]),
        "last": day_words(content["period"]["cutoff"]),
    }
    sheet.add([facts + (f". SHA-256: {digest}" if digest else "")])
    sheet.add(
        [
            _("STT"), _("Nhóm"), _("Chỉ tiêu"), _("Đơn vị tính"), _("Cách tổng hợp"), _("Tổng"), _("Số đơn vị có số"),
            _("Số dòng ghi nhận"), _("Kỳ trước"), _("Tăng, giảm"), _("Kế hoạch"), _("Đạt (%)"),
        ],
        head=True,
    )  # fmt: skip
    columns, last = _columns(content), _last_unit(content)
    for place, row in enumerate(content["indicators"]):
        at = _FIRST_TOTAL + place
        column, decimals = columns[row["code"]], max(row["decimals"], 0)
        units = f"'{names['units']}'!"
        value = number(row["value"])
        inner = total_formula(row, content)
        formula = _with_sheet(inner, units)
        reached = share_of(row)
        sheet.add(
            [
                place + 1, row["group"], row["title"], row["unit"], aggregate_words(row),
                None if value is None else _Formula(formula, value, _places(value, decimals)),
                _Formula(f"COUNT({units}{column}{_FIRST_UNIT}:{column}{last})", row["units"])
                if row["aggregate"] != "ratio" else row["units"],
                _Formula(f"SUMIF('{names['rows']}'!B:B,\"{row['code']}\",'{names['rows']}'!I:I)", row["source_rows"]),
                _number(row["previous"], decimals),
                None if change_of(row) is None else _Formula(f"F{at}-I{at}", change_of(row), decimals),
                _number(row["target"], decimals),
                None if reached is None else _Formula(f"ROUND(100*F{at}/K{at},2)", (reached * 100).quantize(Decimal("0.01")), 1),
            ]
        )  # fmt: skip
    return sheet


def _with_sheet(formula: str, sheet: str) -> str:
    """Put the sheet's name before every address of a formula that was written for the sheet itself."""
    return re.sub(r"(?<![A-Z$!:\d])([A-Z]{1,3}\d+)(?![(\d])", rf"{sheet}\1", formula)


def _places(value: Decimal, decimals: int) -> int:
    return max(decimals, min(4, max(0, -int(value.normalize().as_tuple().exponent))))


def _number(text: object, decimals: int) -> Any:
    value = number(text)
    return None if value is None else (value, _places(value, decimals))


def _units(book: Workbook, content: Mapping[str, Any], name: str, title: str) -> _Sheet:
    """One row a unit, one column an indicator, totals at the foot."""
    rows = content["indicators"]
    sheet = _Sheet(book, name, (6, 36, 18, *([14] * len(rows))))
    sheet.sheet.freeze_panes = f"D{_FIRST_UNIT}"
    sheet.add([title or content["regime"]["title"]])
    sheet.add(["", _("Mã chỉ tiêu"), "", *(row["code"] for row in rows)])
    heads = [f"{row['title']} ({row['unit']})" if row["unit"] else row["title"] for row in rows]
    sheet.add([_("STT"), _("Đơn vị"), _("Báo cáo"), *heads], head=True)
    figures = {
        code: {entry["unit"]: entry["value"] for entry in entries}
        for code, entries in content["rows"].items()
    }
    for place, unit in enumerate(content["units"], start=1):
        cells = [_number(figures.get(row["code"], {}).get(unit["id"]), row["decimals"]) for row in rows]
        sheet.add([place, unit["name"], str(Timeliness(unit["time"]).label), *cells])
    if not content["units"]:
        sheet.add([None])
    totals = []
    for row in rows:
        value = number(row["value"])
        formula = total_formula(row, content)
        totals.append(None if value is None else _Formula(formula, value, _places(value, row["decimals"])))
    sheet.add(["", _("Tổng hợp"), "", *totals], foot=True)
    return sheet


def _rows(book: Workbook, content: Mapping[str, Any], name: str) -> _Sheet:
    """Every figure of every unit on a row of its own: what was recorded, what was reported, why they differ."""
    sheet = _Sheet(book, name, (36, 22, 46, 12, 14, 14, 40, 40, 12))
    sheet.sheet.freeze_panes = "A2"
    sheet.add(
        [
            _("Đơn vị"), _("Mã chỉ tiêu"), _("Chỉ tiêu"), _("Đơn vị tính"), _("Số báo cáo"), _("Số hệ thống ghi nhận"),
            _("Lý do sửa số"), _("Ghi chú"), _("Số dòng ghi nhận"),
        ],
        head=True,
    )  # fmt: skip
    names = {unit["id"]: unit["name"] for unit in content["units"]}
    for row in content["indicators"]:
        for entry in content["rows"].get(row["code"], []):
            sheet.add(
                [
                    names.get(entry["unit"], ""), row["code"], row["title"], row["unit"],
                    _number(entry["value"], row["decimals"]), _number(entry["computed"], row["decimals"]),
                    entry["reason"], entry["note"], len(entry["sources"]) if entry["value"] is not None else 0,
                ]
            )  # fmt: skip
    return sheet


def _reports(book: Workbook, content: Mapping[str, Any]) -> _Sheet:
    sheet = _Sheet(book, _("Tình hình gửi"), (6, 36, 24, 26, 14, 18, 40))
    sheet.sheet.freeze_panes = "A2"
    sheet.add(
        [
            _("STT"), _("Đơn vị"), _("Đúng hạn hay trễ"), _("Trạng thái"), _("Ngày gửi"), _("Được nộp đến hết ngày"),
            _("Lý do không phải báo cáo"),
        ],
        head=True,
    )  # fmt: skip
    for place, unit in enumerate(content["units"], start=1):
        sheet.add(
            [
                place, unit["name"], str(Timeliness(unit["time"]).label), str(ReportState(unit["state"]).label),
                day_words(unit["sent"]) if unit["sent"] else "", day_words(unit["until"]) if unit["until"] else "",
                unit["excused"],
            ]
        )  # fmt: skip
    return sheet


def _tasks(book: Workbook, content: Mapping[str, Any]) -> _Sheet:
    sheet = _Sheet(book, _("Nhiệm vụ"), (14, 60, 30, 14, 12, 12, 12, 12, 12, 12))
    sheet.sheet.freeze_panes = "C2"
    sheet.add(
        [
            _("Mã"), _("Nhiệm vụ"), _("Mục"), _("Hạn"), _("Số việc"), _("Hoàn thành"), _("Đang làm"), _("Chưa làm"),
            _("Quá hạn"), _("Bình quân (%)"),
        ],
        head=True,
    )  # fmt: skip
    tasks = content["tasks"]
    for task in tasks:
        sheet.add(
            [
                task["code"], task["title"], task["section"], day_words(task["deadline"]) if task["deadline"] else "",
                task["units"], task["done"], task["doing"], task["todo"], task["late"], _number(task["percent"], 1),
            ]
        )  # fmt: skip
    last = len(tasks) + 1
    keys = ("units", "done", "doing", "todo", "late")
    sums = [
        _Formula(f"SUM({column}2:{column}{last})", sum(task[key] for task in tasks))
        for column, key in zip("EFGHI", keys, strict=True)
    ]
    sheet.add(["", _("Cộng"), "", "", *sums, None], foot=True)
    return sheet


def _with_rows(book: bytes, sheets: Sequence[_Sheet]) -> bytes:
    """Put the rows into their sheets, which lie in the package in the order in which they were made."""
    source, out = zipfile.ZipFile(io.BytesIO(book)), io.BytesIO()
    rows = {
        f"xl/worksheets/sheet{place}.xml": "".join(sheet.rows) for place, sheet in enumerate(sheets, start=1)
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename in rows:
                before, after = _EMPTY.split(data.decode(), maxsplit=1)
                data = f"{before}<sheetData>{rows[item.filename]}</sheetData>{after}".encode()
            target.writestr(item, data)
    return out.getvalue()

"""Files as portals, loggers and people save them."""

import codecs
import io
import math
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from khcn.engines.energy.errors import TableError
from khcn.engines.energy.table.reader import Table, read_table

PLAIN = "time,power,energy\n2026-01-01 00:00,1.5,10\n2026-01-01 00:15,2.5,11\n"


def table(text: str) -> Table:
    return read_table(text.encode())


def codes(found: Table) -> list[str]:
    return [note.code for note in found.notes]


def test_plain() -> None:
    found = table(PLAIN)
    assert found.names == ["time", "power", "energy"]
    assert found.rows == 2
    assert found.numbers("power").tolist() == [1.5, 2.5]
    assert found.text("time") == ["2026-01-01 00:00", "2026-01-01 00:15"]
    assert found.notes == []


def test_from_a_path_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "so-lieu.xlsx"
    path.write_text(PLAIN)
    assert read_table(path).names == ["time", "power", "energy"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters(mark: str) -> None:
    found = table(PLAIN.replace(",", mark))
    assert found.names == ["time", "power", "energy"]
    assert found.numbers("energy").tolist() == [10, 11]


@pytest.mark.parametrize(
    "raw",
    [
        codecs.BOM_UTF8 + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
    ],
)
def test_marks_encodings_and_line_ends(raw: bytes) -> None:
    assert read_table(raw).numbers("power").tolist() == [1.5, 2.5]


def test_a_legacy_encoding_is_read_and_said() -> None:
    found = read_table(
        "thời gian;công suất\n2026-01-01 00:00;1\n".replace("ờ", "o").replace("ấ", "â").encode("cp1258")
    )
    assert found.rows == 1
    assert codes(found) == ["legacy-encoding"]


@pytest.mark.parametrize(
    ("cells", "numbers", "notes"),
    [
        (["1.234,5", "2,5"], [1234.5, 2.5], []),
        (["1,234.5", "2.5"], [1234.5, 2.5], []),
        (["1 234,5", "7,25"], [1234.5, 7.25], []),
        (["1.234.567", "12"], [1234567, 12], []),
        (["1,234", "5,678"], [1234, 5678], ["ambiguous-decimal"]),
        (["0,123", "1,234"], [0.123, 1.234], []),
        (["12345", "1,234"], [12345, 1.234], []),
        (["1.234", "5.678"], [1.234, 5.678], []),
        (["−3,5", "+4,5"], [-3.5, 4.5], []),
        (["1e3", "2.5E-1"], [1000, 0.25], []),
        (["12.5 kWh", "13 kWh"], [12.5, 13], ["unit-in-cells"]),
        (["", "--"], [math.nan, math.nan], []),
        (["N/A", "NaN"], [math.nan, math.nan], []),
        (["5", "lỗi"], [5, math.nan], ["bad-cells"]),
        (["5", "1_0"], [5, math.nan], ["bad-cells"]),
        (["5", "inf"], [5, math.nan], ["bad-cells"]),
    ],
)
def test_numbers(cells: list[str], numbers: list[float], notes: list[str]) -> None:
    found = table("t;v\n" + "".join(f"2026-01-01 00:0{at};{cell}\n" for at, cell in enumerate(cells)))
    assert found.numbers("v").tolist() == pytest.approx(numbers, nan_ok=True)
    assert codes(found) == notes


def test_one_column_that_leaves_no_doubt_settles_the_others() -> None:
    found = table("t;a;b\n2026-01-01 00:00;1.234;0,5\n2026-01-01 00:15;2.345;0,75\n")
    assert found.numbers("a").tolist() == [1234, 2345]
    assert found.numbers("b").tolist() == [0.5, 0.75]


def test_unreadable_cells_name_their_rows() -> None:
    found = table("t,v\n" + "".join(f"2026-01-01 00:{at:02d},{'x' if at % 2 else at}\n" for at in range(10)))
    assert np.isnan(found.numbers("v")[1::2]).all()
    (note,) = found.notes
    assert note.rows == (1, 3, 5, 7, 9) and note.count == 5
    assert "5 ô" in str(note) and "«x»" in str(note)
    found.numbers("v")
    assert len(found.notes) == 1


def test_preamble_above_the_header() -> None:
    text = "PVWatts: Hourly,,,\nLat (deg N):,39.73,,\nModule Type:,Standard,,\n,,,\nMonth,Day,Hour,AC System Output (W)\n"
    found = table(text + "".join(f"1,1,{hour},{hour * 10}\n" for hour in range(24)) + "Totals, , ,2760\n")
    assert found.names == ["Month", "Day", "Hour", "AC System Output (W)"]
    assert found.rows == 25
    assert codes(found) == ["preamble"]


def test_a_wider_block_above_the_header() -> None:
    text = "Source,Location ID,City,State,Country,Latitude\nNSRDB,1,x,-,VN,10.8\nYear,Month,Day,GHI\n"
    assert table(text + "2025,1,1,0\n2025,1,2,5\n2025,1,3,6\n").names == ["Year", "Month", "Day", "GHI"]


def test_title_units_and_merged_headers() -> None:
    text = "Báo cáo tháng 1,,,,\n,Inverter 1,,Inverter 2,\nTime,P,E,P,E\nhh:mm,kW,kWh,kW,kWh\n"
    found = table(text + "2026-01-01 00:00,1,2,3,4\n2026-01-01 00:15,5,6,7,8\n")
    assert found.names == ["Time", "Inverter 1 · P", "Inverter 1 · E", "Inverter 2 · P", "Inverter 2 · E"]
    assert found.numbers("Inverter 2 · P").tolist() == [3, 7]
    assert "units-row" in codes(found)


def test_column_names() -> None:
    found = table(",a, b ,a,Global Irradiation (kWh/㎡)\n2026-01-01,1,2,3,4\n2026-01-02,1,2,3,4\n")
    assert found.names == ["", "a", "b", "a (2)", "Global Irradiation (kWh/㎡)"]
    assert "duplicate-names" in codes(found)
    assert found.numbers(" B ").tolist() == [2, 2]
    assert found.numbers("global irradiation (kWh/m2)").tolist() == [4, 4]
    assert found.text("Unnamed: 0") == ["2026-01-01", "2026-01-02"]
    with pytest.raises(TableError) as caught:
        found.numbers("global irradiance")
    assert caught.value.code == "no-column"
    assert "Global Irradiation" in str(caught.value)


def test_numbered_inverters_in_the_header() -> None:
    assert table("Time,1,2,3\n2026-01-01 00:00,5,6,7\n2026-01-01 00:15,5,6,8\n").names == [
        "Time",
        "1",
        "2",
        "3",
    ]


def test_no_header() -> None:
    found = table("2026-01-01 00:00,5\n2026-01-01 00:15,6\n")
    assert found.names == ["#1", "#2"] and found.rows == 2
    assert codes(found) == ["no-header"]


def test_ragged_rows_are_told() -> None:
    found = table("t,v\n2026-01-01,1\n2026-01-02\n2026-01-03,3,9\n2026-01-04,4,\n")
    assert found.numbers("v").tolist() == pytest.approx([1, math.nan, 3, 4], nan_ok=True)
    assert {note.code: note.rows for note in found.notes} == {"ragged-rows": (2,), "short-rows": (1,)}


def test_blank_lines_are_no_rows_and_quotes_hold_line_breaks() -> None:
    found = table('t,"name\nof two lines",v\n\n2026-01-01,"a,\nb",1\n\n2026-01-02,c,2\n\n')
    assert found.names == ["t", "name of two lines", "v"]
    assert found.rows == 2


MIXED = """Log Type,System,Time Stamp,Column Header...,,
APS Energy,APS,TimeStamp,W_in/kWh,W_out/kWh,
APU Stat 10s,APU,TimeStamp,VL1N/V,PL1/kW,Vdc/V
APS Energy,APS,01/10/2025 0:00,2361,9848165,
APU Stat 10s,APU 1,01/10/2025 0:00,380.5,0.1,700
APU Stat 10s,APU 2,01/10/2025 0:00,381.5,0.2,701
APS Energy,APS,01/10/2025 0:01,2361,9848166,
"""


def test_several_logs_in_one_file() -> None:
    found = table(MIXED)
    assert found.names[:3] == ["Log Type", "System", "Time Stamp"]
    assert found.numbers("APS Energy · W_out/kWh").tolist() == pytest.approx(
        [9848165, math.nan, math.nan, 9848166], nan_ok=True
    )
    assert found.numbers("APU Stat 10s · PL1/kW").tolist() == pytest.approx(
        [math.nan, 0.1, 0.2, math.nan], nan_ok=True
    )
    assert codes(found) == ["sections"]


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FUSION = [
    ["Plant Report"],
    ["Statistical Period", "PV Yield (kWh)", " Inverter Yield (kWh)", "Charge (kWh)"],
    ["2026-01-01 10:00:00", 5.5, 5.25, None],
    ["2026-01-01 11:00:00", 6, 5.75, None],
    ["Total", 11.5, 11, None],
]


def test_workbook_with_title_total_and_empty_sheet() -> None:
    found = read_table(workbook(Sheet1=FUSION, Sheet2=[]))
    assert found.names == ["Statistical Period", "PV Yield (kWh)", "Inverter Yield (kWh)", "Charge (kWh)"]
    assert found.numbers("Inverter Yield (kWh)").tolist() == [5.25, 5.75, 11]
    assert found.text("PV Yield (kWh)") == ["5.5", "6", "11.5"]
    assert np.isnan(found.numbers("Charge (kWh)")).all()
    assert codes(found) == ["preamble"]


def test_the_fullest_sheet_is_read_and_the_others_named() -> None:
    raw = workbook(Notes=[["xin", "chào"], ["a", "b"]], Data=FUSION)
    found = read_table(raw)
    assert found.rows == 3 and "other-sheets" in codes(found)
    assert read_table(raw, sheet="Data").rows == 3
    with pytest.raises(TableError, match="Notes, Data"):
        read_table(raw, sheet="Sai")


def test_formulas_without_saved_results_are_told() -> None:
    found = read_table(workbook(A=[["t", "v"], ["2026-01-01", "=1+1"], ["2026-01-02", "=2+2"]]))
    assert np.isnan(found.numbers("v")).all()
    assert "formula-without-value" in codes(found)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", b"<Types/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty-file"),
        (b"  \n \n", "empty-file"),
        (b"time,power\n", "no-rows"),
        (bytes(range(256)) * 40, "binary"),
        (b"%PDF-1.7\n" + b"\x80\x01\x02\x03" * 100, "binary"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old-excel"),
        (b"PK\x03\x04" + b"rubbish" * 100, "bad-workbook"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html-table"),
        (b"t," + b",".join(b"c%d" % at for at in range(10_000)) + b"\n", "too-many-columns"),
        (bomb(), "too-big-inside"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, code: str) -> None:
    with pytest.raises(TableError) as caught:
        read_table(raw, name="tep.csv")
    assert caught.value.code == code
    assert "tep.csv" in str(caught.value)

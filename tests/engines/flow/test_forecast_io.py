"""CSV as people have it, and the document of the command."""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest

from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.forecast_io import forecast_csv
from khcn.engines.flow.hourly_csv import read_hourly
from tests.engines.flow.worlds import START, market


def put(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def rows(series, form="%Y-%m-%dT%H:00", mark=","):
    return [
        f"{moment.strftime(form)}{mark}{'' if np.isnan(value) else int(value)}"
        for moment, value in zip(series.times(), series.values, strict=True)
    ]


def test_the_document_is_json_with_everything_promised(tmp_path):
    series = market(120)
    series.values[100:110] = np.nan
    document = forecast_csv(put(tmp_path / "hourly.csv", "\n".join(["t,count", *rows(series)])), 48)
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert document["horizon"] == 48 and len(document["points"]) == 48
    assert document["points"][0]["t"] == (START + timedelta(days=120)).isoformat(timespec="minutes")
    assert set(document["points"][0]) >= {"t", "value", "low", "high"}
    assert set(document["backtest"]) >= {"origins", "mae_model", "mae_seasonal_naive", "ratio", "coverage_80"}
    assert document["series"] == {
        "from": "2023-01-02T00:00", "to": "2023-05-01T23:00", "hours": 2880, "missing": 10,
    }  # fmt: skip
    assert document["used"] in {"model", "seasonal_naive"}
    assert any("10 giờ không đo được" in note for note in document["notes"])


@pytest.mark.parametrize(
    ("head", "lines"),
    [
        ("t,count", ["2025-03-01T07:00,5", "2025-03-01T08:00,6"]),
        ("time;visitors", ["01/03/2025 07:00;5", "01/03/2025 08:00;6"]),
        ("datetime\tvalue", ["2025-03-01 07:00:00\t5", "2025-03-01 08:00:00\t6"]),
        ("hour,count", ["2025-03-01T07:00:00+07:00,5", "2025-03-01T08:00:00+07:00,6"]),
        ("Thời gian;Số lượt", ["1/3/2025 7h;5,0", "1/3/2025 8h00;6,0"]),
        ("date,hour,year,count", ["2025-03-01,7:00-7:59,2025,5.0", "2025-03-01,8:00-8:59,2025,6.0"]),
        ("ngày,giờ,lượt", ["01/03/2025,7,5", "01/03/2025,8,6"]),
        ("t,count", ["2025-03-01T08:00,6", "", "2025-03-01T07:00,5"]),
        ("\ufefft,count", ["2025-03-01T07:00Z,5", "2025-03-01T08:00Z,6"]),
    ],
)
def test_forms_of_the_same_two_hours(tmp_path, head, lines):
    table = read_hourly(put(tmp_path / "a.csv", "\n".join([head, *lines])))
    (series,) = table.series.values()
    assert series.start == datetime(2025, 3, 1, 7) and series.values.tolist() == [5.0, 6.0]
    assert not table.notes


def test_a_file_without_header_and_one_from_a_spreadsheet(tmp_path):
    bare = read_hourly(put(tmp_path / "a.csv", "2025-03-01T07:00,5\n2025-03-01T08:00,6"))
    assert bare.series["count"].values.tolist() == [5.0, 6.0]
    sheet = read_hourly(put(tmp_path / "b.csv", "t\tcount\r\n01/03/2025 07:00\t5\r\n", "utf-16"))
    assert sheet.series["count"].values.tolist() == [5.0]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["950", "1.234", "2.500"], [950, 1234, 2500]),  # thousands: whole numbers below 1000 have no mark
        (["0.950", "1.234", "2.500"], [0.95, 1.234, 2.5]),  # three decimals
        (["12,5", "7,25", "3"], [12.5, 7.25, 3]),
        (["1.234,5", "1.000.000", "8"], [1234.5, 1000000, 8]),
        (["1234", "1.5", "2.0"], [1234, 1.5, 2]),
        (["12.000", "1.500", "1250"], [12, 1.5, 1250]),  # 1250 has no mark, so "." parts decimals
    ],
)
def test_numbers_as_they_are_written(tmp_path, cells, values):
    lines = [f"2025-03-01T{7 + n:02}:00;{cell}" for n, cell in enumerate(cells)]
    table = read_hourly(put(tmp_path / "a.csv", "\n".join(["t;count", *lines])))
    assert table.series["count"].values.tolist() == values


def test_what_cannot_be_read_is_told_by_line(tmp_path):
    text = "t,count\n2025-03-01T07:00,5\n2025-03-01T08:00,-3\n2025-03-01T09:00,abc\nhôm qua,4\n2025-03-01T10:00,NA\n2025-03-01T11:00,9\n2025-03-01T12:00,9\n2025-03-01T13:00,9\n2025-03-01T14:00,9"
    table = read_hourly(put(tmp_path / "a.csv", text))
    values = table.series["count"].values
    assert np.isnan(values[1:4]).all() and values[0] == 5 and values[4] == 9
    assert [(code, params["line"]) for code, params in table.notes] == [
        ("negative", 3),
        ("bad_line", 4),
        ("bad_time", 5),
    ]


def test_copied_lines_are_averaged_and_finer_data_added_up(tmp_path):
    doubled = read_hourly(put(tmp_path / "a.csv", "t,count\n2025-03-01T07:00,5\n2025-03-01T07:00,7\n"))
    assert doubled.series["count"].values.tolist() == [6.0] and doubled.notes[0][0] == "duplicates"
    fine = read_hourly(put(tmp_path / "b.csv", "t,count\n2025-03-01T07:00,5\n2025-03-01T07:30,7\n"))
    assert fine.series["count"].values.tolist() == [12.0] and fine.notes[0][0] == "summed"


def test_wide_files_give_a_document_a_column(tmp_path):
    a, b = market(60), market(60, seed=2)
    lines = [
        f"{moment:%Y-%m-%d %H:00},{one:.0f},{two:.0f},,chợ"
        for moment, one, two in zip(a.times(), a.values, b.values, strict=True)
    ]
    path = put(tmp_path / "a.csv", "\n".join(["time,Cổng A,Cổng B,Cổng hỏng,ghi chú", *lines]))
    document = forecast_csv(path, 24)
    assert set(document["series"]) == {"Cổng A", "Cổng B", "Cổng hỏng"}
    assert len(document["series"]["Cổng B"]["points"]) == 24
    assert document["series"]["Cổng hỏng"]["error"]["code"] == "no_measured"
    alone = forecast_csv(path, 24, column="Cổng B")
    assert alone["points"] == document["series"]["Cổng B"]["points"]
    with pytest.raises(FlowError, match="Cổng A, Cổng B"):
        forecast_csv(path, 24, column="Cổng C")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"t,count\n", "empty"),
        (b"a,b\n1,2\n", "no_time_column"),
        (b"t,name\n2025-03-01T07:00,x\n", "no_value_column"),
        (b"t,count\nx,1\ny,2\n", "too_many_bad"),
        (b"t,count\n2025-03-01T07:00,1\n", "too_short"),
        (b"t,count\n2025-03-01T07:00,\n", "no_measured"),
        (b"t,count\n2025-03-01T07:00,\xff\xfe\xfd\n", "encoding"),
        (b"t,count\n0001-01-01T07:00,1\n2025-03-01T07:00,1\n", "span"),
        (b"\x00\x01\x02\x03", "no_time_column"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, content, code):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(FlowError) as caught:
        forecast_csv(tmp_path / "a.csv")
    assert caught.value.code == code and str(caught.value).endswith((".", "»"))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FlowError, match="Không tìm thấy"):
        forecast_csv(tmp_path / "none.csv")

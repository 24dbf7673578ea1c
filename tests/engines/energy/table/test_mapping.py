"""MAP.json: from columns to series, and first guesses for files nobody has described."""

from datetime import datetime
from typing import Any

import numpy as np
import pytest

from khcn.engines.energy.errors import SpecError, TableError
from khcn.engines.energy.intervals.derive import derive
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.table.mapping import (
    Series,
    apply_mapping,
    guess_mapping,
    mapping_from_json,
    mapping_times,
    mapping_to_json,
)
from khcn.engines.energy.table.reader import Table, read_table
from khcn.engines.energy.types import Channel
from tests.engines.energy.table.test_reader import MIXED, workbook

HEAD = "t;P1 (W);P2 (W);E (MWh)\n"
FILE = (
    HEAD + "2026-01-01 10:00;1000;2000;1,5\n2026-01-01 10:15;lỗi;;1,502\n2026-01-01 10:30;3000;4000;1,504\n"
)


def table(text: str) -> Table:
    return read_table(text.encode())


def series(found: Table, document: dict[str, Any]) -> dict[tuple[str, str], Series]:
    return {(one.device, one.metric): one for one in apply_mapping(found, mapping_from_json(document))}


def test_columns_become_series_in_canonical_units() -> None:
    found = series(
        table(FILE),
        {
            "time": {"column": "t", "zone": "Asia/Ho_Chi_Minh"},
            "device": "truong",
            "columns": [
                {"column": "P1 (W)", "metric": "ac_power", "device": "inv1", "unit": "W"},
                {"column": "P2 (W)", "metric": "ac_power", "device": "inv2", "unit": "W", "scale": -1},
                {"column": "E (MWh)", "metric": "ac_energy", "unit": "MWh"},
            ],
        },
    )
    one = found["inv1", "ac_power"]
    assert one.values.tolist() == [1, 3]
    assert one.rows.tolist() == [0, 2]
    assert [(bad.row, bad.raw) for bad in one.bad] == [(1, "lỗi")]
    assert one.ms[0] == 1_767_236_400_000  # 10:00 in Ho Chi Minh City
    assert found["inv2", "ac_power"].values.tolist() == [-2, -4]
    assert found["inv2", "ac_power"].bad == []
    assert found["truong", "ac_energy"].values.tolist() == pytest.approx([1500, 1502, 1504])


LONG = """site,meas_name,ts,sensor,meas_val_f
S1,ac_power,2026-01-01 10:00:00,A,1.5
S1,ac_power,2026-01-01 10:00:00,B,2.5
S1,module_temp,2026-01-01 10:00:00,A,45
S2,ac_power,2026-01-01 10:00:00,A,9
S1,ac_power,2026-01-01 10:05:00,A,1.75
"""


def test_one_value_a_row() -> None:
    found = series(
        table(LONG),
        {
            "time": "ts",
            "zone": "UTC",
            "long": {"metric": "meas_name", "value": "meas_val_f"},
            "device_column": "sensor",
            "only": {"site": "S1"},
            "columns": [
                {"column": "ac_power", "metric": "ac_power"},
                {"column": "module_temp", "metric": "module_temperature"},
            ],
        },
    )
    assert found["A", "ac_power"].values.tolist() == [1.5, 1.75]
    assert found["B", "ac_power"].values.tolist() == [2.5]
    assert found["A", "module_temperature"].rows.tolist() == [2]


def test_logs_mixed_in_one_file() -> None:
    column = {"column": "APU Stat 10s · PL1/kW", "metric": "ac_power", "unit": "kW"}
    found = series(table(MIXED), {"time": "Time Stamp", "device_column": "System", "columns": [column]})
    assert found["APU 1", "ac_power"].values.tolist() == [0.1]
    assert found["APU 2", "ac_power"].values.tolist() == [0.2]


FUSION_2026 = [
    ["Plant Report"],
    ["Statistical Period", "Total String Capacity (kWp)", "PV Yield (kWh)", " Inverter Yield (kWh)", "Export (kWh)",
     "Import (kWh)", "Specific Energy (kWh/kWp)", "Consumption (kWh)", "Charge (kWh)", "Discharge (kWh)", "Revenue (฿)"],
    *[[f"2026-01-0{day} {hour:02d}:00:00", 60, 11, 10.5, 2, 1, 0.2, 9.5, None, None, 30] for day in (1, 2) for hour in range(6, 18)],
    ["Total", 60, 264, 252, 48, 24, 4.8, 228, None, None, 720],
]  # fmt: skip


def test_fusionsolar_of_2026() -> None:
    found = read_table(workbook(Sheet1=FUSION_2026, Sheet2=[]))
    guess = guess_mapping(found)
    assert guess.layout == "fusionsolar"
    parts = {one.metric: one for one in apply_mapping(found, guess.mapping)}
    assert set(parts) == {
        "ac_energy_today", "dc_energy_today", "export_energy_today", "import_energy_today", "load_energy_today",
        "charge_energy_today", "discharge_energy_today",
    }  # fmt: skip
    assert len(parts["charge_energy_today"].ms) == 0  # blank is not zero
    one = parts["ac_energy_today"]
    channel = Channel("c", metric_of("ac_energy_today").kind, rated_kw=60)
    start = 1_767_200_400_000  # 2026-01-01 00:00 +07:00
    intervals = derive(channel, one.ms, one.values, start_ms=start, end_ms=start + 2 * 96 * 900_000)
    assert np.nansum(intervals.values) == pytest.approx(252)
    hours = np.nan_to_num(intervals.values).reshape(48, 4).sum(axis=1)
    assert hours[6:18].tolist() == pytest.approx([10.5] * 12, abs=0.01)
    assert hours[:6].sum() == pytest.approx(0)
    assert intervals.events == ()


def test_fusionsolar_of_old_and_by_the_hour() -> None:
    old = "Statistical Time,Total String Capacity (kWp),PV Yield (kWh), Inverter Yield (kWh),Export (kWh),Specific Energy (kWh/kWp),Import (kWh),Consumption (kWh),Revenue (฿)\n"
    guess = guess_mapping(
        table(old + "2025-01-01,60,200,190,20,3,30,200,1\n2025-01-02,60,201,191,20,3,30,200,1\n")
    )
    assert {one.metric for one in guess.mapping.columns} == {
        "dc_energy_today", "ac_energy_today", "export_energy_today", "import_energy_today", "load_energy_today",
    }  # fmt: skip
    hourly = "Statistical Period,Global Irradiation (kWh/㎡),Average Temperature(°C),Theoretical Yield (kWh),PV Yield (kWh),Inverter Yield (kWh),Charge (kWh)\n"
    text = hourly + "".join(f"2025-01-01 {hour:02d}:00:00 DST,0.5,31.5,10,9,8,\n" for hour in range(8, 12))
    parts = {one.metric: one for one in apply_mapping(table(text), guess_mapping(table(text)).mapping)}
    assert parts["ghi"].values.tolist() == pytest.approx([500] * 8)
    assert parts["ambient_temperature"].values.tolist() == [31.5] * 8
    assert parts["ac_energy_today"].values.tolist() == [0, 8, 8, 16, 16, 24, 24, 32]


def test_periods_named_by_their_end() -> None:
    text = "t,E\n2026-01-01 01:00,1\n2026-01-01 02:00,2\n2026-01-02 00:00,4\n"
    found = series(
        table(text),
        {
            "time": "t",
            "period_label": "end",
            "columns": [{"column": "E", "metric": "ac_energy", "period": True}],
        },
    )
    assert found["tep", "ac_energy_today"].values.tolist()[:4] == [0, 1, 1, 3]
    assert (
        found["tep", "ac_energy_today"].values[-1] == 7
    )  # the hour that ends at midnight belongs to the day before


def test_months_are_bills_not_readings() -> None:
    text = "t,E\n2026-01-01,100\n2026-02-01,90\n2026-03-01,110\n"
    with pytest.raises(TableError) as caught:
        series(
            table(text), {"time": "t", "columns": [{"column": "E", "metric": "ac_energy", "period": True}]}
        )
    assert caught.value.code == "period-too-long"


def test_a_generic_file_is_guessed() -> None:
    lines = [
        "Thời gian;Inverter 1 Công suất (kW);Inverter 2 Công suất (kW);Chỉ số điện phát (kWh);Bức xạ POA (W/m²);Ghi chú"
    ]
    for at in range(96):
        lines.append(
            f"{datetime(2026, 1, 1 + at // 96, at // 4, at % 4 * 15):%d/%m/%Y %H:%M};{at % 7},5;3,5;{1000 + at};{at};x"
        )
    found = table("\n".join(lines))
    guess = guess_mapping(found)
    picked = {(one.device, one.metric, one.unit) for one in guess.mapping.columns}
    assert picked == {
        ("inverter1", "ac_power", "kW"), ("inverter2", "ac_power", "kW"), ("", "ac_energy", "kWh"), ("", "poa_irradiance", "W/m2"),
    }  # fmt: skip
    assert guess.mapping.time == "Thời gian"
    assert guess.unused == ["Ghi chú"]


@pytest.mark.parametrize(
    ("values", "metric", "period"),
    [
        ([at * 2.0 for at in range(200)], "ac_energy", False),
        ([at % 96 * 2.0 for at in range(400)], "ac_energy_today", False),
        ([float(at * 7 % 5) for at in range(200)], "ac_energy_today", True),
    ],
)
def test_what_kind_of_energy_is_told_by_its_values(values: list[float], metric: str, period: bool) -> None:
    rows = "".join(
        f"{np.datetime64('2026-01-01T00:00') + at * 15},{value}\n" for at, value in enumerate(values)
    )
    (one,) = guess_mapping(table("time,Energy (kWh)\n" + rows)).mapping.columns
    assert (one.metric, one.period) == (metric, period)


def test_big_powers_without_a_unit_are_watts() -> None:
    rows = "".join(f"2026-01-01 {hour:02d}:00,{hour * 1000}\n" for hour in range(24))
    guess = guess_mapping(table("time,inv1_power\n" + rows))
    assert [(one.device, one.unit) for one in guess.mapping.columns] == [("inv1", "W")]
    assert [note.code for note in guess.notes] == ["unit-guessed"]


def test_nothing_to_guess_is_said() -> None:
    guess = guess_mapping(table("time,số người\n2026-01-01 00:00,5\n2026-01-01 01:00,6\n"))
    assert guess.mapping.columns == () and [note.code for note in guess.notes] == ["nothing-guessed"]


def test_a_mapping_goes_to_json_and_back() -> None:
    document = {
        "time": {"column": "ts", "format": "%d/%m/%Y %H:%M", "zone": "UTC"},
        "device_column": "sensor",
        "only": {"site": ["S1"]},
        "long": {"metric": "meas_name", "value": "meas_val_f"},
        "columns": [{"column": "p", "metric": "ac_power", "unit": "W", "scale": 0.5}],
    }
    mapping = mapping_from_json(document)
    assert mapping_from_json(mapping_to_json(mapping)) == mapping


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"colums": []}, "map-unknown"),
        ({"columns": []}, "map-empty"),
        ({"columns": "P"}, "map-field"),
        ({"columns": [{"column": "P1 (W)"}]}, "map-field"),
        ({"columns": [{"column": "P1 (W)", "metric": "ac_power", "unit": "kWh"}]}, "map-unit"),
        ({"columns": [{"column": "P1 (W)", "metric": "ac_power", "scale": 0}]}, "map-field"),
        ({"columns": [{"column": "P1 (W)", "metric": "state", "period": True}]}, "map-period"),
        ({"period_label": "middle"}, "map-field"),
        ({"zone": 7}, "map-field"),
    ],
)
def test_a_wrong_map_says_what_is_wrong(change: dict[str, Any], code: str) -> None:
    document = {"time": "t", "columns": [{"column": "P1 (W)", "metric": "ac_power"}], **change}
    with pytest.raises(SpecError) as caught:
        mapping_from_json(document)
    assert caught.value.code == code
    assert str(caught.value)


def test_rows_without_a_time_are_in_the_notes() -> None:
    found = table(FILE + "Tổng;1;2;3\n")
    mapping = mapping_from_json(
        {"time": "t", "columns": [{"column": "P2 (W)", "metric": "ac_power", "unit": "W"}]}
    )
    times = mapping_times(found, mapping)
    assert [note.code for note in times.notes] == ["total-rows"]
    (one,) = apply_mapping(found, mapping, times)
    assert one.values.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("column", "more", "kw"),
    [
        ("P (W)", {}, 6.0),
        ("P_kW", {}, 6000.0),
        ("P [MW]", {}, 6_000_000.0),
        ("P", {}, 6000.0),
        ("P (V)", {}, 6000.0),
        ("P (W)", {"unit": "kW"}, 6000.0),
        ("P (W)", {"scale": 0.001}, 6.0),
    ],
)
def test_a_unit_in_the_name_is_meant_when_the_map_says_none(
    column: str, more: dict[str, Any], kw: float
) -> None:
    table = read_table(f"t,{column}\n2026-03-02 10:00,6000\n2026-03-02 10:15,6000\n".encode())
    mapping = mapping_from_json({"time": "t", "columns": [{"column": column, "metric": "ac_power", **more}]})
    (one,) = apply_mapping(table, mapping)
    assert one.values.tolist() == pytest.approx([kw, kw])

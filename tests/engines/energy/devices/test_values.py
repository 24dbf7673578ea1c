"""Numbers, units and times of devices."""

import pytest

from khcn.engines.energy.devices.roles import in_role
from khcn.engines.energy.devices.units import scaled, to_canonical, unit_name
from khcn.engines.energy.devices.values import raw_text, read_number, read_time, read_value
from khcn.engines.energy.types import Sample

NOW = 1_777_863_700_000


@pytest.mark.parametrize(
    ("value", "written", "canonical", "expected"),
    [
        (12300, "W", "kW", 12.3), (12300, "w", "kW", 12.3), (5, "MW", "kW", 5000), (5, "mW", "kW", 5e-6),
        (123.45, "Wh", "kWh", 0.12345), (2, "KWH", "kWh", 2), (1, "MWh", "kWh", 1000), (60_000, "Wmin", "kWh", 1),
        (3.6, "MJ", "kWh", 1), (77, "°F", "°C", 25), (300.15, "K", "°C", 27), (25, "℃", "°C", 25),
        (1, "kW/㎡", "W/m2", 1000), (36, "km/h", "m/s", 10), (50, "", "Hz", 50), (3, "anything", "", 3),
        (1, "kWh", "kW", None), (1, "kg", "kWh", None), (1, "V", "A", None),
    ],
)  # fmt: skip
def test_units(value, written, canonical, expected):
    got = to_canonical(value, written, canonical)
    assert got == (None if expected is None else pytest.approx(expected))


def test_scaling_leaves_no_dust():
    assert [scaled(7216, 0.01), scaled(23400, 0.001), scaled(3, 0.1), scaled(2, 2.5)] == [
        72.16,
        23.4,
        0.3,
        5.0,
    ]
    assert unit_name("KWH") == "kWh" and unit_name("W/㎡") == "W/m2" and unit_name("furlong") == "furlong"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (5, (5.0, "", "")), ("12.3 kW", (12.3, "kW", "")), ("12.3kW", (12.3, "kW", "")), ("-0,5", (-0.5, "", "")),
        ("1e3", (1000.0, "", "")), (" 7 ", (7.0, "", "")), (".5", (0.5, "", "")), ("+3%", (3.0, "%", "")),
        ("1,234", (None, "", "reading-ambiguous")), ("--", (None, "", "reading-not-number")),
        ("1.2.3", (1.2, ".3", "")), (b"5", (None, "", "reading-not-number")),
    ],
)  # fmt: skip
def test_numbers(said, expected):
    assert read_number(said) == expected


def test_a_number_with_nonsense_behind_it_is_no_value():
    assert read_value("1.2.3", "ac_power") == (None, "reading-unit")
    assert read_value("55 %", "battery_soc") == (55.0, "")


@pytest.mark.parametrize(
    ("said", "ms"),
    [
        (1777863600, 1_777_863_600_000), (1777863600.25, 1_777_863_600_250), (1777863600000, 1_777_863_600_000),
        (1777863600000000, 1_777_863_600_000), (1777863600000000000, 1_777_863_600_000),
        ("1777863600", 1_777_863_600_000), ("2026-05-04T10:00:00", 1_777_863_600_000),
        ("2026-05-04 03:00:00+00:00", 1_777_863_600_000), ("2026-05-04T03:00:00Z", 1_777_863_600_000),
    ],
)  # fmt: skip
def test_times(said, ms):
    assert read_time(said, "Asia/Ho_Chi_Minh", NOW) == (ms, "")


def test_times_out_of_the_world():
    assert read_time("0001-01-01", "Asia/Ho_Chi_Minh", NOW) == (None, "reading-clock")
    assert read_time("2026-05-04T10:00:00", "No/Where", NOW) == (None, "reading-time")
    assert read_time(float("inf"), "UTC", NOW)[1] == "reading-time"


def test_raw_is_short_and_storable():
    assert len(raw_text("x" * 10_000)) == 500 and "\x00" not in raw_text("a\x00b")
    assert raw_text(10**5000) == "<int>"


def sample(metric, value):
    return Sample("m", metric, 0, value)


def test_a_meter_in_another_place_gives_other_metrics():
    read = [sample("grid_power", 2.0), sample("import_energy", 10.0), sample("export_energy", 1.0)]
    assert in_role(read, {}) == read
    as_pv = in_role(read, {"role": "production"})
    assert [one.metric for one in as_pv] == ["ac_power", "ac_energy", "export_energy"]
    turned = in_role(read, {"swap_direction": True})
    assert [(one.metric, one.value) for one in turned] == [
        ("grid_power", -2.0), ("export_energy", 10.0), ("import_energy", 1.0),
    ]  # fmt: skip
    load = in_role(read, {"role": "load", "ratio": 40})
    assert [(one.metric, one.value) for one in load][:2] == [("load_power", 80.0), ("load_energy", 400.0)]
    volts = in_role(
        [sample("voltage_l1", 230.0), Sample("m", "grid_power", 0, None, "reading-missing")], {"ratio": 40}
    )
    assert [one.value for one in volts] == [230.0, None]

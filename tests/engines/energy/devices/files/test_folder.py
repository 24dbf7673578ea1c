"""Exports dropped into a folder: read once, remembered safely, never silently skipped."""

import json
import os

import pytest

from khcn.engines.energy.devices.files.driver import MEMORY
from khcn.engines.energy.devices.files.simulator import write_hourly_export
from khcn.engines.energy.devices.protocol import DeviceConfig, make_driver, probe
from khcn.engines.energy.devices.simulated_site import SimulatedSite, SiteSpec
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.types import DAY_MS

NOW = 1_777_863_600_000


def folder(path, **options):
    return DeviceConfig("inv", "files", "", {"folder": str(path)}, options)


def dropped(path, text, *, age_s=60):
    path.write_text(text, "utf-8")
    os.utime(path, (NOW / 1000 - age_s,) * 2)
    return path


CSV = "Time;Active power(W);Total yield(kWh)\n2026-05-03 10:00;1000;5\n2026-05-03 10:15;2500;5,5\n2026-05-03 10:30;x;6\n"


def values(samples):
    return [(sample.metric, sample.ts_ms, sample.value) for sample in samples if not sample.problem]


def test_a_csv_is_read_once_even_after_a_new_start(tmp_path):
    dropped(tmp_path / "a.csv", CSV)
    driver = make_driver(folder(tmp_path))
    first = driver.poll(NOW)
    base = 1_777_777_200_000  # 03/05/2026 10:00 +07:00
    assert values(first) == [
        ("ac_power", base, 1.0), ("ac_energy", base, 5.0), ("ac_power", base + 900_000, 2.5),
        ("ac_energy", base + 900_000, 5.5), ("ac_energy", base + 1_800_000, 6.0),
    ]  # fmt: skip
    assert [(one.metric, one.problem, one.raw) for one in first if one.problem] == [
        ("ac_power", "reading-not-number", "x")
    ]
    assert not (tmp_path / MEMORY).exists(), "the samples are safe only when the next question comes"
    again = make_driver(folder(tmp_path))
    assert values(again.poll(NOW)) == values(first), "a crash before that reads the file again"
    assert driver.poll(NOW) == [] and "a.csv" in json.loads((tmp_path / MEMORY).read_text())["inv"]["done"]
    assert make_driver(folder(tmp_path)).poll(NOW) == []
    dropped(tmp_path / "a.csv", CSV.replace("2500", "2600"), age_s=30)
    assert ("ac_power", base + 900_000, 2.6) in values(driver.poll(NOW)), "a changed file is new"


def test_a_file_that_still_grows_waits(tmp_path):
    dropped(tmp_path / "a.csv", CSV, age_s=1)
    driver = make_driver(folder(tmp_path))
    assert driver.poll(NOW) == [] and driver.poll(NOW + 10_000)


def test_what_cannot_be_read_is_told_once_and_the_rest_read(tmp_path):
    dropped(tmp_path / "a.csv", "<html>login</html>", age_s=90)
    dropped(tmp_path / "b.csv", "", age_s=80)
    dropped(tmp_path / "c.csv", CSV, age_s=70)
    (tmp_path / "d.pdf").write_bytes(b"%PDF")
    (tmp_path / "~$c.xlsx").write_bytes(b"lock")
    driver = make_driver(folder(tmp_path))
    polls = [driver.poll(NOW) for _ in range(4)]
    assert [poll[0].problem for poll in polls[:2]] == ["files-unreadable"] * 2
    assert "a.csv" in polls[0][0].raw and len(values(polls[2])) == 5 and polls[3] == []


def test_an_export_of_periods_becomes_counters(tmp_path):
    site = SimulatedSite(SiteSpec())
    start = SiteSpec().since_ms + 10 * DAY_MS
    config = folder(tmp_path, settle_s=0)
    for day in range(2):
        path = write_hourly_export(site, tmp_path / f"day{day}.xlsx", start_ms=start + day * DAY_MS, hours=24)
        os.utime(path, (NOW / 1000 - 100 + day,) * 2)
    driver = make_driver(config)
    samples = [one for _ in range(3) for one in driver.poll(NOW)]
    for metric, device, name in (
        ("import_energy", "meter-1", "import_energy"), ("export_energy", "meter-1", "export_energy"),
    ):  # fmt: skip
        series = [(one.ts_ms, one.value) for one in samples if one.metric == metric]
        assert series[0] == (start, 0.0) and series == sorted(series) and len(series) == 49
        assert series[-1] == (start + 2 * DAY_MS, pytest.approx(
            site.true_energy_kwh(device, name, start, start + 2 * DAY_MS), abs=0.05))  # fmt: skip
    made = sum(
        site.true_energy_kwh(one.key, "ac_energy", start, start + 2 * DAY_MS) for one in site.spec.inverters
    )
    assert [one.value for one in samples if one.metric == "ac_energy"][-1] == pytest.approx(made, abs=0.05)
    assert not [one for one in samples if one.metric in {"charge_energy", "discharge_energy"}], (
        "blank is not 0"
    )
    assert {one.problem for one in samples} == {""}


def test_the_columns_can_be_said(tmp_path):
    dropped(tmp_path / "a.csv", "Lúc,P,E\n03/05/2026 10:00,1,2\n03/05/2026 10:15,2,3\n")
    columns = {"ac_power": {"column": "P", "unit": "MW"}, "import_energy": "E"}
    got = make_driver(folder(tmp_path, time="Lúc", columns=columns)).poll(NOW)
    assert {(one.metric, one.value) for one in got} >= {("ac_power", 1000.0), ("import_energy", 3.0)}
    told = make_driver(folder(tmp_path)).poll(NOW)
    assert told[0].problem == "files-unreadable" and "«Lúc»" in told[0].raw


def test_a_folder_that_is_not_there_or_empty_is_told(tmp_path):
    with pytest.raises(DeviceError, match="thư mục"):
        make_driver(folder(tmp_path / "no")).poll(NOW)
    assert [one.code for one in probe(folder(tmp_path), now_ms=NOW).problems] == ["files-empty"]


def test_a_probe_reads_the_newest_file_and_remembers_nothing(tmp_path):
    dropped(tmp_path / "a.csv", CSV)
    found = probe(folder(tmp_path), now_ms=NOW)
    assert found.ok and {one.metric: one.value for one in found.points} == {"ac_power": 2.5, "ac_energy": 6.0}
    assert make_driver(folder(tmp_path)).poll(NOW)
    dropped(tmp_path / "b.csv", "<html>", age_s=1)
    assert [one.code for one in probe(folder(tmp_path), now_ms=NOW).problems] == ["files-unreadable"]


def test_a_large_file_comes_in_pieces(tmp_path):
    rows = "\n".join(f"{1_770_000_000 + 60 * at},{at}" for at in range(45_000))
    dropped(tmp_path / "a.csv", "timestamp,Active power(kW)\n" + rows)
    driver = make_driver(folder(tmp_path))
    assert [len(driver.poll(NOW)) for _ in range(4)] == [20_000, 20_000, 5_000, 0]

"""``khcn energy kpi`` and ``khcn energy availability`` as a caller sees them."""

import io
import json

import numpy as np
import pytest

from khcn.energy.deeds.main import run_deed
from tests.engines.energy.kpi.plants import Fault, plant_of

pytestmark = pytest.mark.nodb

HEAD = "time,ac_w,poa,module"


def rows_of(days=2, minutes=15, peak=45_000.0):
    lines = []
    for at in range(days * 1440 // minutes):
        hour = at * minutes / 60 % 24
        light = max(0.0, float(np.sin((hour - 6) / 12 * np.pi)))
        day, clock = 1 + at * minutes // 1440, f"{int(hour):02d}:{int(hour * 60 % 60):02d}"
        lines.append((f"{day:02d}/03/2026 {clock}", round(peak * light - 30, 2), round(900 * light, 3), 45.0))
    return lines


def run(tmp_path, deed, lines, spec, *, head=HEAD):
    text = "\n".join(
        [head, *(",".join("" if cell is None else str(cell) for cell in line) for line in lines)]
    )
    (tmp_path / "in.csv").write_text(text + "\n", "utf-8")
    (tmp_path / "spec.json").write_text(json.dumps(spec), "utf-8")
    out, err = io.StringIO(), io.StringIO()
    options = {"deed": deed, "json": True, "input": tmp_path / "in.csv", "spec": tmp_path / "spec.json"}
    status = run_deed(options, out=out, err=err)
    return status, json.loads(out.getvalue()) if status == 0 else None, err.getvalue()


SPEC = {
    "time": "time", "tz": "Asia/Ho_Chi_Minh", "ac_power_w": "ac_w", "poa_w_m2": "poa", "module_temperature_c": None,
    "pdc0_kw": 50, "scale": {"ac_power_w": 1.0}, "time_format": None,
}  # fmt: skip


def test_the_contract(tmp_path):
    status, document, _ = run(tmp_path, "kpi", rows_of(), SPEC)
    assert status == 0
    assert document["performance_ratio"] == pytest.approx(1.0, abs=0.003)
    assert document["completeness"] == 1.0
    assert [day["date"] for day in document["by_day"]] == ["2026-03-01", "2026-03-02"]
    for day in document["by_day"]:
        assert {"date", "energy_kwh", "insolation_kwh_m2", "performance_ratio", "completeness"} <= set(day)
    assert sum(day["energy_kwh"] for day in document["by_day"]) == pytest.approx(document["energy_kwh"])
    assert document["import_kwh"] > 0


def test_scale_of_a_column_and_day_zone(tmp_path):
    lines = [(time, watts / 1000, poa, warm) for time, watts, poa, warm in rows_of()]
    _, plain, _ = run(tmp_path, "kpi", rows_of(), SPEC)
    _, scaled, _ = run(tmp_path, "kpi", lines, {**SPEC, "scale": {"ac_power_w": 1000}})
    assert scaled["energy_kwh"] == pytest.approx(plain["energy_kwh"], rel=1e-6)
    _, moved, _ = run(tmp_path, "kpi", rows_of(), {**SPEC, "tz": "UTC", "day_tz": "Asia/Ho_Chi_Minh"})
    assert len(moved["by_day"]) == 3 and moved["energy_kwh"] == pytest.approx(plain["energy_kwh"])


def test_several_pyranometers_are_averaged(tmp_path):
    lines = [(time, watts, poa, poa * 1.1 if poa < 500 else None) for time, watts, poa, _ in rows_of()]
    _, document, _ = run(tmp_path, "kpi", lines, {**SPEC, "poa_w_m2": ["poa", "module"]})
    want = np.mean([poa * 1.05 if poa < 500 else poa for _, _, poa, _ in lines]) * 48 / 1000
    assert document["insolation_kwh_m2"] == pytest.approx(want)


def test_a_long_file_with_where(tmp_path):
    lines = []
    for time, watts, poa, _ in rows_of():
        lines += [(time, "ac_power", watts), (time, "poa", poa)]
    column = {"column": "value", "where": {"meas": "ac_power"}}
    spec = {**SPEC, "ac_power_w": column, "poa_w_m2": {"column": "value", "where": {"meas": "poa"}}}
    status, document, _ = run(tmp_path, "kpi", lines, spec, head="time,meas,value")
    assert status == 0 and document["performance_ratio"] == pytest.approx(1.0, abs=0.003)
    status, _, said = run(
        tmp_path, "kpi", lines, {**SPEC, "ac_power_w": "value", "poa_w_m2": None}, head="time,meas,value"
    )
    assert status == 1 and "where" in said


def test_without_irradiance_there_is_energy_and_no_ratio(tmp_path):
    _, document, _ = run(tmp_path, "kpi", rows_of(), {**SPEC, "poa_w_m2": None, "pdc0_kw": None})
    assert document["performance_ratio"] is None and document["energy_kwh"] > 0


def test_modelled_and_corrected_are_named(tmp_path):
    _, document, _ = run(tmp_path, "kpi", rows_of(), {**SPEC, "poa_modelled": True})
    assert document["definition"] == "kpi-performance_ratio_modelled"
    spec = {**SPEC, "module_temperature_c": "module"}
    _, document, _ = run(tmp_path, "kpi", rows_of(), spec)
    assert document["performance_ratio_25c"] is None
    assert "kpi-note-no-gamma" in [note["code"] for note in document["notes"]]
    _, document, _ = run(tmp_path, "kpi", rows_of(), {**spec, "temperature_coefficient_per_c": -0.004})
    assert document["performance_ratio_25c"] == pytest.approx(document["performance_ratio"] / 0.92)


def test_sentinels_and_gaps(tmp_path):
    lines = rows_of(8)
    clean = run(tmp_path, "kpi", lines, SPEC)[1]["energy_kwh"]
    spoiled = [list(line) for line in lines]
    lost = 0.0
    for at in (48, 150):
        lost += lines[at][1] / 4000
        spoiled[at][1] = -1_000_000
    kept = spoiled[: 2 * 96] + spoiled[6 * 96 :]
    status, document, _ = run(tmp_path, "kpi", kept, SPEC)
    assert status == 0
    assert document["energy_kwh"] == pytest.approx(clean / 2 - lost, rel=1e-6)
    assert {"kpi-note-codes", "kpi-note-gap"} <= {note["code"] for note in document["notes"]}
    assert [day["completeness"] for day in document["by_day"]][2:6] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"ac_power_w": "power"}, "power"), ({"ac_power_w": None}, "ac_power_w"), ({"tz": "Asia/Hanoi2"}, "múi giờ"),
        ({"pdc0_kw": "big"}, "pdc0_kw"), ({"pdc0_kw": 0}, "Công suất"), ({"scale": {"ac_power_w": 0}}, "scale"),
        ({"scale": 5}, "scale"), ({"time": None}, "time"), ({"time": "when"}, "when"),
    ],
)  # fmt: skip
def test_a_spec_that_does_not_fit_is_a_sentence(tmp_path, change, word):
    status, _, said = run(tmp_path, "kpi", rows_of(), {**SPEC, **change})
    assert status == 1 and word in said and "Traceback" not in said


def test_availability_contract(tmp_path):
    faults = [Fault(2.3, 2.6, (1,)), Fault(5.3, 5.6, real=False, how="nan", meter="nan")]
    made = plant_of(faults, count=2)
    plant = made.plant
    lines = []
    for at, ms in enumerate(plant.ms):
        values = (plant.meter_kw[at], plant.meter_kwh[at], *plant.inverters[at], plant.expected_kw[at])
        stamp = np.datetime64(int(ms) + 7 * 3_600_000, "ms").item().isoformat(sep=" ")
        lines.append((stamp, *(None if np.isnan(one) else round(float(one), 4) for one in values)))
    spec = {
        "time": "time", "tz": "Asia/Ho_Chi_Minh", "meter_power_kw": "m", "meter_energy_kwh": "e",
        "inverter_power_kw": ["a", "b"], "expected_power_kw": "x",
    }  # fmt: skip
    status, document, _ = run(tmp_path, "availability", lines, spec, head="time,m,e,a,b,x")
    assert status == 0
    have = [day["availability"] for day in document["by_day"]]
    assert have == pytest.approx(made.availability().tolist(), abs=0.005)
    outage, gap = document["events"]
    assert (outage["kind"], outage["inverters"], gap["kind"], gap["inverters"]) == (
        "outage", ["b"], "communication_gap", ["a", "b"],
    )  # fmt: skip
    assert gap["energy_lost_kwh"] == 0 and outage["start"].startswith("2023-11-16T07:15")
    spec = {
        **spec,
        "meter_energy_kwh": None,
        "expected_power_kw": None,
        "meter_power_kw": None,
        "inverter_power_kw": None,
    }
    status, _, said = run(tmp_path, "availability", lines, spec, head="time,m,e,a,b,x")
    assert status == 1 and "meter_power_kw" in said


def test_rows_of_a_lost_clock_are_set_aside_and_said(tmp_path):
    lines = rows_of(3)
    clean = run(tmp_path, "kpi", lines, SPEC)[1]
    lost = [("01/01/1970 00:00", 5.0, 1.0, 20.0), *lines, ("05/05/2040 12:00", 9000.0, 100.0, 20.0)]
    status, document, _ = run(tmp_path, "kpi", lost, SPEC)
    assert status == 0 and document["energy_kwh"] == pytest.approx(clean["energy_kwh"])
    assert len(document["by_day"]) == 3
    (note,) = [one for one in document["notes"] if one["code"] == "kpi-note-astray"]
    assert note["text"].startswith("2 dòng") and "1970" in note["text"]


@pytest.mark.parametrize("lines", [[], rows_of(1)[:1], [("01/03/2026 00:00", 1, 1, 1)] * 5])
@pytest.mark.parametrize("deed", ["kpi", "availability"])
def test_too_little_is_a_sentence(tmp_path, deed, lines):
    spec = SPEC if deed == "kpi" else {"time": "time", "tz": "Asia/Ho_Chi_Minh", "meter_power_kw": "ac_w"}
    status, _, said = run(tmp_path, deed, lines, spec)
    assert status == 1 and said.strip() and "Traceback" not in said


@pytest.mark.parametrize("code", [-9999, -999, 65535, 4294967295, 9999999, -1000000])
@pytest.mark.parametrize("every", [7, 60])
def test_codes_of_loggers_are_no_values_however_many(tmp_path, code, every):
    lines = rows_of(days=4, peak=140_000.0)
    spec = {**SPEC, "pdc0_kw": 155}
    holes = [
        (t, None if n % every == 3 else w, None if n % every == 5 else p, m)
        for n, (t, w, p, m) in enumerate(lines)
    ]
    coded = [(t, *(code if cell is None else cell for cell in (w, p)), m) for t, w, p, m in holes]
    _, wanted, _ = run(tmp_path, "kpi", holes, spec)
    _, found, _ = run(tmp_path, "kpi", coded, spec)
    for name in ("energy_kwh", "insolation_kwh_m2", "performance_ratio", "completeness", "import_kwh"):
        assert found[name] == pytest.approx(wanted[name]), name
    assert "kpi-note-codes" in {note["code"] for note in found["notes"]}


def test_a_plant_that_clips_all_day_is_not_a_code(tmp_path):
    lines = [(t, min(w, 20_000.0), p, m) for t, w, p, m in rows_of(days=3, peak=400_000.0)]
    _, found, _ = run(tmp_path, "kpi", lines, {**SPEC, "pdc0_kw": 25})
    assert found["energy_kwh"] == pytest.approx(sum(max(w, 0) for _, w, _, _ in lines) / 4000)


def test_a_format_that_is_no_text_is_refused(tmp_path):
    status, _, said = run(tmp_path, "kpi", rows_of(), {**SPEC, "time_format": 5})
    assert status == 1 and "time_format" in said


def test_brackets_without_end_are_no_spec(tmp_path):
    (tmp_path / "spec.json").write_text("[" * 100_000, "utf-8")
    (tmp_path / "in.csv").write_text("time\n", "utf-8")
    out, err = io.StringIO(), io.StringIO()
    options = {"deed": "kpi", "json": True, "input": tmp_path / "in.csv", "spec": tmp_path / "spec.json"}
    assert run_deed(options, out=out, err=err) == 1
    assert "JSON" in err.getvalue() and not out.getvalue()

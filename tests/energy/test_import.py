"""``khcn energy import``: files of readings, twice, overlapping, broken off; devices made; nonsense refused with a sentence."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from khcn.energy.enums import DeviceKind, MeterRole
from khcn.energy.models import Channel, Device, IntervalDay, ReadingHour, Site, SiteDay
from tests.energy.factories import make_device, make_site

pytestmark = pytest.mark.django_db
MAP: dict[str, Any] = {
    "time": "Thời gian",
    "tz": "Asia/Ho_Chi_Minh",
    "columns": {
        "Chỉ số (kWh)": {"device": "inv-a", "metric": "ac_energy"},
        "Công suất (W)": {"device": "inv-a", "metric": "ac_power", "unit": "W"},
    },
    "devices": {"inv-a": {"name": "Biến tần A", "kind": "inverter", "rated_kw": 30, "kwp": 32}},
}
BEGIN = datetime(2026, 3, 2, 6, 0)


def rows(count: int, first: int = 0) -> list[str]:
    """Return rows of five minutes: a counter that grows by 0.5 kWh and a power of 6 kW."""
    return [
        f"{BEGIN + timedelta(minutes=5 * n):%d/%m/%Y %H:%M},{1000 + 0.5 * n:.1f},6000"
        for n in range(first, first + count)
    ]


class Desk:
    """A site, a folder, and the command."""

    def __init__(self, folder: Path) -> None:
        self.site: Site = make_site(key="truong-a")
        self.folder = folder

    def run(self, lines: list[str], spec: dict[str, Any] | None = None, *, site: str = "truong-a") -> Any:
        """Import lines; return the document."""
        file, mapped = self.folder / "so-lieu.csv", self.folder / "map.json"
        file.write_text("\n".join(["Thời gian,Chỉ số (kWh),Công suất (W)", *lines]), "utf-8")
        mapped.write_text(json.dumps(MAP if spec is None else spec, ensure_ascii=False), "utf-8")
        out, err = StringIO(), StringIO()
        call_command(
            "energy",
            "import",
            str(file),
            "--site",
            site,
            "--map",
            str(mapped),
            "--json",
            stdout=out,
            stderr=err,
        )
        return json.loads(out.getvalue())

    def fails(self, *args: Any, **more: Any) -> str:
        """Import something that will not do; return the sentence."""
        err = StringIO()
        file, mapped = self.folder / "so-lieu.csv", self.folder / "map.json"
        if not file.exists():
            file.write_text("\n".join(["Thời gian,Chỉ số (kWh),Công suất (W)", *rows(10)]), "utf-8")
        mapped.write_text(json.dumps(more.get("spec", MAP), ensure_ascii=False), "utf-8")
        with pytest.raises(SystemExit) as left:
            call_command(
                "energy", "import", str(more.get("file", file)), "--site", more.get("site", "truong-a"),
                "--map", str(more.get("map", mapped)), "--json", stdout=StringIO(), stderr=err,
            )  # fmt: skip
        assert left.value.code == 1
        return err.getvalue()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_becomes_devices_intervals_and_days(desk: Desk) -> None:
    found = desk.run(rows(145))
    assert (found["rows"], found["kept"], found["duplicates"]) == (145, 145, 0)
    assert found["readings"]["read"] == 290
    assert found["devices_made"] == ["inv-a"]
    device = Device.objects.get()
    assert (device.kind, device.role, float(device.rated_kw or 0)) == (
        DeviceKind.INVERTER,
        MeterRole.NONE,
        30.0,
    )
    energy, power = found["series"]
    assert energy["total"] == pytest.approx(72.0)
    assert power["total"] == pytest.approx(72.0, rel=0.02)
    assert energy["flags"]["measured"] >= 48
    assert energy["flags"]["missing"] == 96 - energy["flags"]["measured"]
    assert SiteDay.objects.get().production_kwh == pytest.approx(72.0)
    assert Channel.objects.get(metric="ac_power").last_value == 6.0


def test_twice_is_once_and_an_overlap_adds_only_what_is_new(desk: Desk) -> None:
    desk.run(rows(50))
    again = desk.run(rows(50))
    assert (again["kept"], again["duplicates"], again["days"]) == (0, 50, 0)
    more = desk.run(rows(60, first=40))
    assert (more["kept"], more["duplicates"]) == (50, 10)
    assert (
        sum(ReadingHour.objects.filter(channel__metric="ac_energy").values_list("readings", flat=True)) == 100
    )
    assert sum(
        row.total or 0 for row in IntervalDay.objects.filter(channel__metric="ac_energy")
    ) == pytest.approx(49.5)


def test_history_older_than_raw_readings_are_kept_is_imported(desk: Desk) -> None:
    lines = [line.replace("/2026", "/2019") for line in rows(145)]
    found = desk.run(lines)
    assert found["series"][0]["total"] == pytest.approx(72.0)
    assert SiteDay.objects.get().day.year == 2019


def test_cells_that_are_no_numbers_are_kept_beside(desk: Desk) -> None:
    lines = rows(30)
    lines[5] = lines[5].replace("6000", "lỗi")
    lines[6] = lines[6].replace("6000", "")
    lines[7] = "không phải giờ,1,2"
    found = desk.run(lines)
    assert found["rows_without_time"] == 1
    assert found["readings"]["unusable"] == 1
    assert found["notes"]
    assert found["readings"]["read"] == 29 + 28


def test_rows_of_many_devices_and_energy_of_periods(desk: Desk) -> None:
    lines = []
    for n in range(24):
        at = f"{BEGIN + timedelta(hours=n):%d/%m/%Y %H:%M}"
        lines += [f"{at},inv-1,{2.0}", f"{at},inv-2,{3.0}"]
    spec = {
        "time": "Thời gian", "device_column": "Chỉ số (kWh)",
        "columns": [{"column": "Công suất (W)", "metric": "ac_energy_today", "unit": "kWh", "per_period": True}],
    }  # fmt: skip
    found = desk.run(lines, spec)
    assert found["devices_made"] == ["inv-1", "inv-2"]
    assert [round(one["total"]) for one in found["series"]] == [48, 72]


def test_the_map_may_run_the_other_way_and_meters_are_known_by_what_they_measure(desk: Desk) -> None:
    spec = {
        "device": "cong-to",
        "time": "Thời gian",
        "columns": {"import_energy": "Chỉ số (kWh)", "grid_power": {"column": "Công suất (W)", "unit": "W"}},
    }
    found = desk.run(rows(30), spec)
    device = Device.objects.get()
    assert (device.kind, device.role) == (DeviceKind.METER, MeterRole.GRID)
    assert found["kept"] == 30


def test_what_will_not_do_is_refused_with_a_sentence_and_changes_nothing(desk: Desk) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"site": "khong-co"}, "khong-co"),
        ({"file": desk.folder / "mat.csv"}, "mat.csv"),
        ({"map": desk.folder / "mat.json"}, "mat.json"),
        ({"spec": {}}, "columns"),
        ({"spec": {**MAP, "columns": {"x": 5}}}, "columns"),
        ({"spec": {**MAP, "time": "Giờ nào"}}, "Giờ nào"),
        ({"spec": {**MAP, "tz": "Mars/Base"}}, "Mars/Base"),
        ({"spec": {**MAP, "columns": {"Công suất (W)": {"metric": "ac_power", "unit": "V"}}}}, "V"),
    ]
    for case, wanted in cases:
        assert wanted in desk.fails(**case), case
    assert not ReadingHour.objects.exists()
    assert not Device.objects.exists()


def test_two_sites_may_call_their_devices_alike(desk: Desk) -> None:
    other = make_device(make_site(), key="inv-a")
    assert desk.run(rows(10))["devices_made"] == ["truong-a-inv-a"]
    assert desk.run(rows(10))["kept"] == 0
    assert not other.channels.exists()


def test_times_are_utc_in_the_database(desk: Desk) -> None:
    desk.run(rows(3))
    assert ReadingHour.objects.earliest("hour").hour == datetime(2026, 3, 1, 23, 0, tzinfo=UTC)


def test_rows_are_counted_once_whatever_they_become(desk: Desk) -> None:
    spec = {
        "time": "Thời gian",
        "columns": [{"column": "Chỉ số (kWh)", "metric": "ac_energy", "period": True, "device": "cong"}],
    }
    lines = [f"02/03/2026 {hour:02d}:00,5,1" for hour in range(24)]
    first = desk.run(lines[:16], spec)
    assert (first["rows"], first["kept"], first["duplicates"]) == (16, 16, 0)
    more = desk.run([*lines, "Tổng,120,"], spec)
    assert (more["kept"], more["duplicates"], more["rows_without_time"]) == (8, 16, more["rows"] - 24)
    again = desk.run([*lines, "Tổng,120,"], spec)
    assert (again["kept"], again["duplicates"]) == (0, 24)


def test_rows_of_two_devices_under_each_other_all_count(desk: Desk) -> None:
    spec = {
        "time": "Thời gian", "device_column": "Chỉ số (kWh)",
        "columns": [{"column": "Công suất (W)", "metric": "ac_power", "unit": "W"}],
    }  # fmt: skip
    lines = [f"02/03/2026 {hour:02d}:00,may-{one},600{one}" for hour in range(6, 18) for one in (1, 2)]
    found = desk.run(lines, spec)
    assert (found["rows"], found["kept"], found["duplicates"]) == (24, 24, 0)
    again = desk.run(lines, spec)
    assert (again["kept"], again["duplicates"]) == (0, 24)

"""Figures: sums equal what was counted by hand, small cells stay hidden, files hold what the page says."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from khcn.core.months import Month, month_of
from khcn.core.papers.checker import check_document
from khcn.core.papers.writer import paper_docx
from khcn.markets.models import GateHour, Market, MarketEvent, MarketHour
from khcn.markets.monthly import report_paper, summary_sentences
from khcn.markets.page_tasks import report_make_task
from khcn.markets.selectors.figures import (
    calendar_of,
    completeness_between,
    days_between,
    events_between,
    hours_between,
    series_of,
)
from khcn.markets.selectors.floors import floor_work_out
from khcn.markets.selectors.months import month_figures
from khcn.markets.selectors.prepared import prepared, prepared_path
from khcn.markets.selectors.public import open_data_rows, public_market, published_sum, visitors_today
from khcn.markets.services.prepared import charts_prepare, effect_of, prepared_make, prepared_or_ask
from khcn.markets.services.reports import MonthNotOverError, report_path, report_request
from khcn.markets.tables.outlook import effect_words, forecast_days, forecast_words
from khcn.orgs.enums import Role
from tests.markets.factories import camera_hour, fill_hours, make_camera, make_gate, make_layout, make_market
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 16, 3, 20, tzinfo=UTC)  # a Monday, 10:20 in Viet Nam
MIDNIGHT = datetime(2026, 3, 15, 17, tzinfo=UTC)  # the beginning of that day in Viet Nam
DAY = timedelta(days=1)


def counted(days: int = 3, counts: Any = (30, 20), **options: Any) -> Market:
    market = make_market(**options)
    make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT - days * DAY, days * 24 + 10, counts)
    return market


@pytest.fixture
def at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages believe that it is 10:20 on that Monday."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


# --- hours and days -----------------------------------------------------------------------------------------


def test_days_are_local_days_and_add_up() -> None:
    market = counted(counts=lambda hour: (hour.hour, 1))
    rows = days_between([market.pk], date(2026, 3, 13), date(2026, 3, 15))[market.pk]
    assert [row.day for row in rows] == [date(2026, 3, 13), date(2026, 3, 14), date(2026, 3, 15)]
    assert [row.count_in for row in rows] == [sum(range(24))] * 3
    first = hours_between(market, date(2026, 3, 13), date(2026, 3, 13))
    assert [row.hour for row in first] == list(range(24))
    assert first[0].count_in == 17  # midnight in Viet Nam is 17:00 UTC


def test_an_hour_without_a_row_is_not_a_number() -> None:
    market = make_market()
    make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT - DAY, 24, (5, 5), skip=lambda hour: hour == MIDNIGHT - DAY)
    day = date(2026, 3, 15)
    series = series_of(hours_between(market, day, day), day, day)
    assert series.missing == 1
    assert series.values[1:].tolist() == [5.0] * 23


def test_hours_measured_for_a_moment_do_not_stand_beside_others() -> None:
    market = counted(days=1)
    MarketHour.objects.filter(market=market, day=date(2026, 3, 15), local_hour=8).update(completeness=0.3)
    day = date(2026, 3, 15)
    hours = hours_between(market, day, day)
    assert series_of(hours, day, day).missing == 1
    assert series_of(hours, day, day, whole=False).missing == 0


def test_a_day_without_a_row_lowers_completeness() -> None:
    market = counted(days=2)
    days = {row.day: row for row in days_between([market.pk], date(2026, 3, 1), date(2026, 3, 15))[market.pk]}
    assert completeness_between(days, date(2026, 3, 14), date(2026, 3, 15)) == 1
    assert completeness_between(days, date(2026, 3, 12), date(2026, 3, 15)) == 0.5


def test_events_of_all_markets_count_and_lunar_ones_are_worked_out() -> None:
    market = make_market()
    for kind, title, owner in (
        ("holiday", "Giỗ Tổ", None), ("flood", "Ngập", market), ("lunar", "Mùng 1", None), ("rain", "Mưa", make_market()),
    ):  # fmt: skip
        MarketEvent.objects.create(
            market=owner, kind=kind, title=title, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 3)
        )
    events = events_between([market.pk], date(2026, 3, 3), date(2026, 3, 9))
    calendar = calendar_of(events, date(2026, 3, 3), date(2026, 3, 9))
    assert dict(calendar.events) == {date(2026, 3, 3): "Ngập"}
    assert calendar.holidays[date(2026, 3, 3)] == "Giỗ Tổ"
    assert date(2026, 3, 2) not in calendar.holidays


def test_the_market_page_asks_a_fixed_number_of_times(client: Client, at_ten: None) -> None:
    market = counted(days=10)
    for _more in range(6):
        make_gate(make_camera(market))
    client.force_login(make_member(Role.LEADER))
    address = f"/ban-lam-viec/cho/{market.key}/"
    client.get(address)  # the site's facts are kept a minute
    with CaptureQueriesContext(connection) as first:
        client.get(address)
    for _more in range(6):
        make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT - 40 * DAY, 24, (1, 1))
    with CaptureQueriesContext(
        connection
    ) as changed:  # a past day was derived anew: days and hours are read again
        client.get(address)
    with CaptureQueriesContext(connection) as second:
        client.get(address)
    assert sum(query["sql"].startswith("SELECT") for query in changed) == len(second) + 2
    reads = [query["sql"] for query in second if query["sql"].startswith("SELECT")]
    assert len(reads) <= 23, reads  # four of them count what waits for a leader in the menu of the plan
    assert sum(query["sql"].startswith("SELECT") for query in first) == len(reads)
    assert not any('"minutes"' in sql for sql in reads)  # minutes are never read by a page


def test_the_overview_does_not_ask_for_each_market(client: Client, at_ten: None) -> None:
    client.force_login(make_member(Role.LEADER))
    client.get("/ban-lam-viec/cho/")
    counts = []
    for _round in range(2):
        counted(days=1)
        counted(days=1)
        with CaptureQueriesContext(connection) as queries:
            client.get("/ban-lam-viec/cho/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 18


# --- the public ---------------------------------------------------------------------------------------------


def small_and_large(hour: datetime) -> tuple[int, int]:
    """Ten visitors and more, but seven from 6 to 7 in the morning and nobody before 5."""
    local = (hour.hour + 7) % 24
    return (0, 0) if local < 5 else (7, 30) if local == 6 else (30, 30)


def test_small_cells_are_hidden_and_in_no_sum(client: Client, at_ten: None) -> None:
    market = counted(days=3, counts=small_and_large, public_minimum=10)
    found = public_market(market.key, NOW)
    assert found is not None
    by_hour = {hour.hour: hour for hour in found.of_day(found.today)}
    assert (by_hour[6].count, by_hour[6].hidden) == (None, True)
    assert by_hour[3].count == 0  # an empty hour tells of nobody
    assert by_hour[8].count == 30
    assert 10 not in by_hour  # the hour that still runs is not told
    assert found.visitors == 4 * 30  # hours 5, 7, 8, 9
    assert dict(found.days)[date(2026, 3, 15)] == 18 * 30
    assert visitors_today(NOW) == 120
    page = client.get(f"/cho/{market.key}/").content.decode()
    assert "dưới 10" in page
    assert ">7<" not in page


@pytest.mark.parametrize("leaving", [0, 3, 200])
def test_few_people_leaving_hide_the_hour_too(leaving: int) -> None:
    market = counted(days=0, counts=(50, leaving))
    found = public_market(market.key, NOW)
    assert found is not None
    assert found.visitors == (None if leaving == 3 else 500)


def test_nothing_hidden_follows_from_two_versions_of_the_page() -> None:
    market = counted(days=1, counts=small_and_large, public_minimum=10)
    versions = []
    for hours in range(24):
        found = public_market(market.key, MIDNIGHT - DAY + timedelta(hours=hours, minutes=30))
        assert found is not None
        versions.append(published_sum(found.of_day(date(2026, 3, 15))))
    steps = {
        later - earlier for earlier, later in pairwise(versions) if earlier is not None and later is not None
    }
    assert steps <= {0, 30}  # never 7


def test_open_data_hides_what_the_page_hides(client: Client, at_ten: None) -> None:
    market = counted(days=1, counts=small_and_large, public_minimum=10)
    response = client.get(f"/cho/{market.key}/luot-khach.csv")
    lines = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    hidden = [line for line in lines[1:] if line[1] == "6"]
    assert hidden == [["2026-03-15", "6", "", "dưới 10"], ["2026-03-16", "6", "", "dưới 10"]]
    assert len(lines) == 1 + 24 + 10
    assert [row.count for row in open_data_rows(market, date(2026, 3, 15), date(2026, 3, 15), NOW)].count(
        None
    ) == 1


def test_a_market_that_is_not_listed_has_no_public_page(client: Client, at_ten: None) -> None:
    market = counted(days=1, is_public=False)
    assert client.get(f"/cho/{market.key}/").status_code == 404
    assert client.get(f"/cho/{market.key}/luot-khach.csv").status_code == 404
    assert market.name not in client.get("/cho/").content.decode()
    assert visitors_today(NOW) is None


def test_the_public_page_names_who_is_responsible_and_no_gate(client: Client, at_ten: None) -> None:
    market = counted(days=1)
    camera = market.cameras.get()
    camera.purpose, camera.controller, camera.sign_text = "Đếm khách", "Ban quản lý", "Có camera đếm người"
    camera.sealed_sources = "rtsp://bi-mat"
    camera.save()
    page = client.get(f"/cho/{market.key}/").content.decode()
    for text in ("Đếm khách", "Ban quản lý", "Có camera đếm người"):
        assert text in page
    assert "rtsp" not in page
    assert market.gates.get().name not in page


def test_no_market_yet_is_said_kindly(client: Client) -> None:
    assert "Chưa có chợ nào công bố số liệu" in client.get("/cho/").content.decode()
    assert visitors_today(NOW) is None


# --- files --------------------------------------------------------------------------------------------------


def download(client: Client, market: Market, what: str, kind: str, query: str = "") -> bytes:
    response = client.get(f"/ban-lam-viec/cho/{market.key}/tai-ve/{what}/{kind}/{query}")
    assert response.status_code == 200, response.status_code
    return bytes(response.getvalue())


def test_exports_hold_the_counts_in_local_time(client: Client, at_ten: None) -> None:
    market = counted(days=2)
    client.force_login(make_member(Role.LEADER))
    span = "?tu=2026-03-14&den=2026-03-14"
    lines = list(csv.reader(io.StringIO(download(client, market, "gio", "csv", span).decode("utf-8-sig"))))
    assert len(lines) == 25
    assert lines[1][:3] == ["2026-03-14 00:00:00", "30", "20"]
    records = json.loads(download(client, market, "gio", "json", span))
    assert records[0] == {
        "hour": "2026-03-14T00:00:00+07:00",
        "in": 30,
        "out": 20,
        "completeness": 1.0,
        "occupancy": None,
    }
    sheet = load_workbook(io.BytesIO(download(client, market, "ngay", "xlsx"))).active
    assert sheet is not None
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [720, 720, 300]
    assert json.loads(download(client, market, "gio", "json", "?tu=2020-01-01&den=2020-01-02")) == []


def test_minutes_of_a_gate_add_up_to_its_hour(client: Client, at_ten: None) -> None:
    market = counted(days=1, counts=(90, 45))
    gate = market.gates.get()
    client.force_login(make_member(Role.LEADER))
    rows = json.loads(
        download(client, market, f"cua-{gate.pk}-phut", "json", "?tu=2026-03-15&den=2026-03-15")
    )
    assert len(rows) == 24 * 60
    assert sum(row["in"] for row in rows[:60]) == 90
    assert len(json.loads(download(client, market, f"cua-{gate.pk}-gio", "json"))) == GateHour.objects.count()
    days = json.loads(download(client, market, f"cua-{gate.pk}-ngay", "json"))
    assert [(row["day"], row["in"]) for row in days] == [("2026-03-15", 24 * 90), ("2026-03-16", 10 * 90)]


def test_minutes_of_a_market_run_over_its_entrances(client: Client, at_ten: None) -> None:
    market = make_market()
    for _two in range(2):
        make_gate(make_camera(market))
    make_gate(make_camera(market), is_entrance=False)
    fill_hours(market, MIDNIGHT - DAY, 2, (60, 30))
    client.force_login(make_member(Role.LEADER))
    rows = json.loads(download(client, market, "phut", "json", "?tu=2026-03-15&den=2026-03-15"))
    assert len(rows) == 120
    assert rows[0] == {"minute": "2026-03-15T00:00:00+07:00", "in": 2, "out": rows[0]["out"], "gates": 2}
    assert sum(row["out"] for row in rows) == 2 * 2 * 30


@pytest.mark.parametrize("what", ["cua-0-phut", "cua-999999-gio", "khac", "cua-x-phut"])
def test_unknown_exports_do_not_exist(client: Client, at_ten: None, what: str) -> None:
    market = counted(days=0)
    client.force_login(make_member(Role.LEADER))
    assert client.get(f"/ban-lam-viec/cho/{market.key}/tai-ve/{what}/csv/").status_code == 404
    assert client.get(f"/ban-lam-viec/cho/{market.key}/tai-ve/gio/exe/").status_code == 404


def test_a_name_never_becomes_a_formula(client: Client, at_ten: None) -> None:
    market = counted(days=0, key="cho-cong-thuc", name="=HYPERLINK(1)")
    client.force_login(make_member(Role.LEADER))
    assert b"=HYPERLINK" not in download(client, market, "gio", "csv")
    page = client.get(f"/ban-lam-viec/cho/{market.key}/").content.decode()
    assert "=HYPERLINK(1)" in page  # as text


# --- the month ----------------------------------------------------------------------------------------------


def february() -> Market:
    market = make_market("Chợ Báo Cáo", is_public=False)
    make_gate(make_camera(market), name="Cửa chính")
    start = datetime(2026, 1, 31, 17, tzinfo=UTC)
    fill_hours(market, start - 31 * DAY, 24 * (31 + 28), lambda hour: (25, 25) if hour < start else (20, 20),
               skip=lambda hour: start + 9 * DAY <= hour < start + 10 * DAY)  # fmt: skip
    return market


def test_a_report_states_sums_holes_and_errors_in_the_form_of_the_decree() -> None:
    found = month_figures(february(), Month(2026, 2), NOW)
    assert found.total == 27 * 24 * 20
    assert found.missing == [date(2026, 2, 10)]
    assert found.against.difference == pytest.approx(-0.2)
    text = " ".join(summary_sentences(found))
    assert "12.960 lượt khách vào" in text
    assert "480 lượt mỗi ngày đo được" in text
    assert "\u221220,0" in text
    assert "chưa kiểm đếm" in text
    docx = paper_docx(report_paper(found, NOW))
    assert [finding.as_json() for finding in check_document(docx).broken] == []


def test_a_month_that_runs_has_no_report() -> None:
    with pytest.raises(MonthNotOverError):
        report_request(actor=None, market=make_market(), month=Month(2026, 3), now=NOW)


def test_a_report_is_written_by_the_worker(at_ten: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "khcn.markets.services.reports.office_program", lambda: None
    )  # its PDF is core's business
    market = february()
    job = report_request(actor=make_member(Role.LEADER), market=market, month=Month(2026, 2), now=NOW)
    assert report_request(actor=None, market=market, month=Month(2026, 2), now=NOW) == job
    report_make_task.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert report_path(market, Month(2026, 2), "docx").read_bytes()[:2] == b"PK"


@pytest.mark.nodb
@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "../../x", "２０２６-01", "1999-01", "2026-1"]
)
def test_months_are_read_strictly(text: str) -> None:
    assert month_of(text) is None


# --- prepared results ---------------------------------------------------------------------------------------


@pytest.fixture
def _no_results(tmp_path: Any, settings: Any) -> None:
    for path in prepared_path("floor-1").parent.glob("*"):
        path.unlink()


@pytest.mark.usefixtures("_no_results")
def test_a_forecast_is_made_by_the_worker_and_only_read_by_the_page(client: Client, at_ten: None) -> None:
    market = counted(days=60, counts=lambda hour: (max(0, 60 - abs((hour.hour + 7) % 24 - 9) * 10), 10))
    client.force_login(make_member(Role.LEADER))
    address = f"/ban-lam-viec/cho/{market.key}/du-bao/"
    assert "Đang tính dự báo" in client.get(address).content.decode()
    assert prepared_make(f"forecast-{market.pk}", NOW)
    found = prepared(f"forecast-{market.pk}")
    assert found is not None
    days = forecast_days(found)
    assert [days[0][0], len(days)] == [date(2026, 3, 16), 14]
    usual = sum(max(0, 60 - abs(hour - 9) * 10) for hour in range(24))
    assert days[3][1] == pytest.approx(usual, rel=0.1)
    assert all(low <= value <= high for _day, value, low, high in days)
    assert forecast_words(found)
    page = client.get(address).content.decode()
    assert "14 ngày tới" in page
    assert "Đang tính" not in page


@pytest.mark.usefixtures("_no_results")
def test_too_little_history_is_said(client: Client, at_ten: None) -> None:
    market = counted(days=3)
    prepared_make(f"forecast-{market.pk}", NOW)
    client.force_login(make_member(Role.LEADER))
    page = client.get(f"/ban-lam-viec/cho/{market.key}/du-bao/").content.decode()
    assert "Cần ít nhất một tuần" in page


@pytest.mark.nodb
@pytest.mark.parametrize("used", ["model", "seasonal_naive"])
def test_a_model_is_named_only_where_it_beats_last_week(used: str) -> None:
    found = {"used": used, "ratio": 0.8 if used == "model" else 1.1, "origins": 40, "mae_model": 8.0, "mae_naive": 10.0,
             "coverage": 0.81}  # fmt: skip
    text = " ".join(forecast_words(found))
    assert ("Không dùng mô hình" in text) == (used != "model")
    assert "81" in text


@pytest.mark.usefixtures("_no_results")
def test_an_effect_is_told_with_its_uncertainty() -> None:
    first = datetime(2026, 3, 2, 17, tzinfo=UTC)
    market = counted(days=100, counts=lambda hour: (90, 90) if first <= hour < first + 2 * DAY else (60, 60))
    event = MarketEvent.objects.create(
        market=market, kind="promotion", title="Hội chợ", starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 4)
    )
    assert effect_of(market, event, NOW) is None  # asked for
    assert prepared_make(f"effect-{market.pk}-{event.pk}", NOW)
    found = effect_of(market, event, NOW)
    assert found is not None
    assert found["actual"] == 2 * 24 * 90
    assert found["relative"] == pytest.approx(0.5, abs=0.1)
    text = " ".join(effect_words(found))
    assert "4.320 lượt" in text
    assert "khoảng tin cậy" in text
    event.ends_on = date(2026, 3, 5)
    event.save()
    assert effect_of(market, event, NOW) is None  # other days: worked out anew


@pytest.mark.usefixtures("_no_results")
def test_a_result_is_asked_for_once(django_capture_on_commit_callbacks: Any) -> None:
    market = make_market()
    with django_capture_on_commit_callbacks() as calls:
        for _again in range(3):
            assert prepared_or_ask(f"forecast-{market.pk}", NOW) is None
    assert len(calls) == 1


@pytest.mark.nodb
@pytest.mark.parametrize("name", ["../x", "forecast-", "forecast-1-2-3", "x-1", "forecast-1/../../y"])
def test_prepared_names_cannot_leave_their_folder(name: str) -> None:
    with pytest.raises(ValueError, match="not a prepared result"):
        prepared_path(name)


def test_the_floor_keeps_the_presence_of_all_cameras() -> None:
    market = make_market(floor_width_m=20, floor_depth_m=10)
    camera = make_camera(market)
    layout = make_layout(camera)
    layout.drawing |= {"ground": {"pixels": [[0, 0], [1280, 0], [1280, 720], [0, 720]],
                                  "metres": [[0, 0], [20, 0], [20, 10], [0, 10]]}}  # fmt: skip
    layout.save()
    block = {f"{column},{row}": 150.0 for column in range(10, 18) for row in range(6, 12)}
    camera_hour(camera, MIDNIGHT - DAY, heat=block).save()
    floor = floor_work_out(market, NOW)
    assert floor is not None
    assert floor["basis"] == "floor"
    cell = floor["width"] / len(floor["cells"][0])
    people = sum(value or 0 for line in floor["cells"] for value in line) * cell * cell
    assert people == pytest.approx(2.0, rel=0.03)  # 7200 person-seconds in an hour
    assert all(value is not None for line in floor["cells"] for value in line)  # no holes in the view
    assert floor_work_out(make_market(), NOW) is None


def test_a_camera_without_ground_points_shows_its_own_picture() -> None:
    market = make_market()
    camera = make_camera(market, name="Camera cổng")
    camera_hour(camera, MIDNIGHT - DAY, heat={"3,4": 3600.0}).save()
    floor = floor_work_out(market, NOW)
    assert floor is not None
    assert (floor["basis"], floor["camera"], floor["cells"][4][3]) == ("camera", "Camera cổng", 1.0)


def test_charts_are_asked_for_before_somebody_looks() -> None:
    counted(days=30)
    assert charts_prepare(NOW) >= 4

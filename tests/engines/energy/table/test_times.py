"""Ways of writing times, found from the whole column."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from khcn.engines.energy.errors import TableError
from khcn.engines.energy.table.reader import read_table
from khcn.engines.energy.table.times import Times, read_times
from tests.engines.energy.table.test_reader import workbook

VN = "Asia/Ho_Chi_Minh"
START = datetime(2025, 3, 4)


def column(texts: list[str], *, zone: str = VN, time_format: str | None = None) -> Times:
    raw = "when;v\n" + "".join(f"{text};{at}\n" for at, text in enumerate(texts))
    return read_times(read_table(raw.encode()), "when", zone=zone, time_format=time_format)


def codes(times: Times) -> list[str]:
    return [note.code for note in times.notes]


def local(times: Times) -> list[datetime]:
    return [
        datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None) + timedelta(hours=7)
        for ms in times.ms.tolist()
    ]


def expected(count: int, minutes: int = 15) -> list[datetime]:
    return [START + timedelta(minutes=minutes * at) for at in range(count)]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S"),
        ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S"),
        ("%Y-%m-%dT%H:%M:%S.000", "%Y-%m-%dT%H:%M:%S.%f"),
        ("%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M"),
        ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M"),
        ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S"),
        ("%d-%m-%y %H:%M", "%d-%m-%y %H:%M"),
        ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p"),
        ("%m/%d/%y %H:%M", "%m/%d/%y %H:%M"),
        ("%d-%b-%Y %H:%M", "%d-%b-%Y %H:%M"),
        ("%d %B %Y %H:%M", "%d %b %Y %H:%M"),
        ("%b %d, %Y %H:%M", "%b %d, %Y %H:%M"),
        ("%H:%M:%S %d/%m/%Y", "%H:%M:%S %d/%m/%Y"),
        ("%Hh%M %d/%m/%Y", "%Hh%M %d/%m/%Y"),
        ("%Y%m%d%H%M", "%Y%m%d%H%M"),
        ("%Y%m%d %H%M%S", "%Y%m%d %H%M%S"),
        ("%Y%m%dT%H%M", "%Y%m%dT%H%M"),
        ("%Y-%m-%d %H:%M:%S DST", "%Y-%m-%d %H:%M:%S DST"),
        ("%m/%d/%Y %I:%M %p EDT", "%m/%d/%Y %I:%M %p EDT"),
        ("%a %d/%m/%Y %H:%M", "%a %d/%m/%Y %H:%M"),
    ],
)
def test_two_weeks_written_in_every_way(written: str, named: str) -> None:
    count = 14 * 96
    times = column([moment.strftime(written) for moment in expected(count)])
    assert local(times) == expected(count)
    assert times.step_ms == 15 * 60_000
    if "%a" not in written:
        assert times.format == named
    assert codes(times) == []


def test_no_leading_zeros() -> None:
    moments = expected(14 * 24, 60)
    times = column([f"{m.day}/{m.month}/{m.year} {m.hour}:{m.minute:02d}" for m in moments])
    assert local(times) == moments


@pytest.mark.parametrize(
    ("texts", "zone"),
    [
        (["2025-03-03T17:00:00Z", "2025-03-03T17:15:00Z"], "America/New_York"),
        (["2025-03-04T00:00:00+07:00", "2025-03-04T00:15:00+07:00"], "Europe/Paris"),
        (["2025-03-03 12:00:00-0500", "2025-03-03 12:15:00-0500"], VN),
        (["2025-03-03 22:30:00+05:30", "2025-03-03 22:45:00+0530"], VN),
    ],
)
def test_an_offset_in_the_text_wins(texts: list[str], zone: str) -> None:
    times = column(texts, zone=zone)
    assert local(times) == expected(2)
    assert "offset-wins" in codes(times)


def test_numbers_since_1970_and_excel_days() -> None:
    epoch = [int((moment - timedelta(hours=7)).replace(tzinfo=UTC).timestamp()) for moment in expected(8)]
    for texts, named in (
        ([str(one) for one in epoch], "epoch_s"),
        ([f"{one}.21" for one in epoch], "epoch_s"),
        ([str(one * 1000) for one in epoch], "epoch_ms"),
    ):
        times = column(texts)
        assert times.format == named
        assert [moment.replace(microsecond=0) for moment in local(times)] == expected(8)
    serials = [(moment - datetime(1899, 12, 30)).total_seconds() / 86400 for moment in expected(8)]
    assert local(column([f"{one:.6f}" for one in serials])) == expected(8)
    assert local(column([f"{one:.6f}".replace(".", ",") for one in serials])) == expected(8)


def test_ten_digits_may_be_a_date() -> None:
    assert local(column([f"{m:%Y%m%d%H}" for m in expected(48, 60)])) == expected(48, 60)


def test_the_regular_reading_wins() -> None:
    day_first = [f"{day:02d}/02/2025 {hour:02d}:00" for day in range(1, 11) for hour in range(24)]
    assert column(day_first).format == "%d/%m/%Y %H:%M"
    month_first = [f"02/{day:02d}/2025 {hour:02d}:00" for day in range(1, 11) for hour in range(24)]
    assert column(month_first).format == "%m/%d/%Y %H:%M"
    nights_left_out = [f"02/{day:02d}/2025 {hour:02d}:00" for day in range(1, 11) for hour in range(7, 18)]
    times = column(nights_left_out)
    assert times.format == "%m/%d/%Y %H:%M" and codes(times) == []


def test_one_day_can_be_read_both_ways_and_that_is_said() -> None:
    times = column([f"03/04/2025 {hour:02d}:00" for hour in range(24)])
    assert times.format == "%d/%m/%Y %H:%M"
    (note,) = [note for note in times.notes if note.code == "ambiguous-date"]
    assert "ngày/tháng/năm" in str(note) and "tháng/ngày/năm" in str(note)


def test_first_days_of_months_are_as_regular_as_days() -> None:
    times = column([f"01/{month:02d}/2025" for month in range(1, 13)])
    assert times.format == "%d/%m/%Y" and "ambiguous-date" in codes(times)


def test_a_given_format_ends_the_doubt() -> None:
    texts = [f"03/04/2025 {hour:02d}:00" for hour in range(24)]
    assert (
        column(texts, time_format="%m/%d/%Y %H:%M").ms[0]
        == column(["2025-03-04 00:00", "2025-03-04 01:00"]).ms[0]
    )
    assert local(column(["4 Mar 2025 00:00", "4 Mar 2025 00:15"], time_format="%d %b %Y %H:%M")) == expected(
        2
    )
    assert codes(column([*texts, "2025-04-03 00:00"], time_format="%d/%m/%Y %H:%M")) == ["bad-times"]


@pytest.mark.parametrize("wrong", ["ngày", "%Q/%m"])
def test_a_format_that_is_none(wrong: str) -> None:
    with pytest.raises(TableError) as caught:
        column(["2025-03-04", "2025-03-05"], time_format=wrong)
    assert caught.value.code == "bad-format"


def test_bad_rows_are_told_and_totals_known() -> None:
    times = column(["2025-03-04 00:00", "hỏng", "2025-03-04 00:30", "", "2025-02-30 00:00", "Total"])
    assert times.valid.tolist() == [True, False, True, False, False, False]
    assert {note.code: note.rows for note in times.notes} == {"bad-times": (1, 3, 4), "total-rows": (5,)}


def test_hour_24_and_midnight_pm() -> None:
    assert local(column(["2025-03-03 23:00", "2025-03-03 24:00"]))[1] == START
    assert [
        m.hour for m in local(column(["3/4/2025 12:00 AM", "3/4/2025 12:00 PM", "3/4/2025 1:00 CH"]))
    ] == [0, 12, 13]


def test_times_without_year_and_without_date() -> None:
    texts = [f"{m:%d/%m %H:%M}" for m in (datetime(2024, 12, 30) + timedelta(hours=at) for at in range(96))]
    times = column(texts)
    assert (np.diff(times.ms) == 3_600_000).all()
    assert codes(times) == ["no-year"]
    clock = column([f"{at % 24:02d}:00" for at in range(50)])
    assert (np.diff(clock.ms) == 3_600_000).all() and codes(clock) == ["no-date"]


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Date;Time;v", [("04/03/2025", "0:00"), ("04/03/2025", "0:15"), ("04/03/2025", "0:30")]),
        ("Ngày;Giờ;v", [("04/03/2025", "00:00:00"), ("04/03/2025", "00:15:00"), ("04/03/2025", "00:30:00")]),
    ],
)
def test_date_and_hour_in_two_columns(head: str, rows: list[tuple[str, str]]) -> None:
    raw = head + "\n" + "".join(f"{day};{clock};{at}\n" for at, (day, clock) in enumerate(rows * 1))
    found = read_table(raw.encode())
    for name in head.split(";")[:2]:
        times = read_times(found, name, zone=VN)
        assert times.step_ms == 15 * 60_000
        assert "joined-columns" in codes(times)
    assert read_times(found, " + ".join(head.split(";")[:2]), zone=VN).step_ms == 15 * 60_000


def test_calendar_columns() -> None:
    raw = "Month;Day;Hour;AC\n" + "".join(
        f"{1 + at // 48};{1 + at // 24 % 2};{at % 24};5\n" for at in range(96)
    )
    times = read_times(read_table(raw.encode()), "Month", zone=VN)
    assert times.valid.all() and times.step_ms == 3_600_000
    assert codes(times)[:2] == ["joined-columns", "no-year"]
    raw = "Year;Month;Day;Hour;Minute;GHI\n" + "".join(f"2025;3;4;{at};30;5\n" for at in range(24))
    assert local(read_times(read_table(raw.encode()), "Year", zone=VN))[0] == START + timedelta(minutes=30)


def test_dates_of_a_workbook() -> None:
    rows: list[list[object]] = [["t", "v"], *[[moment, 1.0] for moment in expected(10)]]
    times = read_times(read_table(workbook(A=rows)), "t", zone=VN)
    assert local(times) == expected(10) and times.format == "excel"


def test_excel_took_some_dates_for_month_first_and_left_the_others_as_text() -> None:
    rows: list[list[object]] = [
        ["t", "v"],
        *[[moment, 1.0] for moment in expected(10)],
        ["25/03/2025 00:00", 1.0],
    ]
    times = read_times(read_table(workbook(A=rows)), "t", zone=VN)
    assert local(times)[-1] == datetime(2025, 3, 25)


def test_the_repeated_hour_is_told_apart_by_order() -> None:
    wall = [datetime(2024, 11, 3, 0, 0) + timedelta(minutes=15 * at) for at in range(8)]  # 00:00 .. 01:45
    wall += [
        datetime(2024, 11, 3, 1, 0) + timedelta(minutes=15 * at) for at in range(8)
    ]  # 01:00 .. 02:45 again
    for order in (1, -1):
        times = column([f"{moment:%Y-%m-%d %H:%M}" for moment in wall[::order]], zone="America/Denver")
        assert (np.diff(times.ms) == order * 900_000).all()
        assert codes(times) == ["repeated-hour"]
    hourly = ["2024-11-03 00:00", "2024-11-03 01:00", "2024-11-03 01:00", "2024-11-03 02:00"]
    assert (np.diff(column(hourly, zone="America/Denver").ms) == 3_600_000).all()


def test_the_missing_hour_of_a_clock_that_moves_leaves_no_hole() -> None:
    texts = ["2024-03-10 01:30", "2024-03-10 01:45", "2024-03-10 03:00", "2024-03-10 03:15"]
    times = column(texts, zone="America/Denver")
    assert (np.diff(times.ms) == 900_000).all() and codes(times) == []


def test_a_clock_that_never_moves_is_read_as_standard_time() -> None:
    wall = [datetime(2024, 3, 9) + timedelta(hours=at) for at in range(72)]
    times = column([f"{moment:%Y-%m-%d %H:%M}" for moment in wall], zone="America/Denver")
    assert (np.diff(times.ms) == 3_600_000).all()
    assert codes(times) == ["standard-time"]


def test_clocks_in_1970_and_2140_stay_but_are_told() -> None:
    times = column(
        ["2025-03-04 00:00", "1970-01-01 07:00", "2025-03-04 00:30", "2140-01-01 00:00", "2025-03-04 01:00"]
    )
    assert times.valid.all() and times.ms[1] == -3_600_000  # Ho Chi Minh City was at +08:00 then
    assert [note.rows for note in times.notes if note.code == "far-times"] == [(1, 3)]
    assert times.step_ms > 0


def test_errors() -> None:
    with pytest.raises(TableError) as caught:
        column(["xin", "chào"])
    assert caught.value.code == "no-times" and "«xin»" in str(caught.value)
    with pytest.raises(TableError, match="Asia/Ho_Chi_Minh"):
        column(["2025-03-04"], zone="Asia/Saigon City")

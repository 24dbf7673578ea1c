"""Vietnamese dates and numbers, as tables."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.core.dates import (
    DateFormatError,
    date_in_documents,
    date_vi,
    datetime_vi,
    month_in_documents,
    parse_date,
    weekday_vi,
)
from khcn.core.numbers import NumberFormatError, money_vi, number_vi, parse_number, percent_vi, size_vi


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, None, "0"),
        (1234567, None, "1.234.567"),
        (1234.5, None, "1.234,5"),
        (0.1 + 0.2, 1, "0,3"),
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (-0.001, 2, "0,00"),
        (Decimal("12.3400"), None, "12,34"),
        (Decimal("1E+3"), None, "1.000"),
        (1.005, 2, "1,01"),
        (None, None, ""),
    ],
)
def test_numbers(value: float | Decimal | None, decimals: int | None, text: str) -> None:
    assert number_vi(value, decimals) == text


def test_money_percent_and_sizes() -> None:
    assert money_vi(12_500_000) == "12.500.000\u00a0đ"
    assert percent_vi(0.9522) == "95,2\u00a0%"
    assert [size_vi(n) for n in (0, 999, 1500, 150_000, 1_000_000, 5_250_000_000)] == [
        "0\u00a0B",
        "999\u00a0B",
        "1,5\u00a0kB",
        "150\u00a0kB",
        "1\u00a0MB",
        "5,3\u00a0GB",
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        number_vi(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12))
def test_a_written_number_reads_back(value: Decimal) -> None:
    assert parse_number(number_vi(value)) == value


@pytest.mark.parametrize("text", ["", "1.5", "1,234.5", "12.34.567", "abc", "1.2345", "=1"])
def test_ambiguous_numbers_are_refused(text: str) -> None:
    with pytest.raises(NumberFormatError, match=r"1\.234,5"):
        parse_number(text)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2021, 6, 5), "ngày 05 tháng 6 năm 2021"),
        (date(2021, 1, 31), "ngày 31 tháng 01 năm 2021"),
        (date(2021, 2, 9), "ngày 09 tháng 02 năm 2021"),
        (date(2021, 3, 10), "ngày 10 tháng 3 năm 2021"),
        (date(2021, 12, 1), "ngày 01 tháng 12 năm 2021"),
    ],
)
def test_dates_in_documents(day: date, text: str) -> None:
    assert date_in_documents(day) == text


def test_only_january_and_february_get_a_zero() -> None:
    assert [month_in_documents(m) for m in range(1, 13)] == ["01", "02", *(str(m) for m in range(3, 13))]
    with pytest.raises(ValueError, match="1-12"):
        month_in_documents(13)


def test_moments_are_shown_in_local_time() -> None:
    late = datetime(2021, 6, 4, 18, 30, tzinfo=UTC)
    assert (date_vi(late), datetime_vi(late)) == ("05/06/2021", "05/06/2021 01:30")
    assert (date_vi(None), datetime_vi(None)) == ("", "")
    assert (weekday_vi(date(2021, 6, 5)), weekday_vi(date(2021, 6, 7))) == ("thứ Bảy", "thứ Hai")


@pytest.mark.parametrize(
    "text", ["5/6/2021", "05/06/2021", " 05-06-2021 ", "5.6.2021", "2021-06-05", "2021-06-05 00:00:00"]
)
def test_reading_dates(text: str) -> None:
    assert parse_date(text) == date(2021, 6, 5)


@pytest.mark.parametrize("text", ["", "31/02/2021", "6/2021", "05/06/21", "hôm nay", "2021-13-01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(DateFormatError):
        parse_date(text)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_written_date_reads_back(day: date) -> None:
    assert parse_date(date_vi(day)) == day

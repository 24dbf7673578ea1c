"""Numbers, money, sizes and dates as people write them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from khcn.ui import formats

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize(
    ("value", "places", "vi", "en"),
    [
        (1234.5, None, "1.234,5", "1,234.5"),
        (1234.0, None, "1.234", "1,234"),
        (1234, 1, "1.234,0", "1,234.0"),
        (0, None, "0", "0"),
        (-0.001, None, "0", "0"),
        (-12.25, None, "−12,25", "−12.25"),
        (2.675, 2, "2,68", "2.68"),  # half up on the written number, not on the binary one
        (Decimal("1e3"), None, "1.000", "1,000"),
        (10**15, None, "1.000.000.000.000.000", "1,000,000,000,000,000"),
        (0.005, None, "0,01", "0.01"),
        (None, None, "–", "–"),
        (float("nan"), None, "–", "–"),
        (float("inf"), None, "–", "–"),
    ],
)
def test_numbers(value: formats.Number | None, places: int | None, vi: str, en: str) -> None:
    assert formats.format_number(value, places=places) == vi
    assert formats.format_number(value, places=places, language="en") == en


def test_money_has_no_decimals_and_stays_on_one_line() -> None:
    assert formats.format_money(12_500_000) == "12.500.000\u00a0đ"
    assert formats.format_money(Decimal("0.5")) == "1\u00a0đ"
    assert formats.format_money(None) == "–"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0\u00a0B"),
        (999, "999\u00a0B"),
        (1000, "1\u00a0kB"),
        (1_234_567, "1,2\u00a0MB"),
        (1_000_000, "1\u00a0MB"),
        (5_400_000_000, "5,4\u00a0GB"),
        (None, "–"),
    ],
)
def test_sizes(size: int | None, text: str) -> None:
    assert formats.format_size(size) == text


def test_per_cent() -> None:
    assert formats.format_percent(0.125, places=1) == "12,5\u00a0%"
    assert formats.format_percent(0.06) == "6\u00a0%"
    assert formats.format_percent(None) == "–"


def test_dates() -> None:
    assert formats.format_date(date(2021, 5, 1)) == "01/05/2021"
    assert formats.format_date(date(987, 1, 2)) == "02/01/0987"
    assert formats.format_datetime(datetime(2021, 5, 1, 9, 5)) == "09:05 01/05/2021"
    assert formats.format_date(None) == formats.format_datetime(None) == "–"

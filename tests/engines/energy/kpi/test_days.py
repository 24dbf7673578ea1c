"""Local days and months in zones with and without changes of clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.days import (
    day_length_ms,
    day_name,
    day_start_ms,
    local_days,
    local_ms,
    month_name,
    months_of,
)

pytestmark = pytest.mark.nodb

HOUR = 3_600_000


@pytest.mark.parametrize(
    "zone",
    ["Asia/Ho_Chi_Minh", "America/Denver", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC", "Pacific/Apia"],
)
def test_wall_clock_agrees_with_the_standard_library(zone):
    begin = round(datetime(2011, 12, 20, tzinfo=UTC).timestamp() * 1000)
    ms = np.concatenate([
        begin + np.arange(0, 30 * 24 * HOUR, 15 * 60_000), begin + np.arange(0, 300 * 24 * HOUR, 5 * HOUR),
    ])  # fmt: skip
    want = [
        round(datetime.fromtimestamp(one / 1000, ZoneInfo(zone)).replace(tzinfo=UTC).timestamp() * 1000)
        for one in ms
    ]
    assert local_ms(ms, zone).tolist() == want


def test_days_begin_and_last_as_clocks_say():
    day = int(local_days(np.array([day_start_ms(19_792, "America/Denver")]), "America/Denver")[0])
    assert day == 19_792 and day_name(day) == "2024-03-10"
    assert day_length_ms(day, "America/Denver") == 23 * HOUR
    assert day_length_ms(day, "Asia/Ho_Chi_Minh") == 24 * HOUR


def test_months():
    days = np.array([0, 30, 31, 19_792])
    assert [month_name(int(one)) for one in months_of(days)] == ["1970-01", "1970-01", "1970-02", "2024-03"]


@pytest.mark.parametrize("zone", ["Asia/Hanoi2", "", "../etc/passwd", "\x00"])
def test_an_unknown_zone_is_a_sentence(zone):
    with pytest.raises(SpecError, match="múi giờ"):
        local_ms(np.array([0]), zone)

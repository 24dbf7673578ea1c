"""What a system should give: the year's sum, the shape of a day, night is night."""

from datetime import UTC, datetime

import numpy as np
import pytest

from khcn.engines.energy.pv.expected import Chain, Roof, expected
from khcn.engines.energy.types import DAY_MS

pytest.importorskip("pvlib")
START = int(
    datetime(2025, 3, 19, 17, tzinfo=UTC).timestamp() * 1000
)  # midnight of 20 March in Ho Chi Minh City
HCM = {"latitude": 10.755, "longitude": 106.667}


def test_days_of_a_month_add_up_to_the_table() -> None:
    found = expected([Roof(1, 0, 180)], Chain(), **HCM, start_ms=START, end_ms=START + 10 * DAY_MS)
    assert found.poa_kwh_m2.sum() / 10 == pytest.approx(6.52, rel=0.02)  # mean of March, kWh/m2 a day
    assert (found.clear_kwh.sum() / found.kwh.sum()) > 1.0


def test_the_shape_of_a_day() -> None:
    found = expected([Roof(10, 10, 180)], Chain(), **HCM, start_ms=START, end_ms=START + DAY_MS)
    local = np.arange(96) / 4
    assert len(found.kwh) == 96
    assert found.kwh[(local < 5.5) | (local > 18.5)].max() == 0
    assert 10.5 <= local[int(np.argmax(found.kwh))] <= 13
    assert np.abs(np.diff(found.kwh)).max() < 0.35 * found.kwh.max()  # no step at the turn of an hour
    assert found.elevation.max() == pytest.approx(79.5, abs=1.5)
    assert found.kwh.max() * 4 <= 10 / 1.1 + 1e-6


def test_two_roofs_are_the_sum_and_no_roof_is_nothing() -> None:
    window = {**HCM, "start_ms": START, "end_ms": START + DAY_MS}
    east, west = Roof(5, 20, 90), Roof(5, 20, 270)
    both = expected([east, west], Chain(), **window)
    alone = [expected([roof], Chain(), **window).kwh for roof in (east, west)]
    assert both.kwh == pytest.approx(alone[0] + alone[1])
    assert alone[0][:44].sum() > alone[1][:44].sum()  # the east looks at the morning
    assert expected([], Chain(), **window).kwh.sum() == 0

"""Hours and days of a market equal the sums of the minutes they come from, and only touched ones are made anew."""

from datetime import timedelta

import pytest

from khcn.markets.models import DirtyHour, GateHour, MarketDay, MarketHour
from khcn.markets.rules.packing import Kind, unpack
from khcn.markets.services.rollups import market_rederive, rollups_mark, rollups_refresh
from tests.markets.factories import (
    HOUR,
    NOW,
    fill_hours,
    gate_hour,
    local_day,
    make_camera,
    make_gate,
    make_layout,
    make_market,
    market_totals,
)

pytestmark = pytest.mark.django_db
MIDNIGHT = NOW.replace(hour=17) - timedelta(days=1)  # 00:00 of Monday in Viet Nam


def test_hours_and_days_are_the_sums_of_the_minutes() -> None:
    market = make_market()
    for _n in range(3):
        make_gate(make_camera(market))
    make_gate(make_camera(market), is_entrance=False)
    fill_hours(market, MIDNIGHT, 50, lambda hour: (hour.hour * 7 % 31, hour.hour * 5 % 29))
    minutes = [unpack(Kind.GATE, row.minutes) for row in GateHour.objects.filter(gate__market=market)]
    ins = sum(int(hour.column("count_in").sum()) for hour in minutes)
    outs = sum(int(hour.column("count_out").sum()) for hour in minutes)
    assert market_totals(market) == (ins, outs)
    assert [row.day for row in MarketDay.objects.filter(market=market).order_by("day")] == [
        local_day(MIDNIGHT + n * 24 * HOUR) for n in range(3)
    ]


def test_an_inner_gate_does_not_count_for_the_market() -> None:
    market = make_market()
    camera = make_camera(market)
    make_gate(camera)
    inner = make_gate(camera, is_entrance=False)
    fill_hours(market, MIDNIGHT, 2, (10, 4))
    gate_hour(inner, MIDNIGHT, 500, 500).save()
    rollups_mark([(market.pk, MIDNIGHT)])
    assert rollups_refresh(NOW) == 1
    assert market_totals(market) == (20, 8)


def test_only_marked_hours_are_made_anew() -> None:
    market = make_market()
    gate = make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT, 3, (10, 10))
    GateHour.objects.filter(gate=gate).update(count_in=99)
    rollups_mark([(market.pk, MIDNIGHT + HOUR), (market.pk, MIDNIGHT + HOUR)])
    assert DirtyHour.objects.count() == 1
    assert rollups_refresh(NOW) == 1
    assert [row.count_in for row in MarketHour.objects.order_by("hour")] == [10, 99, 10]
    assert MarketDay.objects.get().count_in == 119
    assert not DirtyHour.objects.exists()
    assert rollups_refresh(NOW) == 0


def test_an_hour_that_lost_its_counts_loses_its_row() -> None:
    market = make_market()
    make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT, 1, (10, 10))
    GateHour.objects.all().delete()
    rollups_mark([(market.pk, MIDNIGHT)])
    rollups_refresh(NOW)
    assert not MarketHour.objects.exists()
    assert not MarketDay.objects.exists()


def test_completeness_knows_gates_that_did_not_report() -> None:
    market = make_market()
    first, second = make_camera(market), make_camera(market)
    for camera in (first, second):
        make_gate(camera)
    make_layout(first)
    make_layout(second, since=MIDNIGHT + 5 * HOUR)  # set up at five o'clock: before that nobody misses it
    gate = first.gates.get()
    gate_hour(gate, MIDNIGHT + 3 * HOUR, 6, 6).save()
    gate_hour(gate, MIDNIGHT + 7 * HOUR, 6, 6, minutes=30).save()
    market_rederive(market=market)
    rollups_refresh(NOW)
    assert [row.completeness for row in MarketHour.objects.order_by("hour")] == [1.0, 0.25]
    # the market is open from six to six: one of twelve open hours was measured, by a quarter
    assert MarketDay.objects.get().completeness == pytest.approx(0.25 / 12, abs=1e-4)


def test_a_changed_day_waits_for_its_rebalancing_again() -> None:
    market = make_market()
    make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT, 2, (10, 4))
    MarketDay.objects.update(rebalanced_at=NOW, occupancy_peak=6)
    rollups_mark([(market.pk, MIDNIGHT)])
    rollups_refresh(NOW)
    day = MarketDay.objects.get()
    assert day.rebalanced_at is None
    assert (day.drift, day.busiest_hour) == (12, 0)

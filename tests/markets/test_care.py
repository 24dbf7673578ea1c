"""Looking after counts: rebalancing at night, alerts, retention of pictures."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from khcn.core.models.outbox import Message
from khcn.markets.enums import AlertKind, AlertState, ClipState
from khcn.markets.models import (
    Alert,
    Box,
    Camera,
    CameraTrouble,
    Clip,
    GateHour,
    Market,
    MarketDay,
    MarketHour,
    PreviewGrant,
    SlitScan,
    Still,
    ZoneHour,
)
from khcn.markets.rules.packing import HourMinutes, Kind
from khcn.markets.services.alerts import alert_seen, alerts_check
from khcn.markets.services.rebalancing import occupancy_rebalance
from khcn.markets.services.retention import pictures_expire
from khcn.markets.services.rollups import rollups_mark, rollups_refresh
from khcn.markets.store import CLIPS, SLIT_SCANS, STILLS, private_path, write_private
from khcn.orgs.enums import Role
from tests.markets.factories import (
    HOUR,
    NOW,
    fill_hours,
    gate_hour,
    make_box,
    make_camera,
    make_gate,
    make_market,
    make_zone,
)
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
MIDNIGHT = NOW.replace(hour=17) - timedelta(days=1)  # 00:00 of Monday in Viet Nam; NOW is 10:00


# -- rebalancing ----------------------------------------------------------------------------------------------------


def one_day(market: Market, *, lost: int = 0) -> None:
    """People come from six to nine and leave from ten to one, ``lost`` of them uncounted."""
    make_gate(make_camera(market))

    def counts(hour: Any) -> tuple[int, int]:
        local = timezone.localtime(hour).hour
        return (60 if 6 <= local < 9 else 0), (60 - lost // 3 if 10 <= local < 13 else 0)

    fill_hours(market, MIDNIGHT, 24, counts)


def test_a_day_that_adds_up_has_its_occupancy() -> None:
    market = make_market()
    one_day(market)
    assert occupancy_rebalance(NOW) == 0  # the day is not over
    assert occupancy_rebalance(NOW + timedelta(days=1)) == 1
    hours = {row.local_hour: row for row in MarketHour.objects.all()}
    assert hours[9].occupancy == pytest.approx(180)
    assert hours[7].occupancy == pytest.approx(90.5, abs=1)
    assert hours[20].occupancy == pytest.approx(0, abs=0.01)
    day = MarketDay.objects.get()
    assert (day.occupancy_peak, day.drift) == (180, 0)
    assert occupancy_rebalance(NOW + timedelta(days=1)) == 0


def test_a_drift_is_spread_and_told() -> None:
    market = make_market()
    one_day(market, lost=30)
    occupancy_rebalance(NOW + timedelta(days=1))
    day = MarketDay.objects.get()
    assert day.drift == 30
    hours = {row.local_hour: row for row in MarketHour.objects.all()}
    assert 0 <= (hours[22].occupancy or 0) < 1
    assert 150 < (hours[9].occupancy or 0) < 180


def test_a_day_with_holes_has_no_occupancy_and_waits_no_more() -> None:
    market = make_market()
    gate = make_gate(make_camera(market))
    for n in range(6):
        gate_hour(gate, MIDNIGHT + 3 * n * HOUR, 30, 30).save()
        rollups_mark([(market.pk, MIDNIGHT + 3 * n * HOUR)])
    rollups_refresh(NOW)
    assert occupancy_rebalance(NOW + timedelta(days=1)) == 1
    assert not MarketHour.objects.exclude(occupancy=None).exists()
    assert MarketDay.objects.get().rebalanced_at is not None


def test_late_counts_make_it_anew() -> None:
    market = make_market()
    one_day(market)
    later = NOW + timedelta(days=1)
    occupancy_rebalance(later)
    GateHour.objects.filter(hour=MIDNIGHT + 6 * HOUR).delete()
    gate = market.gates.get()
    gate_hour(gate, MIDNIGHT + 6 * HOUR, 120, 60).save()
    rollups_mark([(market.pk, MIDNIGHT + 6 * HOUR)])
    rollups_refresh(later)
    assert occupancy_rebalance(later + HOUR) == 1


# -- alerts -----------------------------------------------------------------------------------------------------------


def crowd(market: Market, people: int, minutes: int) -> None:
    """Fill one zone with ``people`` for the last minutes before NOW."""
    zone = market.zones.get()
    packing = HourMinutes(Kind.ZONE)
    for minute in range(60):
        here = people if minute >= 60 - minutes else 1
        packing.put(minute, {"person_cs": here * 6000, "peak": here, "measured_cs": 6000})
    ZoneHour.objects.create(zone=zone, hour=NOW - HOUR, minutes=packing.pack(), **packing.sums())


def test_a_crowded_zone_opens_one_alert_and_tells_its_manager_once() -> None:
    market = make_market()
    manager = make_member(Role.MARKET_MANAGER, market.unit)
    make_member(Role.MARKET_MANAGER)  # of another unit
    make_zone(make_camera(market), capacity=10, name="Khu rau")
    crowd(market, 14, 8)
    for _n in range(3):
        alerts_check(NOW)
    alert = Alert.objects.get()
    assert (alert.kind, alert.value, alert.limit) == (AlertKind.CROWDING, 14, 10)
    assert alert.started_at == NOW - 8 * MINUTE
    message = Message.objects.get()
    assert message.user_id == manager.pk
    assert "Khu rau" in message.subject
    assert alert_seen(actor=manager, alert=alert, now=NOW)
    assert not alert_seen(actor=manager, alert=alert, now=NOW)
    ZoneHour.objects.all().delete()
    crowd(market, 1, 8)
    alerts_check(NOW + MINUTE)
    alert.refresh_from_db()
    assert (alert.state, alert.ended_at) == (AlertState.OVER, NOW + MINUTE)


def test_five_minutes_are_needed_and_old_data_say_nothing() -> None:
    market = make_market()
    make_zone(make_camera(market), capacity=10)
    crowd(market, 14, 4)
    assert alerts_check(NOW).opened == 0
    ZoneHour.objects.all().delete()
    crowd(market, 14, 20)
    assert alerts_check(NOW + timedelta(hours=2)).opened == 0


def test_a_hall_over_its_capacity() -> None:
    market = make_market(capacity=50)
    make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT + 6 * HOUR, 4, (30, 10))
    alerts_check(NOW)
    alert = Alert.objects.get()
    assert (alert.thing, alert.limit) == ("market", 50)
    assert alert.value == pytest.approx(80)


def test_an_incomplete_day_says_nothing_about_crowding() -> None:
    market = make_market(capacity=50)
    gate = make_gate(make_camera(market))
    for n in range(4):
        gate_hour(gate, MIDNIGHT + (6 + n) * HOUR, 30, 1, minutes=40).save()
    assert alerts_check(NOW).opened == 0


@pytest.mark.parametrize(("today", "opened"), [(3, 1), (100, 0)])
def test_unusual_quiet(today: int, opened: int) -> None:
    market = make_market()
    make_gate(make_camera(market))
    for week in range(1, 9):
        fill_hours(market, MIDNIGHT + 6 * HOUR - timedelta(weeks=week), 12, (100 + week, 100))
    fill_hours(market, MIDNIGHT + 6 * HOUR, 4, (today, today))
    assert alerts_check(NOW).opened == opened
    if opened:
        assert Alert.objects.get().kind == AlertKind.QUIET


def test_quiet_says_nothing_where_nothing_was_measured() -> None:
    market = make_market()
    gate = make_gate(make_camera(market))
    for week in range(1, 9):
        fill_hours(market, MIDNIGHT + 6 * HOUR - timedelta(weeks=week), 12, (100, 100))
    for n in range(4):
        gate_hour(gate, MIDNIGHT + (6 + n) * HOUR, 1, 1, minutes=20).save()
        rollups_mark([(market.pk, MIDNIGHT + (6 + n) * HOUR)])
    rollups_refresh(NOW)
    assert alerts_check(NOW).opened == 0


def test_cameras_and_boxes() -> None:
    market = make_market()
    box = make_box(unit=market.unit, last_seen_at=NOW - MINUTE)
    camera = make_camera(market, box=box, last_minute_at=NOW - MINUTE)
    assert alerts_check(NOW).opened == 0
    CameraTrouble.objects.create(camera=camera, kind="covered", started_at=NOW - 3 * MINUTE)
    assert alerts_check(NOW).opened == 0  # not for so short a time
    CameraTrouble.objects.update(started_at=NOW - 6 * MINUTE)
    assert alerts_check(NOW).opened == 1
    CameraTrouble.objects.update(ended_at=NOW)
    assert alerts_check(NOW + MINUTE).closed == 1
    Camera.objects.update(last_minute_at=NOW - 20 * MINUTE)
    assert alerts_check(NOW).opened == 1
    Box.objects.update(
        last_seen_at=NOW - 20 * MINUTE
    )  # the box itself is silent: that is the one thing to tell
    report = alerts_check(NOW)
    assert (report.opened, report.closed) == (1, 1)
    assert Alert.objects.get(ended_at=None).kind == AlertKind.BOX
    Box.objects.update(last_seen_at=NOW, conflict_at=NOW)
    Camera.objects.update(last_minute_at=NOW)
    manager = make_member(Role.MARKET_MANAGER, market.unit)
    operator = make_member(Role.MARKET_OPERATOR)
    report = alerts_check(NOW)
    assert (report.opened, report.closed) == (1, 1)
    assert Alert.objects.get(ended_at=None).thing == f"conflict:{box.pk}"
    assert set(Message.objects.values_list("user_id", flat=True)) == {manager.pk, operator.pk}
    assert alerts_check(NOW + timedelta(minutes=40)).closed == 1


# -- retention ----------------------------------------------------------------------------------------------------------


def picture(kind: str, name: str, *, age: timedelta = timedelta()) -> Path:
    """Write a picture that is ``age`` old."""
    write_private(kind, name, [b"x"])
    path = private_path(kind, name)
    stamp = (NOW - age).timestamp()
    os.utime(path, (stamp, stamp))
    return path


def test_pictures_leave_on_time_and_only_then() -> None:
    camera = make_camera()
    gate = make_gate(camera)
    old, young = picture(SLIT_SCANS, "cu.png"), picture(SLIT_SCANS, "moi.png")
    SlitScan.objects.create(
        gate=gate, hour=NOW - timedelta(days=31), name="cu.png", expires_at=NOW - timedelta(days=1)
    )
    SlitScan.objects.create(gate=gate, hour=NOW - HOUR, name="moi.png", expires_at=NOW + timedelta(days=29))
    clips = {name: picture(CLIPS, name) for name in ("het-han.mp4", "con-han.mp4", "lau-qua.mp4")}
    Clip.objects.create(camera=camera, name="het-han.mp4", uploaded_at=NOW - HOUR, delete_by=NOW - MINUTE)
    Clip.objects.create(camera=camera, name="con-han.mp4", uploaded_at=NOW - HOUR, delete_by=NOW + HOUR)
    Clip.objects.create(
        camera=camera,
        name="lau-qua.mp4",
        uploaded_at=NOW - timedelta(hours=25),
        delete_by=NOW + timedelta(days=9),
    )
    still = picture(STILLS, "nen.webp")
    Still.objects.create(camera=camera, name="nen.webp", width=1, height=1, made_at=NOW)
    report = pictures_expire(NOW)
    assert (report.slit_scans, report.clips, report.stills, report.orphans) == (1, 2, 0, 0)
    assert [path.exists() for path in (old, young, still, *clips.values())] == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]
    assert SlitScan.objects.get().name == "moi.png"
    gone = Clip.objects.filter(name="")
    assert {clip.state for clip in gone} == {ClipState.FAILED}
    Camera.objects.update(active=False)
    assert pictures_expire(NOW).stills == 1
    assert not still.exists()
    again = pictures_expire(NOW)
    assert (again.slit_scans, again.clips, again.stills, again.orphans) == (0, 0, 0, 0)


def test_a_file_that_is_gone_already_does_not_keep_its_row() -> None:
    gate = make_gate()
    SlitScan.objects.create(gate=gate, hour=NOW, name="mat.png", expires_at=NOW)
    assert pictures_expire(NOW).slit_scans == 1
    assert not SlitScan.objects.exists()


def test_files_that_no_row_knows_go_after_a_day() -> None:
    lost = picture(SLIT_SCANS, "mo-coi.png", age=timedelta(days=2))
    half = picture(CLIPS, "nua.mp4.part", age=timedelta(days=2))
    fresh = picture(SLIT_SCANS, "dang-ghi.png")
    assert pictures_expire(NOW).orphans >= 2
    assert [path.exists() for path in (lost, half, fresh)] == [False, False, True]
    fresh.unlink()


def test_old_leaves_to_look_are_forgotten() -> None:
    camera = make_camera()
    person = make_member(Role.CAMERA_VIEWER)
    for age in (1, 40):
        moment = NOW - timedelta(days=age)
        PreviewGrant.objects.create(
            camera=camera, person=person, reason="x", granted_at=moment, expires_at=moment + 10 * MINUTE
        )
    assert pictures_expire(NOW).grants == 1

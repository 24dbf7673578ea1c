"""Stories of batches: twice, out of order, late, overlapping, from unknown gates, from two machines, with a wrong clock."""

from datetime import datetime, timedelta
from itertools import permutations
from threading import Thread
from typing import Any

import pytest
from django.db import connections

from khcn.engines.vision.minutes import CameraMinute, GateMinute, ZoneMinute
from khcn.markets.errors import BatchError, BoxConflictError
from khcn.markets.models import (
    Batch,
    Box,
    Camera,
    CameraHour,
    CameraTrouble,
    DirtyHour,
    Gate,
    GateHour,
    MarketDay,
    MarketHour,
    Zone,
    ZoneHour,
)
from khcn.markets.rules.packing import Kind, unpack
from khcn.markets.services.boxes import box_takeover
from khcn.markets.services.ingest import BatchResult, batch_ingest, set_aside_take_in
from tests.markets.factories import HOUR, NOW, make_box, make_camera, make_gate, make_market, make_zone

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
START = NOW - 2 * HOUR  # a whole hour


class Hall:
    """A market with one box, one camera, one gate, one zone."""

    def __init__(self) -> None:
        self.market = make_market()
        self.box = make_box(unit=self.market.unit)
        self.camera = make_camera(self.market, box=self.box)
        self.gate = make_gate(self.camera)
        self.zone = make_zone(self.camera)

    def minute(self, number: int, ins: int = 1, outs: int = 0, **fields: Any) -> dict[str, Any]:
        """Return the wire form of the minute ``number`` after START."""
        found: dict[str, Any] = {
            "camera": self.camera.key,
            "start": START + number * MINUTE,
            "measured_s": 60.0,
            "person_s": 30.0,
            "peak": 2,
            "layout": 1,
            "gates": (GateMinute(self.gate.key, ins, outs),),
            "zones": (ZoneMinute(self.zone.key, 20.0, 1, 1, (0, 1)),),
            "heat": {"3,4": 30.0},
        }
        return CameraMinute(**{**found, **fields}).as_json()

    def send(self, seq: int, minutes: list[Any], **fields: Any) -> BatchResult:
        """Send one batch."""
        given = {"instance": "a", "sent_at": NOW, "now": NOW, **fields}
        return batch_ingest(box=self.box, seq=seq, minutes=minutes, **given)

    def picture(self) -> list[Any]:
        """Return everything that was counted, to compare."""
        return [
            list(
                GateHour.objects.order_by("hour").values(
                    "hour", "count_in", "count_out", "measured_s", "minutes"
                )
            ),
            list(ZoneHour.objects.order_by("hour").values("hour", "person_s", "entries", "stays", "minutes")),
            list(CameraHour.objects.order_by("hour").values("hour", "person_s", "heat", "lost", "minutes")),
            list(MarketHour.objects.order_by("hour").values("hour", "count_in", "count_out", "completeness")),
            list(MarketDay.objects.order_by("day").values("day", "count_in", "count_out")),
            list(
                CameraTrouble.objects.order_by("kind", "started_at").values("kind", "started_at", "ended_at")
            ),
        ]


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_a_batch_becomes_hours_and_days(hall: Hall) -> None:
    result = hall.send(1, [hall.minute(n, 2, 1) for n in range(90)])
    assert (result.minutes, result.changed, result.repeated, result.notes) == (90, 90, False, [])
    first, second = GateHour.objects.order_by("hour")
    assert (first.count_in, first.count_out, first.measured_s, first.layout) == (120, 60, 3600.0, 1)
    assert (second.count_in, second.measured_s) == (60, 1800.0)
    assert [row.completeness for row in MarketHour.objects.order_by("hour")] == [1.0, 0.5]
    assert MarketDay.objects.get().count_in == 180
    zone, camera = ZoneHour.objects.earliest("hour"), CameraHour.objects.earliest("hour")
    assert (zone.person_s, zone.entries, zone.stays[:3]) == (1200.0, 60, [0, 60, 0])
    assert (camera.person_s, camera.heat) == (1800.0, {"3,4": 1800.0})
    assert not DirtyHour.objects.exists()
    hall.camera.refresh_from_db()
    assert hall.camera.last_minute_at == START + 89 * MINUTE


def test_twice_is_once(hall: Hall) -> None:
    minutes = [hall.minute(n) for n in range(70)]
    hall.send(1, minutes)
    once = hall.picture()
    assert hall.send(1, minutes).repeated
    again = hall.send(2, minutes)  # the same minutes in another batch
    assert (again.repeated, again.changed) == (False, 0)
    assert hall.picture() == once


def test_the_later_report_of_a_minute_replaces(hall: Hall) -> None:
    hall.send(1, [hall.minute(5, 1, measured_s=20.0, person_s=10.0, heat={"3,4": 10.0})])
    hall.send(2, [hall.minute(5, 4, measured_s=60.0, person_s=40.0, heat={"3,4": 20.0, "9,9": 20.0})])
    assert MarketDay.objects.get().count_in == 4
    camera = CameraHour.objects.get()
    assert camera.person_s == 40.0
    assert sum(camera.heat.values()) == pytest.approx(40.0)


def test_any_order_of_batches_gives_the_same(hall: Hall) -> None:
    """Overlapping batches whose later reports measured more, as boxes send them after a short break."""
    batches = {
        1: [hall.minute(n, 1, measured_s=30.0, person_s=15.0, heat={"3,4": 15.0}) for n in range(50, 56)],
        2: [hall.minute(n, 3) for n in range(55, 65)],
        3: [hall.minute(n, 5, health=("dark",) if n > 70 else ()) for n in range(65, 75)],
    }
    pictures = []
    for order in permutations(batches):
        for model in (MarketDay, MarketHour, CameraTrouble, Batch, GateHour, ZoneHour, CameraHour):
            model.objects.all().delete()
        Box.objects.update(last_seq=0, instance="", last_seen_at=None)
        Camera.objects.update(last_minute_at=None)
        for seq in order:
            hall.send(seq, batches[seq])
        picture = hall.picture()
        picture[2] = [{**row, "heat": sum(row["heat"].values())} for row in picture[2]]
        pictures.append(picture)
    assert all(picture == pictures[0] for picture in pictures)


def test_an_old_report_that_comes_late_does_not_replace(hall: Hall) -> None:
    hall.send(2, [hall.minute(5, 9)])
    late = hall.send(1, [hall.minute(5, 1, measured_s=30.0), hall.minute(6, 2)])
    assert late.changed == 1
    assert MarketDay.objects.get().count_in == 11


def test_a_late_batch_derives_only_what_it_touches(hall: Hall) -> None:
    hall.send(1, [hall.minute(n) for n in range(60, 70)])
    MarketHour.objects.update(occupancy=7.5)
    hall.send(2, [hall.minute(n) for n in range(10)])
    assert [row.occupancy for row in MarketHour.objects.order_by("hour")] == [None, 7.5]
    assert MarketDay.objects.get().count_in == 20


def test_unknown_gates_are_set_aside_and_taken_in_when_known(hall: Hall) -> None:
    minutes = [
        hall.minute(n, gates=(GateMinute("moi", 3, 1), GateMinute(hall.gate.key, 1, 1))) for n in range(4)
    ]
    result = hall.send(1, [*minutes, {**hall.minute(9), "camera": "la"}])
    assert result.set_aside == 5
    assert {note["code"]: note["count"] for note in result.notes} == {"unknown-gate": 4, "unknown-camera": 1}
    assert MarketDay.objects.get().count_in == 4  # the rest went in
    assert set_aside_take_in(NOW) == 0
    make_gate(hall.camera, key="moi")
    assert set_aside_take_in(NOW) == 1
    assert MarketDay.objects.get().count_in == 16
    batch = Batch.objects.get()
    assert (len(batch.set_aside), batch.has_set_aside) == (1, True)
    hall.camera.key = "la"
    hall.camera.save()
    set_aside_take_in(NOW)
    assert MarketDay.objects.get().count_in == 17
    assert not Batch.objects.get().has_set_aside
    assert set_aside_take_in(NOW) == 0


def test_a_camera_of_another_box_is_not_written(hall: Hall) -> None:
    stranger = make_box(unit=hall.market.unit)
    result = batch_ingest(box=stranger, instance="b", seq=1, minutes=[hall.minute(1)], sent_at=NOW, now=NOW)
    assert [note["code"] for note in result.notes] == ["unknown-camera"]
    assert not GateHour.objects.exists()


BAD: list[tuple[str, dict[str, Any]]] = [
    ("bad-future", {"start": (NOW + 10 * MINUTE).isoformat()}),
    ("bad-ancient", {"start": (NOW - timedelta(days=800)).isoformat()}),
    ("bad-time", {"start": "2026-03-16T01:00:30+00:00"}),
    ("bad-time", {"start": "2026-03-16T01:00:00"}),
    ("bad-time", {"start": 17}),
    ("bad-value", {"measured_s": 75}),
    ("bad-value", {"measured_s": float("nan")}),
    ("bad-value", {"peak": -1}),
    ("bad-value", {"person_s": 1e9}),
    ("bad-value", {"measured_s": 0}),
    ("bad-value", {"heat": {"40,2": 1}}),
    ("bad-value", {"gates": [{"id": "a", "in": 1.5, "out": 0}]}),
    ("bad-value", {"gates": [{"id": "a", "in": 10**7, "out": 0}]}),
    ("bad-form", {"gates": "abc"}),
    ("bad-form", {"gates": [{"in": 1}]}),
    ("bad-form", {"camera": 5}),
    ("bad-form", {"zones": [{"id": "a", "stays": list(range(40))}]}),
]


@pytest.mark.parametrize(("code", "change"), BAD, ids=lambda value: str(value)[:40])
def test_what_cannot_be_true_is_noted_and_the_rest_goes_in(
    hall: Hall, code: str, change: dict[str, Any]
) -> None:
    result = hall.send(1, [hall.minute(1), {**hall.minute(2), **change}, hall.minute(3)])
    assert result.notes == [{"code": code, "count": 1}]
    assert MarketDay.objects.get().count_in == 2


@pytest.mark.parametrize("fields", [{"instance": ""}, {"seq": 0}, {"minutes": [1] * 5001}])
def test_a_batch_without_form_is_refused(hall: Hall, fields: dict[str, Any]) -> None:
    given: dict[str, Any] = {"instance": "a", "seq": 1, "minutes": [], "sent_at": NOW, "now": NOW, **fields}
    with pytest.raises(BatchError):
        batch_ingest(box=hall.box, **given)


def test_two_machines_with_one_identity(hall: Hall) -> None:
    hall.send(1, [hall.minute(1)])
    with pytest.raises(BoxConflictError, match="cùng mã"):
        hall.send(1, [hall.minute(2, 50)], instance="b", now=NOW + MINUTE)
    hall.box.refresh_from_db()
    assert hall.box.conflict_at == NOW + MINUTE
    hall.send(2, [hall.minute(3)], now=NOW + MINUTE)  # the first one goes on
    assert MarketDay.objects.get().count_in == 2
    box_takeover(actor=None, box=hall.box, now=NOW)
    assert hall.send(1, [hall.minute(2, 50)], instance="b", now=NOW + 2 * MINUTE).changed == 1
    assert MarketDay.objects.get().count_in == 52


def test_a_new_machine_is_accepted_when_the_old_one_is_silent(hall: Hall) -> None:
    hall.send(7, [hall.minute(1)])
    result = hall.send(1, [hall.minute(2)], instance="b", now=NOW + 15 * MINUTE, sent_at=NOW + 15 * MINUTE)
    assert result.changed == 1
    hall.box.refresh_from_db()
    assert (hall.box.instance, hall.box.last_seq, hall.box.conflict_at) == ("b", 1, None)


def test_a_clock_that_runs_ahead_loses_nothing_and_replaces_nothing(hall: Hall) -> None:
    hall.send(1, [hall.minute(n) for n in range(110, 118)])
    ahead = timedelta(hours=1)
    minutes = [
        hall.minute(n, 5, start=START + n * MINUTE + ahead) for n in range(116, 120)
    ]  # in truth 08:56-08:59, by its clock an hour later
    result = hall.send(2, minutes, sent_at=NOW + ahead)
    codes = {note["code"] for note in result.notes}
    assert codes == {"clock", "clock-corrected"}
    gate = unpack(Kind.GATE, GateHour.objects.get().minutes)
    assert [int(value) for value in gate.column("count_in")[50:]] == [1, 1, 1, 1, 1, 1, 1, 1, 5, 5]
    hall.box.refresh_from_db()
    assert hall.box.clock_offset_s == 3600
    assert CameraTrouble.objects.get().kind == "clock"


def test_trouble_opens_closes_and_is_mended_by_late_reports(hall: Hall) -> None:
    dark: dict[str, Any] = {
        "health": ("dark",),
        "measured_s": 0.0,
        "person_s": 0.0,
        "gates": (),
        "zones": (),
        "heat": {},
    }
    hall.send(1, [hall.minute(0), hall.minute(1), hall.minute(2, **dark), hall.minute(3, **dark)])
    trouble = CameraTrouble.objects.get()
    assert (trouble.kind, trouble.started_at, trouble.ended_at) == ("dark", START + 2 * MINUTE, None)
    hall.camera.refresh_from_db()
    assert hall.camera.state == "dark"
    assert CameraHour.objects.get().lost == {"dark": 120.0}
    assert GateHour.objects.get().measured_s == 120.0  # minutes that were not measured are absent, not zero
    hall.send(2, [hall.minute(4, **dark), hall.minute(5)])
    trouble.refresh_from_db()
    assert trouble.ended_at == START + 5 * MINUTE
    hall.camera.refresh_from_db()
    assert hall.camera.state == ""
    hall.send(3, [hall.minute(n, **dark) for n in range(58, 62)])  # over the hour: one trouble
    assert CameraTrouble.objects.count() == 2
    assert CameraTrouble.objects.get(ended_at=None).started_at == START + 58 * MINUTE
    hall.send(4, [hall.minute(2), hall.minute(3)])  # in truth measured: the first trouble shrinks
    assert sorted(row.started_at for row in CameraTrouble.objects.all()) == [
        START + 4 * MINUTE,
        START + 58 * MINUTE,
    ]


def _in_threads(works: list[Any]) -> None:
    errors: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors


@pytest.mark.django_db(transaction=True)
def test_concurrent_batches_lose_nothing() -> None:
    """Two boxes of one market write the same hours while a third hand derives; one box sends each batch twice."""
    one, two = Hall(), Hall()
    Camera.objects.filter(pk=two.camera.pk).update(market=one.market)
    Gate.objects.filter(pk=two.gate.pk).update(market=one.market)
    Zone.objects.filter(pk=two.zone.pk).update(market=one.market)

    def sender(hall: Hall, *seqs: int) -> Any:
        def work() -> None:
            for seq in seqs:
                hall.send(seq, [hall.minute(n) for n in range(seq * 5, seq * 5 + 5)])

        return work

    _in_threads([sender(one, *range(1, 11)), sender(one, *range(1, 11)), sender(two, *range(10, 0, -1))])
    minutes = sum(
        int(unpack(Kind.GATE, row.minutes).column("count_in").sum()) for row in GateHour.objects.all()
    )
    assert minutes == 100
    assert sum(row.count_in for row in MarketHour.objects.filter(market=one.market)) == 100
    assert MarketDay.objects.get(market=one.market).count_in == 100
    assert not DirtyHour.objects.exists()
    assert Batch.objects.count() == 20


def test_the_number_of_queries_does_not_grow_with_the_minutes(
    hall: Hall, django_assert_max_num_queries: Any
) -> None:
    hall.send(1, [hall.minute(0)])
    with django_assert_max_num_queries(45):
        hall.send(2, [hall.minute(n) for n in range(1, 110)])


def test_moments(hall: Hall) -> None:
    batch_ingest(box=hall.box, instance="a", seq=1, minutes=[hall.minute(1)], sent_at=None, now=NOW)
    batch = Batch.objects.get()
    assert batch.first_minute == batch.last_minute == START + MINUTE
    assert isinstance(batch.received_at, datetime)

"""From readings to intervals: any order gives the same, late data change only what they touch, meters are replaced."""

import random
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from khcn.energy.models import Channel, IntervalDay, QualityEvent, SiteDay, Touched
from khcn.energy.rules.packing import unpack_day
from khcn.energy.services import horizon
from khcn.energy.services.derive import intervals_derive
from khcn.energy.services.devices import channel_update, meter_replace
from khcn.energy.services.figures import figures_refresh
from khcn.energy.services.ingest import batch_ingest
from khcn.energy.services.parcels import Sender
from khcn.energy.services.retention import readings_expire
from khcn.engines.energy.types import Quality
from tests.energy.factories import HOUR, NOW, TODAY, make_collector, make_device, make_site, ms

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
START = NOW - 20 * HOUR
LATER = NOW + HOUR
Readings = list[tuple[datetime, float]]


class Plant:
    """One inverter with a counter that grows by a tenth of a kWh a minute while the sun is up."""

    def __init__(self) -> None:
        self.site = make_site()
        self.collector = make_collector(self.site.unit)
        self.device = make_device(self.site, collector=self.collector)
        self.seq = 0

    def readings(self, first: int, count: int, step: int = 1) -> Readings:
        """Return readings of minutes after START."""
        return [(START + n * MINUTE, 1000 + 0.1 * n) for n in range(first, first + count, step)]

    def send(
        self, readings: Readings, *, metric: str = "ac_energy", now: datetime = NOW, source: str = "import:x"
    ) -> None:
        """Take readings in as one batch (what a file brings is never late)."""
        self.seq += 1
        piece = {
            "device": self.device.key,
            "metric": metric,
            "t": [ms(at) for at, _v in readings],
            "v": [v for _at, v in readings],
        }
        sender = Sender(source, "a", collector=self.collector)
        batch_ingest(sender=sender, seq=self.seq, series=[piece], now=now)

    def days(self, metric: str = "ac_energy") -> dict[Any, tuple[list[float], list[int]]]:
        """Return values (rounded) and flags without LATE of each day."""
        found = {}
        for row in IntervalDay.objects.filter(channel__metric=metric).order_by("day"):
            values, flags = unpack_day(row.packed)
            kept = (flags & ~np.uint8(int(Quality.LATE))).tolist()
            found[row.day] = ([round(v, 3) if v == v else -1.0 for v in values.tolist()], kept)
        return found


@pytest.fixture
def plant() -> Plant:
    return Plant()


def test_readings_become_intervals_with_sums(plant: Plant) -> None:
    plant.send(plant.readings(0, 20 * 60))
    report = intervals_derive(NOW)
    assert (report.channels, report.failed) == (1, 0)
    assert not Touched.objects.exists()
    rows = list(IntervalDay.objects.order_by("day"))
    assert sum(row.total or 0 for row in rows) == pytest.approx(0.1 * 1199, abs=1e-3)
    values, flags = unpack_day(rows[-1].packed)
    assert values[10] == pytest.approx(1.5)
    assert flags[10] == int(Quality.MEASURED)
    assert rows[-1].peak_kw == pytest.approx(6.0)
    assert rows[-1].expected == 96
    assert set(report.days) == {plant.site.pk}
    assert intervals_derive(NOW).channels == 0


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_batches_ends_in_the_same_intervals(plant: Plant, seed: int) -> None:
    """Shuffled, cut, doubled and late batches with a gap and a reset end as one batch in order does."""
    truth = [
        (at, value if at < START + 800 * MINUTE else value - 1070.0)
        for at, value in plant.readings(0, 400) + plant.readings(560, 640)
    ]
    plant.send(truth)
    intervals_derive(NOW)
    wanted = plant.days()
    assert wanted
    for model in (IntervalDay, QualityEvent):
        model.objects.all().delete()
    Channel.objects.all()[0].hours.all().delete()
    rng = random.Random(seed)
    cuts = sorted(rng.sample(range(1, len(truth)), 9))
    pieces = [truth[a:b] for a, b in zip([0, *cuts], [*cuts, len(truth)], strict=True)]
    pieces += rng.sample(pieces, 3)
    rng.shuffle(pieces)
    for piece in pieces:
        plant.send(rng.sample(piece, len(piece)))
        if rng.random() < 0.6:
            intervals_derive(NOW)
    intervals_derive(NOW)
    assert plant.days() == wanted


def test_late_data_change_only_the_intervals_they_touch(plant: Plant) -> None:
    plant.send(plant.readings(0, 300))
    plant.send(plant.readings(420, 700))
    intervals_derive(NOW)
    before = {day: values for day, (values, _flags) in plant.days().items()}
    IntervalDay.objects.update(derived_at=NOW - 9 * HOUR)
    plant.send(plant.readings(330, 30), now=LATER, source="collector:x")
    intervals_derive(LATER)
    after = {day: values for day, (values, _flags) in plant.days().items()}
    changed = sum(
        one != other
        for day in after
        for one, other in zip(before.get(day, [-2] * 96), after[day], strict=True)
    )
    assert changed <= 10
    late = sum(row.flags.get(str(int(Quality.LATE)), 0) for row in IntervalDay.objects.all())
    assert 0 < late <= 4
    untouched = IntervalDay.objects.filter(derived_at=NOW - 9 * HOUR)
    assert untouched.count() >= len(after) - 1


def test_a_gap_of_a_counter_is_known_energy(plant: Plant) -> None:
    plant.send(plant.readings(0, 30))
    plant.send(plant.readings(210, 990))  # silent from half past two to half past five
    intervals_derive(NOW)
    total = sum(row.total or 0 for row in IntervalDay.objects.all())
    assert total == pytest.approx(0.1 * 1199, abs=1e-3)
    marked = sum(row.flags.get(str(int(Quality.INTERPOLATED)), 0) for row in IntervalDay.objects.all())
    assert 11 <= marked <= 13
    assert QualityEvent.objects.filter(code="gap").exists()


def test_a_reset_is_an_event_that_a_person_may_settle(plant: Plant) -> None:
    first = plant.readings(0, 300)
    second = [(at, value - first[-1][1] + 1000 - 1000) for at, value in plant.readings(300, 300)]
    plant.send(first + second)
    intervals_derive(NOW)
    event = QualityEvent.objects.get(code="reset")
    QualityEvent.objects.update(done_at=NOW)
    plant.send([(START + 450.5 * MINUTE, 15.07)])
    intervals_derive(LATER)
    event.refresh_from_db()
    assert event.done_at == NOW
    total = sum(row.total or 0 for row in IntervalDay.objects.all())
    assert total == pytest.approx(0.1 * 598, abs=0.3)


def test_a_replaced_meter_counts_anew_from_there(plant: Plant) -> None:
    first = plant.readings(0, 300)
    second = [(at, value + 7000) for at, value in plant.readings(300, 300)]
    plant.send(first + second)
    intervals_derive(NOW)
    channel = Channel.objects.get()
    meter_replace(actor=None, channel=channel, at=START + 299.5 * MINUTE, now=NOW, note="hỏng")
    assert Touched.objects.exists()
    intervals_derive(NOW)
    total = sum(row.total or 0 for row in IntervalDay.objects.all())
    assert total == pytest.approx(0.1 * 598, abs=0.3)
    assert QualityEvent.objects.filter(code="replaced-meter").exists()
    assert not QualityEvent.objects.filter(code__in=("jump", "held-back", "replaced-meter?")).exists()


def test_limits_of_a_channel_derive_it_anew(plant: Plant) -> None:
    plant.send(
        [(at, 10.0 if n != 5 else 45.0) for n, (at, _v) in enumerate(plant.readings(0, 60))],
        metric="ac_power",
    )
    intervals_derive(NOW)
    channel = Channel.objects.get()
    assert not QualityEvent.objects.filter(code="out-of-range").exists()
    channel_update(actor=None, channel=channel, values={"highest": 30.0}, now=NOW)
    intervals_derive(NOW)
    assert QualityEvent.objects.filter(code="out-of-range").exists()


def test_days_whose_raw_readings_were_removed_are_only_filled(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.send(plant.readings(0, 300))
    intervals_derive(NOW)
    before = plant.days()
    monkeypatch.setattr(horizon, "raw_days", lambda: 0)
    assert readings_expire(NOW).hours == 5
    assert Channel.objects.get().raw_from == NOW
    plant.send([(START + 100 * MINUTE, 5.0), (START + 200 * MINUTE, 900.0), (START + 330 * MINUTE, 901.0)])
    assert readings_expire(NOW).hours == 0  # not before they are derived
    intervals_derive(LATER)
    after = plant.days()
    for day, (values, _flags) in before.items():
        assert [new for old, new in zip(values, after[day][0], strict=True) if old >= 0] == [
            old for old in values if old >= 0
        ]
    assert readings_expire(NOW).hours == 3


def test_another_channel_is_not_held_up_by_one_that_fails(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.send(plant.readings(0, 60))
    plant.send(plant.readings(0, 60), metric="ac_power")
    bad = Channel.objects.get(metric="ac_energy").pk
    from khcn.energy.services import derive

    def fails(self: Any, start: int, end: int) -> None:
        if self._channel.pk == bad:
            raise RuntimeError("odd")
        good(self, start, end)

    good = derive._Work.span
    monkeypatch.setattr(derive._Work, "span", fails)
    report = intervals_derive(NOW)
    assert (report.channels, report.failed) == (1, 1)
    assert Touched.objects.filter(channel_id=bad).exists()
    assert IntervalDay.objects.filter(channel__metric="ac_power").exists()


def test_the_days_of_the_site_follow(plant: Plant) -> None:
    plant.send(plant.readings(0, 1190))
    report = figures_refresh(NOW)
    assert (report.failed, report.days) == (0, 2)
    days = list(SiteDay.objects.order_by("day"))
    assert [row.day for row in days] == [TODAY - timedelta(days=1), TODAY]
    assert sum(row.production_kwh or 0 for row in days) == pytest.approx(0.1 * 1189, abs=1e-3)
    assert figures_refresh(NOW).days == 0

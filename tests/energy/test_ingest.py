"""Stories of batches: twice, shuffled, late, malformed, from unknown devices, from two senders, with wrong clocks."""

import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import connections

from khcn.energy.errors import BatchError
from khcn.energy.models import Batch, Channel, ReadingHour, SetAside, Touched
from khcn.energy.selectors.telemetry import readings_of
from khcn.energy.services.collectors import collector_heard
from khcn.energy.services.ingest import batch_ingest
from khcn.energy.services.parcels import BatchResult, Sender
from khcn.energy.services.set_aside import set_aside_take_in
from tests.energy.factories import HOUR, NOW, make_collector, make_device, make_site, ms

pytestmark = pytest.mark.django_db
START = NOW - 2 * HOUR  # a whole hour
MINUTE = timedelta(minutes=1)


class Roof:
    """A site with one collector and one inverter."""

    def __init__(self) -> None:
        self.site = make_site()
        self.collector = make_collector(self.site.unit)
        self.device = make_device(self.site, collector=self.collector)
        self.seq = 0

    def piece(
        self, first: int, count: int, *, metric: str = "ac_energy", start: float = 100.0, **fields: Any
    ) -> dict[str, Any]:
        """Return ``count`` readings a minute apart, counting up by 0.5, from minute ``first`` after START."""
        return {
            "device": self.device.key,
            "metric": metric,
            "t": [ms(START + n * MINUTE) for n in range(first, first + count)],
            "v": [start + 0.5 * n for n in range(first, first + count)],
            **fields,
        }

    def send(self, *series: Any, seq: int | None = None, now: datetime = NOW, **fields: Any) -> BatchResult:
        """Send one batch as the collector."""
        self.seq = self.seq + 1 if seq is None else seq
        sender = Sender(
            f"collector:{self.collector.key}", fields.pop("instance", "a"), collector=self.collector, **fields
        )
        return batch_ingest(sender=sender, seq=self.seq, series=list(series), now=now)

    def held(self, metric: str = "ac_energy") -> list[tuple[int, float]]:
        """Return the readings that count, as (minute after START, value)."""
        channel = Channel.objects.filter(device=self.device, metric=metric).first()
        if channel is None:
            return []
        found = readings_of(channel.pk, 0, ms(NOW + 400 * HOUR))
        return [
            ((int(t) - ms(START)) // 60_000, float(v))
            for t, v in zip(found.t.tolist(), found.v.tolist(), strict=True)
        ]


@pytest.fixture
def roof() -> Roof:
    return Roof()


def test_a_batch_becomes_hours_and_a_latest_value(roof: Roof) -> None:
    result = roof.send(roof.piece(0, 90), roof.piece(0, 90, metric="ac_power"))
    assert (result.readings, result.kept, result.duplicates, result.set_aside) == (180, 180, 0, 0)
    assert sorted(ReadingHour.objects.values_list("readings", flat=True)) == [30, 30, 60, 60]
    assert roof.held() == [(n, 100 + 0.5 * n) for n in range(90)]
    channel = Channel.objects.get(metric="ac_energy")
    assert (channel.last_at, channel.last_value, channel.counts) == (START + 89 * MINUTE, 144.5, True)
    marks = Touched.objects.filter(channel=channel)
    assert [(row.starts_at, row.ends_at) for row in marks] == [(START, START + 89 * MINUTE)]
    roof.device.refresh_from_db()
    assert (roof.device.heard_at, roof.device.trouble) == (NOW, "")
    row = Batch.objects.get()
    assert (row.readings, row.kept) == (180, 180)


def test_twice_is_once(roof: Roof) -> None:
    roof.send(roof.piece(0, 70))
    Touched.objects.all().delete()
    again = roof.send(roof.piece(0, 70), seq=1)
    assert (again.repeated, again.kept, again.duplicates) == (True, 0, 70)
    other = roof.send(roof.piece(0, 70), seq=2)
    assert (other.repeated, other.kept, other.duplicates) == (False, 0, 70)
    assert not Touched.objects.exists()  # nothing new, nothing to derive
    assert sum(ReadingHour.objects.values_list("readings", flat=True)) == 70


@pytest.mark.parametrize("seed", range(4))
def test_any_order_with_anything_twice_holds_the_same(roof: Roof, seed: int) -> None:
    rng = random.Random(seed)
    pieces = [roof.piece(n, rng.randint(10, 30)) for n in range(0, 120, 10)]
    pieces += rng.sample(pieces, 5)
    rng.shuffle(pieces)
    for piece in pieces:
        order = rng.sample(range(len(piece["t"])), len(piece["t"]))
        piece["t"], piece["v"] = [piece["t"][n] for n in order], [piece["v"][n] for n in order]
    while pieces:
        count = rng.randint(1, 4)
        roof.send(*pieces[:count])
        pieces = pieces[count:]
    assert roof.held() == [(n, 100 + 0.5 * n) for n in range(len(roof.held()))]
    assert len(roof.held()) >= 111
    total = sum(ReadingHour.objects.values_list("readings", flat=True))
    assert total == len(roof.held())


def test_late_data_mark_only_what_they_touch_and_never_turn_the_clock_back(roof: Roof) -> None:
    roof.send(roof.piece(60, 30))
    Touched.objects.all().delete()
    roof.send(roof.piece(-3000, 5))
    mark = Touched.objects.get()
    assert (mark.starts_at, mark.ends_at) == (START - 3000 * MINUTE, START - 2996 * MINUTE)
    assert Channel.objects.get().last_at == START + 89 * MINUTE


def test_another_value_for_a_time_is_kept_beside_the_first(roof: Roof) -> None:
    roof.send(roof.piece(0, 3))
    result = roof.send({**roof.piece(1, 1), "v": [999.0]})
    assert (result.kept, result.notes["value-conflict"]) == (1, 1)
    assert roof.held() == [(0, 100.0), (1, 100.5), (2, 101.0)]
    assert ReadingHour.objects.get().readings == 4


def test_numbers_used_again_by_a_cloned_machine_lose_nothing(roof: Roof) -> None:
    roof.send(roof.piece(0, 3), seq=7)
    result = roof.send(roof.piece(10, 3), seq=7)
    assert (result.repeated, result.kept, result.notes["seq-again"]) == (True, 3, 3)
    assert len(roof.held()) == 6


def test_a_second_machine_with_one_identity_is_set_aside_until_it_is_the_expected_one(roof: Roof) -> None:
    assert collector_heard(collector=roof.collector, instance="a", now=NOW)
    roof.send(roof.piece(0, 3))
    assert not collector_heard(collector=roof.collector, instance="b", now=NOW + MINUTE)
    result = roof.send(roof.piece(10, 3, start=5000.0), instance="b", twin=True)
    assert (result.kept, result.set_aside) == (0, 3)
    assert [row.code for row in SetAside.objects.all()] == ["two-senders"]
    assert set_aside_take_in(NOW) == 0
    assert len(roof.held()) == 3
    assert collector_heard(collector=roof.collector, instance="b", now=NOW + 15 * MINUTE)
    assert set_aside_take_in(NOW) == 3
    assert len(roof.held()) == 6
    assert set_aside_take_in(NOW) == 0


def test_unknown_devices_are_kept_and_taken_in_when_known(roof: Roof) -> None:
    stranger = {**roof.piece(0, 4), "device": "la-lam"}
    result = roof.send(stranger, roof.piece(0, 2))
    assert (result.kept, result.set_aside, result.notes["device-unknown"]) == (2, 4, 4)
    assert set_aside_take_in(NOW) == 0
    device = make_device(roof.site, key="la-lam", collector=roof.collector)
    assert set_aside_take_in(NOW) == 4
    assert Channel.objects.filter(device=device).exists()
    assert SetAside.objects.get().done_at == NOW


def test_a_collector_writes_to_its_own_devices_only(roof: Roof) -> None:
    other = make_device(make_site(), collector=make_collector())
    result = roof.send({**roof.piece(0, 4), "device": other.key})
    assert (result.kept, result.notes["device-of-another"]) == (0, 4)
    assert not Channel.objects.filter(device=other).exists()
    other.refresh_from_db()
    assert other.heard_at is None


def piece_with(**fields: Any) -> dict[str, Any]:
    """Return a change to a piece of one reading."""
    return fields


MALFORMED: list[tuple[str, Any, str, str]] = [
    # what is wrong, the change, where it goes ("aside" or "problem"), the code
    ("text instead of a number", {"v": ["mười hai"]}, "problem", "value-unreadable"),
    ("a number as text", {"v": ["12"]}, "problem", "value-unreadable"),
    ("true", {"v": [True]}, "problem", "value-unreadable"),
    ("NaN", {"v": [float("nan")]}, "problem", "value-unreadable"),
    ("infinite", {"v": [float("inf")]}, "problem", "value-unreadable"),
    ("a number without end", {"v": [10**400]}, "problem", "value-unreadable"),
    ("null", {"v": [None]}, "problem", "value-missing"),
    ("a list", {"v": [[1]]}, "problem", "value-unreadable"),
    ("the driver's own word", {"v": [None], "p": {"0": "not-implemented"}}, "problem", "not-implemented"),
    ("a value with a problem", {"v": [65535], "p": {"0": "not-implemented"}}, "problem", "not-implemented"),
    ("1970", {"t": [5000]}, "aside", "clock-past"),
    ("2040", {"t": [2_208_988_800_000]}, "aside", "clock-future"),
    ("seconds, not milliseconds", {"t": [1_773_630_000]}, "aside", "clock-past"),
    ("no time", {"t": [None]}, "aside", "time-unreadable"),
    ("time as text", {"t": ["2026-03-16T10:00:00"]}, "aside", "time-unreadable"),
    ("a time without end", {"t": [10**30]}, "aside", "time-unreadable"),
    ("lengths differ", {"t": [1, 2]}, "aside", "piece-lengths"),
    ("no list", {"t": 5}, "aside", "piece-form"),
    ("no metric", {"metric": None}, "aside", "piece-form"),
    ("a metric that is none", {"metric": "Điện năng!"}, "aside", "metric-unknown"),
    ("a device that is none", {"device": {}}, "aside", "piece-form"),
    ("a NUL", {"v": ["\0"]}, "problem", "value-unreadable"),
    ("half a character", {"v": ["\ud800"]}, "problem", "value-unreadable"),
    ("a whole message", {"metric": "payload", "v": [None], "p": {"0": "payload-not-json"}, "raw": {"0": "{"}},
     "aside", "payload-not-json"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "where", "code"), MALFORMED, ids=lambda value: str(value)[:30])
def test_what_cannot_be_used_is_kept_and_the_rest_goes_in(
    roof: Roof, name: str, change: dict[str, Any], where: str, code: str
) -> None:
    result = roof.send(roof.piece(0, 3), {**roof.piece(5, 1), **change}, roof.piece(10, 3))
    assert result.notes[code] >= 1, name
    good = [value for _at, value in roof.held() if value == value]
    assert len(good) == 6
    if where == "aside":
        row = SetAside.objects.get()
        assert row.code == code
        assert isinstance(json.loads(row.raw), list)
    else:
        assert not SetAside.objects.exists()
        channel = Channel.objects.get()
        found = readings_of(channel.pk, 0, ms(NOW))
        assert list(found.problems.values()) == [code]
        if change["v"] != [None]:
            assert list(found.raws) == list(found.problems)


@pytest.mark.parametrize("item", [None, 5, "x", [], [1, 2], {"device": "a"}])
def test_a_piece_without_form_is_set_aside(roof: Roof, item: Any) -> None:
    result = roof.send(item, roof.piece(0, 2))
    assert (result.kept, result.notes["piece-form"]) == (2, 1)


@pytest.mark.parametrize("fields", [{"instance": ""}, {"instance": "x" * 65}, {"seq": -1}, {"seq": 2**62}])
def test_a_batch_without_form_is_refused(roof: Roof, fields: dict[str, Any]) -> None:
    with pytest.raises(BatchError):
        roof.send(roof.piece(0, 1), **fields)
    assert not ReadingHour.objects.exists()


def test_a_clock_that_is_wrong_is_said_and_ends_with_good_readings(roof: Roof) -> None:
    roof.send({**roof.piece(0, 2), "t": [5000, ms(START)]})
    roof.device.refresh_from_db()
    assert (roof.device.trouble, roof.device.trouble_since) == ("clock", NOW)
    roof.send(roof.piece(5, 2), now=NOW + MINUTE)
    roof.device.refresh_from_db()
    assert (roof.device.trouble, roof.device.trouble_since) == ("", None)


def test_a_device_that_gives_nothing_usable_says_so(roof: Roof) -> None:
    roof.send({**roof.piece(0, 2), "v": [None, None], "p": {"0": "not-implemented", "1": "not-implemented"}})
    roof.device.refresh_from_db()
    assert (roof.device.trouble, roof.device.trouble_params) == (
        "no-usable-value",
        {"problem": "not-implemented"},
    )
    assert Channel.objects.get().last_at is None


def test_a_flood_spoils_no_other_device(roof: Roof) -> None:
    quiet = make_device(roof.site, collector=roof.collector)
    flood = {**roof.piece(0, 1), "t": [ms(START) + n * 500 for n in range(7000)], "v": [1.0] * 7000}
    result = roof.send(flood, {**roof.piece(0, 3), "device": quiet.key})
    assert (result.kept, result.notes["flood"]) == (3600 + 3, 3400)
    roof.device.refresh_from_db()
    quiet.refresh_from_db()
    assert (roof.device.trouble, quiet.trouble) == ("flood", "")
    assert SetAside.objects.get().readings == 3400
    assert ReadingHour.objects.get(channel__device=quiet).readings == 3


def test_new_metrics_make_channels_and_unknown_ones_do_not_count(roof: Roof) -> None:
    result = roof.send(roof.piece(0, 1, metric="ac_power"), roof.piece(0, 1, metric="hum.left"))
    assert result.notes["metric-new"] == 1
    found = dict(Channel.objects.values_list("metric", "counts"))
    assert found == {"ac_power": True, "hum.left": False}


def test_a_device_cannot_make_series_without_end(roof: Roof) -> None:
    result = roof.send(*[roof.piece(0, 1, metric=f"m{n}") for n in range(160)])
    assert Channel.objects.count() == 150
    assert result.notes["too-many-series"] == 10


def test_the_number_of_queries_does_not_grow_with_the_readings(
    roof: Roof, django_assert_max_num_queries: Any
) -> None:
    roof.send(roof.piece(0, 1))
    metrics = ["ac_energy", "ac_power", "dc_power", "frequency"]
    with django_assert_max_num_queries(24):
        roof.send(*[roof.piece(0, 110, metric=metric) for metric in metrics])


def test_a_rated_power_changes_nothing_here(roof: Roof) -> None:
    """Limits are the interval engine's work: a value beyond the rating is kept as it is."""
    roof.device.rated_kw = Decimal(1)
    roof.device.save()
    assert roof.send({**roof.piece(0, 1, metric="ac_power"), "v": [10_000.0]}).kept == 1


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
    """Three senders write overlapping readings of one channel; two of them send everything twice."""
    roof = Roof()

    def sender(name: str, numbers: list[int]) -> Any:
        def work() -> None:
            for n in numbers:
                batch_ingest(
                    sender=Sender(f"collector:{roof.collector.key}", name, collector=roof.collector),
                    seq=n + 1,
                    series=[roof.piece(n * 5, 8), roof.piece(n * 5, 8, metric="ac_power")],
                    now=NOW,
                )

        return work

    _in_threads(
        [sender("a", list(range(12))), sender("a", list(range(12))), sender("b", list(range(11, -1, -1)))]
    )
    assert roof.held() == [(n, 100 + 0.5 * n) for n in range(63)]
    assert roof.held("ac_power") == roof.held()
    assert sum(ReadingHour.objects.values_list("readings", flat=True)) == 126

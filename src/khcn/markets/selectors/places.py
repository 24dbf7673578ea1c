"""Reads of gates, zones and their stated errors; bounded sums over hours."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from django.db.models import Max, Min, Q, Sum
from django.utils import timezone

from khcn.engines.flow.accuracy import Accuracy, Review, gate_accuracy
from khcn.markets.enums import VISITOR_ZONES
from khcn.markets.models import Camera, Gate, GateHour, GateReview, Market, MarketDay, Zone, ZoneHour

REVIEWS_SINCE: Final = timedelta(days=366)  # older reviews say little about the camera of today
Window = tuple[datetime, datetime]


def window_of(first: date, last: date) -> Window:
    """Return the moments from the beginning of ``first`` to the end (exclusive) of ``last`` in local time."""
    zone = timezone.get_current_timezone()
    return (
        datetime.combine(first, time(), zone),
        datetime.combine(last + timedelta(days=1), time(), zone),
    )


@dataclass(frozen=True, slots=True)
class GateFigures:
    """One gate over a span. Counts are None when nothing was measured; ``measured``: share of the span's hours."""

    gate: Gate
    count_in: int | None
    count_out: int | None
    hours: float
    accuracy: Accuracy


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """One zone over a span: ``dwell_s`` by Little's law (person-seconds through entries), None without entries.

    ``mean``: people inside on average while measured.
    """

    zone: Zone
    entries: int | None
    person_s: float | None
    peak: int | None
    hours: float

    @property
    def dwell_s(self) -> float | None:
        """Mean stay in seconds."""
        return self.person_s / self.entries if self.entries and self.person_s is not None else None

    @property
    def mean(self) -> float | None:
        """People inside on average."""
        return self.person_s / (self.hours * 3600) if self.hours and self.person_s is not None else None


@lru_cache(maxsize=1024)
def _accuracy(reviews: tuple[Review, ...]) -> Accuracy:
    """The intervals are resampled: the same reviews are not worked out twice in one process."""
    return gate_accuracy(reviews)


def reviews_of(gates: Q, now: datetime) -> dict[int, list[Review]]:
    """Return the reviews of gates of the last year (both directions), by gate."""
    found: dict[int, list[Review]] = defaultdict(list)
    rows = GateReview.objects.filter(gates, started_at__gte=now - REVIEWS_SINCE).order_by("started_at", "pk")
    for gate, start, true_in, true_out, system_in, system_out in rows.values_list(
        "gate_id", "started_at", "true_in", "true_out", "system_in", "system_out"
    ):
        found[gate] += [Review(start, system_in, true_in), Review(start, system_out, true_out)]
    return found


def accuracy_of(reviews: Iterable[Review]) -> Accuracy:
    """Return the error of a gate, or of several gates together."""
    return _accuracy(tuple(reviews))


def gate_figures(
    gates: Sequence[Gate], window: Window, reviews: dict[int, list[Review]]
) -> list[GateFigures]:
    """Return the gates with their sums over the window (one query), the busiest first."""
    rows = (
        GateHour.objects.filter(gate__in=[gate.pk for gate in gates], hour__gte=window[0], hour__lt=window[1])
        .order_by()
        .values_list("gate_id")
        .annotate(Sum("count_in"), Sum("count_out"), Sum("measured_s"))
    )
    sums = {row[0]: row[1:] for row in rows if row[3] and row[3] > 0}
    found = []
    for gate in gates:
        ins, outs, seconds = sums.get(gate.pk, (None, None, 0.0))
        found.append(GateFigures(gate, ins, outs, seconds / 3600, accuracy_of(reviews.get(gate.pk, ()))))
    return sorted(found, key=lambda item: (item.count_in is None, -(item.count_in or 0), item.gate.name))


def zone_figures(zones: Sequence[Zone], window: Window) -> list[ZoneFigures]:
    """Return the zones with their sums over the window (one query), most visited first."""
    rows = (
        ZoneHour.objects.filter(zone__in=[zone.pk for zone in zones], hour__gte=window[0], hour__lt=window[1])
        .order_by()
        .values_list("zone_id")
        .annotate(Sum("entries"), Sum("person_s"), Max("peak"), Sum("measured_s"))
    )
    sums = {row[0]: row[1:] for row in rows if row[4] and row[4] > 0}
    found = []
    for zone in zones:
        entries, person_s, peak, seconds = sums.get(zone.pk, (None, None, None, 0.0))
        found.append(ZoneFigures(zone, entries, person_s, peak, seconds / 3600))
    return sorted(found, key=lambda item: (item.entries is None, -(item.entries or 0), item.zone.name))


def gates_of(market: Market) -> list[Gate]:
    """Return the gates in use, entrances first."""
    return list(
        Gate.objects.filter(market=market, active=True)
        .select_related("camera")
        .order_by("-is_entrance", "name", "pk")
    )


def visitor_zones_of(market: Market) -> list[Zone]:
    """Return the zones of visitors in use."""
    return list(
        Zone.objects.filter(market=market, active=True, kind__in=VISITOR_ZONES).select_related("camera")
    )


@dataclass(frozen=True, slots=True)
class PlaceHour:
    """One hour of a gate or a zone, by local time; ``values`` by column name."""

    day: date
    hour: int
    measured: float
    values: dict[str, Any]


def gate_hours(gate: Gate, window: Window) -> list[PlaceHour]:
    """Return the measured hours of one gate in order."""
    return _place_hours(GateHour.objects.filter(gate=gate), window, ("count_in", "count_out"))


def zone_hours(zone: Zone, window: Window) -> list[PlaceHour]:
    """Return the measured hours of one zone in order."""
    return _place_hours(ZoneHour.objects.filter(zone=zone), window, ("entries", "person_s", "peak", "stays"))


def _place_hours(rows: Any, window: Window, columns: tuple[str, ...]) -> list[PlaceHour]:
    found = []
    rows = rows.filter(hour__gte=window[0], hour__lt=window[1], measured_s__gt=0).order_by("hour")
    for hour, seconds, *values in rows.values_list("hour", "measured_s", *columns):
        local = timezone.localtime(hour)
        named = dict(zip(columns, values, strict=True))
        found.append(PlaceHour(local.date(), local.hour, min(seconds / 3600, 1.0), named))
    return found


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts a market: cameras in use, the models on them, and since when nothing came (oldest camera)."""

    cameras: tuple[Camera, ...]
    models: tuple[str, ...]

    @property
    def troubled(self) -> list[Camera]:
        """Cameras that cannot be trusted now."""
        return [camera for camera in self.cameras if camera.state]


def counting_of(market: Market) -> Counting:
    """Return the cameras in use with their models (one query)."""
    cameras = tuple(Camera.objects.filter(market=market, active=True).order_by("name"))
    return Counting(cameras, tuple(sorted({camera.model for camera in cameras if camera.model})))


def first_day(market_ids: Collection[int]) -> dict[int, date]:
    """Return the first measured day of each market."""
    rows = MarketDay.objects.filter(market_id__in=market_ids).order_by().values_list("market_id")
    return dict(rows.annotate(first=Min("day")))

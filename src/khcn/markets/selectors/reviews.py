"""What a reviewer sees: hours that wait, the system's count beside an image, and the error so far."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.engines.flow.accuracy import Accuracy
from khcn.markets.enums import ReviewSource
from khcn.markets.models import Clip, Gate, GateHour, GateReview, SlitScan
from khcn.markets.selectors.accuracy import accuracy_words, gate_accuracies, share_words
from khcn.markets.selectors.system_counts import SystemCount, system_count

HOUR = timedelta(hours=1)
STAMP = "%Y%m%d%H"


@dataclass(frozen=True, slots=True)
class WaitingHour:
    """An hour with a slit-scan that nobody has counted. ``why``: the reason it is proposed, or empty."""

    hour: datetime
    count_in: int
    count_out: int
    why: str = ""

    @property
    def stamp(self) -> str:
        """Return the hour as addresses have it (UTC)."""
        return f"{self.hour.astimezone(UTC):{STAMP}}"


@dataclass(frozen=True, slots=True)
class GatePage:
    """A gate with its error, its reviews and the hours that wait."""

    gate: Gate
    accuracy: Accuracy
    words: str
    hourly: str
    reviews: list[GateReview]
    suggested: list[WaitingHour]
    waiting: list[WaitingHour]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One hour of one gate."""

    gate: Gate
    hour: datetime
    scan: SlitScan | None
    counted: SystemCount
    review: GateReview | None

    @property
    def ticks(self) -> list[tuple[str, str]]:
        """Return (place in percent of the image's height, clock) every two minutes."""
        starts = [(minute, self.hour + timedelta(minutes=minute)) for minute in range(0, 60, 2)]
        return [(f"{minute / 0.6:.3f}%", f"{timezone.localtime(at):%H:%M}") for minute, at in starts]


def gate_page(gate: Gate, now: datetime) -> GatePage:
    """Return a gate's page: propose the busiest, the quietest and one random hour, so that errors of both kinds show."""
    accuracy = gate_accuracies([gate.pk])[gate.pk]
    waiting = waiting_hours(gate, now)
    return GatePage(
        gate=gate,
        accuracy=accuracy,
        words=accuracy_words(accuracy),
        hourly=share_words(accuracy.hourly) if accuracy.hourly else "",
        reviews=list(
            GateReview.objects.filter(gate=gate).select_related("reviewer").order_by("-started_at")[:50]
        ),
        suggested=_suggested(waiting, gate, now),
        waiting=sorted(waiting, key=lambda one: one.hour, reverse=True)[:72],
    )


def waiting_hours(gate: Gate, now: datetime) -> list[WaitingHour]:
    """Return the hours with an image and a count that nobody has looked at."""
    scans = SlitScan.objects.filter(gate=gate, expires_at__gt=now).exclude(name="")
    hours = set(scans.values_list("hour", flat=True))
    done = GateReview.objects.filter(gate=gate, source=ReviewSource.SLIT_SCAN, started_at__in=hours)
    hours -= set(done.values_list("started_at", flat=True))
    rows = GateHour.objects.filter(gate=gate, hour__in=hours, measured_s__gt=0)
    return [WaitingHour(row.hour, row.count_in, row.count_out) for row in rows]


def _suggested(waiting: list[WaitingHour], gate: Gate, now: datetime) -> list[WaitingHour]:
    if not waiting:
        return []
    by_count = sorted(waiting, key=lambda one: (one.count_in + one.count_out, one.hour))
    busiest = by_count[-1]
    quiet = next((one for one in by_count if one.count_in + one.count_out), by_count[0])
    picked = {busiest.hour: _("giờ đông nhất")}
    picked.setdefault(quiet.hour, _("giờ vắng nhất"))
    rest = [one for one in by_count if one.hour not in picked]
    if rest:  # the same for everybody on one day, so that nobody draws until an easy hour comes
        dice = random.Random(f"{gate.pk} {timezone.localdate(now)}")  # noqa: S311  # a lot, not a secret
        picked[dice.choice(rest).hour] = _("giờ ngẫu nhiên")
    found = {one.hour: one for one in waiting}
    return [
        WaitingHour(hour, found[hour].count_in, found[hour].count_out, why) for hour, why in picked.items()
    ]


def review_page(gate: Gate, hour: datetime) -> ReviewPage:
    """Return one hour for review."""
    return ReviewPage(
        gate=gate,
        hour=hour,
        scan=SlitScan.objects.filter(gate=gate, hour=hour).exclude(name="").first(),
        counted=system_count(gate, hour, hour + HOUR),
        review=GateReview.objects.filter(gate=gate, source=ReviewSource.SLIT_SCAN, started_at=hour).first(),
    )


@dataclass(frozen=True, slots=True)
class GateTally:
    """Crossings of one gate in a test, and the same by tenths of its length."""

    name: str
    count_in: int
    count_out: int
    steps: list[tuple[int, int]]


def clip_tallies(clip: Clip, names: dict[str, str], parts: int = 10) -> list[GateTally]:
    """Return the crossings of a test by gate and over time."""
    seconds = max(float(clip.result.get("seconds_video") or 0), 1e-6)
    tallies = []
    for item in clip.drawing.get("gates") or ():
        mine = [one for one in clip.result.get("crossings") or () if one["gate"] == item["id"]]
        steps = [[0, 0] for _part in range(parts)]
        for one in mine:
            part = min(parts - 1, int(one["t"] / seconds * parts))
            steps[part][one["direction"] == "out"] += 1
        count_out = sum(one["direction"] == "out" for one in mine)
        tallies.append(
            GateTally(
                names.get(item["id"], item["id"]),
                len(mine) - count_out,
                count_out,
                [(a, b) for a, b in steps],
            )
        )
    return tallies

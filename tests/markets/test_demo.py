"""The demo markets: plausible, complete, and loaded once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from khcn.markets import demo
from khcn.markets.enums import ClipState, EventKind
from khcn.markets.models import (
    Alert,
    Box,
    Camera,
    Clip,
    Gate,
    GateHour,
    GateReview,
    Layout,
    Market,
    MarketDay,
    MarketEvent,
    MarketHour,
    Zone,
    ZoneHour,
)
from khcn.markets.services.alerts import alerts_check
from khcn.markets.services.demo_clips import demo_clip_make, demo_clip_wanted
from khcn.orgs.demo import load_demo as load_demo_people
from tests.markets.factories import make_camera

pytestmark = pytest.mark.django_db


def quiet(_text: str) -> None:
    """Take progress and say nothing."""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Load a month instead of thirteen, without the film."""
    monkeypatch.setattr(demo, "DAYS", 30)
    monkeypatch.setattr(demo, "ZONE_DAYS", 7)
    monkeypatch.setattr(demo, "demo_clip_wanted", lambda camera: False)
    load_demo_people(quiet)
    return lambda: demo.load_demo(quiet)


def picture() -> list[Any]:
    """Return how much there is of everything."""
    models = (
        Market,
        Camera,
        Gate,
        Zone,
        Layout,
        GateHour,
        ZoneHour,
        MarketHour,
        MarketDay,
        MarketEvent,
        GateReview,
        Box,
    )
    return [model._default_manager.count() for model in models]


def test_the_demo_is_loaded_once(short: Callable[[], None]) -> None:
    short()
    first = picture()
    short()
    assert picture() == first
    assert Market.objects.count() == 3
    assert all("minh họa" in market.name for market in Market.objects.all())
    assert Gate.objects.count() == 7


def test_the_demo_is_plausible(short: Callable[[], None]) -> None:
    short()
    today = timezone.localdate()
    for market in Market.objects.all():
        days = MarketDay.objects.filter(market=market, day__lt=today)
        assert days.count() >= 26
        assert 500 < sum(day.count_in for day in days) / days.count() < 15_000
        assert sum(day.completeness for day in days) / days.count() > 0.8
        assert not days.filter(rebalanced_at=None).exists()
        assert days.filter(occupancy_peak__isnull=False).count() > days.count() / 2
    minutes = GateHour.objects.aggregate(total=Sum("count_in"))["total"]
    assert minutes == MarketDay.objects.aggregate(total=Sum("count_in"))["total"]
    assert not MarketHour.objects.filter(hour__gt=timezone.now()).exists()
    assert Zone.objects.filter(parties__isnull=False).exists()
    assert MarketEvent.objects.filter(kind=EventKind.LUNAR).exists()
    assert GateReview.objects.count() >= 7
    assert not Camera.objects.exclude(sealed_sources="").exists()
    alerts_check(timezone.now() + timedelta(hours=1))
    assert not Alert.objects.filter(kind__in=["camera", "box"]).exists()


def test_the_film_is_handed_in_like_any_upload_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.engines.vision.sources.clips import clip

    camera, made = make_camera(), []

    def render(command: list[str], **_more: Any) -> None:
        made.append(command)
        clip(Path(command[-1]), seconds=1.0)

    monkeypatch.setattr("khcn.markets.services.demo_clips.subprocess.run", render)
    assert demo_clip_make(camera.pk)
    found = Clip.objects.get()
    assert (found.camera, found.state) == (camera, ClipState.WAITING)
    assert not demo_clip_make(camera.pk)
    assert len(made) == 1
    assert not demo_clip_wanted(camera)


def test_a_film_that_cannot_be_made_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def render(command: list[str], **_more: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("khcn.markets.services.demo_clips.subprocess.run", render)
    assert not demo_clip_make(make_camera().pk)
    assert not Clip.objects.exists()

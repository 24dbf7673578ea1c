"""Markets, opening hours, events, indicators: who may, what is refused, what follows."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.core.indicators import Period, indicators
from khcn.core.models.audit import AuditEvent
from khcn.core.references import Reference, resolve
from khcn.markets.enums import EventKind, ReviewSource
from khcn.markets.errors import VenueError
from khcn.markets.models import GateReview, MarketDay, MarketEvent, OpeningHours
from khcn.markets.rules.hours import OpenSpan, OpenWeek
from khcn.markets.services.boxes import BoxKeyError, box_create
from khcn.markets.services.events import event_add, event_remove, lunar_events_ensure
from khcn.markets.services.rollups import rollups_refresh
from khcn.markets.services.venues import hours_set, market_create, market_update
from khcn.orgs.enums import Role
from tests.markets.factories import NOW, fill_hours, make_camera, make_gate, make_market
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 16)
MIDNIGHT = NOW.replace(hour=17) - timedelta(days=1)


def test_an_operator_founds_a_market_and_its_manager_changes_it() -> None:
    unit = make_unit()
    operator, manager = make_member(Role.MARKET_OPERATOR), make_member(Role.MARKET_MANAGER, unit)
    with pytest.raises(PermissionDeniedError):
        market_create(actor=manager, key="cho-a", name="Chợ A", unit=unit, now=NOW)
    market = market_create(actor=operator, key="cho-a", name=" Chợ  A ", unit=unit, now=NOW)
    assert market.name == "Chợ A"
    with pytest.raises(VenueError, match="Đã có chợ"):
        market_create(actor=operator, key="cho-a", name="Chợ B", unit=unit, now=NOW)
    with pytest.raises(VenueError, match="Đã có chợ"):  # a page of the desk stands there
        market_create(actor=operator, key="so-sanh", name="Chợ C", unit=unit, now=NOW)
    market_update(actor=manager, market=market, now=NOW, values={"capacity": 300})
    market_update(actor=manager, market=market, now=NOW, values={"capacity": 300})
    assert [
        row.action for row in AuditEvent.objects.filter(action__startswith="markets.").order_by("pk")
    ] == [
        "markets.market.create",
        "markets.market.update",
    ]
    with pytest.raises(PermissionDeniedError):
        market_update(actor=make_member(Role.MARKET_MANAGER), market=market, now=NOW, values={"capacity": 1})


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": " "}, "name"), ({"public_minimum": 1}, "public_minimum"),
     ({"valid_from": DAY, "valid_to": DAY - timedelta(days=1)}, "valid_to")],
)  # fmt: skip
def test_fields_that_will_not_do(values: dict[str, object], field: str) -> None:
    with pytest.raises(VenueError) as caught:
        market_update(actor=None, market=make_market(), now=NOW, values=values)
    assert caught.value.field == field


@pytest.mark.parametrize("key", ["Chợ", "", "a b", "-a", "x" * 61])
def test_keys_that_will_not_do(key: str) -> None:
    with pytest.raises(VenueError):
        market_create(actor=None, key=key, name="Chợ", unit=make_unit(), now=NOW)
    with pytest.raises(BoxKeyError):
        box_create(actor=None, key=key, name="Máy", unit=make_unit(), now=NOW)


def test_new_hours_begin_on_a_day_and_make_completeness_anew() -> None:
    market = make_market()
    make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT + timedelta(hours=6), 6, (1, 1))
    assert MarketDay.objects.get().completeness == 0.5
    spans = [OpenSpan(day, time(6), time(12)) for day in range(7)]
    hours_set(actor=None, market=market, spans=spans, valid_from=DAY, now=NOW)
    rollups_refresh(NOW)
    assert MarketDay.objects.get().completeness == 1.0
    assert set(OpeningHours.objects.values_list("valid_to", flat=True)) == {None, DAY - timedelta(days=1)}
    hours_set(actor=None, market=market, spans=spans, valid_from=DAY, now=NOW)
    assert AuditEvent.objects.filter(action="markets.hours.set").count() == 1


@pytest.mark.parametrize(
    "spans",
    [[OpenSpan(0, time(6), time(6))], [OpenSpan(7, time(6), time(7))],
     [OpenSpan(0, time(6), time(12)), OpenSpan(0, time(11), time(18))]],
)  # fmt: skip
def test_hours_that_will_not_do(spans: list[OpenSpan]) -> None:
    with pytest.raises(VenueError):
        hours_set(actor=None, market=make_market(), spans=spans, valid_from=None, now=NOW)


@pytest.mark.parametrize(
    ("spans", "minutes", "at", "open_"),
    [
        ((), [60] * 24, time(3), True),
        ((OpenSpan(0, time(6), time(18)),), [0] * 6 + [60] * 12 + [0] * 6, time(18), False),
        ((OpenSpan(0, time(5, 30), time(7, 15)),), [0] * 5 + [30, 60, 15] + [0] * 16, time(5, 30), True),
        ((OpenSpan(0, time(20), time(23, 59)),), [0] * 20 + [60] * 4, time(21), True),
        ((OpenSpan(1, time(6), time(18)),), [0] * 24, time(9), False),
        ((OpenSpan(0, time(6), time(18), valid_to=date(2026, 3, 15)),), [0] * 24, time(9), False),
    ],
)
def test_open_minutes(spans: tuple[OpenSpan, ...], minutes: list[int], at: time, open_: bool) -> None:
    week = OpenWeek(spans)
    assert week.open_minutes_by_hour(DAY) == minutes
    assert week.is_open(DAY, at) is open_
    assert OpenWeek(spans, frozenset({DAY})).open_minutes_by_hour(DAY) == [0] * 24


def test_events_are_noted_once_by_those_who_may() -> None:
    market = make_market()
    manager = make_member(Role.MARKET_MANAGER, market.unit)
    given = {"kind": EventKind.FLOOD, "title": "Ngập", "starts_on": DAY, "ends_on": DAY, "now": NOW}
    first = event_add(actor=manager, market=market, **given)  # type: ignore[arg-type]  # one dict for all
    assert event_add(actor=manager, market=market, **given) == first  # type: ignore[arg-type]  # one dict for all
    with pytest.raises(PermissionDeniedError):
        event_add(actor=manager, market=None, **given)  # type: ignore[arg-type]  # one dict for all
    with pytest.raises(VenueError):
        event_add(actor=None, market=None, **{**given, "ends_on": DAY - timedelta(days=1)})  # type: ignore[arg-type]  # one dict for all
    event_remove(actor=manager, event=first, now=NOW)
    assert not MarketEvent.objects.exists()


def test_a_closed_day_has_no_open_hours() -> None:
    market = make_market()
    make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT + timedelta(hours=6), 6, (1, 1))
    event = event_add(
        actor=None,
        market=market,
        kind=EventKind.CLOSURE,
        title="Sửa chợ",
        starts_on=DAY,
        ends_on=DAY,
        now=NOW,
    )
    rollups_refresh(NOW)
    assert MarketDay.objects.get().completeness == 1.0
    event_remove(actor=None, event=event, now=NOW)
    rollups_refresh(NOW)
    assert MarketDay.objects.get().completeness == 0.5


def test_the_lunar_calendar_is_data_and_comes_once() -> None:
    made = lunar_events_ensure(NOW)
    assert made > 90
    assert lunar_events_ensure(NOW) == 0
    tet = MarketEvent.objects.get(kind=EventKind.TET, title="Tết Nguyên đán 2026")
    assert (tet.starts_on, tet.ends_on) == (
        date(2026, 2, 10),
        date(2026, 2, 23),
    )  # 1st of the 1st: 17 February 2026
    assert MarketEvent.objects.filter(title="Rằm tháng Giêng", starts_on=date(2026, 3, 3)).exists()


def test_indicators_tell_value_completeness_and_error() -> None:
    market = make_market()
    gate = make_gate(make_camera(market))
    fill_hours(market, MIDNIGHT + timedelta(hours=6), 12, lambda hour: (200 if hour.hour == 1 else 100, 100))
    GateReview.objects.create(
        gate=gate, source=ReviewSource.CLICKER, started_at=NOW, ended_at=NOW + timedelta(hours=1), true_in=200,
        true_out=200, system_in=196, system_out=194, reviewed_at=NOW,
    )  # fmt: skip
    period = Period(DAY, DAY + timedelta(days=1))
    found = {
        key: indicators.get(f"markets.{key}").figure(period=period, unit_ids=None, reader=None)
        for key in ("visitors", "visitors_per_day", "peak_hour", "days_measured", "measured_error")
    }
    assert {key: figure.value for key, figure in found.items()} == {
        "visitors": Decimal(1300), "visitors_per_day": Decimal(1300), "peak_hour": Decimal(8),
        "days_measured": Decimal(1), "measured_error": Decimal("2.5"),
    }  # fmt: skip
    assert found["visitors"].completeness == 0.5
    assert "Sai số" in found["visitors"].note
    other = indicators.get("markets.visitors").figure(period=period, unit_ids=[make_unit().pk], reader=None)
    assert other.value is None
    stranger = make_member(Role.MARKET_MANAGER)
    assert (
        indicators.get("markets.visitors").figure(period=period, unit_ids=None, reader=stranger).value is None
    )


def test_references_lead_to_the_desk_only_for_those_who_may() -> None:
    market = make_market("Chợ Mẫu", is_public=False)
    manager = make_member(Role.MARKET_MANAGER, market.unit)
    reference = Reference("markets.market", str(market.pk))
    found = resolve(reference, manager)
    assert found is not None
    assert (found.title, found.address) == ("Chợ Mẫu", f"/ban-lam-viec/cho/{market.key}/")
    assert resolve(reference, None) is None

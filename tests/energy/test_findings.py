"""Faults kept and told: one row a fault, what people did stays, closed when over, told once, quiet at night."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from khcn.core.enums import Channel as Way
from khcn.core.models.outbox import Message
from khcn.energy.enums import FindingState
from khcn.energy.models import Finding, Site
from khcn.energy.services import findings as service
from khcn.energy.services.alerts import after_quiet, alerts_check, findings_text
from khcn.energy.services.findings import SurveyReport, site_series, site_survey
from khcn.energy.services.seed import tables_seed
from khcn.engines.energy.types import Finding as Found
from khcn.engines.energy.types import FindingKind
from khcn.orgs.enums import Role
from tests.energy.factories import (
    HOUR,
    NOW,
    TODAY,
    derive_site,
    fill_days,
    make_channel,
    make_collector,
    make_contract,
    make_device,
    make_finding,
    make_grid_meter,
    make_site,
    make_system,
    ms,
    solar_day,
)
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def outage(
    start: datetime, hours: float = 2.0, *, ongoing: bool = False, key: str = "inv", **more: Any
) -> Found:
    """Return an outage as the engine tells it."""
    begin = ms(start)
    return Found(
        FindingKind.OUTAGE, begin, begin + round(hours * 3_600_000), "fault-outage", {"ongoing": ongoing, **more},
        (key,), 20.0 * hours, {"t": list(range(1000)), "measured": [float("nan")] * 1000, "unit": "kW"},
    )  # fmt: skip


class Watch:
    """A site with an inverter, whose surveys find what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tables_seed(NOW)
        self.site: Site = make_site()
        self.device = make_device(self.site, key="inv")
        self.channel = make_channel(self.device, last_at=NOW, last_value=1.0)
        make_contract(self.site)
        make_grid_meter(self.site)
        for channel in self.site.devices.exclude(pk=self.device.pk).get().channels.all():
            fill_days(channel, TODAY - 3 * DAY, TODAY - DAY, 0.1)
        fill_days(self.channel, TODAY - 40 * DAY, TODAY - DAY, solar_day())
        derive_site(self.site, TODAY - 3 * DAY, TODAY - DAY)
        self.found: list[Found] = []
        monkeypatch.setattr("khcn.engines.energy.faults.survey.survey", lambda series: self.found)

    def survey(self, *found: Found, now: datetime = NOW, whole: bool = True) -> SurveyReport:
        """Survey once."""
        self.found = list(found)
        return site_survey(self.site, now, whole=whole)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


def test_a_fault_is_one_row_that_grows_and_is_closed(watch: Watch) -> None:
    start = NOW - 5 * HOUR
    assert watch.survey(outage(start, 2, ongoing=True)).opened == 1
    row = Finding.objects.get()
    assert (row.state, row.ongoing, row.device, row.loss_kwh) == (FindingState.NEW, True, watch.device, 40.0)
    assert row.loss_vnd is not None
    assert int(row.loss_vnd) == round(40 * 2072 * 1.08)
    assert len(row.evidence["t"]) <= 400
    assert row.evidence["measured"][0] is None
    Finding.objects.update(state=FindingState.FIXING, note="đã gọi thợ")
    report = watch.survey(outage(start, 4, ongoing=False))
    assert (report.opened, report.closed) == (0, 1)
    row.refresh_from_db()
    assert (row.state, row.note, row.ongoing, row.ends_at) == (
        FindingState.FIXING, "đã gọi thợ", False, start + 4 * HOUR,
    )  # fmt: skip
    assert watch.survey(outage(start, 4)).opened == 0
    assert Finding.objects.count() == 1


def test_the_same_fault_that_begins_a_little_earlier_is_the_same_row(watch: Watch) -> None:
    watch.survey(outage(NOW - 5 * HOUR, 3))
    watch.survey(outage(NOW - 6 * HOUR, 4))
    row = Finding.objects.get()
    assert row.starts_at == NOW - 6 * HOUR
    watch.survey(outage(NOW - 6 * HOUR, 4), outage(NOW - 30 * HOUR, 2))
    assert Finding.objects.count() == 2


def test_a_fault_that_late_data_contradict_is_withdrawn_but_not_what_people_took_up(watch: Watch) -> None:
    watch.survey(outage(NOW - 5 * HOUR, 2), outage(NOW - 30 * HOUR, 2))
    taken = Finding.objects.order_by("starts_at")[0]
    Finding.objects.filter(pk=taken.pk).update(state=FindingState.SEEN)
    assert watch.survey().withdrawn == 1
    states = dict(Finding.objects.values_list("pk", "state"))
    assert states[taken.pk] == FindingState.SEEN
    assert FindingState.DISMISSED in states.values()


def test_an_hourly_look_leaves_slow_faults_alone(watch: Watch) -> None:
    slow = make_finding(watch.site, kind="soiling", code="fault-soiling", ongoing=True, ends_at=NOW - HOUR)
    soiling = Found(FindingKind.SOILING, ms(NOW - 9 * DAY), ms(NOW), "fault-soiling", {}, ("inv",), 5.0)
    watch.survey(outage(NOW - 5 * HOUR), soiling, whole=False)
    slow.refresh_from_db()
    assert slow.ongoing
    assert set(Finding.objects.values_list("kind", flat=True)) == {"soiling", "outage"}
    assert Finding.objects.count() == 2


def test_one_sites_odd_data_do_not_hide_the_faults_of_the_others(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_channel(make_device(make_site()), last_at=NOW)
    fill_days(other, TODAY - 2 * DAY, TODAY - DAY, solar_day())
    good = service.site_survey

    def fails(site: Site, now: datetime, **more: Any) -> SurveyReport:
        if site.pk == watch.site.pk:
            raise RuntimeError("odd")
        return good(site, now, **more)

    monkeypatch.setattr(service, "site_survey", fails)
    report = service.findings_nightly(NOW)
    assert (report.sites, report.failed) == (1, 1)


def test_the_engine_is_given_every_producing_device_on_one_grid(watch: Watch) -> None:
    make_system(watch.site)
    series = site_series(watch.site, TODAY - 5 * DAY, TODAY, NOW)
    assert [device.key for device in series.devices] == ["inv"]
    assert len(series.ms) == 5 * 96 + 40  # until ten in the morning
    assert len(series.devices[0].kwh) == len(series.ms)
    assert series.expected_kwh is not None
    assert site_series(make_site(), TODAY - DAY, TODAY, NOW) is None


def test_a_real_outage_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site()
    system = make_system(site, kwp=60)
    channels = [make_channel(make_device(site, system=system), last_at=NOW) for _ in range(2)]
    for channel in channels:
        fill_days(channel, TODAY - 40 * DAY, TODAY - DAY, solar_day())
    broken = [0.0 if 36 <= n < 64 else v for n, v in enumerate(solar_day())]
    channels[0].days.filter(day=TODAY - 4 * DAY).delete()
    fill_days(channels[0], TODAY - 4 * DAY, TODAY - 4 * DAY, broken)
    site_survey(site, NOW)
    rows = [row for row in Finding.objects.all() if row.kind == "outage"]
    assert len(rows) == 1
    assert rows[0].device == channels[0].device
    assert rows[0].loss_kwh == pytest.approx(sum(solar_day()[36:64]), rel=0.3)
    first = Finding.objects.count()
    site_survey(site, NOW + HOUR)
    assert Finding.objects.count() == first


def told(way: str = Way.DESK) -> Sequence[Message]:
    """Return what was sent."""
    return list(Message.objects.filter(channel=way).order_by("pk"))


def test_a_fault_is_told_once_to_those_who_look_after_the_site(watch: Watch) -> None:
    keeper = make_member(Role.UNIT_ENERGY_MANAGER, watch.site.unit)
    technician = make_member(Role.TECHNICIAN, watch.site.unit)
    make_member(Role.TECHNICIAN)
    make_finding(watch.site)
    assert alerts_check(NOW).findings == 1
    assert {message.user_id for message in told()} == {keeper.pk, technician.pk}
    assert len(told(Way.MAIL)) == 2
    assert watch.site.name in told()[0].subject
    assert alerts_check(NOW + HOUR).findings == 0
    assert len(told()) == 2


def test_officers_are_told_where_nobody_keeps_the_site(watch: Watch) -> None:
    officer = make_member(Role.ENERGY_OFFICER)
    make_finding(watch.site)
    alerts_check(NOW)
    assert [message.user_id for message in told()] == [officer.pk]


def test_short_or_fluttering_or_old_faults_are_not_told(watch: Watch) -> None:
    make_member(Role.TECHNICIAN, watch.site.unit)
    short = make_finding(watch.site, starts_at=NOW - HOUR, ends_at=NOW - HOUR / 2)
    make_finding(watch.site, starts_at=NOW - 90 * DAY, ends_at=NOW - 89 * DAY)
    make_finding(watch.site, state=FindingState.SEEN)
    assert alerts_check(NOW).findings == 0
    Finding.objects.filter(pk=short.pk).update(ends_at=NOW + HOUR)  # it lasts
    assert alerts_check(NOW + HOUR).findings == 1
    make_finding(watch.site, starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR)  # again, the same day
    assert alerts_check(NOW + 4 * HOUR).findings == 0
    make_finding(watch.site, starts_at=NOW + 30 * HOUR, ends_at=NOW + 33 * HOUR)
    assert alerts_check(NOW + 34 * HOUR).findings == 1


def test_mail_of_the_night_leaves_in_the_morning(watch: Watch) -> None:
    make_member(Role.TECHNICIAN, watch.site.unit)
    make_finding(watch.site)
    night = NOW + 13 * HOUR  # eleven in the evening in Viet Nam
    alerts_check(night)
    assert told()[0].not_before == night
    assert told(Way.MAIL)[0].not_before == NOW + 21 * HOUR  # seven in the morning
    zone = watch.site.zone
    assert after_quiet(NOW, zone) == NOW
    assert after_quiet(NOW + 19 * HOUR, zone) == NOW + 21 * HOUR  # five in the morning


def test_devices_in_trouble_and_silent_collectors_are_told_when_it_lasts(watch: Watch) -> None:
    make_member(Role.TECHNICIAN, watch.site.unit)
    watch.device.trouble, watch.device.trouble_since = "clock", NOW
    watch.device.save()
    make_collector(watch.site.unit, heard_at=NOW)
    first = alerts_check(NOW + timedelta(minutes=10))
    assert (first.devices, first.collectors) == (0, 0)
    later = alerts_check(NOW + timedelta(minutes=50))
    assert (later.devices, later.collectors) == (1, 1)
    again = alerts_check(NOW + timedelta(minutes=55))
    assert (again.devices, again.collectors) == (0, 0)
    assert "Đồng hồ" in told()[0].body


def test_the_text_for_pasting_says_where_when_and_how_much(watch: Watch) -> None:
    rows = [make_finding(watch.site, loss_kwh=41.26) for _ in range(14)]
    text = findings_text(watch.site, rows)
    assert text.splitlines()[0].startswith(watch.site.name)
    assert "16/03 05:00" in text
    assert "41,3 kWh" in text
    assert text.splitlines()[-1] == "… và 2 sự cố khác."


def test_the_end_of_a_told_fault_is_told_once_and_when_it_has_stayed_over(watch: Watch) -> None:
    make_member(Role.TECHNICIAN, watch.site.unit)
    row = make_finding(watch.site, ongoing=True, code="fault-outage-ongoing", ends_at=NOW, params=WORDS)
    assert alerts_check(NOW).findings == 1
    Finding.objects.filter(pk=row.pk).update(ongoing=False)
    assert alerts_check(NOW + HOUR / 2).over == 0  # it may come back
    assert alerts_check(NOW + 13 * HOUR).over == 1
    assert [message.subject for message in told()][1:] == [f"{watch.site.name}: 1 sự cố đã hết"]
    assert "Đã hết lúc" in told()[1].body
    assert "chưa chạy lại" not in told()[1].body
    assert told(Way.MAIL)[1].not_before == NOW + 21 * HOUR  # seven in the morning
    assert alerts_check(NOW + 14 * HOUR).over == 0
    assert len(told()) == 2


WORDS = {
    "device": "Biến tần 1",
    "since": "10:00 15/03/2026",
    "until": "15:00 15/03/2026",
    "loss": "12",
    "devices": [],
}


def test_who_knows_the_end_is_not_told_it_again(watch: Watch) -> None:
    make_member(Role.TECHNICIAN, watch.site.unit)
    make_finding(watch.site)  # over before it was told: the first message says until when
    mended = make_finding(watch.site, ongoing=True, kind="stale", code="fault-stale-ongoing", params=WORDS)
    Finding.objects.filter(pk=mended.pk).update(starts_at=NOW - 9 * HOUR)
    assert alerts_check(NOW).findings == 2
    Finding.objects.filter(pk=mended.pk).update(ongoing=False, state=FindingState.FIXED)
    assert alerts_check(NOW + 5 * HOUR).over == 0


def test_a_fault_that_comes_back_after_its_end_was_told_is_news_when_it_does_not_flutter(
    watch: Watch,
) -> None:
    make_member(Role.TECHNICIAN, watch.site.unit)
    row = make_finding(watch.site, ongoing=True, code="fault-outage-ongoing", ends_at=NOW, params=WORDS)
    alerts_check(NOW)
    Finding.objects.filter(pk=row.pk).update(ongoing=False)
    assert alerts_check(NOW + 2 * HOUR).over == 1
    Finding.objects.filter(pk=row.pk).update(ongoing=True, ends_at=NOW + 4 * HOUR)
    assert alerts_check(NOW + 4 * HOUR).findings == 0
    assert alerts_check(NOW + 27 * HOUR).findings == 1


def test_people_are_told_when_late_data_take_a_told_fault_away(watch: Watch) -> None:
    make_member(Role.TECHNICIAN, watch.site.unit)
    watch.survey(outage(NOW - 5 * HOUR, ongoing=True))
    assert alerts_check(NOW).findings == 1
    watch.survey()
    assert alerts_check(NOW + 2 * HOUR).over == 1
    assert "không có sự cố này" in told()[1].body


def test_a_fault_that_ends_stops_saying_that_it_lasts(watch: Watch) -> None:
    lasting = outage(NOW - 80 * DAY, 79 * 24, ongoing=True)
    watch.survey(replace(lasting, code="fault-outage-ongoing"))
    watch.survey(replace(lasting, start_ms=lasting.start_ms - 3_600_000, params={"ongoing": False}))
    row = Finding.objects.get()
    assert (row.code, row.ongoing) == ("fault-outage", False)

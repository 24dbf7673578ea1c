"""Pages of figures on the desk: who may see them, and that they say what was counted."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from khcn.core.jobs import Job
from khcn.core.months import Month
from khcn.markets.enums import AlertKind, AlertState, EventKind
from khcn.markets.models import Alert, GateReview, Market, MarketEvent, Zone
from khcn.orgs.enums import Role
from tests.markets.factories import fill_hours, make_camera, make_gate, make_layout, make_market, make_zone
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
ROOT = "/ban-lam-viec/cho/"
NOW = datetime(2026, 3, 16, 3, 20, tzinfo=UTC)  # a Monday, 10:20 in Viet Nam
SEVENTEEN = timedelta(hours=17)  # from midnight UTC to midnight in Viet Nam, the evening before


class Hall:
    """A market with two gates and a zone, six weeks of counts, and the people around it."""

    def __init__(self) -> None:
        self.unit = make_unit("Ban quản lý chợ")
        self.market = make_market("Chợ Thử Nghiệm", unit=self.unit, key="cho-thu-nghiem")
        self.camera = make_camera(self.market, name="Camera cổng")
        self.gate = make_gate(self.camera, name="Cửa trước")
        self.back = make_gate(self.camera, name="Cửa sau")
        self.inner = make_gate(self.camera, name="Lối trong", is_entrance=False)
        self.zone: Zone = make_zone(self.camera, name="Dãy cá", kind="stalls")
        make_layout(self.camera)
        self.manager = make_member(Role.MARKET_MANAGER, self.unit)
        self.leader = make_member(Role.LEADER)
        self.operator = make_member(Role.MARKET_OPERATOR)
        self.stranger = make_member(Role.MARKET_MANAGER, make_unit("Ban quản lý khác"))
        self.contributor = make_member(Role.CONTRIBUTOR)

    def count(self, days: int = 45, counts: Any = (30, 30), **options: Any) -> None:
        """Count ``days`` whole days before today and ten hours of today, by every entrance."""
        first = datetime(2026, 3, 15, 17, tzinfo=UTC) - timedelta(days=days)
        fill_hours(self.market, first, days * 24 + 10, counts, **options)

    def url(self, name: str = "market", *arguments: Any) -> str:
        """Return the address of a page of the market."""
        return reverse(f"markets-desk:{name}", args=[self.market.key, *arguments])


@pytest.fixture
def hall(time_machine_now: None) -> Hall:
    """Make the market without counts."""
    return Hall()


@pytest.fixture
def time_machine_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages believe that it is 10:20 on that Monday."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def body(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.status_code
    content = response.getvalue() if response.streaming else response.content
    return content.decode()


def words(page: str) -> str:
    """Return the text of a page without tags, one space between words."""
    return re.sub(r"[ \n\t]+", " ", re.sub(r"<[^>]+>", " ", page))


PAGES = ("market", "forecast", "events", "quality", "reports")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_without_and_with_counts(client: Client, hall: Hall, name: str) -> None:
    client.force_login(hall.manager)
    body(client, hall.url(name))
    hall.count(days=15, zones=True)
    body(client, hall.url(name))


@pytest.mark.parametrize("name", PAGES)
def test_figures_are_for_their_readers(client: Client, hall: Hall, name: str) -> None:
    assert client.get(hall.url(name)).status_code == 302  # sign in first
    client.force_login(hall.stranger)
    body(client, hall.url(name), 404)
    client.force_login(hall.contributor)
    body(client, hall.url(name), 403)
    for person in (hall.leader, hall.operator, hall.manager):
        client.force_login(person)
        body(client, hall.url(name))


def test_gates_zones_and_files_of_another_unit_do_not_exist(client: Client, hall: Hall) -> None:
    client.force_login(hall.stranger)
    event = MarketEvent.objects.create(
        market=hall.market,
        kind=EventKind.OTHER,
        title="Việc",
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 3, 1),
    )
    for name, arguments in (
        ("gate", [hall.gate.pk]),
        ("zone", [hall.zone.pk]),
        ("event", [event.pk]),
        ("export", ["gio", "csv"]),
        ("export", [f"cua-{hall.gate.pk}-phut", "csv"]),
        ("report", ["2026-02", "docx"]),
    ):
        body(client, hall.url(name, *arguments), 404)
    assert client.post(hall.url("event-remove", event.pk)).status_code == 404
    assert client.post(hall.url("reports"), {"thang": "2026-02"}).status_code == 404
    assert MarketEvent.objects.filter(pk=event.pk).exists()


def test_the_market_page_adds_up_what_was_counted(client: Client, hall: Hall) -> None:
    hall.count(counts=(30, 20))
    client.force_login(hall.leader)
    page = words(body(client, hall.url()))
    assert "600 lượt khách vào hôm nay" in page  # 10 hours x 2 entrances x 30
    assert "như thường lệ" in page
    assert "khoảng 200 người trong chợ" in page
    # seven whole days of one gate: 7 x 24 x 30, and both entrances together
    assert "5.040" in page
    assert "10.080" in page
    assert "chưa kiểm đếm" in page
    assert "0 trên 2 cửa ra vào đã được kiểm đếm" in page


def test_fewer_and_more_than_usual_are_said_in_words(client: Client, hall: Hall) -> None:
    hall.count(counts=lambda hour: (47, 47) if hour >= datetime(2026, 3, 15, 17, tzinfo=UTC) else (50, 50))
    client.force_login(hall.leader)
    assert "ít hơn thường lệ 6\u00a0%" in words(body(client, hall.url()))
    assert "ít hơn thường lệ 6\u00a0%" in words(body(client, ROOT))


def test_what_was_not_measured_is_said_and_never_zero(client: Client, hall: Hall) -> None:
    hall.count(days=14, skip=lambda hour: hour >= datetime(2026, 3, 15, 17, tzinfo=UTC))
    client.force_login(hall.leader)
    page = words(body(client, hall.url()))
    assert "Hôm nay chưa đo được giờ nào; đây không phải là vắng khách." in page
    assert "0 lượt khách vào" not in page
    line = words(body(client, ROOT))
    assert "Hôm nay chưa đo được giờ nào." in line
    today = words(body(client, hall.url() + "?ky=hom-nay"))
    assert "Cửa trước không đo không đo" in today


def test_a_gate_with_reviews_states_its_error(client: Client, hall: Hall) -> None:
    hall.count(days=8)
    GateReview.objects.create(
        gate=hall.gate, source="slit-scan", started_at=NOW - timedelta(days=2), ended_at=NOW - timedelta(days=2, hours=-1),
        true_in=100, true_out=100, system_in=97, system_out=99, reviewed_at=NOW,
    )  # fmt: skip
    client.force_login(hall.leader)
    page = words(body(client, hall.url()))
    assert "sai số \u22122,0\u00a0% (khoảng 95 %:" in page
    assert "đếm tay 200 lượt" in page
    assert "1 trên 2 cửa ra vào đã được kiểm đếm" in page
    gate = words(body(client, hall.url("gate", hall.gate.pk)))
    assert "100 / 100" in gate
    assert "97 / 99" in gate


def test_zones_tell_dwell_by_littles_law(client: Client, hall: Hall) -> None:
    hall.count(days=8, zones=True)  # 60 entries and 3600 person-seconds an hour
    client.force_login(hall.leader)
    page = words(body(client, hall.url()))
    assert "10.080 1 phút 1,0" in page  # 7 x 24 x 60 entries, a minute each, one person on average
    assert "định luật Little" in page
    body(client, hall.url("zone", hall.zone.pk))


def test_the_overview_shows_the_readers_markets_only(client: Client, hall: Hall) -> None:
    other = make_market("Chợ Khác")
    hall.count(days=1)
    client.force_login(hall.manager)
    page = body(client, ROOT)
    assert hall.market.name in page
    assert other.name not in page
    client.force_login(hall.leader)
    assert other.name in body(client, ROOT)
    client.force_login(hall.contributor)
    body(client, ROOT, 403)


def test_a_district_without_markets_says_how_the_first_comes(client: Client, hall: Hall) -> None:
    Market.objects.filter(pk=hall.market.pk).update(valid_to=date(2020, 1, 1))
    client.force_login(hall.operator)
    assert "Chưa có chợ nào trong phạm vi của bạn" in body(client, ROOT)


def test_alerts_are_open_first_and_seen_once(client: Client, hall: Hall) -> None:
    old = Alert.objects.create(market=hall.market, kind=AlertKind.QUIET, state=AlertState.OPEN,
                               started_at=NOW - timedelta(days=9), value=3, limit=40)  # fmt: skip
    Alert.objects.create(market=hall.market, kind=AlertKind.CAMERA, state=AlertState.OVER, started_at=NOW,
                         ended_at=NOW, camera=hall.camera)  # fmt: skip
    client.force_login(make_member(Role.AUDITOR))
    assert "da-xem" not in body(client, ROOT + "canh-bao/")
    assert client.post(reverse("markets-desk:alert-seen", args=[old.pk])).status_code == 403
    client.force_login(hall.manager)
    page = words(body(client, ROOT + "canh-bao/"))
    assert page.index("Vắng bất thường") < page.index("Camera có vấn đề")
    assert "3 lượt, thường lệ khoảng 40" in page
    for _again in range(2):
        client.post(reverse("markets-desk:alert-seen", args=[old.pk]))
    old.refresh_from_db()
    assert (old.state, old.seen_by) == (AlertState.SEEN, hall.manager)
    client.force_login(hall.stranger)
    assert client.post(reverse("markets-desk:alert-seen", args=[old.pk])).status_code == 404
    assert "Vắng bất thường" not in body(client, ROOT + "canh-bao/")


def test_events_are_added_by_those_who_set_up(client: Client, hall: Hall) -> None:
    event = {
        "kind": "promotion",
        "title": "Hội chợ",
        "starts_on": "2026-03-01",
        "ends_on": "2026-03-03",
        "note": "",
    }
    client.force_login(hall.leader)
    assert client.post(hall.url("events"), event).status_code == 403
    client.force_login(hall.manager)
    assert client.post(hall.url("events"), event).status_code == 302
    wrong = client.post(hall.url("events"), event | {"ends_on": "2026-02-01"})
    assert "Ngày kết thúc đứng trước ngày bắt đầu" in wrong.content.decode()
    row = MarketEvent.objects.get(title="Hội chợ")
    assert "Hội chợ" in body(client, hall.url("events"))
    body(client, hall.url("event", row.pk))
    client.force_login(hall.leader)
    assert client.post(hall.url("event-remove", row.pk)).status_code == 403
    client.force_login(hall.manager)
    assert client.post(hall.url("event-remove", row.pk)).status_code == 302
    assert not MarketEvent.objects.filter(pk=row.pk).exists()


def test_an_event_of_another_market_is_not_shown_here(client: Client, hall: Hall) -> None:
    other = MarketEvent.objects.create(
        market=make_market(),
        kind=EventKind.OTHER,
        title="Việc khác",
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 3, 1),
    )
    client.force_login(hall.leader)
    body(client, hall.url("event", other.pk), 404)


def test_two_periods_are_compared_like_for_like(client: Client, hall: Hall) -> None:
    half = datetime(2026, 3, 1, 17, tzinfo=UTC)
    hall.count(days=28, counts=lambda hour: (60, 60) if hour >= half else (50, 50))
    client.force_login(hall.leader)
    page = words(
        body(
            client,
            ROOT
            + f"so-sanh/?cho={hall.market.key}&tu=2026-03-02&den=2026-03-15&tu2=2026-02-16&den2=2026-03-01",
        )
    )
    assert "có 40.320 lượt" in page  # 14 days x 24 hours x 2 entrances x 60
    assert "có 33.600 lượt" in page
    assert "chênh +20,0\u00a0%" in page


def test_markets_are_compared_over_common_hours(client: Client, hall: Hall) -> None:
    hall.count(days=28, counts=(60, 60))
    other = make_market("Chợ Khác", unit=hall.unit, key="cho-khac")
    make_gate(make_camera(other))
    fill_hours(other, datetime(2026, 3, 1, 17, tzinfo=UTC), 24 * 14, (90, 90))
    client.force_login(hall.manager)
    page = words(body(client, ROOT + "so-sanh/?cho=cho-khac&cho=cho-thu-nghiem&tu=2026-03-02&den=2026-03-15"))
    assert "30.240" in page  # 14 x 24 x 90
    assert "40.320" in page


HOSTILE = (
    "ky=<script>", "tu=9999-99-99&den=abc", "tu=0001-01-01&den=9999-12-31", "cho=%00&cho=../../etc", "trang=-1",
    "trang=99999999999999999999", "thang=2026-13", "thang=%27%3B--", "hop=x&cho=" + "a" * 5000, "den=" + "9" * 300,
)  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_meet_a_sound_page(client: Client, hall: Hall, query: str) -> None:
    hall.count(days=2)
    client.force_login(hall.leader)
    for address in (ROOT, hall.url(), hall.url("quality"), hall.url("reports"), hall.url("events"),
                    ROOT + "so-sanh/", ROOT + "canh-bao/", hall.url("export", "gio", "csv")):  # fmt: skip
        page = body(client, f"{address}?{query}")
        assert "<script>" not in page.replace("<script ", "")


def test_quality_shows_holes_and_troubles(client: Client, hall: Hall) -> None:
    hall.count(
        days=14,
        skip=lambda hour: (
            datetime(2026, 3, 9, 17, tzinfo=UTC) <= hour < datetime(2026, 3, 10, 17, tzinfo=UTC)
        ),
    )
    hall.camera.troubles.create(
        kind="covered", started_at=NOW - timedelta(days=1), ended_at=NOW - timedelta(hours=20)
    )
    client.force_login(hall.leader)
    page = words(body(client, hall.url("quality")))
    assert "10/03/2026 Không đo" in page
    assert "Camera cổng: Bị che" in page
    assert "100\u00a0%" in page


def test_a_report_is_asked_for_once(client: Client, hall: Hall) -> None:
    hall.count(days=60)
    client.force_login(hall.manager)
    for _again in range(2):
        assert client.post(hall.url("reports"), {"thang": "2026-02"}).status_code == 302
    assert Job.objects.filter(kind="markets.report").count() == 1
    assert client.post(hall.url("reports"), {"thang": "2026-03"}, follow=True).status_code == 200
    assert Job.objects.filter(kind="markets.report").count() == 1  # the month still runs
    assert str(Month(2026, 2)) == "2026-02"
    page = words(body(client, hall.url("reports")))
    assert "Đang lập…" in page
    assert "tháng 2 năm 2026: 40.320 lượt khách vào" in page  # 28 x 24 x 2 x 30

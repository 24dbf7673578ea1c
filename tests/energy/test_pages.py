"""Pages of figures on the desk: who may see them, and that they say what was measured."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khcn.core.models import AuditEvent
from khcn.core.models.jobs import Job
from khcn.energy.enums import DeviceKind, Driver, FindingState
from khcn.energy.models import (
    Bill,
    EmissionFactor,
    Finding,
    KpiRecord,
    MeterReplacement,
    QualityEvent,
    SavingPlan,
    SetAside,
    Touched,
)
from khcn.orgs.enums import Role
from tests.energy.factories import (
    NOW,
    TODAY,
    fill_days,
    make_channel,
    make_collector,
    make_contract,
    make_device,
    make_finding,
    make_grid_meter,
    make_site,
    make_site_day,
    make_site_month,
    make_system,
    solar_day,
)
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
ROOT = "/ban-lam-viec/nang-luong/"


class School:
    """A school with a roof, a meter, thirteen months of figures, a fault, and the people around it."""

    def __init__(self) -> None:
        self.unit = make_unit("Trường Tiểu học Thử Nghiệm")
        self.site = make_site("Trường Thử Nghiệm", unit=self.unit, key="truong-thu-nghiem")
        self.system = make_system(self.site, kwp=60, name="Mái chính")
        self.inverter = make_device(
            self.site, metrics=("ac_energy", "ac_power"), system=self.system, name="Biến tần 1", heard_at=NOW
        )
        self.meter = make_grid_meter(self.site, name="Công tơ tổng", heard_at=NOW)
        self.manager = make_member(Role.UNIT_ENERGY_MANAGER, self.unit)
        self.technician = make_member(Role.TECHNICIAN, self.unit)
        self.leader = make_member(Role.LEADER)
        self.officer = make_member(Role.ENERGY_OFFICER)
        self.stranger = make_member(Role.UNIT_ENERGY_MANAGER, make_unit("Trường khác"))
        self.contributor = make_member(Role.CONTRIBUTOR)

    def measure(self, months: int = 13) -> None:
        """Give it months back from the running one, and the last ten days."""
        month = date(2026, 3, 1)
        for _number in range(months):
            make_site_month(self.site, month)
            month = (month - timedelta(days=1)).replace(day=1)
        for number in range(10):
            make_site_day(self.site, TODAY - timedelta(days=number))

    def quarters(self) -> None:
        """Give it quarters of an hour, today until ten."""
        energy = self.inverter.channels.get(metric="ac_energy")
        fill_days(energy, TODAY - timedelta(days=14), TODAY - timedelta(days=1), solar_day())
        today = [value if number < 40 else float("nan") for number, value in enumerate(solar_day())]
        fill_days(energy, TODAY, TODAY, today)
        bought = self.meter.channels.get(metric="import_energy")
        fill_days(bought, TODAY - timedelta(days=14), TODAY, 1.5)

    def url(self, name: str = "site", *arguments: Any) -> str:
        """Return the address of a page of the site."""
        return reverse(f"energy-desk:{name}", args=[self.site.key, *arguments])


@pytest.fixture
def school(the_moment: None) -> School:
    """Make the school without figures."""
    return School()


@pytest.fixture
def the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages believe that it is 10:00 on that Monday."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def body(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.status_code
    content = response.getvalue() if response.streaming else response.content
    return content.decode("utf-8", "replace")


def words(page: str) -> str:
    """Return the text of a page without tags, one space between words."""
    return re.sub(r"[ \n\t\u00a0]+", " ", re.sub(r"<[^>]+>", " ", page))


SITE_PAGES = ("site", "quality", "downloads", "now")
ALL_PAGES = ("", "su-co/", "so-sanh/", "chat-luong/", "mai-nha/")


@pytest.mark.parametrize("name", SITE_PAGES)
def test_every_page_opens_without_and_with_figures(client: Client, school: School, name: str) -> None:
    client.force_login(school.manager)
    body(client, school.url(name))
    school.measure()
    school.quarters()
    make_finding(school.site)
    body(client, school.url(name))


@pytest.mark.parametrize("path", ALL_PAGES)
def test_every_list_opens_without_and_with_figures(client: Client, school: School, path: str) -> None:
    client.force_login(school.leader)
    body(client, ROOT + path)
    school.measure()
    make_finding(school.site)
    body(client, ROOT + path)


@pytest.mark.parametrize("name", SITE_PAGES)
def test_figures_are_for_their_readers(client: Client, school: School, name: str) -> None:
    assert client.get(school.url(name)).status_code == 302  # sign in first
    client.force_login(school.stranger)
    body(client, school.url(name), 404)
    client.force_login(school.contributor)
    body(client, school.url(name), 403)
    for person in (school.leader, school.manager, school.technician, school.officer):
        client.force_login(person)
        body(client, school.url(name))


@pytest.mark.parametrize("ky", ["ngay", "thang", "nam"])
def test_every_span_opens(client: Client, school: School, ky: str) -> None:
    school.measure()
    school.quarters()
    client.force_login(school.leader)
    body(client, f"{school.url()}?ky={ky}")


def test_the_overview_adds_up_the_readers_sites_and_says_who_is_missing(
    client: Client, school: School
) -> None:
    school.measure()
    other = make_site("Trạm Y tế Khác")
    make_site_month(other, TODAY, production_kwh=1000.0, completeness=0.5)
    silent = make_site("Nhà văn hóa", unit=school.unit)
    make_device(silent, kind=DeviceKind.METER)
    client.force_login(school.manager)
    page = words(body(client, ROOT))
    assert "6.000 kWh điện mặt trời làm ra" in page
    assert "Trạm Y tế Khác" not in page
    assert "Cộng từ 1 trên 2 công trình." in page
    assert "Chưa có số liệu tháng này: Nhà văn hóa." in page
    client.force_login(school.leader)
    page = words(body(client, ROOT))
    assert "7.000 kWh điện mặt trời làm ra" in page
    assert "18.000" not in page  # three months of the year are 18,000 of the school alone
    assert "19.000 kWh" in page
    assert "Số liệu tháng này còn thiếu nhiều: Trạm Y tế Khác." in page


def test_filters_stand_in_the_address(client: Client, school: School) -> None:
    school.measure()
    make_finding(school.site, ongoing=True)
    make_site("Nhà văn hóa", kind="culture")
    client.force_login(school.leader)
    for query, seen in (
        ("tinh-trang=co-van-de", "Trường Thử Nghiệm"),
        ("loai=culture", "Nhà văn hóa"),
        (f"don-vi={school.unit.pk}", "Trường Thử Nghiệm"),
        ("ten=v%C4%83n+h%C3%B3a", "Nhà văn hóa"),
    ):
        page = body(client, f"{ROOT}?{query}")
        names = re.findall(r'site-line__name"><a[^>]*>([^<]+)', page)
        assert names == [seen], query


def test_the_number_of_queries_does_not_grow_with_the_sites(client: Client, school: School) -> None:
    school.measure(months=3)
    client.force_login(school.leader)

    def counted(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    addresses = (ROOT, ROOT + "chat-luong/", ROOT + "so-sanh/", ROOT + "mai-nha/", "/nang-luong/")
    before = [counted(address) for address in addresses]
    for _number in range(8):
        site = make_site()
        make_system(site)
        make_device(site, heard_at=NOW)
        make_site_month(site, TODAY)
        make_site_month(site, date(2026, 2, 1))
        make_finding(site)
    assert [counted(address) for address in addresses] == before
    assert before[0] <= 22  # the menu of the plan asks what waits for a leader


def test_the_site_page_tells_now_and_breaks_where_nothing_was_measured(
    client: Client, school: School
) -> None:
    school.measure()
    school.quarters()
    power = school.inverter.channels.get(metric="ac_power")
    power.last_at, power.last_value = NOW - timedelta(seconds=30), 12.4
    power.save()
    grid = make_channel(school.meter, "grid_power")
    grid.last_at, grid.last_value = NOW - timedelta(seconds=40), -3.3
    grid.save()
    client.force_login(school.manager)
    page = words(body(client, school.url()))
    assert "Tấm pin phát 12,4 kW; đơn vị dùng 9,1 kW; đẩy lên lưới 3,3 kW." in page
    assert "Số đo đang mới" in page
    assert "40 giây trước" in page
    yesterday = TODAY - timedelta(days=1)
    school.inverter.channels.get(metric="ac_energy").days.filter(day=yesterday).delete()
    raw = body(client, f"{school.url()}?ngay={yesterday}")
    assert "Không có số đo</title>" in raw  # a hatched gap over the day
    gone = words(body(client, f"{school.url()}?ngay=2026-01-05"))
    assert "Ngày này không có số đo nào. Không có số đo không phải là không có điện." in gone


def test_old_values_are_not_called_now(client: Client, school: School) -> None:
    power = school.inverter.channels.get(metric="ac_power")
    power.last_at, power.last_value = NOW - timedelta(hours=3), 12.4
    power.save()
    client.force_login(school.manager)
    page = words(body(client, school.url("now")))
    assert "Số đo cũ, không phải lúc này" in page
    assert "3 giờ trước" in page


def test_a_key_figure_says_what_it_is_and_rests_on(client: Client, school: School) -> None:
    for version, value in ((1, 0.7), (2, 0.781)):
        KpiRecord.objects.create(
            site=school.site, key="performance_ratio_modelled", starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28),
            version=version, value=value, inputs={"energy_kwh": 5400.0, "pdc0_kw": 60.0}, completeness=0.96,
            versions={"engine": "kpi-1", "weather": "usual-year"}, definition="kpi-performance_ratio_modelled",
            note="kpi-note-modelled", computed_at=NOW,
        )  # fmt: skip
    school.measure()
    client.force_login(school.leader)
    page = words(body(client, school.url()))
    assert "PR so với bức xạ mô hình 78,1 %" in page
    assert "70,0 %" not in page  # the older version
    assert "không dùng để nghiệm thu" in page
    assert "Điện đã phát (kWh) 5.400" in page
    assert "năm thời tiết điển hình (mô hình)" in page


def test_money_and_carbon_name_their_documents(client: Client, school: School) -> None:
    terms = {
        "decision": {"id": 1, "document": "Quyết định A"}, "vat": {"document": "Nghị quyết B", "percent": "8"},
        "prices": {"flat": {"id": 3, "vnd": "2072.00"}},
        "assignment": {"group": "public_school", "voltage": "lt_6kv", "time_of_use": False},
    }  # fmt: skip
    make_site_day(school.site, TODAY, versions={"terms": terms, "rating": 1})
    make_site_month(school.site, TODAY)
    EmissionFactor.objects.all().delete()
    EmissionFactor.objects.create(
        data_year=2023, t_per_mwh=Decimal("0.6592"), used_from_year=2024, document="Công văn C", certainty="S2"
    )  # fmt: skip
    client.force_login(school.leader)
    page = words(body(client, school.url()))
    for text in ("Quyết định A", "8 % (Nghị quyết B)", "một giá 2.072", "Công văn C", "số liệu năm 2023"):
        assert text in page, text


def test_a_fault_is_handled_once_with_a_word_why(client: Client, school: School) -> None:
    finding = make_finding(school.site, ongoing=True)
    address = reverse("energy-desk:finding-move", args=[finding.pk])
    client.force_login(school.leader)
    assert "trang-thai" not in body(client, reverse("energy-desk:finding", args=[finding.pk]))
    assert client.post(address, {"trang-thai": "seen"}).status_code == 403
    client.force_login(school.stranger)
    assert client.post(address, {"trang-thai": "seen"}).status_code == 404
    client.force_login(school.technician)
    assert client.post(address, {"trang-thai": "seen"}).status_code == 302
    refused = client.post(address, {"trang-thai": "fixed", "ghi-chu": " "})
    assert refused.status_code == 422
    assert "Hãy ghi vài chữ" in refused.content.decode()
    assert client.post(address, {"trang-thai": "fixed", "ghi-chu": "Thay cầu chì"}).status_code == 302
    finding.refresh_from_db()
    assert (finding.state, finding.note, finding.handled_by) == (
        FindingState.FIXED,
        "Thay cầu chì",
        school.technician,
    )
    assert client.post(address, {"trang-thai": "seen"}).status_code == 422  # no way leads back there
    assert client.post(address, {"trang-thai": "<script>"}).status_code == 422
    deeds = AuditEvent.objects.filter(action="energy.finding.move")
    assert deeds.count() == 2


def test_two_people_who_press_at_once_get_one_deed(school: School) -> None:
    from khcn.energy.services.finding_care import finding_move

    finding = make_finding(school.site)
    stale = Finding.objects.get(pk=finding.pk)
    assert finding_move(actor=school.manager, finding=finding, state="fixing", note="", now=NOW)
    assert not finding_move(actor=school.technician, finding=stale, state="seen", note="", now=NOW)
    assert Finding.objects.get(pk=finding.pk).state == FindingState.FIXING


def test_a_replaced_meter_is_decided_about_by_a_person(client: Client, school: School) -> None:
    channel = school.meter.channels.get(metric="import_energy")
    at = NOW - timedelta(days=2)
    event = QualityEvent.objects.create(
        channel=channel, code="replaced-meter?", starts_at=at, ends_at=at, params={"before": 48211.5, "after": 12.3}
    )  # fmt: skip
    address = reverse("energy-desk:event", args=[event.pk])
    form = {
        "at": "2026-03-14T10:00",
        "old_value": "48.211,5",
        "new_value": "12,3",
        "note": "Biên bản 12",
    }
    client.force_login(school.leader)
    assert "Chỉ số giảm từ 48.211,5 xuống 12,3" in words(body(client, address))
    assert client.post(address, form).status_code == 403
    client.force_login(school.technician)
    assert "Cần bạn quyết định" in body(client, school.url("quality"))
    assert client.post(address, form | {"at": "2026-03-17T10:00"}).status_code == 422  # tomorrow
    assert client.post(address, form | {"at": "2025-03-14T10:00"}).status_code == 422  # a year before
    assert client.post(address, form).status_code == 302
    row = MeterReplacement.objects.get()
    assert (row.at, row.old_value, row.new_value) == (datetime(2026, 3, 14, 3, 0, tzinfo=UTC), 48211.5, 12.3)
    assert Touched.objects.filter(channel=channel, starts_at__lte=row.at).exists()
    event.refresh_from_db()
    assert event.done_at is not None
    assert client.post(address, form).status_code == 403  # decided already


def test_quality_tells_holes_troubles_and_what_was_set_aside(client: Client, school: School) -> None:
    school.quarters()
    fill_days(school.inverter.channels.get(metric="ac_power"), date(2026, 3, 2), date(2026, 3, 15), 1.0,
              skip=[date(2026, 3, 10)])  # fmt: skip
    school.inverter.trouble = "clock"
    school.inverter.save()
    collector = make_collector(school.unit, name="Máy thu thử", clock_skew_s=-900.0)
    school.meter.collector, school.meter.heard_at = collector, NOW - timedelta(days=3)
    school.meter.save()
    row = SetAside.objects.create(
        source="device:x", device=school.inverter, received_at=NOW, code="clock-past", raw='{"<b>": 1}', readings=7
    )  # fmt: skip
    client.force_login(school.leader)
    raw = body(client, school.url("quality"))
    page = words(raw)
    assert "không có: " in raw
    assert "10/03" in raw
    assert "Đồng hồ sai" in page
    assert "đồng hồ chậm 900 giây" in page
    assert "Công tơ tổng: nghe lần cuối 3 ngày trước" in page
    assert "&lt;b&gt;" in raw
    assert client.post(reverse("energy-desk:set-aside-done", args=[row.pk])).status_code == 403
    client.force_login(school.technician)
    assert client.post(reverse("energy-desk:set-aside-done", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    assert row.done_at is not None
    assert row.raw == '{"<b>": 1}'  # kept as it came


def test_strays_are_shown_to_their_unit_only(client: Client, school: School) -> None:
    row = SetAside.objects.create(
        source="collector:x", collector=make_collector(school.unit), received_at=NOW, code="device-unknown", raw="[]"
    )  # fmt: skip
    client.force_login(school.manager)
    assert "Chưa có thiết bị nào mang mã này" in body(client, ROOT + "chat-luong/")
    client.force_login(school.stranger)
    assert "Chưa có thiết bị nào mang mã này" not in body(client, ROOT + "chat-luong/")
    assert client.post(reverse("energy-desk:set-aside-done", args=[row.pk])).status_code == 404


def test_a_site_with_a_month_missing_is_not_ranked(client: Client, school: School) -> None:
    school.measure()
    hole = make_site("Trường Thiếu Tháng", key="thieu")
    for month in range(1, 13):
        if month != 7:
            make_site_month(hole, date(2025 if month > 2 else 2026, month, 1))
    client.force_login(school.leader)
    page = words(body(client, ROOT + "so-sanh/"))
    assert "97.200" in page  # 12 x 8,100 kWh
    assert "48,6" in page  # over 2,000 m2
    assert "đủ 11/12 tháng" in page
    body(client, ROOT + "so-sanh/?theo=kwp&gop=don-vi&nam=2025")


def test_bills_stand_in_where_there_is_no_meter(client: Client, school: School) -> None:
    site = make_site("Trụ sở chỉ có hóa đơn", key="hoa-don", kind="office")
    contract = make_contract(site)
    month = date(2024, 3, 1)
    while month < date(2026, 3, 1):
        after = (month + timedelta(days=32)).replace(day=1)
        Bill.objects.create(
            contract=contract, starts_on=month, ends_on=after - timedelta(days=1),
            kwh_normal=2000 if month < date(2025, 3, 1) else 1800, total=Decimal(4_000_000),
        )  # fmt: skip
        month = after
    client.force_login(school.leader)
    page = words(body(client, ROOT + "so-sanh/?loai=office"))
    assert "21.600" in page
    assert "−10,0 %" in page
    year = words(body(client, reverse("energy-desk:year", args=[site.unit_id, 2025])))
    assert "22.000 kWh" in year  # two months of 2,000 and ten of 1,800
    assert "48.000.000 đ" in year


def test_the_year_report_compares_with_the_plan(client: Client, school: School) -> None:
    for month in range(1, 13):
        make_site_month(school.site, date(2025, month, 1))
    SavingPlan.objects.create(unit=school.unit, year=2025, target_kwh=100_000, measures="Thay đèn LED")
    client.force_login(school.manager)
    page = words(body(client, reverse("energy-desk:year", args=[school.unit.pk, 2025])))
    assert "97.200 kWh" in page  # 12 x (2,400 bought + 5,700 of the sun)
    assert "dưới mức 2.800 kWh" in page
    assert "70,4 %" in page  # 5,700 / 8,100
    assert "48,6 kWh/m²" in page
    assert "Thay đèn LED" in page
    client.force_login(school.stranger)
    body(client, reverse("energy-desk:year", args=[school.unit.pk, 2025]), 404)


def test_a_report_is_asked_for_once_and_is_a_sound_paper(client: Client, school: School) -> None:
    from khcn.core.months import Month
    from khcn.core.papers.checker import check_document
    from khcn.core.papers.writer import paper_docx
    from khcn.energy.monthly import report_paper
    from khcn.energy.selectors.reports import unit_month, unit_year
    from khcn.energy.yearly import year_paper

    school.measure()
    make_finding(school.site, starts_at=NOW - timedelta(days=20), ends_at=NOW - timedelta(days=19))
    client.force_login(school.manager)
    address = reverse("energy-desk:unit-reports", args=[school.unit.pk])
    for _again in range(2):
        assert client.post(address, {"ky": "2026-02"}).status_code == 302
    assert Job.objects.filter(kind="energy.report").count() == 1
    client.post(address, {"ky": "2026-03"})
    assert Job.objects.filter(kind="energy.report").count() == 1  # the month still runs
    assert client.post(address, {"ky": "2026-13"}).status_code == 404
    page = words(body(client, address))
    assert "Đang lập…" in page
    assert "tháng 2 năm 2026: mái nhà làm ra 6.000 kWh điện mặt trời, đỡ phải trả 11,8 triệu đ" in page
    assert "Trong tháng có 1 sự cố, ước mất 40,0 kWh" in page
    for paper in (
        report_paper(unit_month(school.unit, Month(2026, 2)), NOW),
        year_paper(unit_year(school.unit, 2025, TODAY), NOW),
    ):
        assert [finding.as_json() for finding in check_document(paper_docx(paper)).broken] == []


EXPORTS = ("ngay", "thang", "khoang", "kenh-do", "chi-so", "su-co", "hoa-don", "ghi-nhan")


@pytest.mark.parametrize("what", EXPORTS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_everything_shown_can_be_taken_away(client: Client, school: School, what: str, kind: str) -> None:
    school.measure(months=2)
    school.quarters()
    make_finding(school.site)
    client.force_login(school.manager)
    assert len(body(client, school.url("export", what, kind))) > 40
    client.force_login(school.stranger)
    body(client, school.url("export", what, kind), 404)


def test_quarters_without_a_value_are_empty_in_the_file(client: Client, school: School) -> None:
    school.quarters()
    client.force_login(school.manager)
    text = body(client, school.url("export", "khoang", "csv") + f"?tu={TODAY}&den={TODAY}")
    lines = text.splitlines()
    assert len(lines) == 97
    assert lines[1 + 38].startswith("2026-03-16 09:30:00,")
    noon = lines[1 + 48].split(",")
    assert noon[1] == ""  # not measured yet is not zero


@pytest.mark.parametrize("what", ["cong-trinh", "thang", "su-co", "so-sanh"])
def test_lists_of_all_sites_hold_the_readers_only(client: Client, school: School, what: str) -> None:
    school.measure(months=2)
    make_finding(school.site)
    other = make_site("Công trình của người khác")
    make_site_month(other, TODAY)
    make_finding(other)
    address = reverse("energy-desk:export-all", args=[what, "csv"])
    client.force_login(school.manager)
    text = body(client, address)
    assert "Trường Thử Nghiệm" in text
    assert "Công trình của người khác" not in text
    client.force_login(school.contributor)
    body(client, address, 403)


def test_the_wards_table_counts_systems_by_connection(client: Client, school: School) -> None:
    make_system(school.site, kwp=10, ac_kw=Decimal(9), grid="off_grid", battery_kwh=Decimal(20),
                valid_from=date(2026, 2, 1), notified_on=date(2026, 1, 15))  # fmt: skip
    client.force_login(school.officer)
    page = words(body(client, ROOT + "mai-nha/"))
    assert "Không đấu nối lưới 1 1 ngoài dữ liệu 1 1" in page
    assert "Không đấu nối lưới 9 20 9 20 9" in page
    assert "1 hệ thống chưa ghi ngày vận hành" in page
    before = words(body(client, ROOT + "mai-nha/?nam=2025"))
    assert "Không đấu nối lưới 0 0" in before
    assert "Bảng 1" not in body(client, ROOT + "mai-nha/csv/")
    client.force_login(school.stranger)
    assert "Không đấu nối lưới 0 0" in words(body(client, ROOT + "mai-nha/"))


def test_the_public_sees_finished_months_of_published_sites_only(client: Client, school: School) -> None:
    school.measure(months=3)
    school.quarters()
    hidden = make_site("Nơi không công bố", is_public=False, key="kin")
    make_site_month(hidden, date(2026, 2, 1), production_kwh=99_999.0)
    page = words(body(client, "/nang-luong/"))
    assert "12.000 kWh điện mặt trời làm ra" in page  # January and February
    assert "03/2026" not in page  # the running month would tell of days
    assert "Nơi không công bố" not in page
    assert "99.999" not in page
    body(client, "/nang-luong/kin/", 404)
    body(client, "/nang-luong/kin/theo-thang.csv", 404)
    raw = body(client, "/nang-luong/truong-thu-nghiem/")
    for word in ("Biến tần", "Công tơ", "8.100", "8,100", "Đơn vị dùng", "hx-get"):
        assert word not in raw, word  # no device, no load curve, nothing live
    data = body(client, "/nang-luong/truong-thu-nghiem/theo-thang.csv")
    assert data.splitlines()[1].startswith("2026-01,6000.0,11810400,3955.2,1,")
    assert len(data.splitlines()) == 3
    home = words(body(client, "/"))
    assert "6.000 kWh làm ra trên mái công trình công, tháng 02/2026" in home
    assert "Trường Thử Nghiệm" in body(client, reverse("web:site-map"))


HOSTILE = (
    "ky=<script>", "ngay=9999-99-99&thang=2026-13", "ngay=0001-01-01", "tu=0001-01-01&den=9999-12-31", "trang=-1",
    "noi=%00&loai=../../etc", "nam=99999&thang=%27%3B--", "don-vi=99999999999999999999", "hop=x&ten=" + "a" * 5000,
    "den=" + "9" * 300, "ten=%00%EF%BF%BF",
)  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_meet_a_sound_page(client: Client, school: School, query: str) -> None:
    school.measure(months=2)
    client.force_login(school.leader)
    addresses = [ROOT, school.url(), school.url("quality"), ROOT + "su-co/", ROOT + "so-sanh/", ROOT + "mai-nha/",
                 ROOT + "chat-luong/", school.url("export", "ngay", "csv")]  # fmt: skip
    addresses.append(school.url("channel", school.inverter.channels.all()[0].pk))
    for address in addresses:
        page = body(client, f"{address}?{query}")
        assert "<script>" not in page.replace("<script ", "")


def test_a_channel_of_another_site_is_not_shown_here(client: Client, school: School) -> None:
    other = make_channel(make_device(driver=Driver.PUSH), "ac_energy")
    client.force_login(school.leader)
    body(client, school.url("channel", other.pk), 404)
    mine = school.inverter.channels.get(metric="ac_energy")
    fill_days(mine, date(2026, 3, 1), date(2026, 3, 10), solar_day())
    assert "152,73" in words(body(client, school.url("channel", mine.pk)))  # kWh of such a day
    make_channel(school.inverter, "cabinet_temperature")
    body(client, school.url("channel", school.inverter.channels.get(metric="cabinet_temperature").pk))


def test_pictures_are_asked_for_ahead(school: School) -> None:
    from khcn.energy.services.prepared import charts_prepare
    from khcn.ui.charts.store import charts_dir

    school.measure(months=4)
    make_finding(
        school.site,
        evidence={"t": [0, 900_000], "measured": [1.0, 2.0], "expected": [2.0, 2.0], "unit": "kW"},
    )
    # overview, year and month of the site, public programme and site, the evidence
    assert charts_prepare(NOW) == 6
    assert len(list(charts_dir().glob("*.request.json"))) >= 6

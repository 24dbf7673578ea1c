"""Pages of reports: everybody sees what is theirs, a phone without scripts does the whole way, queries stay bounded."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from khcn.core.api.tokens import token_create
from khcn.orgs.enums import Role
from khcn.plan.enums import ReportState
from khcn.plan.models import (
    PlanIndicator,
    RegimeRule,
    ReportException,
    ReportFigure,
    ReportPeriod,
    UnitReport,
)
from khcn.plan.services.periods import period_open
from tests.orgs.factories import make_member, make_unit, make_user
from tests.plan.factories import (
    NOW,
    TODAY,
    People,
    make_indicator,
    make_period,
    make_plan,
    make_regime,
    make_task,
)

pytestmark = pytest.mark.django_db
BASE = "/ban-lam-viec/ke-hoach/bao-cao/"
QUERIES = 40  # of the form: fixed, whatever the number of units, periods and figures


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def report(people: People) -> UnitReport:
    figures = (
        make_indicator("people_trained"),
        make_indicator("registrations"),
        make_indicator("kwh", decimals=1),
    )
    regime = make_regime([people.unit], indicators=figures, receiver=people.focal)
    RegimeRule.objects.create(regime=regime, left="people_trained", compare="le", right="registrations")
    period = make_period(regime)
    period_open(actor=people.officer, period=period, now=NOW)
    return UnitReport.objects.select_related("period__regime").get(period=period)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def posted(report: UnitReport, **fields: str) -> dict[str, str]:
    heading = report.period.regime.outline.get()
    revision = str(UnitReport.objects.get(pk=report.pk).revision)
    start = {
        "ban": revision,
        "f-people_trained": "1.234",
        "f-registrations": "1,300",
        f"t-{heading.pk}": "Đã mở lớp.",
    }
    return {**start, **fields}


def test_the_whole_way_of_a_report(people: People, report: UnitReport) -> None:
    reporter, head, officer = (client_of(one) for one in (people.reporter, people.head, people.officer))
    address = f"{BASE}{report.pk}/"
    assert "Cần nộp" in reporter.get(BASE).content.decode()
    assert 'name="f-people_trained"' in reporter.get(address).content.decode()
    assert reporter.post(address, posted(report, viec="gui")).status_code == 302
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED
    assert "Chờ bạn duyệt" in head.get(BASE).content.decode()
    assert "Duyệt và gửi đơn vị đầu mối" in head.get(address).content.decode()
    assert head.post(address, {"viec": "duyet", "ban": str(report.revision)}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.submitted_at) == (ReportState.APPROVED, NOW)
    assert "Chờ tiếp nhận (1)" in officer.get(f"{BASE}tiep-nhan/").content.decode()
    assert officer.post(f"{BASE}tiep-nhan/", {"bao-cao": [str(report.pk)]}).status_code == 302
    report.refresh_from_db()
    assert report.state == ReportState.ACCEPTED
    assert "Đúng hạn" in reporter.get(BASE).content.decode()


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(people: People, report: UnitReport) -> None:
    reporter, address = client_of(people.reporter), f"{BASE}{report.pk}/"
    answer = reporter.post(
        address, posted(report, **{"f-people_trained": "mười hai", "f-kwh": "12,55", "viec": "gui"})
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="mười hai"' in text and 'value="12,55"' in text and "Đã mở lớp." in text
    assert 'id="error-people_trained"' in text and 'href="#id-f-kwh"' in text
    assert UnitReport.objects.get().revision == 0
    answer = reporter.post(
        address, posted(report, **{"f-people_trained": "12", "f-registrations": "10", "viec": "gui"})
    )
    assert "không được lớn hơn" in answer.content.decode()
    assert UnitReport.objects.get().state == ReportState.DRAFT


def test_two_phones_see_both_versions(people: People, report: UnitReport) -> None:
    reporter, address = client_of(people.reporter), f"{BASE}{report.pk}/"
    old = posted(report, viec="luu")
    reporter.post(address, posted(report, **{"f-people_trained": "77", "viec": "luu"}))
    answer = reporter.post(address, {**old, "f-people_trained": "88"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="88"' in text and "<strong>77</strong>" in text
    assert ReportFigure.objects.get(indicator__code="people_trained").value == 77


def test_a_second_tap_on_send_is_no_second_report(people: People, report: UnitReport) -> None:
    reporter, address = client_of(people.reporter), f"{BASE}{report.pk}/"
    data = posted(report, viec="gui")
    assert reporter.post(address, data).status_code == 302
    again = reporter.post(address, data, follow=True)
    assert "lần bấm thứ hai không gửi thêm bản nào" in again.content.decode()
    assert report.moves.count() == 1


def test_a_stale_text_on_a_locked_report_is_still_shown(people: People, report: UnitReport) -> None:
    reporter, address = client_of(people.reporter), f"{BASE}{report.pk}/"
    heading = report.period.regime.outline.get()
    data = posted(report, viec="gui")
    reporter.post(address, data)
    answer = reporter.post(address, {**data, f"t-{heading.pk}": "Chữ viết trên máy kia"})
    assert answer.status_code == 409
    assert "Chữ viết trên máy kia" in answer.content.decode()


def test_hostile_input_never_breaks_a_page(people: People, report: UnitReport) -> None:
    reporter, address = client_of(people.reporter), f"{BASE}{report.pk}/"
    heading = report.period.regime.outline.get()
    for fields in (
        {"ban": "-1"}, {"ban": "9" * 50}, {"viec": "xoa-het"}, {"f-people_trained": "\x00'\"><script>"},
        {f"t-{heading.pk}": "<script>alert(1)</script>" + "<div>" * 2000}, {"c-people_trained": "nan"},
        {"f-people_trained": "1" * 5000}, {"r-people_trained": "x" * 5000}, {"t-999999": "x"}, {"f-khac": "1"},
    ):  # fmt: skip
        answer = reporter.post(address, posted(report, **fields), follow=True)
        assert answer.status_code in {200, 409, 422}, fields
        assert "<script>alert" not in answer.content.decode()
    for path in (
        "999999999999999999/",
        f"{report.pk}/nguon/khong-co/",
        f"{report.pk}/tep/99/",
        f"{report.pk}/bien-nhan/",
    ):
        assert reporter.get(f"{BASE}{path}").status_code == 404
    assert reporter.get(f"{BASE}tiep-nhan/?ky=x").status_code == 403
    assert client_of(people.officer).get(f"{BASE}tiep-nhan/?ky=%00").status_code == 200


OFFICER_PAGES = ("tiep-nhan/", "che-do/", "che-do/{regime}/", "ky/{period}/")
KEEPING_PAGES = (
    "che-do/moi/", "che-do/{regime}/sua/", "che-do/{regime}/bieu/", "che-do/{regime}/ky-moi/", "dot-xuat/",
    "dot-xuat/?mau={regime}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("who", "reading", "keeping", "report_status"),
    [
        ("officer", 200, 200, 200),
        ("focal_head", 200, 403, 200),
        ("leader", 200, 403, 200),
        ("finance", 200, 403, 200),
        ("reporter", 403, 403, 200),
        ("head", 403, 403, 200),
        ("clerk", 403, 403, 404),
    ],
)
def test_who_opens_what(
    people: People, report: UnitReport, who: str, reading: int, keeping: int, report_status: int
) -> None:
    client = client_of(getattr(people, who))
    words = {"regime": report.period.regime_id, "period": report.period_id}
    for path in OFFICER_PAGES:
        assert client.get(f"{BASE}{path.format(**words)}").status_code == reading, path
    for path in KEEPING_PAGES:
        assert client.get(f"{BASE}{path.format(**words)}").status_code == keeping, path
    for path in (f"{report.pk}/", f"{report.pk}/nguon/people_trained/"):
        assert client.get(f"{BASE}{path}").status_code == report_status, path
    assert client.get(BASE).status_code == 200


def test_strangers_visitors_and_other_units(people: People, report: UnitReport) -> None:
    other = make_member(Role.UNIT_REPORTER)
    assert client_of(other).get(f"{BASE}{report.pk}/").status_code == 404
    assert client_of(make_user()).get(f"{BASE}{report.pk}/").status_code == 403
    assert Client().get(f"{BASE}{report.pk}/").status_code == 302
    assert client_of(people.leader).post(f"{BASE}{report.pk}/", posted(report, viec="luu")).status_code == 403
    assert client_of(people.leader).post(f"{BASE}tiep-nhan/", {"bao-cao": ["1"]}).status_code == 403
    assert Client(enforce_csrf_checks=True).post(f"{BASE}{report.pk}/").status_code in {302, 403}


def test_exceptions_and_excuses_on_the_page(people: People, report: UnitReport) -> None:
    chief, address = client_of(people.focal_head), f"{BASE}{report.pk}/"
    until = (TODAY + timedelta(days=14)).isoformat()
    assert chief.post(address, {"viec": "cho-muon", "until": "không", "reason": ""}).status_code == 422
    assert chief.post(address, {"viec": "cho-muon", "until": until, "reason": "Mất điện"}).status_code == 302
    assert "Mất điện" in client_of(people.reporter).get(address).content.decode()
    given = ReportException.objects.get()
    chief.post(address, {"viec": "thoi-cho-muon", "ngoai-le": str(given.pk)})
    given.refresh_from_db()
    assert given.ended_at is not None
    officer = client_of(people.officer)
    officer.post(address, {"viec": "mien", "y-kien": ""})
    officer.post(address, {"viec": "mien", "y-kien": "Giải thể"})
    assert UnitReport.objects.get().excused == "Giải thể"
    assert (
        client_of(people.reporter)
        .post(address, {"viec": "cho-muon", "until": until, "reason": "x"})
        .status_code
        == 403
    )


def test_the_officer_makes_a_regime_its_form_and_a_period_by_hand(people: People) -> None:
    officer = client_of(people.officer)
    facts = {
        "title": "Báo cáo tháng", "kind": "periodic", "content": "both", "receiver": str(people.focal.pk),
        "reporters": [str(people.unit.pk)], "is_active": "on",
    }  # fmt: skip
    made = officer.post(f"{BASE}che-do/moi/", facts)
    assert made.status_code == 302
    make_indicator("classes")
    regime_pk = int(made.headers["Location"].rstrip("/").split("/")[-2])
    officer.post(made.headers["Location"], {"viec": "them", "ten": "Số tổ hợp tác", "dvt": "tổ", "le": "0"})
    assert PlanIndicator.objects.get(title="Số tổ hợp tác").code == "so_to_hop_tac"
    form = {
        "h-1": "Kết quả", "hb-1": "1", "i-classes": "1", "ib-classes": "1", "it-classes": "12", "l-1": "classes", "q-1": "ge",
        "p-1": "0",
    }  # fmt: skip
    assert officer.post(f"{BASE}che-do/{regime_pk}/bieu/", form).status_code == 302
    assert officer.post(f"{BASE}che-do/{regime_pk}/bieu/", {**form, "it-classes": "mười"}).status_code == 422
    days = {
        "starts_on": "2026-04-28",
        "cutoff": "2026-05-27",
        "opens_on": "2026-05-20",
        "title": "Tháng 5",
        "code": "2026-05",
    }
    refused = officer.post(f"{BASE}che-do/{regime_pk}/ky-moi/", {**days, "due": "2026-05-27"})
    assert refused.status_code == 422 and "09/2019" in refused.content.decode()
    assert officer.post(f"{BASE}che-do/{regime_pk}/ky-moi/", {**days, "due": "2026-05-28"}).status_code == 302
    period = ReportPeriod.objects.get()
    officer.post(f"{BASE}ky/{period.pk}/", {"viec": "mo"})
    assert period.reports.count() == 1
    officer.post(f"{BASE}ky/{period.pk}/", {"viec": "dong"})
    period.refresh_from_db()
    assert period.closed_at is not None


def test_an_ad_hoc_request_from_the_page(people: People, report: UnitReport) -> None:
    officer = client_of(people.officer)
    address = f"{BASE}dot-xuat/?mau={report.period.regime_id}"
    data = {"title": "Gấp", "request": "Báo số lớp.", "starts_on": "2026-01-01", "cutoff": "2026-05-20",
            "due": "2026-05-22", "units": [str(people.unit.pk)]}  # fmt: skip
    assert officer.post(address, {**data, "due": "2026-05-20"}).status_code == 422
    answer = officer.post(address, data, follow=True)
    assert "Đoạn chữ để nhắn cho đơn vị" in answer.content.decode()
    assert UnitReport.objects.filter(period__code="2026-DX1").count() == 1


# The number form as a sheet


def sheet_of(client: Client, report: UnitReport) -> Any:
    answer = client.get(f"{BASE}{report.pk}/excel/?tep=bieu")
    return load_workbook(io.BytesIO(answer.content))


def sent(client: Client, report: UnitReport, book: Any) -> Any:
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("bieu.xlsx", out.getvalue())
    revision = UnitReport.objects.get(pk=report.pk).revision
    return client.post(f"{BASE}{report.pk}/excel/", {"file": file, "ban": str(revision)})


def test_the_sheet_goes_down_filled_and_comes_back(people: People, report: UnitReport) -> None:
    ReportFigure.objects.filter(indicator__code="people_trained").update(computed=5, value=5)
    client = client_of(people.reporter)
    book = sheet_of(client, report)
    sheet = book.worksheets[0]
    assert [sheet.cell(row, 1).value for row in (2, 3, 4)] == ["people_trained", "registrations", "kwh"]
    assert sheet.cell(2, 5).value == 5
    sheet.cell(3, 5, "1.300")
    sheet.cell(4, 5, 12.5)
    assert sent(client, report, book).status_code == 302
    values = dict(ReportFigure.objects.values_list("indicator__code", "value"))
    assert values == {"people_trained": 5, "registrations": 1300, "kwh": 12.5}


def test_errors_of_the_sheet_name_row_and_column_and_nothing_is_taken(
    people: People, report: UnitReport
) -> None:
    ReportFigure.objects.filter(indicator__code="people_trained").update(computed=5, value=5)
    client = client_of(people.reporter)
    for change, wanted in (
        ({(2, 5): 7}, "Dòng 2"),  # a correction without its reason
        ({(3, 5): "nhiều"}, "Dòng 3"),
        ({(3, 5): "=1+1"}, "công thức chưa có kết quả"),
        ({(3, 1): "people_trained"}, "đã có ở dòng 2"),
        ({(3, 1): "khong_co"}, "khong_co"),
    ):
        book = sheet_of(client, report)
        for (row, column), value in change.items():
            book.worksheets[0].cell(row, column, value)
        answer = sent(client, report, book)
        assert answer.status_code == 422
        assert wanted in answer.content.decode(), change
    assert UnitReport.objects.get().revision == 0
    file = SimpleUploadedFile("bieu.xlsx", b"khong phai bang")
    assert client.post(f"{BASE}{report.pk}/excel/", {"file": file, "ban": "0"}).status_code == 422


# The API


def api(user: Any, *scopes: str) -> dict[str, str]:
    _row, secret = token_create(actor=user, user=user, name="thử", scopes=scopes, now=NOW)
    return {"authorization": f"Bearer {secret}"}


def test_the_api_has_the_rights_of_the_person(people: People, report: UnitReport) -> None:
    client = Client()
    mine, reading = (
        api(people.reporter, "plan.read", "plan.write"),
        api(people.leader, "plan.read", "plan.write"),
    )
    assert [one["code"] for one in client.get("/api/v1/plan/reports/periods", headers=mine).json()] == [
        "2026-H1"
    ]
    assert [one["id"] for one in client.get("/api/v1/plan/reports", headers=mine).json()] == [report.pk]
    whole = client.get(f"/api/v1/plan/reports/{report.pk}", headers=mine).json()
    assert (whole["revision"], [one["code"] for one in whole["figures"]]) == (
        0,
        ["people_trained", "registrations", "kwh"],
    )
    body = {"revision": 0, "figures": [{"code": "people_trained", "value": "12"}]}
    address = f"/api/v1/plan/reports/{report.pk}/figures"
    assert client.put(address, body, content_type="application/json", headers=reading).status_code == 403
    assert client.put(address, body, content_type="application/json").status_code == 401
    only_read = api(people.reporter, "plan.read")
    assert client.put(address, body, content_type="application/json", headers=only_read).status_code == 403
    saved = client.put(address, body, content_type="application/json", headers=mine)
    assert (saved.status_code, saved.json()["revision"]) == (200, 1)
    stale = client.put(address, body, content_type="application/json", headers=mine)
    assert (stale.status_code, stale.json()["status"]) == (409, 409)
    unknown = {"revision": 1, "figures": [{"code": "khong_co", "value": "1"}]}
    assert client.put(address, unknown, content_type="application/json", headers=mine).status_code == 422
    stranger = api(make_member(Role.UNIT_REPORTER), "plan.read")
    assert client.get(f"/api/v1/plan/reports/{report.pk}", headers=stranger).status_code == 404
    assert client.get("/api/v1/plan/reports", headers=stranger).json() == []
    nobody = api(make_user(), "plan.read")
    assert client.get("/api/v1/plan/reports/periods", headers=nobody).status_code == 403


# Speed: queries do not grow with the installation


def grown(people: People, units: int, figures: int) -> UnitReport:
    """Return the unit's report in an installation of some size, in a plan with tasks."""
    plan = make_plan()
    codes = [make_indicator() for _number in range(figures)]
    for one in codes:
        make_task(plan, lead=people.unit, indicators=[one.code])
    regime = make_regime(
        [people.unit, *(make_unit() for _number in range(units))],
        indicators=tuple(codes),
        plan=plan,
        receiver=people.focal,
    )
    periods = [make_period(regime, f"2026-{number}") for number in range(3)]
    for period in periods:
        period_open(actor=None, period=period, now=NOW)
    return UnitReport.objects.get(period=periods[0], unit=people.unit)


def counted(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_queries_of_the_form_stay_the_same(people: People) -> None:
    client = client_of(people.reporter)
    small = counted(client, f"{BASE}{grown(people, 1, 2).pk}/")
    large = counted(client, f"{BASE}{grown(people, 12, 20).pk}/")
    assert large == small <= QUERIES


@pytest.mark.parametrize(
    ("who", "path"), [("reporter", ""), ("officer", "tiep-nhan/"), ("officer", "che-do/")]
)
def test_queries_of_the_lists_stay_the_same(people: People, who: str, path: str) -> None:
    client = client_of(getattr(people, who))
    grown(people, 1, 2)
    small = counted(client, f"{BASE}{path}")
    grown(people, 12, 4)
    assert counted(client, f"{BASE}{path}") <= small <= QUERIES

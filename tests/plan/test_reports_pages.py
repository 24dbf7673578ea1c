"""Pages of reports: everybody sees what is theirs, a phone without scripts does the whole way."""

from typing import Any

import pytest
from django.test import Client

from khcn.plan.enums import ReportState
from khcn.plan.models import ReportPeriod, UnitReport
from khcn.plan.services.periods import period_open
from tests.plan.factories import NOW, People, make_indicator, make_period, make_regime

pytestmark = pytest.mark.django_db
BASE = "/ban-lam-viec/ke-hoach/bao-cao/"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def period(people: People) -> ReportPeriod:
    made = make_period(
        make_regime(
            [people.unit], indicators=(make_indicator("people_trained"), make_indicator("registrations")),
            receiver=people.focal,
        )
    )  # fmt: skip
    period_open(actor=people.officer, period=made, now=NOW)
    return made


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_whole_way_of_a_report(people: People, period: ReportPeriod) -> None:
    report = UnitReport.objects.get(period=period)
    heading = period.regime.outline.get()
    reporter, head, officer = (client_of(one) for one in (people.reporter, people.head, people.officer))
    address = f"{BASE}{report.pk}/"
    assert "Cần nộp" in reporter.get(BASE).content.decode()
    assert 'name="f-people_trained"' in reporter.get(address).content.decode()
    data = {"ban": "0", "f-people_trained": "1.234", "f-registrations": "1,300", f"t-{heading.pk}": "Đã tập huấn."}
    assert reporter.post(address, {**data, "viec": "gui"}).status_code == 302
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED
    page = head.get(address).content.decode()
    assert "Duyệt và gửi đơn vị đầu mối" in page
    assert head.post(address, {"viec": "duyet", "ban": str(report.revision)}).status_code == 302
    report.refresh_from_db()
    assert report.state == ReportState.APPROVED
    assert report.submitted_at == NOW
    inbox = officer.get(f"{BASE}tiep-nhan/").content.decode()
    assert "Chờ tiếp nhận (1)" in inbox
    assert officer.post(f"{BASE}tiep-nhan/", {"bao-cao": [str(report.pk)]}).status_code == 302
    report.refresh_from_db()
    assert report.state == ReportState.ACCEPTED
    for path in ("che-do/", f"che-do/{period.regime_id}/", f"che-do/{period.regime_id}/bieu/", f"ky/{period.pk}/",
                 f"che-do/{period.regime_id}/sua/", f"che-do/{period.regime_id}/ky-moi/", "che-do/moi/", "dot-xuat/",
                 f"dot-xuat/?mau={period.regime_id}", "", f"{report.pk}/", f"{report.pk}/nguon/people_trained/"):  # fmt: skip
        assert officer.get(f"{BASE}{path}").status_code == 200, path

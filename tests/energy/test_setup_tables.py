"""The five tables: a new row ends the one before, nothing overlaps, a price that belongs to another decision is seen."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.core.models.jobs import Job
from khcn.energy.models import EmissionFactor, Price, PriceDecision, TariffHours, VatRate
from khcn.energy.rules.spans import SpanError, checked_spans, spans_in_words
from khcn.energy.services.price_tables import row_add, row_remove, row_source_set
from khcn.energy.services.rerates import rerate_run
from khcn.energy.setup_errors import RegisterError
from khcn.orgs.enums import Role
from tests.energy.factories import NOW, make_site
from tests.energy.test_setup_pages import at
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
PEAK = {"band": "peak", "weekdays": [0, 1, 2, 3, 4, 5], "from": "17:30", "to": "22:30"}


def decision(document: str, day: date, average: str, price: int, **more: Any) -> PriceDecision:
    """Add a decision with the price of small schools."""
    row: PriceDecision = row_add(
        actor=None, table="gia", now=NOW, values={"document": document, "valid_from": day, "average_vnd": Decimal(average), "certainty": "S2"},
        prices=[{"group": "public_school", "voltage": "lt_6kv", "band": "flat", "ratio": Decimal("0.94"), "vnd_per_kwh": price, **more}],
    )  # fmt: skip
    return row


def test_a_new_decision_ends_the_one_before_and_keeps_it() -> None:
    old = decision("2699/QĐ-BCT", date(2024, 10, 11), "2103.1159", 1977)
    decision("1279/QĐ-BCT", date(2025, 5, 10), "2204.0655", 2072)
    old.refresh_from_db()
    assert old.valid_to == date(2025, 5, 9) and old.prices.get().vnd_per_kwh == 1977
    earliest = decision("2941/QĐ-BCT", date(2023, 11, 9), "2006.79", 1886)
    assert earliest.valid_to == date(2024, 10, 10)
    for day in (date(2025, 5, 10), date(2025, 1, 1)):
        with pytest.raises(RegisterError) as refused:
            decision("khác", day, "2204.0655", 2072)
        assert refused.value.field == "valid_from"
    assert PriceDecision.objects.count() == 3


def test_a_price_of_another_decision_is_named() -> None:
    decision("2941/QĐ-BCT", date(2023, 11, 9), "2006.79", 1886)
    with pytest.raises(RegisterError) as refused:
        decision("2699/QĐ-BCT", date(2024, 10, 11), "2103.1159", 1886)
    assert "2941/QĐ-BCT" in refused.value.message and "1.977" in refused.value.message
    with pytest.raises(RegisterError) as other:
        decision("2699/QĐ-BCT", date(2024, 10, 11), "2103.1159", 1999)
    assert "xóa tỷ lệ" in other.value.message and PriceDecision.objects.count() == 1
    free = decision("2699/QĐ-BCT", date(2024, 10, 11), "2103.1159", 1999, ratio=None)
    assert free.prices.get().vnd_per_kwh == 1999


def test_an_empty_price_follows_from_its_ratio(client: Client) -> None:
    decision("2699/QĐ-BCT", date(2024, 10, 11), "2103.1159", 1977)
    client.force_login(make_member(Role.FINANCE))
    page = client.get(at("table-add", "gia")).content.decode()
    assert 'value="0,94"' in page and 'value="public_school"' in page
    sent = {
        "document": "1279/QĐ-BCT", "valid_from": "2025-05-10", "average_vnd": "2.204,0655", "certainty": "original",
        "gia-TOTAL_FORMS": "1", "gia-INITIAL_FORMS": "1", "gia-0-group": "public_school", "gia-0-voltage": "lt_6kv",
        "gia-0-band": "flat", "gia-0-ratio": "0,94", "gia-0-vnd_per_kwh": "",
    }  # fmt: skip
    answer = client.post(at("table-add", "gia"), sent, follow=True)
    assert "số liệu trước đó giữ nguyên" in answer.content.decode()
    assert Price.objects.get(decision__document="1279/QĐ-BCT").vnd_per_kwh == 2072


def test_one_factor_a_reporting_year_and_none_is_filled_in_silently() -> None:
    def factor(year: int, value: str, first: int, last: int | None = None) -> Any:
        values = {
            "document": f"số {year}",
            "data_year": year,
            "t_per_mwh": Decimal(value),
            "used_from_year": first,
            "used_to_year": last,
        }
        return row_add(actor=None, table="phat-thai", values=values, now=NOW)

    factor(2022, "0.6766", 2023)
    factor(2023, "0.6592", 2025)
    assert EmissionFactor.objects.get(data_year=2022).used_to_year == 2024
    for first, last in ((2024, 2026), (2025, None), (2030, 2029)):
        with pytest.raises(RegisterError):
            factor(2021, "0.7221", first, last)
    with pytest.raises(RegisterError):
        factor(2026, "0.6", 2025)  # a report cannot use data of later years


@pytest.mark.parametrize(
    ("spans", "fine"),
    [
        ([PEAK], True), ([PEAK, {**PEAK, "band": "off", "from": "22:30", "to": "06:00"}], True), ([PEAK, PEAK], False),
        ([PEAK, {**PEAK, "band": "off", "from": "22:00", "to": "04:00"}], False), ([{**PEAK, "weekdays": []}], False),
        ([{**PEAK, "band": "trưa"}], False), ([{**PEAK, "from": "25:00"}], False), ([{**PEAK, "from": "22:30"}], False),
        ("x", False), ([None], False), ([PEAK] * 13, False), ([{**PEAK, "from": "22:00", "to": "04:00"}, {**PEAK, "from": "03:00", "to": "05:00"}], False),
    ],
)  # fmt: skip
def test_spans_of_hours(spans: Any, fine: bool) -> None:
    if fine:
        assert checked_spans(spans) == spans
        return
    with pytest.raises(SpanError):
        checked_spans(spans)


def test_hours_are_typed_as_rows(client: Client) -> None:
    client.force_login(make_member(Role.ENERGY_OFFICER))
    sent = {
        "document": "963/QĐ-BCT", "valid_from": "2026-04-22", "certainty": "S2", "khung-TOTAL_FORMS": "2", "khung-INITIAL_FORMS": "0",
        "khung-0-band": "peak", "khung-0-starts": "17:30", "khung-0-ends": "22:30", "khung-0-weekdays": ["0", "1", "2", "3", "4", "5"],
        "khung-1-band": "off", "khung-1-starts": "00:00", "khung-1-ends": "06:00", "khung-1-weekdays": ["0", "1", "2", "3", "4", "5", "6"],
    }  # fmt: skip
    assert client.post(at("table-add", "khung-gio"), sent).status_code == 302
    assert spans_in_words(TariffHours.objects.get().spans) == [
        "Cao điểm 17:30–22:30, thứ Hai đến thứ Bảy", "Thấp điểm 00:00–06:00, hằng ngày",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "role",
    [Role.LEADER, Role.UNIT_ENERGY_MANAGER, Role.UNIT_HEAD, Role.TECHNICIAN, Role.AUDITOR, Role.SYSADMIN],
)
def test_only_finance_and_the_officer_change_tables(role: Role) -> None:
    vat = row_add(
        actor=None,
        table="thue",
        values={"document": "NQ", "valid_from": date(2025, 7, 1), "percent": 8},
        now=NOW,
    )
    actor = make_member(role)
    with pytest.raises(PermissionDeniedError):
        row_add(
            actor=actor,
            table="thue",
            values={"document": "X", "valid_from": date(2026, 7, 1), "percent": 10},
            now=NOW,
        )
    with pytest.raises(PermissionDeniedError):
        row_source_set(
            actor=actor, table="thue", row=vat, values={"source": "x", "certainty": "S1", "note": ""}, now=NOW
        )
    with pytest.raises(PermissionDeniedError):
        row_remove(actor=actor, table="thue", row=vat, now=NOW)


def test_what_applies_is_never_taken_back_and_its_figures_never_change() -> None:
    finance = make_member(Role.FINANCE)
    first = row_add(
        actor=finance,
        table="thue",
        values={"document": "NQ 204", "valid_from": date(2025, 7, 1), "percent": 8},
        now=NOW,
    )
    later = row_add(
        actor=finance,
        table="thue",
        values={"document": "NQ mới", "valid_from": date(2027, 1, 1), "percent": 10},
        now=NOW,
    )
    with pytest.raises(RegisterError):
        row_remove(actor=finance, table="thue", row=first, now=NOW)
    with pytest.raises(ValueError, match="percent"):
        row_source_set(actor=finance, table="thue", row=first, values={"percent": 0}, now=NOW)
    row_remove(actor=finance, table="thue", row=later, now=NOW)
    assert VatRate.objects.get().valid_to is None
    row_source_set(
        actor=finance,
        table="thue",
        row=first,
        values={"source": "Công báo", "certainty": "original", "note": ""},
        now=NOW,
    )
    deeds = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert deeds == ["energy.table.add", "energy.table.add", "energy.table.remove", "energy.table.source"]


def test_past_days_are_priced_anew_only_when_somebody_asks_with_a_reason(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def site_rerate(**given: Any) -> int:
        asked.append(given)
        return 12

    monkeypatch.setattr("khcn.energy.services.figures.site_rerate", site_rerate)
    site, finance = make_site(), make_member(Role.FINANCE)
    sent = {"site": site.pk, "first": "2026-01-01", "last": "2026-01-31", "reason": "Quyết định nhập muộn"}
    client.force_login(make_member(Role.LEADER))
    assert client.post(at("rerate"), sent).status_code == 403
    client.force_login(finance)
    for wrong in (
        {"reason": " "},
        {"last": "2025-12-31"},
        {"last": "2099-01-01"},
        {"first": "2019-01-01"},
        {"site": "0"},
    ):
        assert client.post(at("rerate"), {**sent, **wrong}).status_code == 200
    assert not Job.objects.exists()
    assert client.post(at("rerate"), sent).status_code == 302
    job = Job.objects.get()
    rerate_run(job.pk)
    rerate_run(job.pk)
    job.refresh_from_db()
    assert [(row["site"], row["first"], row["actor"], row["reason"]) for row in asked] == [
        (site, date(2026, 1, 1), finance, "Quyết định nhập muộn")
    ]
    assert job.state == "done" and "12 ngày" in job.message

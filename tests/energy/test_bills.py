"""Electricity bills: typed month by month, from a sheet, from a PDF that a person confirms; the baseline from them."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.jobs import Job
from khcn.core.papers.pdf import office_program
from khcn.energy import setup_store
from khcn.energy.enums import BillSource
from khcn.energy.models import Baseline, Bill, Contract, Site
from khcn.energy.selectors.baselines import savings_page
from khcn.energy.selectors.bills import contracts_year, note_words, usual_dates
from khcn.energy.selectors.projects import progress
from khcn.energy.services.baselines import baseline_fit
from khcn.energy.services.bill_files import bill_read, bill_upload
from khcn.energy.services.bills import bill_remove, bill_save, bills_take_in
from khcn.energy.services.contracts import tariff_assign
from khcn.energy.services.price_tables import row_add
from khcn.energy.services.saving_plans import saving_plan_save
from khcn.energy.setup_errors import RegisterError
from khcn.orgs.enums import Role
from tests.energy.factories import NOW, TODAY, make_site
from tests.energy.test_setup_pages import at
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
JANUARY = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 31)}


class Place:
    """A school with a contract billed as a school, its manager, and today's prices."""

    def __init__(self) -> None:
        self.site: Site = make_site("Trường Mẫu", unit=make_unit())
        self.contract = Contract.objects.create(site=self.site, customer_code="PE01000000001")
        tariff_assign(
            actor=None, contract=self.contract, group="public_school", voltage="lt_6kv", time_of_use=False,
            valid_from=date(2024, 1, 1), now=NOW,
        )  # fmt: skip
        row_add(
            actor=None, table="gia", now=NOW,
            values={"document": "1279/QĐ-BCT", "valid_from": date(2024, 1, 1), "average_vnd": Decimal("2204.0655")},
            prices=[{"group": "public_school", "voltage": "lt_6kv", "band": "flat", "ratio": Decimal("0.94")}],
        )  # fmt: skip
        row_add(
            actor=None,
            table="thue",
            now=NOW,
            values={"document": "NQ", "valid_from": date(2024, 1, 1), "percent": 8},
        )
        self.manager = make_member(Role.UNIT_ENERGY_MANAGER, self.site.unit)

    def bill(self, **values: Any) -> Bill:
        """Save a bill as the manager."""
        given = {**JANUARY, "kwh_normal": Decimal(1000), "total": Decimal(2_237_760), **values}
        return bill_save(actor=self.manager, contract=self.contract, values=given, now=NOW)

    def years(self, first: date, months: int, *, factor: float = 1.0) -> None:
        """Save whole months: hot ones use more, summer of schools less."""
        use = [620, 520, 700, 740, 730, 410, 360, 560, 690, 710, 660, 640]
        for number in range(months):
            day = first
            for _n in range(number):
                day = (day + timedelta(days=32)).replace(day=1)
            last = (day + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            kwh = round(use[day.month - 1] * factor)
            Bill.objects.create(
                contract=self.contract, starts_on=day, ends_on=last, kwh_normal=kwh, total=kwh * 2238
            )


def test_a_bill_that_fits_the_tables_has_nothing_to_say() -> None:
    place = Place()
    assert place.bill().notes == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_on": date(2025, 12, 1)}, "ends_on"), ({"ends_on": date(2027, 6, 1)}, "ends_on"), ({"ends_on": date(2026, 8, 1)}, "ends_on"),
        ({"kwh_normal": Decimal(0)}, "kwh_normal"), ({"kwh_normal": Decimal(-5)}, "kwh_normal"), ({"total": Decimal(-1)}, "total"),
        ({"before_vat": Decimal(2_072_000), "vat": Decimal(100_000)}, "total"), ({"before_vat": Decimal(3_000_000)}, "before_vat"),
        ({"starts_on": None}, "starts_on"),
    ],
)  # fmt: skip
def test_what_a_bill_refuses(change: dict[str, Any], field: str) -> None:
    place = Place()
    with pytest.raises(RegisterError) as refused:
        place.bill(**change)
    assert refused.value.field == field and Bill.objects.count() == 0


def test_sums_add_up_and_days_are_billed_once() -> None:
    place = Place()
    first = place.bill(before_vat=Decimal(2_072_000), vat=Decimal(165_760))
    for starts, ends in (
        (date(2026, 1, 31), date(2026, 2, 27)),
        (date(2025, 12, 15), date(2026, 1, 1)),
        (date(2026, 1, 5), date(2026, 1, 6)),
    ):
        with pytest.raises(RegisterError) as refused:
            place.bill(starts_on=starts, ends_on=ends)
        assert refused.value.field == "starts_on"
    bill_save(
        actor=place.manager,
        contract=place.contract,
        values={"kwh_normal": Decimal(1001)},
        bill=first,
        now=NOW,
    )
    place.bill(starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28))
    assert Bill.objects.count() == 2


def test_odd_bills_are_kept_with_a_note() -> None:
    place = Place()
    texts = [note_words(note) for note in place.bill(total=Decimal(2_500_000)).notes]
    assert any("2.237.760" in text for text in texts)
    long = place.bill(starts_on=date(2025, 9, 1), ends_on=date(2025, 12, 10), total=Decimal(50_000))
    assert {note["code"] for note in long.notes} >= {"bill-period-long", "bill-mean-price"}
    other = Contract.objects.create(site=place.site, customer_code="PE3")
    bare = bill_save(
        actor=place.manager, contract=other, values={**JANUARY, "kwh_normal": 10, "total": 22_000}, now=NOW
    )
    assert [note["code"] for note in bare.notes] == ["bill-no-tariff"]


@pytest.mark.parametrize(
    "role", [Role.UNIT_HEAD, Role.TECHNICIAN, Role.FINANCE, Role.LEADER, Role.UNIT_REPORTER]
)
def test_only_managers_type_bills(role: Role) -> None:
    place = Place()
    bill, actor = place.bill(), make_member(role, place.site.unit)
    with pytest.raises(PermissionDeniedError):
        bill_save(
            actor=actor, contract=place.contract, values={**JANUARY, "kwh_normal": 1, "total": 1}, now=NOW
        )
    with pytest.raises(PermissionDeniedError):
        bill_remove(actor=actor, bill=bill, now=NOW)
    with pytest.raises(PermissionDeniedError):
        bills_take_in(actor=actor, site=place.site, rows=[], now=NOW)
    with pytest.raises(PermissionDeniedError):
        baseline_fit(actor=actor, site=place.site, used_from=TODAY, now=NOW)


def test_a_year_is_typed_month_after_month(client: Client) -> None:
    place = Place()
    client.force_login(place.manager)
    page = client.get(f"{at('bill-new', place.contract.pk)}?thang=2026-01").content.decode()
    assert 'value="2026-01-01"' in page and 'value="2026-01-31"' in page and "kwh_peak" not in page
    sent = {
        "starts_on": "2026-01-01",
        "ends_on": "2026-01-28",
        "kwh_normal": "1.000,5",
        "total": "2.238.879",
        "tiep": "1",
    }
    answer = client.post(f"{at('bill-new', place.contract.pk)}?thang=2026-01", sent)
    assert answer["Location"].endswith("?thang=2026-02")
    assert usual_dates(place.contract, date(2026, 2, 1)) == (date(2026, 1, 29), date(2026, 2, 28))
    year = contracts_year(place.site, 2026, TODAY)[0]
    assert (
        [bool(cell.bill) for cell in year.cells[:3]] == [True, False, False]
        and year.kwh == 1000.5
        and year.missing == 2
    )
    assert "1.001 kWh" in client.get(at("bills", place.site.key) + "?nam=2026").content.decode()
    for bad in ("abc", "2026-13", "", "9999-99"):
        assert client.get(f"{at('bill-new', place.contract.pk)}?thang={bad}").status_code == 200


def test_a_sheet_goes_down_comes_back_is_shown_and_taken_in(client: Client) -> None:
    place = Place()
    client.force_login(place.manager)
    address = at("bill-sheet", place.site.key)
    book = load_workbook(io.BytesIO(client.get(f"{address}?tep=mau").content))
    rows = [("PE01000000001", date(2026, 1, 1), date(2026, 1, 31), 1000, None, None, None, None, 2_237_760),
            ("PE01000000001", date(2026, 2, 1), date(2026, 2, 28), 900, None, None, None, None, 2_013_984)]  # fmt: skip
    for number, row in enumerate(rows, start=2):
        for index, value in enumerate(row, start=1):
            book.worksheets[0].cell(number, index, value)
    page = client.post(address, {"file": upload(book)})
    shown = page.content.decode()
    kept = page.context["kept"]
    assert "Lưu 2 dòng" in shown and Bill.objects.count() == 0
    other = make_member(Role.UNIT_ENERGY_MANAGER, place.site.unit)
    client.force_login(other)
    client.post(address, {"tep": kept})  # another person's file
    assert Bill.objects.count() == 0
    client.force_login(place.manager)
    assert client.post(address, {"tep": kept}).status_code == 302
    assert list(Bill.objects.order_by("starts_on").values_list("kwh_normal", "source")) == [
        (1000, "sheet"),
        (900, "sheet"),
    ]
    assert not setup_store.path_of(setup_store.SHEETS, kept).exists()
    again = load_workbook(io.BytesIO(client.get(f"{address}?tep=co").content))
    assert again.worksheets[0]["D3"].value == 900
    book.worksheets[0].cell(3, 3, date(2026, 1, 5))  # ends before it begins
    book.worksheets[0].cell(2, 4, 1111)
    kept = client.post(address, {"file": upload(book)}).context["kept"]
    answer = client.post(address, {"tep": kept}, follow=True)
    assert "Dòng 3" in answer.content.decode() and not Bill.objects.filter(kwh_normal=1111).exists()


def upload(book: Any) -> SimpleUploadedFile:
    """Return a workbook as a browser sends it."""
    buffer = io.BytesIO()
    book.save(buffer)
    return SimpleUploadedFile("hoa don.xlsx", buffer.getvalue())


@pytest.mark.parametrize("content", [b"", b"khong phai", b"PK\x03\x04 hong", b"\xd0\xcf\x11\xe0" * 50])
def test_files_that_are_no_sheet(client: Client, content: bytes) -> None:
    place = Place()
    client.force_login(place.manager)
    answer = client.post(at("bill-sheet", place.site.key), {"file": SimpleUploadedFile("x.xlsx", content)})
    assert answer.status_code == 200 and Bill.objects.count() == 0
    for name in ("../../db.sqlite3", "0-x.xlsx", f"{place.manager.pk}-../x", "x" * 500):
        assert client.post(at("bill-sheet", place.site.key), {"tep": name}).status_code == 200


def test_a_pdf_is_read_in_the_worker_and_confirmed_by_a_person(client: Client) -> None:
    if office_program() is None:
        pytest.skip("needs LibreOffice to make a PDF")
    place = Place()
    client.force_login(place.manager)
    address = at("bill-pdf", place.site.key)
    sent = client.post(address, {"file": SimpleUploadedFile("hoa-don.pdf", bill_pdf_bytes())})
    job = Job.objects.get(kind="energy.bill")
    assert (
        sent["Location"].endswith(f"?viec={job.pk}")
        and "hx-get" in client.get(sent["Location"]).content.decode()
    )
    bill_read(job.pk)
    page = client.get(sent["Location"])
    start = page.context["reading"].start
    assert (start["kwh_normal"], start["total"], start["starts_on"]) == (1000, 2_237_760, date(2026, 1, 1))
    assert start["contract"] == place.contract.pk and Bill.objects.count() == 0
    confirmed = {
        "contract": place.contract.pk,
        "starts_on": "2026-01-01",
        "ends_on": "2026-01-31",
        "kwh_normal": "1000",
        "total": "2.237.760",
    }
    assert client.post(sent["Location"], confirmed).status_code == 302
    bill = Bill.objects.get()
    assert bill.source == BillSource.PDF and "PE01000000001" in bill.raw
    assert not setup_store.path_of(setup_store.BILLS, job.arguments["name"]).exists()
    client.force_login(make_member(Role.UNIT_ENERGY_MANAGER, place.site.unit))
    assert client.get(sent["Location"]).status_code == 404  # another person's job


def bill_pdf_bytes() -> bytes:
    """Return a made-up bill as PDF."""
    from docx import Document

    from khcn.core.papers.pdf import docx_pdf  # only where LibreOffice is

    paper = Document()
    for line in (
        "HÓA ĐƠN GTGT (TIỀN ĐIỆN)", "Mã khách hàng: PE01000000001", "Kỳ hóa đơn: từ ngày 01/01/2026 đến ngày 31/01/2026",
        "Điện năng tiêu thụ: 1.000 kWh", "Đơn giá 2.072 đồng/kWh, thành tiền 2.072.000", "Tiền điện chưa thuế: 2.072.000",
        "Thuế suất GTGT: 8 %", "Tiền thuế GTGT: 165.760", "Tổng cộng tiền thanh toán: 2.237.760",
    ):  # fmt: skip
        paper.add_paragraph(line)
    out = io.BytesIO()
    paper.save(out)
    return docx_pdf(out.getvalue())


def test_what_is_no_pdf_or_holds_no_bill() -> None:
    place = Place()
    with pytest.raises(RegisterError):
        bill_upload(actor=place.manager, site=place.site, file=SimpleUploadedFile("a.pdf", b"MZ..."), now=NOW)
    job = bill_upload(
        actor=place.manager, site=place.site, file=SimpleUploadedFile("a.pdf", b"%PDF-1.4 hong"), now=NOW
    )
    bill_read(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and job.error


def test_savings_against_the_bills_before() -> None:
    place = Place()
    place.years(date(2024, 1, 1), 24)
    place.years(date(2026, 1, 1), 2, factor=0.6)
    with pytest.raises(RegisterError):
        baseline_fit(actor=place.manager, site=place.site, used_from=date(2024, 5, 1), now=NOW)
    baseline_fit(actor=place.manager, site=place.site, used_from=date(2026, 1, 1), now=NOW)
    baseline_fit(actor=place.manager, site=place.site, used_from=date(2026, 1, 1), now=NOW)
    assert Baseline.objects.count() == 1
    page = savings_page(place.site, TODAY)
    saved = 620 + 520 - round(620 * 0.6) - round(520 * 0.6)
    assert page.table is not None and "mua ít hơn" in page.message
    said = int(page.message.split("mức cơ sở ")[1].split(" kWh")[0].replace(".", ""))
    assert saved * 0.5 < said < saved * 1.6
    assert dict(page.about)["Lập từ"].startswith("24 hóa đơn")


def test_without_a_baseline_the_year_before_is_shown_and_says_so() -> None:
    place = Place()
    assert "Chưa đủ hóa đơn" in savings_page(place.site, TODAY).message
    place.years(date(2024, 1, 1), 12)
    place.years(date(2025, 1, 1), 12, factor=0.9)
    page = savings_page(place.site, TODAY)
    assert "9,8 %" in page.message and page.notes


def test_a_saving_plan_is_followed_by_its_bills() -> None:
    place = Place()
    place.years(date(2025, 1, 1), 12)
    plan = saving_plan_save(
        actor=place.manager,
        unit=place.site.unit,
        values={"year": 2026, "target_percent": Decimal(5)},
        now=NOW,
    )
    assert progress(plan).state.tone == "watch"
    place.years(date(2026, 1, 1), 2, factor=1.5)
    row = progress(plan)
    assert row.months == 2 and row.state.tone == "bad" and row.year_before == pytest.approx(1140)
    with pytest.raises(RegisterError):
        saving_plan_save(
            actor=place.manager, unit=place.site.unit, values={"year": 2026, "target_kwh": 1}, now=NOW
        )
    with pytest.raises(PermissionDeniedError):
        saving_plan_save(
            actor=place.manager, unit=make_unit(), values={"year": 2026, "target_kwh": 1}, now=NOW
        )

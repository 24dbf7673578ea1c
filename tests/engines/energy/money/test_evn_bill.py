"""The text of a bill, in several layouts, read into fields; slips are found."""

from datetime import date
from decimal import Decimal

import pytest

from khcn.engines.energy.messages import sentence
from khcn.engines.energy.money.evn_bill import parse_bill_text
from khcn.engines.energy.money.evn_numbers import readings_of
from khcn.engines.energy.money.tables import Band
from tests.engines.energy.money import bills
from tests.engines.energy.money.bills import True_

pytestmark = pytest.mark.nodb

D = Decimal
BUSINESS = True_({
    Band.NORMAL: (D(84_440), D(3152)), Band.PEAK: (D(12_320), D(5422)), Band.OFF_PEAK: (D(9_960), D(1918)),
})  # fmt: skip
SMALL = True_(
    {Band.NORMAL: (D(1_960), D(3152)), Band.PEAK: (D(480), D(5422)), Band.OFF_PEAK: (D(3_160), D(1918))},
    start=date(2025, 12, 20), end=date(2026, 1, 19), customer="PB05120045678",
)  # fmt: skip
SCHOOL = True_({Band.FLAT: (D(5_240), D(2072))}, multiplier=1)


@pytest.mark.parametrize("layout", [bills.by_rows, bills.torn, bills.without_marks, bills.by_columns])
@pytest.mark.parametrize("true", [BUSINESS, SMALL])
def test_bills_by_hours(layout, true):
    found = parse_bill_text(layout(true))
    assert (found.customer, found.start, found.end) == (true.customer, true.start, true.end)
    assert found.kwh == {band: kwh for band, (kwh, _) in true.lines.items()}
    assert found.prices == {band: (price,) for band, (_, price) in true.lines.items()}
    assert (found.before_vat, found.vat, found.total) == (true.before, true.vat, true.total)
    assert found.vat_percent == true.percent
    assert found.notes == () and found.sure


def test_readings_of_meters():
    found = parse_bill_text(bills.by_rows(BUSINESS))
    for band, reading in found.readings.items():
        assert (reading.new, reading.old) == BUSINESS.readings(band) and reading.multiplier == 40
    assert set(found.readings) == set(BUSINESS.lines) and found.total_kwh == BUSINESS.kwh


@pytest.mark.parametrize("layout", [bills.by_rows, bills.torn, bills.by_columns, bills.flat_short])
def test_a_public_unit_with_one_price(layout):
    found = parse_bill_text(layout(SCHOOL))
    assert found.kwh == {Band.FLAT: D(5240)} and found.prices == {Band.FLAT: (D(2072),)}
    assert (found.before_vat, found.vat, found.total) == (SCHOOL.before, SCHOOL.vat, SCHOOL.total)
    assert (found.start, found.end, found.sure) == (SCHOOL.start, SCHOOL.end, True)


def test_numbers_written_the_english_way():
    found = parse_bill_text(bills.by_rows(BUSINESS, bills.en))
    assert found.total == BUSINESS.total and found.kwh[Band.PEAK] == D(12_320) and found.sure


def test_household_steps():
    text = (
        "Mã khách hàng: PE13000987654\nTừ ngày 05/06/2026 đến ngày 04/07/2026\n"
        "Bậc 1 50 1.984 99.200\nBậc 2 50 2.050 102.500\nBậc 3 80 2.380 190.400\n"
        "Cộng 180 392.100\nThuế suất GTGT 8% Tiền thuế GTGT 31.368\nTổng cộng tiền thanh toán 423.468"
    )
    found = parse_bill_text(text)
    assert found.kwh == {Band.STEP_1: D(50), Band.STEP_2: D(50), Band.STEP_3: D(80)}
    assert (found.vat, found.total) == (D(31_368), D(423_468)) and found.vat_percent == D(8)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (f"(đồng): {bills.vn(BUSINESS.total)}", f"(đồng): {bills.vn(BUSINESS.total + 9000)}", "bill-total"),
        (f"Thuế GTGT: {bills.vn(BUSINESS.vat)}", f"Thuế GTGT: {bills.vn(BUSINESS.vat + 9000)}", "bill-vat"),
        ("Mã khách hàng: PE01000123456", "", "bill-no-customer"),
        ("từ ngày 01/03/2026 đến ngày 31/03/2026", "", "bill-no-period"),
        ("đến ngày 31/03/2026", "đến ngày 31/07/2026", "bill-period-long"),
        ("Tổng điện năng tiêu thụ (kWh): 106.720", "Tổng điện năng tiêu thụ (kWh): 106.721", "bill-kwh-sum"),
        ("66.799.040", "66.799.940", "bill-line"),
    ],
)
def test_slips_are_found_and_said(old, new, code):
    text = bills.by_rows(BUSINESS)
    assert old in text
    found = parse_bill_text(text.replace(old, new))
    assert code in [note.code for note in found.notes] and not found.sure
    for note in found.notes:
        assert sentence(note.code, note.params)


@pytest.mark.parametrize(
    "text", ["", "Kính gửi quý khách", "Biên bản họp ngày 01/03/2026, 15 người dự", "\x00" * 50]
)
def test_what_is_no_bill(text):
    assert [note.code for note in parse_bill_text(text).notes] == ["bill-not-a-bill"]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("1.234", (D(1234), D("1.234"))), ("1.234.567", (D(1234567),)), ("1.234,5", (D("1234.5"),)), ("12,5", (D("12.5"),)),
        ("1,234.50", (D("1234.50"),)), ("84440", (D(84440),)), ("2.006,79", (D("2006.79"),)), ("10137,25", (D("10137.25"),)),
    ],
)  # fmt: skip
def test_numbers(text, want):
    assert readings_of(text) == want


def test_a_sum_row_with_kwh_and_amount_and_no_label_of_its_own():
    text = (
        "HÓA ĐƠN TIỀN ĐIỆN Số 0012345\nMã KH: PE04000111222 Kỳ hóa đơn: 11/05/2026 - 10/06/2026\n"
        "STT Chỉ tiêu Số lượng Đơn giá Thành tiền\n1 Giờ bình thường 1.960 3.152 6.177.920\n2 Giờ cao điểm 480 5.422 2.602.560\n"
        "3 Giờ thấp điểm 3.160 1.918 6.060.880\nTổng cộng 5.600 14.841.360\n"
        "Thuế suất (%): 8 Tiền thuế: 1.187.309\nTổng cộng tiền thanh toán: 16.028.669\nBằng chữ: Mười sáu triệu"
    )
    found = parse_bill_text(text)
    assert (found.before_vat, found.vat, found.total) == (D(14_841_360), D(1_187_309), D(16_028_669))
    assert found.kwh == {Band.NORMAL: D(1960), Band.PEAK: D(480), Band.OFF_PEAK: D(3160)} and found.sure
    assert (found.customer, found.vat_percent) == ("PE04000111222", D(8))


def test_two_prices_within_one_bill_add_up_by_band():
    text = (
        "Mã khách hàng PE01000999888 từ ngày 21/04/2025 đến ngày 20/05/2025\n"
        "Không theo thời gian 1.000 1.977 1.977.000\nKhông theo thời gian 500 2.072 1.036.000\n"
        "Cộng tiền hàng 3.013.000 Thuế suất 8% Tiền thuế GTGT 241.040 Tổng cộng tiền thanh toán 3.254.040"
    )
    found = parse_bill_text(text)
    assert found.kwh == {Band.FLAT: D(1500)} and found.prices == {Band.FLAT: (D(1977), D(2072))}
    assert found.sure and (found.start, found.end) == (date(2025, 4, 21), date(2025, 5, 20))

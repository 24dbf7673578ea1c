"""Bills made up for the tests: true figures, printed in several layouts as PDF text comes out."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from khcn.engines.energy.money.tables import Band

NAMES = {
    Band.NORMAL: "Giờ bình thường", Band.PEAK: "Giờ cao điểm", Band.OFF_PEAK: "Giờ thấp điểm",
    Band.FLAT: "Không theo thời gian",
}  # fmt: skip
SHORT = {Band.NORMAL: "BT", Band.PEAK: "CĐ", Band.OFF_PEAK: "TĐ", Band.FLAT: "KT"}


@dataclass
class True_:
    lines: dict  # band -> (kwh, price)
    customer: str = "PE01000123456"
    start: date = date(2026, 3, 1)
    end: date = date(2026, 3, 31)
    multiplier: int = 40
    percent: Decimal = Decimal(8)

    @property
    def amounts(self):
        return {b: (k * p).quantize(Decimal(1), ROUND_HALF_UP) for b, (k, p) in self.lines.items()}

    @property
    def before(self):
        return sum(self.amounts.values())

    @property
    def vat(self):
        return (self.before * self.percent / 100).quantize(Decimal(1), ROUND_HALF_UP)

    @property
    def total(self):
        return self.before + self.vat

    @property
    def kwh(self):
        return sum(k for k, _ in self.lines.values())

    def readings(self, band):
        old = Decimal(10_000 + 137 * len(band.value))
        return old + self.lines[band][0] / self.multiplier, old


def vn(value):
    """1.234.567,8"""
    text = f"{value:,f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:,f}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")


def en(value):
    """1,234,567.8"""
    return f"{value:,f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:,f}"


def by_rows(t, n=vn):
    out = [
        "TỔNG CÔNG TY ĐIỆN LỰC TP HỒ CHÍ MINH", "HÓA ĐƠN GIÁ TRỊ GIA TĂNG (TIỀN ĐIỆN)", "Ký hiệu: 1K26TAA Số: 1234567",
        f"Mã khách hàng: {t.customer}   Mã số thuế: 0301234567", "Khách hàng: TRƯỜNG THỬ NGHIỆM", "Điện thoại: 028 38123456",
        f"Kỳ 1 tháng {t.start.month}/{t.start.year}, từ ngày {t.start:%d/%m/%Y} đến ngày {t.end:%d/%m/%Y}",
        "BỘ CS   CHỈ SỐ MỚI   CHỈ SỐ CŨ   HỆ SỐ NHÂN   ĐIỆN NĂNG TIÊU THỤ (kWh)",
    ]  # fmt: skip
    for band, (kwh, _) in t.lines.items():
        new, old = t.readings(band)
        out.append(f"{SHORT[band]}   {n(new)}   {n(old)}   {t.multiplier}   {n(kwh)}")
    out += [
        f"Tổng điện năng tiêu thụ (kWh): {n(t.kwh)}",
        "KHUNG GIỜ   ĐƠN GIÁ (đồng/kWh)   SẢN LƯỢNG (kWh)   THÀNH TIỀN (đồng)",
    ]
    out += [f"{NAMES[b]}   {n(p)}   {n(k)}   {n(t.amounts[b])}" for b, (k, p) in t.lines.items()]
    out += [
        f"Tổng tiền điện chưa thuế: {n(t.before)}", f"Thuế suất GTGT: {t.percent}%    Thuế GTGT: {n(t.vat)}",
        f"Tổng cộng tiền thanh toán (đồng): {n(t.total)}", "Bằng chữ: ...",
    ]  # fmt: skip
    return "\n".join(out)


def torn(t):
    """Every cell on its own line."""
    return "\n".join(by_rows(t).replace("   ", "\n").replace(": ", ":\n").split("\n"))


def without_marks(t):
    from khcn.engines.text.fold import fold

    return fold(by_rows(t)).upper()


def by_columns(t):
    """A table torn into columns: all labels, then the rows."""
    out = [
        "CÔNG TY ĐIỆN LỰC", f"Mã KH {t.customer}", f"({t.start:%d/%m/%Y} - {t.end:%d/%m/%Y})", "Đơn giá Sản lượng Thành tiền",
        *[NAMES[b] for b in t.lines],
    ]  # fmt: skip
    out += [f"{vn(k)} {vn(p)} {vn(t.amounts[b])}" for b, (k, p) in t.lines.items()]
    out += [
        f"Cộng tiền hàng {vn(t.before)}", f"Tiền thuế GTGT ({t.percent}%): {vn(t.vat)}",
        f"Tổng tiền thanh toán {vn(t.total)} đồng",
    ]  # fmt: skip
    return "\n".join(out)


def flat_short(t):
    """A notice of a public unit: one price, no table."""
    ((kwh, price),) = t.lines.values()
    (band,) = t.lines
    new, old = t.readings(band)
    return (
        f"THÔNG BÁO TIỀN ĐIỆN tháng {t.end.month} năm {t.end.year}\nMã khách hàng : {t.customer}\n"
        f"Từ {t.start:%d/%m} đến {t.end:%d/%m/%Y}\n"
        f"Chỉ số mới {vn(new)} chỉ số cũ {vn(old)} hệ số {t.multiplier} điện tiêu thụ {vn(kwh)} kWh\n"
        f"{vn(kwh)} x {vn(price)} = {vn(t.before)}\nTiền điện: {vn(t.before)} đồng\nVAT {t.percent}%: {vn(t.vat)} đồng\n"
        f"Tổng cộng: {vn(t.total)} đồng"
    )

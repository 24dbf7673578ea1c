"""Sentences about prices, bills, CO2 and savings, by code."""

from typing import Final

ERRORS: Final[dict[str, str]] = {
    "money-no-price": "Chưa có giá điện cho ngày %(day)s, nhóm «%(group)s», cấp điện áp «%(voltage)s», giờ «%(band)s». Hãy "
    "nhập giá của quyết định có hiệu lực ngày đó; hệ thống không lấy giá của kỳ khác thay vào.",
    "money-no-hours": "Chưa có khung giờ cao điểm, thấp điểm cho ngày %(day)s. Hãy nhập khung giờ có hiệu lực ngày đó.",
    "money-no-vat": "Chưa có thuế suất thuế giá trị gia tăng cho ngày %(day)s. Hãy nhập thuế suất có hiệu lực ngày đó.",
    "money-hours": "Khung giờ của «%(document)s» không đúng. Mỗi khung cần band (peak, off hoặc normal), weekdays (0 là "
    "thứ hai), from và to dạng 17:30.",
    "money-household-load": "Giá sinh hoạt tính theo bậc của cả tháng nên cần biết cả điện tiêu thụ, không chỉ điện mặt "
    "trời.",
    "money-bands": "Hóa đơn nhóm «%(group)s» không có phần «%(band)s». Hãy xem lại nhóm giá của hợp đồng.",
    "money-negative": "Số điện %(kwh)s kWh là số âm nên không tính tiền được. Hãy xem lại chỉ số công tơ.",
    "money-period": "Kỳ hóa đơn từ %(start)s đến %(end)s không hợp lệ: ngày cuối phải sau ngày đầu.",
    "money-no-factor": "Chưa có hệ số phát thải dùng cho năm %(year)s nên chưa tính CO₂ của năm đó. Hãy nhập hệ số và văn "
    "bản công bố.",
}
CHECKS: Final[dict[str, str]] = {
    "money-ratio-ok": "Giá %(price)s đồng đúng bằng %(ratio)s × giá bình quân %(average)s.",
    "money-ratio-other": "Giá %(price)s đồng không khớp %(decision)s: %(ratio)s × %(average)s = %(expected)s đồng. Giá này "
    "khớp %(other)s. Hãy xem lại giá thuộc quyết định nào.",
    "money-ratio-wrong": "Giá %(price)s đồng không khớp %(decision)s: %(ratio)s × %(average)s = %(expected)s đồng. Hãy xem "
    "lại con số hoặc giá bình quân.",
    "money-ratio-new": "Giá %(price)s đồng khớp cơ cấu mới (%(structure)s): %(ratio)s × %(average)s. Cơ cấu này áp dụng từ "
    "quyết định giá kế tiếp; hãy xem lại văn bản.",
    "money-ratio-unknown": "Chưa biết tỷ lệ của giá này nên không đối chiếu được với giá bình quân.",
}
NOTES: Final[dict[str, str]] = {
    "money-surplus-public": "Tài sản công không bán điện dư (mặc định), nên không tính tiền bán. Căn cứ: %(document)s.",
    "money-surplus-capped": "Chỉ được bán tối đa %(percent)s %% sản lượng; %(over)s kWh vượt mức không được trả tiền. Căn cứ: "
    "%(document)s.",
    "money-surplus-sold": "Bán %(kwh)s kWh điện dư với giá %(price)s đồng/kWh. Căn cứ: %(document)s.",
    "money-surplus-no-price": "Chưa có giá mua điện dư trong %(document)s nên chưa tính tiền bán.",
    "money-surplus-no-contract": "Không có hợp đồng bán điện dư nên không tính tiền bán.",
    "money-surplus-none": "Chưa có quy định điện dư cho ngày %(day)s nên chưa tính tiền bán.",
    "money-co2": "%(year)s: %(t)s tấn CO₂, hệ số %(factor)s tCO₂/MWh của năm %(data_year)s theo %(document)s.",
    "money-split": "Kỳ hóa đơn có đổi giá hoặc đổi thuế; số điện chia theo số ngày trước và sau ngày đổi.",
}
BILLS: Final[dict[str, str]] = {
    "bill-not-a-bill": "Văn bản này không giống hóa đơn tiền điện: không thấy số điện, đơn giá hay tổng tiền. Hãy chọn đúng "
    "tệp hoặc nhập tay.",
    "bill-no-customer": "Không thấy mã khách hàng (dạng PE...). Hãy chọn hợp đồng bằng tay.",
    "bill-no-period": "Không thấy kỳ hóa đơn (từ ngày ... đến ngày ...). Hãy nhập hai ngày này.",
    "bill-no-kwh": "Không thấy số điện tiêu thụ. Hãy nhập số kWh.",
    "bill-no-total": "Không thấy tổng số tiền thanh toán. Hãy nhập số tiền.",
    "bill-reading": "Chỉ số %(band)s không khớp: (%(new)s − %(old)s) × %(multiplier)s khác %(kwh)s kWh.",
    "bill-line": "Dòng %(band)s không khớp: %(kwh)s kWh × %(price)s đồng khác %(amount)s đồng.",
    "bill-kwh-sum": "Tổng điện năng ghi %(total)s kWh, cộng các dòng được %(sum)s kWh.",
    "bill-amount-sum": "Tiền trước thuế ghi %(before)s đồng, cộng các dòng được %(sum)s đồng.",
    "bill-vat": "Tiền thuế ghi %(vat)s đồng, tính %(percent)s %% của %(before)s đồng được %(wanted)s đồng.",
    "bill-total": "Tổng cộng ghi %(total)s đồng, tiền trước thuế cộng thuế được %(sum)s đồng.",
    "bill-period-long": "Kỳ hóa đơn dài %(days)s ngày; thường khoảng một tháng. Hãy xem lại hai ngày.",
}

MONEY: Final[dict[str, str]] = {**ERRORS, **CHECKS, **NOTES, **BILLS}

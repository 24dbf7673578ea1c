"""Sentences about planning a roof, by code."""

from typing import Final

PLANNING: Final[dict[str, str]] = {
    "plan-number": "“%(name)s” phải là một số từ %(low)s đến %(high)s, đang là “%(value)s”. Hãy sửa rồi tính lại.",
    "plan-object": "“%(name)s” phải là một đối tượng JSON ({...}). Hãy xem mẫu trong docs/contract.md.",
    "plan-roofs": "Cần ít nhất một mái và không quá %(most)s mái, mỗi mái có công suất (kwp), độ dốc và hướng.",
    "plan-mounting": "Cách lắp “%(name)s” chưa biết. Hãy dùng “roof” (áp mái) hoặc “open” (giàn thoáng).",
    "plan-twelve": "“%(name)s” phải có đúng 12 số, từ tháng 1 đến tháng 12.",
    "plan-finance": "Giả định tài chính “%(name)s” chưa biết. Có thể dùng: %(known)s.",
    "temperature-model": "Mô hình nhiệt độ “%(name)s” chưa biết. Có thể dùng: %(known)s.",
    "plan-share": "Tỷ lệ tự dùng “%(value)s” không dùng được. Hãy ghi “profile”, một kiểu phụ tải hoặc một số từ 0 đến 100.",
    "load-kind": "Kiểu phụ tải “%(name)s” chưa biết. Có thể dùng: %(known)s.",
    "tariff-form": (
        "Giá điện phải là một giá (vnd_per_kwh), ba giá theo giờ (normal, peak, off) hoặc một nhóm khách hàng "
        "(group, voltage). Hãy xem mẫu trong docs/contract.md."
    ),
    "tariff-number": "Giá trị “%(name)s” của giá điện phải là số từ 0 đến 1.000.000. Hãy sửa rồi tính lại.",
    "tariff-spans": "Khung giờ phải gồm band (peak hoặc off), weekdays (0 là thứ Hai), from và to dạng 17:30.",
    "tariff-group": "Bảng giá kèm theo không có nhóm “%(group)s” cấp điện áp “%(voltage)s” vào ngày %(on)s.",
    "tariff-day": "Ngày của giá điện “%(value)s” phải có dạng 2026-11-01.",
    "weather-unreadable": "Không đọc được tệp thời tiết %(name)s. Hãy dùng tệp EPW, TMY3, PVGIS hoặc CSV có 8.760 giờ.",
    "weather-columns": "Tệp thời tiết %(name)s thiếu cột bức xạ (GHI, DNI, DHI) hoặc nhiệt độ. Các cột tìm thấy: %(found)s.",
    "weather-short": "Tệp thời tiết %(name)s có %(rows)s dòng; cần đủ một năm, 8.760 giờ.",
    "weather-large": "Tệp thời tiết %(name)s quá lớn (hơn 64 MB). Hãy dùng tệp một năm theo giờ.",
    "weather-values": "Tệp thời tiết %(name)s cho %(total)s kWh/m² một năm, không hợp lý. Hãy kiểm tra đơn vị (W/m²).",
    "weather-builtin": (
        "Bảng tháng x giờ của Tân Sơn Nhất (TMYx WMO 489000, %(total)s kWh/m² một năm); bức xạ suy ra từ quan trắc mây, "
        "không phải số đo."
    ),
    "weather-far": (
        "Công trình cách Tân Sơn Nhất %(km)s km: bảng thời tiết kèm theo chỉ là ước lượng. Hãy tải lên tệp thời tiết của "
        "nơi lắp."
    ),
    "weather-file": "Tệp thời tiết %(name)s (%(form)s).",
    "weather-monthly": "Bức xạ từng tháng do người dùng nhập, hình dạng ngày theo nguồn trên.",
    "range-low-builtin": (
        "Mức thấp: 1.581 kWh/m² một năm theo chương trình năng lượng xanh của thành phố (EVNHCMC dẫn ngày 10/08/2021, một "
        "nguồn)."
    ),
    "range-weather": "Khoảng dao động thời tiết giữa các năm và sai số mô hình: ±%(percent)s %% (giả định, mức 10-90 %%).",
    "range-share": "Tỷ lệ tự dùng trong khoảng %(low)s-%(high)s %% sản lượng.",
    "load-profile": "Phụ tải mẫu “%(name)s”: hình dạng ngày là giả định của phần mềm, không phải số đo.",
    "share-given": "Tỷ lệ tự dùng do người dùng nhập.",
    "share-assumed": "Chưa có điện tiêu thụ nên tạm lấy tỷ lệ tự dùng %(percent)s %%. Hãy nhập hóa đơn để tính sát hơn.",
    "tariff-given": "Giá điện do người dùng nhập.",
    "tariff-understood": "Giá điện được hiểu là: %(told)s.",
    "tariff-table": "Giá điện theo %(document)s, thuế GTGT %(vat)s %%.",
    "factor-used": "Hệ số phát thải lưới điện %(value)s tCO₂/MWh.",
    "no-tariff": "Chưa có giá điện nên chưa tính được tiền tiết kiệm.",
    "model-used": "Mô hình: pvlib, vị trí mặt trời SPA, bức xạ nghiêng Perez, nhiệt độ %(temperature)s, biến tần PVWatts.",
}

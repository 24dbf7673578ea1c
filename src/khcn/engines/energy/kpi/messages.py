"""Sentences about key figures, by code.

``kpi-<key>`` explains the figure of that key to a person (the site page's table); ``kpi-note-...`` qualifies a value;
the rest says what is wrong with a request.
"""

from typing import Final

DEFINITIONS: Final[dict[str, str]] = {
    "kpi-energy": "Điện hệ thống đã phát ra lưới trong nhà (phía xoay chiều), không trừ phần inverter tự dùng ban đêm.",
    "kpi-completeness": "Phần khoảng 15 phút có số đo trong kỳ. Dưới 90 %% thì các chỉ số khác chỉ để tham khảo.",
    "kpi-final_yield": "Sản lượng điện chia cho công suất tấm pin (Yf): hệ thống đã chạy tương đương bao nhiêu giờ "
    "hết công suất.",
    "kpi-specific_yield": "Số kWh mỗi kWp tấm pin làm ra trong kỳ; dùng để so các mái to nhỏ khác nhau.",
    "kpi-reference_yield": "Số giờ nắng quy về 1 kW/m² trên mặt tấm pin (Yr), đo bằng cảm biến bức xạ.",
    "kpi-reference_yield_modelled": "Số giờ nắng quy về 1 kW/m² trên mặt tấm pin (Yr), tính từ mô hình vì không có "
    "cảm biến bức xạ.",
    "kpi-array_yield": "Điện một chiều của dàn pin chia cho công suất tấm pin (Ya); so với Yf thì thấy hao hụt ở inverter.",
    "kpi-performance_ratio": "Hiệu suất hệ thống PR = Yf / Yr: phần điện thực có so với lúc tấm pin chạy đúng công "
    "suất ghi dưới cùng lượng nắng đo được. Không lọc giờ nào, chưa hiệu chỉnh nhiệt độ.",
    "kpi-performance_ratio_modelled": "PR so với bức xạ tính từ mô hình (không có cảm biến bức xạ): chỉ cho biết xu "
    "hướng, không dùng để nghiệm thu hay phạt.",
    "kpi-performance_ratio_25c": "PR đã hiệu chỉnh theo nhiệt độ tấm pin đo được về 25 °C; bớt ảnh hưởng của ngày nóng, "
    "ngày mát.",
    "kpi-performance_ratio_25c_modelled": "PR hiệu chỉnh về 25 °C so với bức xạ tính từ mô hình (không có cảm biến bức xạ).",
    "kpi-capacity_factor": "Sản lượng điện so với lúc inverter chạy hết công suất suốt kỳ, cả ngày lẫn đêm.",
    "kpi-availability": "Mức sẵn sàng theo điện năng = điện phát / (điện phát + điện mất do ngừng máy). Mất liên lạc mà "
    "công tơ vẫn chạy thì không tính là mất điện.",
    "kpi-energy_lost": "Điện lẽ ra phát được trong lúc ngừng máy, ước theo các inverter còn chạy hoặc theo mô hình.",
    "kpi-self_consumption": "Phần điện mặt trời dùng ngay tại chỗ trong tổng điện mặt trời làm ra.",
    "kpi-self_sufficiency": "Phần điện tiêu thụ của đơn vị được điện mặt trời đáp ứng.",
    "kpi-savings_vnd": "Tiền không phải trả nhờ điện mặt trời dùng tại chỗ: từng kWh theo giá và khung giờ có hiệu lực đúng "
    "ngày đó, có thuế. Giá mới không làm đổi tiền của ngày đã qua.",
    "kpi-cost_vnd": "Tiền điện lấy từ lưới, theo giá và khung giờ có hiệu lực đúng ngày đó, có thuế.",
    "kpi-co2_kg": "CO₂ không phải thải ra: điện mặt trời nhân hệ số phát thải lưới điện dùng cho năm đó (xem văn bản kèm "
    "theo).",
    "kpi-peak_demand": "Công suất trung bình 15 phút cao nhất lấy từ lưới (hoặc của phụ tải khi không có công tơ lưới).",
}
LABELS: Final[dict[str, str]] = {
    "kpi-label-energy": "Sản lượng điện",
    "kpi-label-completeness": "Độ đầy đủ số liệu",
    "kpi-label-final_yield": "Năng suất cuối (Yf)",
    "kpi-label-specific_yield": "Sản lượng riêng",
    "kpi-label-reference_yield": "Giờ nắng quy chuẩn (Yr)",
    "kpi-label-reference_yield_modelled": "Giờ nắng quy chuẩn theo mô hình (Yr)",
    "kpi-label-array_yield": "Năng suất dàn pin (Ya)",
    "kpi-label-performance_ratio": "Hiệu suất hệ thống (PR)",
    "kpi-label-performance_ratio_modelled": "PR so với bức xạ mô hình",
    "kpi-label-performance_ratio_25c": "PR hiệu chỉnh nhiệt độ (25 °C)",
    "kpi-label-performance_ratio_25c_modelled": "PR hiệu chỉnh nhiệt độ, bức xạ mô hình",
    "kpi-label-capacity_factor": "Hệ số công suất",
    "kpi-label-availability": "Mức sẵn sàng",
    "kpi-label-energy_lost": "Điện mất do ngừng máy",
    "kpi-label-self_consumption": "Tỷ lệ tự dùng",
    "kpi-label-self_sufficiency": "Tỷ lệ tự cấp",
    "kpi-label-savings_vnd": "Tiền điện tiết kiệm",
    "kpi-label-cost_vnd": "Tiền điện lưới",
    "kpi-label-co2_kg": "CO₂ tránh được",
    "kpi-label-peak_demand": "Nhu cầu đỉnh",
}
NOTES: Final[dict[str, str]] = {
    "kpi-note-modelled": "PR so với bức xạ mô hình: địa điểm không có cảm biến bức xạ.",
    "kpi-note-nothing": "Chưa tính được: trong kỳ không có khoảng nào đủ số liệu.",
    "kpi-note-incomplete": "Số liệu chưa đủ 90 %% kỳ; giá trị chỉ để tham khảo.",
    "kpi-note-empty-column": "Cột %(column)s không có số nào đọc được.",
    "kpi-note-unit": "Cột %(column)s có đỉnh thường gặp %(peak)s kW, không hợp với công suất %(rating)s kWp. Có thể sai "
    "đơn vị: hãy xem lại scale hoặc pdc0_kw.",
    "kpi-note-unit-sun": "Cột %(column)s có đỉnh thường gặp chỉ %(peak)s W/m². Có thể cột tính bằng kW/m²: hãy đặt scale "
    "là 1000.",
    "kpi-note-codes": "Cột %(column)s có %(count)s giá trị nằm xa mọi giá trị khác (mã báo lỗi của thiết bị); coi như "
    "không có số đo.",
    "kpi-note-many-beyond": "Cột %(column)s có %(count)s giá trị vượt mức có thể. Nhiều quá nên không bỏ; hãy xem lại đơn "
    "vị của cột.",
    "kpi-note-unordered": "Các dòng không theo thứ tự thời gian; đã sắp lại.",
    "kpi-note-duplicates": "%(count)s dòng trùng thời điểm với dòng khác; mỗi thời điểm chỉ tính một dòng.",
    "kpi-note-gap": "Có %(count)s khoảng trống dài hơn một ngày; dài nhất %(days)s ngày %(hours)s giờ.",
    "kpi-note-no-gamma": "Có nhiệt độ tấm pin nhưng không có hệ số nhiệt độ (temperature_coefficient_per_c) nên không "
    "tính PR hiệu chỉnh nhiệt độ.",
    "kpi-note-bad-times": "%(count)s dòng không đọc được thời gian; bỏ qua các dòng này.",
    "kpi-note-sign": "Cột %(column)s gần như toàn số âm: có thể dấu bị đảo. Nếu đúng vậy, hãy đặt scale là -1.",
    "kpi-note-expected-guessed": "Không có công suất mong đợi; dùng mức thường thấy cùng giờ của các ngày khác nên điện "
    "mất chỉ là ước lượng thô.",
    "kpi-note-no-counter": "Không có chỉ số công tơ lũy kế nên không kiểm chứng được lúc mất liên lạc có phát điện hay "
    "không.",
    "kpi-note-counter-resets": "Chỉ số công tơ lùi hoặc nhảy %(count)s lần (đặt lại hoặc thay công tơ); đã nối lại.",
    "kpi-note-dead-inverter": "Inverter %(name)s không báo công suất lần nào; coi như cùng cỡ với các inverter khác.",
    "kpi-note-blind": "%(count)s khoảng ban ngày không có cả công suất lẫn chỉ số công tơ; coi như máy vẫn chạy.",
    "kpi-note-astray": "%(count)s dòng có thời gian cách xa mọi dòng khác nhiều năm (ví dụ %(first)s): đồng hồ thiết bị bị sai; "
    "không tính các dòng này.",
    "kpi-note-night-rows": "Tệp không ghi ban đêm: độ đầy đủ tính trên cả 24 giờ nên thấp hơn 100 %% dù ban ngày đủ số.",
}
ERRORS: Final[dict[str, str]] = {
    "kpi-zone": "Không có múi giờ tên «%(zone)s». Hãy ghi theo tên IANA, ví dụ Asia/Ho_Chi_Minh.",
    "kpi-lengths": "Các dãy số của địa điểm dài khác nhau (%(lengths)s) nên không tính chung được.",
    "kpi-rating": "Công suất %(value)s không dùng được. Công suất phải lớn hơn 0.",
    "kpi-no-rows": "Chỉ có %(count)s dòng có thời gian; cần ít nhất hai dòng mới biết bước thời gian.",
    "kpi-step": "Bước thời gian %(minutes)s phút không dùng được: các dòng phải cách nhau hơn 0 và không quá 24 giờ.",
    "kpi-several-rows": "%(count)s thời điểm có nhiều dòng giá trị khác nhau: tệp chứa nhiều thiết bị hoặc nhiều đại "
    'lượng. Hãy chọn dòng bằng where, ví dụ {"column": "value", "where": {"meas_name": "ac_power"}}.',
    "kpi-too-long": "Tệp trải dài %(rows)s khoảng; chắc có thời gian ghi sai. Hãy kiểm tra cột thời gian.",
    "kpi-nothing-to-judge": "Không có khoảng nào lẽ ra phát điện: công suất mong đợi (hoặc công suất đo) toàn số không.",
    "kpi-spec-field": "SPEC thiếu %(field)s. Hãy xem mẫu trong docs/contract.md.",
    "kpi-spec-value": "SPEC có %(field)s = %(value)s không dùng được; cần %(wanted)s.",
    "kpi-spec-column": "Tệp không có cột «%(column)s» (SPEC: %(field)s). Các cột đang có: %(columns)s.",
    "kpi-where-none": "Không có dòng nào khớp với where của %(field)s. Hãy kiểm tra tên và giá trị trong where.",
}
BASELINES: Final[dict[str, str]] = {
    "baseline-few": "Mới có %(bills)s hóa đơn (%(days)s ngày) trước khi thay đổi; cần ít nhất %(least)s hóa đơn và tám tháng "
    "mới lập được mức tiêu thụ cơ sở. Có thể so tạm với cùng tháng năm trước.",
    "baseline-overlap": "Hai hóa đơn trùng ngày: một hóa đơn hết ngày %(first)s, hóa đơn sau bắt đầu ngày %(second)s. Hãy sửa "
    "kỳ hóa đơn.",
    "baseline-bill": "Hóa đơn từ %(start)s đến %(end)s với %(kwh)s kWh không hợp lệ. Hãy sửa ngày hoặc số điện.",
    "baseline-zero": "Các hóa đơn trước khi thay đổi đều bằng 0 kWh nên không có gì để so.",
    "baseline-poor": "Mức tiêu thụ cơ sở còn thô: sai số %(cvrmse)s %% mỗi tháng (nên dưới 25 %%). Số tiết kiệm chỉ để tham "
    "khảo.",
    "baseline-short": "Mức tiêu thụ cơ sở lập từ %(bills)s hóa đơn, chưa đủ một năm.",
    "baseline-beyond": "%(count)s tháng nóng hoặc mát hơn mọi tháng dùng để lập mức cơ sở; số tiết kiệm của các tháng đó kém "
    "chắc hơn.",
    "baseline-no-weather": "%(count)s hóa đơn chưa có nhiệt độ tháng nên chưa tính được tiết kiệm.",
    "baseline-simple": "So với cùng ngày năm trước theo số kWh mỗi ngày; chưa chỉnh theo thời tiết và không biết sai số.",
    "baseline-no-pair": "%(count)s hóa đơn không có hóa đơn cùng kỳ năm trước để so.",
}

KPIS: Final[dict[str, str]] = {**DEFINITIONS, **LABELS, **NOTES, **ERRORS, **BASELINES}

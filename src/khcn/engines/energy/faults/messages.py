"""Sentences about faults found, by code. A code that ends in ``-ongoing`` says the same of a fault that still lasts."""

from typing import Final

_STOP: Final = "Hãy xem đèn báo và mã lỗi trên máy, kiểm tra aptomat và cầu dao; nếu máy không tự chạy lại, gọi đơn vị bảo trì."
_LINK: Final = "Hãy kiểm tra nguồn của bộ thu thập, dây mạng, sóng Wi-Fi hoặc SIM."

# code -> (over, ongoing)
_PAIRS: Final[dict[str, tuple[str, str]]] = {
    "fault-outage": (
        f"%(device)s ngừng phát từ %(since)s đến %(until)s, mất khoảng %(loss)s kWh. {_STOP}",
        f"%(device)s ngừng phát từ %(since)s và chưa chạy lại, đến nay mất khoảng %(loss)s kWh. {_STOP}",
    ),
    "fault-outage-site": (
        "Cả hệ thống (%(device)s) ngừng phát từ %(since)s đến %(until)s, mất khoảng %(loss)s kWh. Thường là mất điện lưới "
        "hoặc nhảy aptomat tổng. Hãy hỏi đơn vị điện lực về giờ cắt điện và kiểm tra aptomat tổng.",
        "Cả hệ thống (%(device)s) ngừng phát từ %(since)s và chưa chạy lại, đến nay mất khoảng %(loss)s kWh. Thường là mất "
        "điện lưới hoặc nhảy aptomat tổng. Hãy kiểm tra aptomat tổng và hỏi đơn vị điện lực.",
    ),
    "fault-outage-silent": (
        "%(device)s không gửi số liệu từ %(since)s đến %(until)s và công tơ cũng không thấy điện phát ra, nên máy đã ngừng; "
        f"mất khoảng %(loss)s kWh. {_STOP}",
        "%(device)s không gửi số liệu từ %(since)s đến nay và công tơ cũng không thấy điện phát ra, nên máy đang ngừng; "
        f"mất khoảng %(loss)s kWh. {_STOP}",
    ),
    "fault-communication_gap": (
        f"Mất liên lạc với %(device)s từ %(since)s đến %(until)s; công tơ cho thấy máy vẫn phát nên không mất điện. {_LINK}",
        f"Mất liên lạc với %(device)s từ %(since)s đến nay; công tơ cho thấy máy vẫn phát nên không mất điện. {_LINK}",
    ),
    "fault-communication_gap-unknown": (
        "Không có số liệu của %(device)s từ %(since)s đến %(until)s; chưa rõ máy có phát hay không vì không có công tơ để "
        f"đối chiếu. {_LINK}",
        "Không có số liệu của %(device)s từ %(since)s đến nay; chưa rõ máy có phát hay không vì không có công tơ để đối "
        f"chiếu. {_LINK}",
    ),
    "fault-underperformance-siblings": (
        "%(device)s phát thấp hơn các máy cùng nơi khoảng %(percent)s%% từ %(since)s đến %(until)s, mất khoảng %(loss)s kWh. "
        "Hãy xem lại các chuỗi pin, độ sạch của tấm pin, cầu chì, giắc cắm và chế độ giảm công suất của máy.",
        "%(device)s đang phát thấp hơn các máy cùng nơi khoảng %(percent)s%%, từ %(since)s đến nay mất khoảng %(loss)s kWh. "
        "Hãy kiểm tra các chuỗi pin, độ sạch của tấm pin, cầu chì, giắc cắm và chế độ giảm công suất của máy.",
    ),
    "fault-underperformance-model": (
        "%(device)s phát thấp hơn mức tính toán khoảng %(percent)s%% từ %(since)s đến %(until)s, mất khoảng %(loss)s kWh. "
        "Hãy đối chiếu với thời tiết những ngày ấy rồi xem lại các chuỗi pin và tấm pin.",
        "%(device)s đang phát thấp hơn mức tính toán khoảng %(percent)s%%, từ %(since)s đến nay mất khoảng %(loss)s kWh. "
        "Hãy kiểm tra các chuỗi pin, độ sạch của tấm pin và bóng che.",
    ),
    "fault-clipping": (
        "%(device)s bị giữ ở %(level)s kW trong %(days)s ngày, từ %(since)s đến %(until)s, bỏ lỡ khoảng %(loss)s kWh. Đây "
        "thường là do dàn pin lớn hơn công suất máy, không phải hỏng; nếu mức này thấp hơn công suất ghi trên máy, hãy "
        "kiểm tra giới hạn đã cài.",
        "%(device)s thường chạm trần %(level)s kW (%(days)s ngày kể từ %(since)s), bỏ lỡ khoảng %(loss)s kWh. Đây thường là "
        "do dàn pin lớn hơn công suất máy, không phải hỏng; nếu mức này thấp hơn công suất ghi trên máy, hãy kiểm tra "
        "giới hạn đã cài.",
    ),
    "fault-stale": (
        "Số liệu của %(device)s đứng yên một giá trị từ %(since)s đến %(until)s, nên không dùng được. Hãy kiểm tra bộ thu "
        "thập; điện vẫn có thể đã phát bình thường.",
        "Số liệu của %(device)s đứng yên một giá trị từ %(since)s đến nay, nên không dùng được. Hãy khởi động lại bộ thu "
        "thập và kiểm tra dây nối với máy.",
    ),
    "fault-interpolated": (
        "Số liệu của %(device)s từ %(since)s đến %(until)s là một đường thẳng do phần mềm điền vào, không phải số đo. Hãy "
        "lấy lại số liệu gốc từ máy nếu còn lưu.",
        "Số liệu của %(device)s từ %(since)s đến nay là một đường thẳng do phần mềm điền vào, không phải số đo. Hãy kiểm "
        "tra kết nối và tắt chế độ tự điền số liệu.",
    ),
    "fault-night_production": (
        "%(device)s báo phát điện vào ban đêm (%(energy)s kWh, từ %(since)s đến %(until)s). Hãy kiểm tra chiều lắp của biến "
        "dòng, đồng hồ của máy và nguồn phát khác đấu vào cùng công tơ.",
        "%(device)s báo phát điện vào ban đêm (%(energy)s kWh kể từ %(since)s). Hãy kiểm tra chiều lắp của biến dòng, đồng "
        "hồ của máy và nguồn phát khác đấu vào cùng công tơ.",
    ),
    "fault-shading": (
        "%(device)s bị che nắng khoảng %(hours)s trong những ngày nắng, từ %(since)s đến %(until)s, mất khoảng %(loss)s kWh. "
        "Hãy xem cây, bồn nước, biển hiệu hoặc nhà mới gần dàn pin.",
        "%(device)s đang bị che nắng khoảng %(hours)s trong những ngày nắng, từ %(since)s đến nay mất khoảng %(loss)s kWh. "
        "Hãy xem cây, bồn nước, biển hiệu hoặc nhà mới gần dàn pin.",
    ),
    "fault-soiling": (
        "Sản lượng giảm dần khoảng %(percent)s%% từ %(since)s đến %(until)s rồi hồi lại, đúng kiểu pin bám bẩn được mưa hoặc "
        "lau rửa làm sạch; mất khoảng %(loss)s kWh. Hãy tính lịch rửa pin sớm hơn trong mùa khô.",
        "Sản lượng đang giảm dần, đã khoảng %(percent)s%% kể từ %(since)s, mất khoảng %(loss)s kWh; nhiều khả năng pin bám "
        "bẩn. Hãy xem và rửa tấm pin.",
    ),
    "fault-clock-late": (
        "Đồng hồ của %(device)s chạy nhanh %(minutes)s phút so với giờ thật từ %(since)s đến %(until)s. Điện không mất nhưng giờ ghi sai, ảnh "
        "hưởng đến tiền điện theo giờ. Hãy chỉnh đồng hồ và múi giờ của máy.",
        "Đồng hồ của %(device)s đang chạy nhanh %(minutes)s phút so với giờ thật kể từ %(since)s. Điện không mất nhưng giờ ghi sai, ảnh hưởng "
        "đến tiền điện theo giờ. Hãy chỉnh đồng hồ và múi giờ của máy.",
    ),
    "fault-clock-early": (
        "Đồng hồ của %(device)s chạy chậm %(minutes)s phút so với giờ thật từ %(since)s đến %(until)s. Điện không mất nhưng giờ ghi sai, ảnh "
        "hưởng đến tiền điện theo giờ. Hãy chỉnh đồng hồ và múi giờ của máy.",
        "Đồng hồ của %(device)s đang chạy chậm %(minutes)s phút so với giờ thật kể từ %(since)s. Điện không mất nhưng giờ ghi sai, ảnh hưởng "
        "đến tiền điện theo giờ. Hãy chỉnh đồng hồ và múi giờ của máy.",
    ),
}

FINDINGS: Final[dict[str, str]] = {
    "faults-spec-word": "SPEC thiếu mục «%(key)s» (tên cột) hoặc mục đó không phải là chữ. Hãy ghi đúng tên cột của tệp.",
    "faults-spec-number": "Mục «%(key)s» trong SPEC phải là số từ -%(most)s đến %(most)s. Hãy sửa rồi chạy lại.",
    **{code: over for code, (over, _) in _PAIRS.items()},
    **{f"{code}-ongoing": ongoing for code, (_, ongoing) in _PAIRS.items()},
}

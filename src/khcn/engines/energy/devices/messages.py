"""The sentences of this room: what is wrong with a device or with what it said, and what to do about it."""

from typing import Final

# A device, its address or its connection (DeviceError, Notice).
_CONNECTION: Final[dict[str, str]] = {
    "device-driver-unknown": "Chưa có cách kết nối “%(driver)s”. Hãy chọn một trong: %(known)s.",
    "device-address": "Địa chỉ thiết bị thiếu hoặc sai ở mục “%(field)s”. Hãy điền lại: %(expected)s.",
    "device-name": "Không tìm thấy máy có tên %(host)s. Hãy kiểm tra tên hoặc dùng địa chỉ IP.",
    "device-unreachable": (
        "Không tới được %(host)s:%(port)s. Hãy kiểm tra dây mạng hoặc Wi-Fi, nguồn điện của thiết bị và địa chỉ IP "
        "(máy này và thiết bị phải cùng mạng)."
    ),
    "device-refused": (
        "%(host)s từ chối cổng %(port)s. Hãy bật Modbus TCP (hoặc dịch vụ tương ứng) trên thiết bị, "
        "kiểm tra số cổng và tường lửa."
    ),
    "device-timeout": (
        "%(host)s:%(port)s không trả lời trong %(seconds)s giây. Hãy kiểm tra mã thiết bị (unit id %(unit)s); nhiều "
        "biến tần chỉ nhận một máy hỏi một lúc: hãy ngắt phần mềm khác đang nối với nó."
    ),
    "device-closed": (
        "%(host)s:%(port)s đóng kết nối giữa chừng. Nhiều biến tần chỉ nhận một máy hỏi một lúc: hãy ngắt phần mềm "
        "khác (ứng dụng của hãng, hệ thống giám sát cũ) rồi thử lại."
    ),
    "device-garbled": (
        "%(host)s:%(port)s trả lời không đúng Modbus. Hãy kiểm tra cổng này có phải Modbus TCP không; với bộ chuyển "
        "RS485 hãy thử kiểu khung “rtu”."
    ),
    "device-unit-silent": (
        "Cổng chuyển %(host)s:%(port)s trả lời nhưng không thấy thiết bị có mã %(unit)s (mã lỗi %(exception)s). Hãy "
        "kiểm tra mã thiết bị (unit id), dây RS485 (A/B không đảo) và tốc độ baud."
    ),
    "device-exception": (
        "Thiết bị từ chối đọc thanh ghi %(register)s (mã lỗi %(exception)s: %(meaning)s). Hãy kiểm tra mẫu thanh ghi "
        "có đúng loại máy này không."
    ),
    "device-busy": "Thiết bị đang bận (mã lỗi %(exception)s). Hệ thống sẽ tự thử lại; nếu còn lặp lại, hãy giảm nhịp đọc.",
    "device-not-sunspec": (
        "Thiết bị tại %(host)s:%(port)s trả lời Modbus nhưng không theo SunSpec (đã tìm ở thanh ghi %(bases)s, mã "
        "thiết bị %(units)s). Hãy bật SunSpec trên biến tần, thử mã thiết bị khác (--unit), hoặc dùng mẫu thanh ghi "
        "của hãng."
    ),
    "device-sunspec-chain": (
        "Danh sách mô hình SunSpec của thiết bị bị đứt ở thanh ghi %(register)s. Các mô hình trước đó vẫn dùng được."
    ),
    "device-sunspec-empty": (
        "Thiết bị tại %(host)s:%(port)s có dấu SunSpec nhưng không có mô hình nào. Hãy cập nhật phần mềm của thiết bị "
        "hoặc dùng mẫu thanh ghi của hãng."
    ),
    "device-sunspec-moved": (
        "Mô hình SunSpec ở thanh ghi %(register)s đã đổi: thiết bị vừa cập nhật hoặc được thay. Hãy dò lại thiết bị."
    ),
    "device-slow": (
        "%(host)s:%(port)s trả lời quá chậm nên đã dừng. Hãy kiểm tra mạng và ngắt phần mềm khác đang hỏi thiết bị."
    ),
    "device-option": "Tùy chọn %(option)s phải từ %(low)s đến %(high)s. Hãy sửa rồi chạy lại.",
    "device-url": "Địa chỉ “%(url)s” không hợp lệ. Hãy viết dạng tcp://192.168.1.20:502.",
    "device-nothing-usable": "Thiết bị trả lời nhưng chưa có giá trị nào dùng được.",
    "device-wrong-template": (
        "%(bad)s trong %(total)s giá trị nằm ngoài giới hạn: có thể chọn sai mẫu thanh ghi hoặc sai thứ tự word. "
        "Hãy chọn đúng loại máy rồi thử lại."
    ),
    "device-asleep": "Biến tần thường tắt vào ban đêm. Hãy thử lại khi trời sáng.",
    "device-one-client": (
        "Nhiều biến tần chỉ nhận một máy hỏi một lúc. Hãy ngắt phần mềm khác đang nối với thiết bị rồi thử lại."
    ),
    "device-try-unit": "Hãy thử mã thiết bị (unit id) khác: thường là 1; Huawei có thể là 0, SMA thường là 3 hoặc 126.",
    "device-word-order": "Các giá trị hai thanh ghi hợp lý hơn khi đảo thứ tự word: hãy kiểm tra “words” trong mẫu.",
    "device-try-sunspec": "Thiết bị này hiểu SunSpec: hãy dùng kết nối “sunspec”, không cần mẫu thanh ghi.",
    "device-library": "Máy này chưa cài thư viện %(library)s. Hãy cài khcn[energy] rồi chạy lại.",
    "mqtt-password": "Máy chủ MQTT %(host)s từ chối tên hoặc mật khẩu. Hãy kiểm tra tài khoản trên máy chủ MQTT.",
    "mqtt-refused": "Máy chủ MQTT %(host)s từ chối kết nối: %(reason)s. Hãy hỏi người quản trị máy chủ MQTT.",
    "mqtt-tls": (
        "Không lập được kết nối bảo mật (TLS) tới %(host)s:%(port)s: %(reason)s. Hãy kiểm tra chứng chỉ, cổng (thường "
        "là 8883) và giờ của máy này."
    ),
    "mqtt-topic": "Máy chủ MQTT không cho đọc chủ đề %(topic)s. Hãy cấp quyền đọc chủ đề này cho tài khoản.",
    "mqtt-silent": (
        "Đã nối máy chủ MQTT nhưng sau %(seconds)s giây chưa có tin nào ở chủ đề %(topic)s. Hãy kiểm tra tên chủ đề "
        "và chu kỳ gửi của thiết bị (Tasmota: TelePeriod)."
    ),
    "mqtt-disconnected": "Mất kết nối tới máy chủ MQTT; hệ thống đang tự nối lại.",
    "mqtt-held": "Tin MQTT chưa được ghi lại (máy này đang có lỗi ghi đĩa); máy chủ MQTT đang giữ tin. Hãy kiểm tra đĩa.",
    "mqtt-looks-like": "Tin có vẻ ở dạng “%(format)s”. Hãy chọn dạng này rồi thử lại.",
    "mqtt-channels": "Thiết bị có các kênh đo %(channels)s. Hãy chọn kênh (channel) hoặc gán từng kênh cho một thiết bị.",
    "device-unit-guess": (
        "%(metric)s đang là %(value)s kW, lớn gấp nhiều lần công suất máy: có thể thiết bị gửi W. Hãy khai đơn vị “W”."
    ),
    "device-clock-zone": (
        "Giờ trong tin chậm đúng %(hours)s giờ so với giờ nhận: múi giờ trên thiết bị có thể chưa đặt. Hãy đặt múi giờ "
        "+07:00 trên thiết bị hoặc sửa múi giờ của thiết bị ở đây."
    ),
    "mqtt-format": "Chưa có dạng tin “%(format)s”. Hãy chọn một trong: %(known)s.",
    "mqtt-fields": "Mục “fields” của thiết bị chưa đúng: %(detail)s",
    "device-local-only": "Cách kết nối “%(driver)s” chỉ thử được từ máy thu thập đặt tại điểm. Hãy chọn máy thu thập.",
    "files-columns": (
        "Chưa biết cột nào là thời gian và đại lượng. Hãy chọn cột cho thiết bị; tệp có: %(detail)s."
    ),
    "files-folder": "Không thấy thư mục %(folder)s. Hãy tạo thư mục và cấp quyền đọc cho chương trình.",
    "files-unreadable": "Không đọc được tệp %(name)s: %(reason)s",
    "files-empty": "Thư mục %(folder)s chưa có tệp nào khớp %(pattern)s. Hãy thả tệp xuất của biến tần vào đó.",
}

# One value or message of a device (Sample.problem).
_READINGS: Final[dict[str, str]] = {
    "reading-not-implemented": "Thiết bị báo “không có giá trị này”; không tính là 0.",
    "reading-not-number": "Giá trị không phải là số.",
    "reading-not-finite": "Giá trị là NaN hoặc vô cùng.",
    "reading-boolean": "Giá trị là đúng/sai, không phải số đo.",
    "reading-unit": "Đơn vị không hợp với đại lượng này.",
    "reading-out-of-range": "Giá trị nằm ngoài giới hạn vật lý của thiết bị.",
    "reading-refused": "Thiết bị từ chối đọc thanh ghi này.",
    "reading-too-deep": "Chỗ lẽ ra là một số lại là một nhóm dữ liệu.",
    "reading-missing": "Tin không có trường này.",
    "reading-ambiguous": "Dấu phẩy có thể là hàng nghìn hoặc thập phân; hãy gửi số với dấu chấm thập phân.",
    "reading-retained": "Tin cũ do máy chủ MQTT giữ lại, không có thời gian; không dùng.",
    "reading-time": "Thời gian trong tin không đọc được; đã dùng giờ nhận.",
    "reading-clock": "Đồng hồ của thiết bị sai xa (trước năm 2000 hoặc quá giờ nhận); đã dùng giờ nhận.",
    "payload-empty": "Tin rỗng.",
    "payload-too-large": "Tin quá lớn nên không đọc.",
    "payload-not-text": "Tin không phải là văn bản UTF-8.",
    "payload-not-json": "Tin không phải là JSON.",
    "payload-too-deep": "Tin lồng quá nhiều tầng nên không đọc.",
    "payload-shape": "Tin không có dạng đã khai cho thiết bị này.",
    "payload-no-values": "Tin không có giá trị nào nhận ra được.",
}

# A push over HTTP as a whole (PushResult.problems).
_PUSHES: Final[dict[str, str]] = {
    "push-shape": "Tin gửi lên phải là một đối tượng có “readings” hoặc “series”.",
    "push-too-many": "Tin có %(count)s giá trị, quá giới hạn %(limit)s mỗi lần. Hãy chia nhỏ rồi gửi lại.",
    "push-row": "Mục %(index)s bị bỏ qua: %(reason)s",
    "push-device": "Mục %(index)s không có tên thiết bị hợp lệ (1-100 ký tự).",
    "push-metric": "Mục %(index)s không có tên đại lượng hợp lệ (1-60 ký tự).",
    "push-lengths": "Chuỗi %(index)s có %(times)s thời điểm nhưng %(values)s giá trị; phần lẻ được giữ lại như giá trị không dùng được.",
    "push-time": "Mục %(index)s có thời điểm không đọc được (“%(said)s”).",
}

# A simulated site (SpecError).
_SIMULATION: Final[dict[str, str]] = {
    "simulate-spec": "SITE.json: mục “%(field)s” chưa đúng: %(reason)s.",
    "simulate-device": "SITE.json: “transports” nói tới thiết bị “%(device)s” không có trong điểm này.",
    "simulate-outlet": (
        "Thiết bị “%(device)s” cần đường “%(driver)s” nhưng chưa có: mqtt cần --broker, push cần --push."
    ),
}

# A register template (TemplateError is a DeviceError).
_TEMPLATES: Final[dict[str, str]] = {
    "template-unknown": "Chưa có mẫu thanh ghi “%(name)s”. Hãy chọn một trong: %(known)s.",
    "template-toml": "Tệp mẫu %(name)s không đọc được (TOML): %(reason)s",
    "template-field": "Mẫu %(name)s, %(where)s: “%(field)s” %(reason)s",
}

DEVICES: Final[dict[str, str]] = {**_CONNECTION, **_READINGS, **_PUSHES, **_SIMULATION, **_TEMPLATES}

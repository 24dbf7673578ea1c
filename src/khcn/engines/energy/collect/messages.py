"""Sentences about the collector at a site, by code."""

from typing import Final

COLLECTING: Final[dict[str, str]] = {
    "collect-in-use": "Thư mục “%(name)s” đang có một bộ thu thập khác dùng. Hãy dừng tiến trình kia, hoặc chọn thư mục khác bằng --folder.",
    "collect-waiting": "Đĩa của máy thu thập không ghi được (%(why)s); số đo đang chờ trong bộ nhớ. Hãy giải phóng chỗ trống hoặc thay thẻ nhớ.",
    "collect-centre-address": "Địa chỉ trung tâm “%(address)s” không đúng. Hãy viết dạng https://tên-máy.",
    "collect-centre-plain": "Địa chỉ trung tâm phải bắt đầu bằng https:// vì khóa của máy thu thập đi qua đường này.",
    "collect-token": "Tệp khóa của máy thu thập trống hoặc sai. Hãy tạo khóa mới ở trang thiết lập của điểm đo rồi chép vào tệp.",
    "collect-token-file": "Không đọc được tệp khóa “%(name)s”. Hãy kiểm tra đường dẫn và quyền đọc.",
    "collect-nothing-to-do": "Chưa có gì để thu thập. Hãy cho tệp cấu hình (--config), hoặc địa chỉ trung tâm và tệp khóa (--centre, --token-file).",
    "config-syntax": "Tệp cấu hình “%(name)s” viết sai: %(why)s. Hãy sửa rồi chạy lại.",
    "config-form": "Cấu hình không đúng dạng: cần một bảng có mục “devices”. Hãy xem ví dụ trong tài liệu vận hành.",
    "config-device-form": "Thiết bị thứ %(number)s không phải một bảng. Hãy sửa trong cấu hình.",
    "config-key": "Thiết bị thứ %(number)s thiếu mã, hoặc mã có ký tự lạ. Hãy đặt mã gồm chữ không dấu, số, gạch ngang, chấm, gạch dưới.",
    "config-key-twice": "Hai thiết bị cùng mang mã “%(key)s”. Hãy đổi mã một trong hai; chỉ thiết bị đầu được thu thập.",
    "config-driver": "Thiết bị “%(key)s” dùng loại kết nối “%(driver)s” không có. Hãy chọn một trong: %(known)s.",
    "config-value": "Thiết bị “%(key)s”: mục “%(name)s” không hợp lệ (%(why)s). Hãy sửa rồi lưu lại.",
    "config-zone": "Thiết bị “%(key)s”: không có múi giờ “%(zone)s”. Hãy dùng tên như Asia/Ho_Chi_Minh.",
    "config-too-many": "Cấu hình có hơn %(most)s thiết bị. Hãy chia ra nhiều máy thu thập.",
    "collect-flood": "Thiết bị gửi quá dày (%(count)s số đo bị bỏ qua vì vượt %(limit)s số đo mỗi phút). Hãy giảm tần suất gửi của thiết bị.",
    "collect-twin": "Thiết bị này và “%(other)s” cho cùng một số máy (%(identity)s). Có thể hai mục đang trỏ tới một máy; hãy kiểm tra địa chỉ.",
    "collect-same-address": "Thiết bị này và “%(other)s” có cùng địa chỉ (%(identity)s). Hãy sửa địa chỉ hoặc mã thiết bị (unit id) của một trong hai.",
    "collect-stuck": "Thiết bị không trả lời và cũng không báo lỗi suốt %(seconds)s giây. Lần hỏi này bị bỏ, sẽ hỏi lại; nếu lặp lại hãy khởi động lại thiết bị.",
    "collect-silent": "Không có số đo nào từ %(minutes)s phút nay. Hãy kiểm tra nguồn và dây mạng của thiết bị.",
    "collect-failed": "Bộ điều khiển của thiết bị gặp lỗi ngoài dự kiến (%(why)s). Hãy báo người quản trị, kèm nhật ký.",
    "collect-clock": "Giờ của thiết bị sai quá xa; số đo vẫn được giữ và ghi là sai giờ. Hãy chỉnh giờ của thiết bị.",
    "collect-asleep": "Thiết bị không trả lời vì trời tối; ban ngày sẽ hỏi lại như thường.",
}  # fmt: skip

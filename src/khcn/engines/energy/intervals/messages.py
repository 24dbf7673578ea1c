"""Sentences about turning registers into intervals, by code: what happened, what it means, what to do.

Every event has ``count`` (readings or intervals concerned); the other values are named in the sentence.
"""

from typing import Final

INTERVALS: Final[dict[str, str]] = {
    "no-value": "%(count)s lần thiết bị gửi bản ghi không có số (NaN hoặc để trống). Các lần này coi như không đo; nếu lặp "
    "lại nhiều, hãy kiểm tra dây nối và cấu hình thanh ghi.",
    "not-implemented": "%(count)s lần thiết bị trả mã «không có số đo» (%(value)s) thay cho số thật. Số này bị để riêng, "
    "không tính; hãy xem thanh ghi hoặc kiểu số trong cấu hình có đúng không.",
    "out-of-range": "%(count)s số đo nằm ngoài khoảng có thể (%(value)s, cho phép từ %(lowest)s đến %(highest)s). Số này "
    "được giữ lại để xem, không tính; hãy kiểm tra đơn vị và hệ số nhân.",
    "clock-wrong": "%(count)s bản ghi mang giờ không thể có (%(value)s); có lẽ đồng hồ thiết bị sai. Bản ghi được để "
    "riêng, không tính; hãy chỉnh giờ thiết bị.",
    "conflict": "%(count)s lần thiết bị gửi hai số khác nhau cho cùng một thời điểm (%(value)s và %(other)s). Số đến trước "
    "được dùng; hãy xem có hai thiết bị trùng mã không.",
    "jitter": "%(count)s lần chỉ số lùi một chút (nhiều nhất %(kwh)s kWh), trong mức dao động của thiết bị. Không tính "
    "thành điện; không cần làm gì.",
    "slipped": "Chỉ số lùi %(kwh)s kWh rồi đếm tiếp, thường do thiết bị khởi động lại và quên phần chưa kịp ghi. Điện "
    "không bị tính hai lần; nếu lặp lại, hãy kiểm tra nguồn của thiết bị.",
    "counter-zeros": "%(count)s lần chỉ số đọc là 0 rồi trở lại mức cũ (%(value)s kWh). Đó là lỗi đọc, không phải đếm lại "
    "từ đầu; các số 0 bị bỏ khỏi phép tính.",
    "counter-at-zero": "Chỉ số đang đọc là 0 (trước đó %(value)s kWh). Chưa rõ là lỗi đọc hay thiết bị đã đếm lại từ đầu; "
    "hệ thống chờ số tiếp theo.",
    "spike": "%(count)s lần chỉ số vọt lên %(value)s kWh rồi trở lại mức cũ. Số vọt được để riêng, không tính.",
    "dip": "%(count)s lần chỉ số tụt xuống %(value)s kWh rồi trở lại mức cũ. Số tụt được để riêng, không tính.",
    "held-back": "Chỉ số tăng %(kwh)s kWh trong %(minutes)s phút, quá mức thiết bị có thể (%(limit)s kWh). Phần tăng này "
    "chưa được tính; hệ thống chờ thêm số để biết là thật hay lỗi đọc.",
    "jump": "Chỉ số tăng %(kwh)s kWh trong %(minutes)s phút, quá mức thiết bị có thể (%(limit)s kWh), rồi đếm tiếp từ mức "
    "mới. Phần tăng không được tính; hãy kiểm tra hệ số nhân, công suất khai báo, hoặc việc thay thiết bị.",
    "reset": "Thiết bị đếm lại từ 0 (trước đó %(before)s kWh, sau đó %(after)s kWh). Điện vẫn được cộng tiếp; phần giữa hai "
    "lần đọc có thể thiếu.",
    "rollover": "Bộ đếm chạy hết vòng %(modulus)s kWh và quay về đầu (từ %(before)s sang %(after)s kWh). Điện được cộng đủ; "
    "không cần làm gì.",
    "replaced-meter?": "Chỉ số giảm từ %(before)s xuống %(after)s kWh và đếm tiếp từ đó; có thể đồng hồ đã được thay. Điện "
    "giữa hai lần đọc không được tính. Hãy xác nhận ngày thay đồng hồ, hoặc báo lỗi đọc.",
    "replaced-meter": "Đồng hồ đã được thay (chỉ số cũ %(before)s kWh, chỉ số mới %(after)s kWh). Điện được tính tiếp từ "
    "chỉ số mới.",
    "gap": "Không có số đo trong %(hours)s giờ. Tổng điện của khoảng này biết được từ chỉ số (%(kwh)s kWh) và được chia "
    "theo dạng nắng hoặc chia đều; từng khoảng 15 phút chỉ là ước lượng.",
    "missing": "Không có số đo trong %(hours)s giờ và không có chỉ số lũy kế để bù. Khoảng này để trống; hãy kiểm tra "
    "đường truyền và nguồn của thiết bị.",
    "stale": "Số đo đứng yên ở %(value)s trong %(hours)s giờ dù đang có nắng hoặc đang chạy. Hãy xem thiết bị có treo "
    "không, hoặc bộ ghi có gửi lại số cũ không.",
    "replayed-day": "%(count)s lần thiết bị gửi lại tổng điện của hôm trước (%(value)s kWh) khi sang ngày mới. Số này không "
    "được tính cho hôm nay.",
    "late": "%(count)s bản ghi đến muộn; các khoảng 15 phút liên quan đã được tính lại.",
}

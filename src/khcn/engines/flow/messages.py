"""Every sentence the flow engine says to a person, in one table.

Engines know no gettext: a caller with a request translates ``TEMPLATES[code]`` and fills it with the same parameters.
"""

from collections.abc import Mapping
from typing import Any, Final

ERRORS: Final[dict[str, str]] = {
    "missing_file": "Không tìm thấy hoặc không mở được tệp %(name)s. Hãy kiểm tra lại đường dẫn.",
    "empty": "Không có giờ nào để đọc. Tệp cần một cột thời gian và ít nhất một cột số lượt khách.",
    "span": "Dữ liệu trải từ %(first)s đến %(last)s, dài hơn 40 năm; chắc có ngày ghi sai. Hãy kiểm tra cột thời gian.",
    "no_time_column": "Không thấy cột thời gian. Đặt tên cột là t, time, datetime hoặc hour; các cột đang có: "
    "%(columns)s.",
    "no_value_column": "Không thấy cột số lượt khách. Đặt tên cột là count, visitors hoặc value; các cột đang có: "
    "%(columns)s.",
    "unknown_column": "Tệp không có cột %(column)s. Các cột số đang có: %(columns)s.",
    "no_measured": "Cột %(column)s không có giờ nào đo được. Hãy chọn cột khác hoặc kiểm tra lại tệp.",
    "too_many_bad": "%(bad)s trên %(rows)s dòng không đọc được (dòng đầu tiên: %(line)s), nên không dự báo. Hãy sửa "
    "tệp rồi chạy lại.",
    "horizon": "Số giờ dự báo phải từ 1 đến %(limit)s; bạn đã cho %(horizon)s.",
    "too_short": "Mới có %(hours)s giờ đo được. Cần ít nhất một tuần (168 giờ) mới dự báo được.",
    "encoding": "Tệp không phải chữ UTF-8 hoặc UTF-16. Hãy lưu lại thành CSV UTF-8 rồi thử lại.",
    "layout": "Khoảng thời gian không hợp lệ: kết thúc phải sau bắt đầu.",
    "event_window": "Khoảng sự kiện từ %(first)s đến %(last)s không có giờ nào đo được. Hãy chọn khoảng khác.",
    "event_history": "Trước sự kiện mới có %(hours)s giờ đo được. Cần ít nhất bốn tuần mới so sánh được.",
    "lengths": "Hai dãy số dài khác nhau (%(first)s và %(second)s) nên không so từng phút được.",
    "threshold": "Ngưỡng ẩn ô nhỏ phải từ 2 trở lên; bạn đã cho %(k)s.",
}

NOTES: Final[dict[str, str]] = {
    "short_history": "Mới có %(weeks)s tuần dữ liệu. Dự báo lặp lại tuần trước; khi đủ sáu tuần, hệ thống mới thử mô "
    "hình.",
    "no_backtest": "Dữ liệu còn ngắn nên chưa kiểm tra ngược được dự báo; khoảng dao động chỉ là ước lượng.",
    "few_origins": "Mới kiểm tra ngược được từ %(origins)s mốc; khoảng dao động còn thô.",
    "naive_better": "Mô hình chưa sát hơn cách lấy đúng giờ này tuần trước, nên dùng cách đó.",
    "gaps": "%(missing)s giờ không đo được (%(share)s %%); dự báo không coi đó là số không.",
    "bad_line": "Dòng %(line)s: không đọc được «%(text)s»; coi như không đo.",
    "bad_time": "Dòng %(line)s: không đọc được thời gian «%(text)s»; bỏ qua dòng này.",
    "negative": "Dòng %(line)s: số âm «%(text)s»; coi như không đo.",
    "more_bad": "Còn %(count)s dòng nữa không đọc được.",
    "duplicates": "%(count)s giờ có nhiều dòng; đã lấy trung bình.",
    "summed": "Có nhiều dòng trong một giờ (dữ liệu dày hơn giờ); đã cộng lại theo giờ.",
    "stale": "Dữ liệu mới nhất đã cũ: giờ cuối đo được là %(last)s.",
}

TEMPLATES: Final[dict[str, str]] = {**ERRORS, **NOTES}


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Return the Vietnamese sentence of ``code`` with its values filled in."""
    return TEMPLATES[code] % dict(params or {})

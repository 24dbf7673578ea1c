"""What can be wrong with gates and zones, in sentences."""

from typing import Final

LAYOUTS: Final[dict[str, str]] = {
    "layout-unreadable": "Không đọc được bản vẽ vạch và khu (%(why)s). Hãy kiểm tra lại tệp JSON rồi chạy lại.",
    "layout-empty": "Bản vẽ chưa có vạch hay khu nào. Hãy vẽ ít nhất một vạch đếm hoặc một khu.",
    "layout-duplicate": "Hai phần của bản vẽ cùng mang mã “%(id)s”. Hãy đặt mã khác nhau.",
    "gate-points": "Vạch “%(id)s” cần ít nhất hai điểm khác nhau. Hãy vẽ lại vạch.",
    "gate-crosses-itself": "Vạch “%(id)s” tự cắt chính nó nên không phân được hai phía. Hãy vẽ lại cho thẳng hơn.",
    "gate-direction": "Chiều của vạch “%(id)s” là “%(direction)s”; chỉ nhận “in” hoặc “out”.",
    "zone-points": "Khu “%(id)s” cần ít nhất ba điểm không thẳng hàng. Hãy vẽ lại khu.",
    "zone-crosses-itself": "Đường viền khu “%(id)s” tự cắt chính nó. Hãy vẽ lại để các cạnh không chéo nhau.",
    "outside-frame": "“%(id)s” nằm ngoài khung hình %(width)s x %(height)s. Hãy vẽ lại trong khung hình của camera.",
    "ground-points": "Bốn điểm trên mặt sàn không tạo thành hình tứ giác lồi. Hãy chọn lại bốn góc của một hình "
    "chữ nhật trên sàn.",
}

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
    "truth-format": "Không biết kiểu tệp đối chiếu “%(form)s”. Hãy chọn một trong: %(known)s.",
    "truth-broken": "Không đọc được tệp đối chiếu (%(why)s). Hãy kiểm tra đường dẫn và tệp rồi chạy lại.",
    "truth-empty": "Tệp đối chiếu không có khung người nào. Hãy chọn đúng tệp gt.txt của đoạn hình.",
    "truth-line": "Dòng %(line)s của tệp đối chiếu không đọc được: %(why)s. Mỗi dòng gồm: khung hình, mã người, x, y, "
    "rộng, cao, có tính hay không.",
    "truth-twice": "Dòng %(line)s của tệp đối chiếu: người %(id)s có hai khung trong cùng khung hình %(frame)s. Hãy bỏ "
    "một dòng.",
}

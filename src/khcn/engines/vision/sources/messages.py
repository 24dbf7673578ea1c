"""What can be wrong with a recording or a camera, in sentences."""

from typing import Final

SOURCES: Final[dict[str, str]] = {
    "address-empty": "Chưa có địa chỉ camera hay tệp hình. Hãy điền địa chỉ RTSP hoặc HTTP của camera.",
    "address-scheme": "Không dùng được địa chỉ kiểu “%(scheme)s”. Hãy dùng rtsp://, rtsps://, http:// hoặc https://.",
    "address-host": "Địa chỉ camera thiếu tên máy hoặc số IP. Hãy điền dạng rtsp://tên:mật-khẩu@192.168.1.10/đường-dẫn.",
    "address-control": "Địa chỉ camera có ký tự lạ. Hãy chép lại địa chỉ từ trang cấu hình của camera.",
    "source-missing": "Không tìm thấy tệp hình “%(name)s”. Hãy kiểm tra đường dẫn.",
    "source-not-file": "“%(name)s” không phải là một tệp thường. Hãy chọn một tệp video.",
    "source-not-video": "Không đọc được “%(name)s”: tệp không phải video hoặc đã hỏng. Hãy xuất lại từ đầu ghi rồi thử lại.",
    "source-format": "“%(name)s” có kiểu tệp không được phép đọc. Hãy dùng MP4, MKV, AVI hoặc TS.",
    "source-no-picture": "“%(name)s” không có hình, chỉ có tiếng hoặc dữ liệu khác. Hãy chọn đúng luồng hình của camera.",
    "source-empty": "“%(name)s” không có khung hình nào. Tệp có thể bị cắt cụt; hãy xuất lại từ đầu ghi.",
    "source-corrupt": "“%(name)s” hỏng nặng, không giải mã được hình. Hãy xuất lại từ đầu ghi.",
    "source-too-big": "Hình của “%(name)s” quá lớn (%(width)s × %(height)s). Hãy dùng luồng phụ của camera.",
    "source-hangs": "Không nhận được gì từ “%(name)s” trong %(seconds)s giây, đã ngắt để nối lại.",
    "source-crashed": "Tiến trình đọc “%(name)s” dừng đột ngột (mã %(status)s). Hệ thống sẽ nối lại.",
    "source-limits": "Đọc “%(name)s” vượt giới hạn bộ nhớ hoặc thời gian cho phép. Hãy dùng đoạn ngắn hơn hoặc hình nhỏ hơn.",
    "source-refused": "Camera “%(name)s” từ chối: sai tên hoặc mật khẩu. Hãy kiểm tra tài khoản xem của camera.",
    "source-not-found": "Camera “%(name)s” trả lời không có luồng này. Hãy kiểm tra phần đường dẫn của địa chỉ.",
    "source-unreachable": "Không nối được tới “%(name)s”. Hãy kiểm tra nguồn điện, dây mạng và địa chỉ của camera.",
    "source-odd-answer": "“%(name)s” có trả lời nhưng không phải luồng hình. Hãy kiểm tra cổng, kiểu kết nối (RTSP hay HTTP) và phần đường dẫn.",
    "source-ended": "“%(name)s” đã ngừng gửi hình. Hệ thống sẽ nối lại.",
    "source-failed": "Không đọc được “%(name)s” (%(why)s). Hãy thử lại hoặc kiểm tra camera.",
    "state-other": "Tệp tiến độ “%(name)s” thuộc lần chạy khác (video, bố trí, mô hình hay tốc độ khác). Hãy xóa tệp đó rồi chạy lại.",
    "truth-unreadable": "Không đọc được tệp đáp án “%(name)s”: %(why)s.",
    "spool-in-use": "Thư mục đệm “%(name)s” đang được một tiến trình khác dùng. Mỗi hộp chỉ chạy một tiến trình theo dõi.",
    "still-too-few": "Chưa đủ hình để làm ảnh nền (cần ít nhất %(needed)s giây, mới có %(seconds)s). Hãy thử lại khi camera ổn định.",
    "still-occupied": "Có người đứng yên quá lâu trong hình nên ảnh nền chưa sạch. Hãy chụp lại lúc vắng người hoặc chụp lâu hơn.",
}

"""Demo works that are still on their way, so that the desk has something to do: waiting, returned, held back.

All names, figures and telephone numbers are made up; the numbers belong to nobody (0900 000 00x).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class DeskWork:
    """A work of the contributor. ``fate``: submitted, returned (with ``note``) or draft."""

    id: str
    title: str
    file_name: str
    text: str
    fate: str
    note: str = ""


DESK_WORKS: Final = (
    DeskWork(
        "desk-phieu-thi-nghiem",
        "Phiếu thí nghiệm: đo gia tốc rơi tự do bằng điện thoại",
        "phieu-thi-nghiem-gia-toc.txt",
        "Phiếu thí nghiệm: đo gia tốc rơi tự do bằng điện thoại\n\n"
        "Dụng cụ: một quả bóng nhỏ, thước dây 2 m, điện thoại quay phim 60 hình mỗi giây.\n"
        "Cách làm: thả bóng từ độ cao 2,00 m, quay phim từ bên cạnh, đếm số hình từ lúc thả đến lúc chạm đất.\n"
        "Ví dụ: đếm được 38 hình thì thời gian rơi là 38 : 60 = 0,63 giây; gia tốc bằng 2 x 2,00 : 0,63^2, "
        "khoảng 10,1 m/s2.\n"
        "Thảo luận: sai số đến từ đâu? Nếu quay 240 hình mỗi giây thì kết quả thay đổi thế nào?\n",
        "submitted",
    ),
    DeskWork(
        "desk-ghi-chep-tap-huan",
        "Ghi chép buổi tập huấn tra cứu sáng chế",
        "ghi-chep-tap-huan.txt",
        "Ghi chép buổi tập huấn tra cứu sáng chế\n\n"
        "Nội dung: các bước tra cứu trước khi nộp đơn; cách đọc mã phân loại; ba lỗi hay gặp khi đặt từ khóa.\n"
        "Bài tập: tìm ba sáng chế về máy lọc nước hộ gia đình và ghi lại tình trạng hiệu lực.\n",
        "returned",
        "Ghi chép còn thiếu tên giảng viên và ngày tổ chức. Bạn bổ sung hai thông tin này rồi gửi lại giúp nhé.",
    ),
    DeskWork(
        "desk-danh-sach-lop",
        "Danh sách đăng ký lớp tiết kiệm điện (dữ liệu giả để minh họa)",
        "danh-sach-lop.txt",
        "Danh sách đăng ký lớp tiết kiệm điện (dữ liệu giả để minh họa)\n\n"
        "1. Nguyễn Văn Ví Dụ, điện thoại 0900 000 001\n"
        "2. Trần Thị Minh Họa, điện thoại 0900 000 002\n"
        "3. Lê Văn Thử, điện thoại 0900 000 003\n"
        "4. Phạm Thị Mẫu, điện thoại 0900 000 004\n"
        "5. Hoàng Văn Giả, điện thoại 0900 000 005\n"
        "6. Võ Thị Thí Dụ, điện thoại 0900 000 006\n",
        "submitted",
    ),
)
BROKEN_NAME: Final = "bao-cao-bi-cat-giua-chung.pdf"
# The beginning of a PDF whose rest was lost on the way: the desk shows it as failed, with what to do.
BROKEN_BYTES: Final = (
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 ob"
)

"""Words by which a task's kind, audience and rhythm are guessed from the plan's own sentence. Guesses are proposals."""

import re
from typing import Final

from khcn.engines.text.fold import fold

KINDS: Final[dict[str, str]] = {
    "training": "Tập huấn, đào tạo, bồi dưỡng",
    "contest": "Cuộc thi, hội thi",
    "visit": "Tham quan, hội thảo, trải nghiệm",
    "exhibition": "Triển lãm, gặp gỡ, giới thiệu sản phẩm",
    "library": "Thư viện trực tuyến",
    "cv-study": "Đề tài thị giác máy tính",
    "energy": "Năng lượng sạch, năng lượng tái tạo",
    "legal": "Tư vấn, hỗ trợ và phổ biến pháp luật",
    "inspection": "Kiểm tra",
    "report": "Báo cáo",
    "communication": "Tuyên truyền",
    "support": "Hỗ trợ thiết bị, nguyên vật liệu",
    "budget": "Cân đối, bố trí ngân sách",
    "coordination": "Đầu mối, theo dõi, điều phối",
}
AUDIENCES: Final[dict[str, str]] = {
    "officials": "Cán bộ, công chức, viên chức",
    "teachers": "Giáo viên",
    "pupils": "Học sinh",
    "youth": "Thanh thiếu niên",
    "young-entrepreneurs": "Thanh niên khởi nghiệp",
    "sme-workers": "Người lao động, nhân sự tại các doanh nghiệp nhỏ và vừa",
    "enterprises": "Doanh nghiệp",
    "traders": "Thương nhân, đối tượng kinh doanh",
    "public": "Nhân dân",
    "units": "Cơ quan, đơn vị trên địa bàn",
}

# (kind, weight, pattern on folded text). A word counts more the earlier it stands: the verb of a promise leads it.
_KIND_WORDS: Final = tuple(
    (kind, weight, re.compile(rf"\b(?:{pattern})\b"))
    for kind, weight, pattern in (
        ("cv-study", 9, r"thi giac may tinh|camera thong minh"),
        ("library", 8, r"thu vien (?:so|dien tu|truc tuyen|khoa hoc)"),
        ("energy", 8, r"nang luong (?:sach|tai tao|mat troi)|dien mat troi|tiet kiem (?:dien|nang luong)"),
        ("inspection", 7, r"to chuc kiem tra|hoat dong kiem tra|thanh tra|kiem tra (?:dinh ky|dot xuat|chuyen de|viec|tinh hinh)|doan kiem tra"),
        ("budget", 7, r"can doi|bo tri (?:ngan sach|kinh phi|von)|cap phat kinh phi|du toan kinh phi|tham dinh du toan"),
        ("coordination", 6, r"chiu trach nhiem trien khai|(?:la )?co quan thuong truc|theo doi,? don doc|dieu phoi chung"),
        ("report", 6, r"^(?:tham muu,? )?(?:tong hop,? )?bao cao|che do bao cao|bao cao (?:ket qua|tien do|dinh ky|so ket|tong ket)"),
        ("contest", 5, r"cuoc thi|hoi thi|to chuc thi|giai thuong|olympic"),
        ("exhibition", 5, r"trien lam|gap go,? gioi thieu|gian hang|hoi cho|trung bay|ket noi cung cau"),
        ("visit", 5, r"tham quan|hoi thao|trai nghiem|toa dam|hoc tap kinh nghiem|hoi nghi"),
        ("support", 5, r"ho tro (?:trang )?thiet bi|nguyen vat lieu|trang bi|mua sam thiet bi"),
        ("legal", 5, r"tu van|pho bien (?:phap luat|cac quy dinh|cac van ban|van ban)|van ban phap luat|tro giup phap ly|thu tuc"),
        ("training", 5, r"tap huan|dao tao|boi duong|huan luyen|lop hoc|khoa hoc(?= ve\b)|giao trinh|ngoai khoa|giang day"),
        ("communication", 4, r"tuyen truyen|truyen thong|pho bien|phat thanh|van dong|loa phuong|tang lop nhan dan"),
        ("coordination", 2, r"dau moi|theo doi|dieu phoi|don doc"),
    )
)  # fmt: skip
_AUDIENCE_WORDS: Final = tuple(
    (audience, re.compile(rf"\b(?:{pattern})\b"))
    for audience, pattern in (
        ("officials", r"can bo,? cong chuc|cong chuc|vien chuc"),
        ("teachers", r"giao vien|nha giao"),
        ("pupils", r"hoc sinh"),
        ("young-entrepreneurs", r"thanh nien khoi nghiep|khoi nghiep cua thanh nien|thanh nien tren dia ban"),
        ("youth", r"thanh thieu nien|thieu nien"),
        ("sme-workers", r"nguoi lao dong|nhan su|doan vien cong doan|trong lao dong"),
        ("enterprises", r"doanh nghiep|hop tac xa"),
        ("traders", r"thuong nhan|doi tuong kinh doanh|tieu thuong|ho kinh doanh|cho nha long"),
        ("public", r"nhan dan(?! quan| phuong| xa| thanh| huyen| tinh| \d)|cong dong|nguoi dan|quan chung"),
        ("units", r"co quan,? don vi|mot so don vi|cac don vi"),
    )
)
_FAR: Final = 160


def kind_of(text: str) -> str:
    """Return the kind that the words of a task point to, "" when none does."""
    folded = " ".join(fold(text).split())
    scores: dict[str, float] = {}
    for kind, weight, pattern in _KIND_WORDS:
        match = pattern.search(folded)
        if match:
            scores[kind] = max(scores.get(kind, 0.0), weight - 6 * min(match.start(), _FAR) / _FAR)
    return max(scores, key=lambda kind: scores[kind]) if scores else ""


def audiences_of(text: str) -> tuple[str, ...]:
    """Return the audiences that a text names, in the order of the list of audiences."""
    folded = " ".join(fold(text).split())
    return tuple(audience for audience, pattern in _AUDIENCE_WORDS if pattern.search(folded))

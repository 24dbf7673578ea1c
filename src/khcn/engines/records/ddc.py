"""Numbers of the Dewey Decimal Classification: their normal form, and short captions of our own in Vietnamese.

Only the numbers of the ten main classes and the hundred divisions are named here, in own words: enough to walk
through the shelves. The schedules themselves are not reproduced.
"""

import re
from typing import Final

_NUMBER: Final = re.compile(r"(\d{3})(?:\.(\d{1,17}))?", re.ASCII)
_FORM: Final = re.compile(r"\d{3}(?:\.\d{1,17})?", re.ASCII)
LONGEST: Final = 21


def is_ddc(text: str) -> bool:
    """Whether ``text`` is a number in its normal form: three digits, and digits after one point."""
    return bool(_FORM.fullmatch(text)) and not (len(text) > 4 and text.endswith("0"))


def ddc_of(text: str) -> str:
    """Return the number in its normal form, or "" when there is none.

    The signs of MARC 082 (``/`` and ``'`` for segmentation, ``[E]``, a book number after it) are left out.
    """
    plain = re.sub(r"[/'’\s]+", "", text.strip().split(" ")[0]) if text.strip() else ""
    match = _NUMBER.match(plain)
    if match is None:
        return ""
    rest = (match[2] or "").rstrip("0")
    return f"{match[1]}.{rest}" if rest else match[1]


def main_class(number: str) -> str:
    """Return the main class of a number: 621.38 -> 600."""
    return f"{number[:1]}00" if is_ddc(number) else ""


def division(number: str) -> str:
    """Return the division of a number: 621.38 -> 620."""
    return f"{number[:2]}0" if is_ddc(number) else ""


def caption(number: str) -> str:
    """Return the name of the narrowest class that is named here, "" for no number."""
    return DIVISIONS.get(division(number)) or CLASSES.get(main_class(number), "")


CLASSES: Final = {
    "000": "Tin học, thông tin, tác phẩm tổng quát",
    "100": "Triết học và tâm lý học",
    "200": "Tôn giáo",
    "300": "Khoa học xã hội",
    "400": "Ngôn ngữ",
    "500": "Khoa học tự nhiên và toán học",
    "600": "Công nghệ và khoa học ứng dụng",
    "700": "Nghệ thuật, giải trí, thể thao",
    "800": "Văn học",
    "900": "Lịch sử và địa lý",
}

DIVISIONS: Final = {
    "000": "Tin học, tri thức, hệ thống", "010": "Thư mục", "020": "Thư viện và thông tin học",
    "030": "Bách khoa thư", "050": "Tạp chí và ấn phẩm nhiều kỳ", "060": "Hội, tổ chức, bảo tàng",
    "070": "Báo chí và xuất bản", "080": "Trích dẫn, tuyển tập chung", "090": "Bản thảo và sách quý hiếm",
    "100": "Triết học nói chung", "110": "Siêu hình học", "120": "Nhận thức luận", "130": "Cận tâm lý, huyền bí",
    "140": "Các trường phái triết học", "150": "Tâm lý học", "160": "Lô-gích học", "170": "Đạo đức học",
    "180": "Triết học cổ đại, phương Đông", "190": "Triết học phương Tây hiện đại",
    "200": "Tôn giáo nói chung", "210": "Triết học tôn giáo", "220": "Kinh Thánh", "230": "Ki-tô giáo",
    "240": "Đời sống đạo Ki-tô", "250": "Mục vụ và dòng tu", "260": "Giáo hội và xã hội",
    "270": "Lịch sử Ki-tô giáo", "280": "Các giáo phái Ki-tô", "290": "Phật giáo và các tôn giáo khác",
    "300": "Xã hội học, nhân học", "310": "Thống kê", "320": "Chính trị, quản lý nhà nước", "330": "Kinh tế",
    "340": "Pháp luật", "350": "Hành chính công, quân sự", "360": "Dịch vụ và vấn đề xã hội", "370": "Giáo dục",
    "380": "Thương mại, liên lạc, giao thông", "390": "Phong tục, văn hoá dân gian",
    "400": "Ngôn ngữ nói chung", "410": "Ngôn ngữ học", "420": "Tiếng Anh", "430": "Tiếng Đức",
    "440": "Tiếng Pháp", "450": "Tiếng Ý", "460": "Tiếng Tây Ban Nha, Bồ Đào Nha", "470": "Tiếng La-tinh",
    "480": "Tiếng Hy Lạp", "490": "Tiếng Việt và các ngôn ngữ khác",
    "500": "Khoa học nói chung", "510": "Toán học", "520": "Thiên văn học", "530": "Vật lý học",
    "540": "Hoá học", "550": "Khoa học Trái Đất, khí tượng", "560": "Cổ sinh vật học", "570": "Sinh học",
    "580": "Thực vật", "590": "Động vật",
    "600": "Công nghệ nói chung, phát minh", "610": "Y học và sức khoẻ", "620": "Kỹ thuật, năng lượng, điện tử",
    "630": "Nông nghiệp", "640": "Gia đình và đời sống", "650": "Quản lý và kinh doanh",
    "660": "Công nghệ hoá học, thực phẩm", "670": "Sản xuất", "680": "Chế tạo sản phẩm chuyên dụng",
    "690": "Xây dựng nhà",
    "700": "Nghệ thuật nói chung", "710": "Quy hoạch và cảnh quan", "720": "Kiến trúc",
    "730": "Điêu khắc, gốm, kim loại", "740": "Đồ hoạ, trang trí, thủ công", "750": "Hội hoạ",
    "760": "Tranh in", "770": "Nhiếp ảnh, điện ảnh số", "780": "Âm nhạc", "790": "Thể thao, trò chơi, sân khấu",
    "800": "Văn học nói chung", "810": "Văn học Mỹ tiếng Anh", "820": "Văn học Anh", "830": "Văn học Đức",
    "840": "Văn học Pháp", "850": "Văn học Ý", "860": "Văn học Tây Ban Nha, Bồ Đào Nha",
    "870": "Văn học La-tinh", "880": "Văn học Hy Lạp", "890": "Văn học Việt Nam và các nước khác",
    "900": "Lịch sử nói chung", "910": "Địa lý và du lịch", "920": "Tiểu sử, phả hệ",
    "930": "Lịch sử thế giới cổ đại", "940": "Lịch sử châu Âu", "950": "Lịch sử Việt Nam và châu Á",
    "960": "Lịch sử châu Phi", "970": "Lịch sử Bắc Mỹ", "980": "Lịch sử Nam Mỹ",
    "990": "Lịch sử châu Đại Dương và vùng khác",
}  # fmt: skip

"""Small files for the stories of imports, good and bad."""

import zipfile
from io import BytesIO
from pathlib import Path

from docx import Document
from PIL import Image

LETTER = """ỦY BAN NHÂN DÂN\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
QUẬN 5\tĐộc lập - Tự do - Hạnh phúc
Số: 145/KH-UBND\tQuận 5, ngày 12 tháng 4 năm 2021

KẾ HOẠCH
Tổ chức ngày hội sáng tạo năm 2021

Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;
Ủy ban nhân dân Quận 5 xây dựng kế hoạch như sau:
Điều 1. Mục đích: đưa khoa học đến với học sinh.

Nơi nhận:
- Như trên;
- Lưu: VT.
TM. ỦY BAN NHÂN DÂN
CHỦ TỊCH
Nguyễn Văn Mẫu
"""


def text_file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def docx_file(path: Path, *paragraphs: str) -> Path:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(path))
    return path


def zip_file(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return path


def blank_png() -> bytes:
    stream = BytesIO()
    Image.new("L", (400, 300), 255).save(stream, "PNG")
    return stream.getvalue()

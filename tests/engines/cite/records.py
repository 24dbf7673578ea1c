"""The works that the tables of expected citations are about."""

from datetime import UTC, date, datetime
from typing import Any

from khcn.engines.records.types import Agent, Heading, Identifier, LegalFacts, Record

SITE = "https://thu-vien.example.vn"
HOSTILE = 'A & B <script>alert("x")</script> {\\bf $50%$} #_~^ \\end{document}\nER  - \r\nTY  - HACK\x00'


def record(number: int = 7, **fields: Any) -> Record:
    """Return a record of a public work."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    fields.setdefault("kind", "document")
    return Record(
        id=number,
        url=f"{SITE}/thu-vien/tai-lieu-{number}/",
        ark=f"ark:/99999/k{number}x",
        kind_label="",
        published_at=moment,
        updated_at=moment,
        **{"title": "Nhan đề", **fields},
    )


BOOK = record(
    1,
    title="Giáo trình thư viện số",
    creators=(Agent("PGS.TS. Nguyễn Văn An"), Agent("Trần Thị Bình")),
    publisher="Nhà xuất bản Giáo dục",
    year=2021,
    identifiers=(Identifier("doi", "10.1000/xyz"), Identifier("isbn", "978-0-306-40615-7")),
)
LAW = record(
    2,
    kind="legal",
    title="Nghị định về công tác văn thư",
    year=2020,
    issued=date(2020, 3, 5),
    legal=LegalFacts(number="30/2020/NĐ-CP", type_name="Nghị định", organ_name="Chính phủ", place="Hà Nội"),
)
REPORT = record(
    3,
    kind="report",
    title="Báo cáo chuyển đổi số năm 2025",
    creators=(Agent("Ủy ban nhân dân Phường Một"),),
    publisher="Ủy ban nhân dân Phường Một",
    year=2025,
    issued=date(2025, 6, 30),
)
THESIS = record(
    4,
    kind="research",
    resource_type="Luận án tiến sĩ",
    title="Điện mặt trời mái nhà",
    creators=(Agent("Smith, John B."), Agent("Lê Thị Hồng Gấm")),
    publisher="Trường Đại học Bách khoa",
    year=2019,
    version=2,
)
LINK = record(5, kind="link", title="Cổng dữ liệu mở", address="https://du-lieu.example.vn/")
VIDEO = record(
    6,
    kind="video",
    title="Pin chanh",
    address="https://v.example.vn/6",
    publisher="Đài truyền hình",
    year=2023,
)
ARTICLE = record(
    8,
    kind="article",
    title="Ngày hội khoa học",
    creators=(Agent("Đỗ Minh"),),
    year=2024,
    issued=date(2024, 5, 6),
)
HEADED = record(
    9, title="A*B", subjects=(Heading("a", "Năng*lượng"),), abstract="Một.\n\nHai.", title_en="A star B"
)

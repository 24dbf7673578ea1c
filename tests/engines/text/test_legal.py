"""The header parser on documents of every layout, and on texts that are none."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.text.legal import LegalHeader, RelationKind, parse_legal_header
from tests.engines.text import samples

EXPECTED: dict[str, LegalHeader] = {
    "PLAN_COLUMNS": LegalHeader(
        issuing_body="Ủy ban nhân dân Quận 7",
        code_number="45",
        code_notation="KH-UBND",
        full_number="45/KH-UBND",
        place="Quận 7",
        issued_on=date(2022, 3, 9),
        type_name="Kế hoạch",
        type_code="KH",
        subject="Tổ chức Ngày hội Khoa học và sáng tạo trên địa bàn Quận 7 năm 2022",
        signer_name="Nguyễn Thị Minh Ánh",
        signer_position="Phó Chủ tịch",
        signing_mode="KT.",
        recipients=(
            "Sở Khoa học và Công nghệ",
            "TT. Quận ủy (để báo cáo)",
            "Các phòng, ban chuyên môn thuộc Quận",
        ),
    ),
    "DECISION_SEQUENCE": LegalHeader(
        issuing_body="Sở Khoa học và Công nghệ",
        parent_body="Ủy ban nhân dân Thành phố Hồ Chí Minh",
        code_number="115",
        code_notation="QĐ-SKHCN",
        full_number="115/QĐ-SKHCN",
        place="Thành phố Hồ Chí Minh",
        issued_on=date(2023, 6, 5),
        type_name="Quyết định",
        type_code="QĐ",
        subject="Về việc ban hành Quy chế tiếp nhận và khai thác tài liệu khoa học",
        signer_name="Trần Quốc Việt",
        signer_position="Giám đốc",
        recipients=("Như Điều 3", "UBND TP (để b/c)"),
        effective_on=date(2023, 6, 5),
    ),
    "CIRCULAR_INTERLEAVED": LegalHeader(
        issuing_body="Bộ Khoa học và Công nghệ",
        code_number="07/2024",
        code_notation="TT-BKHCN",
        full_number="07/2024/TT-BKHCN",
        place="Hà Nội",
        issued_on=date(2024, 2, 28),
        type_name="Thông tư",
        type_code="TT",
        subject=(
            "Sửa đổi, bổ sung một số điều của Thông tư số 03/2019/TT-BKHCN ngày 15 tháng 4 năm 2019 của Bộ trưởng "
            "Bộ Khoa học và Công nghệ hướng dẫn thi hành Nghị định số 76/2018/NĐ-CP"
        ),
        signer_name="Lê Hoàng Nam",
        signer_position="Thứ trưởng",
        signing_mode="KT.",
        recipients=("Thủ tướng Chính phủ", "Công báo"),
        effective_on=date(2024, 4, 15),
        expires_on=date(2025, 12, 31),
    ),
    "LETTER": LegalHeader(
        issuing_body="Phòng Kinh tế",
        parent_body="Ủy ban nhân dân Quận 7",
        code_number="312",
        code_notation="PKT-KHCN",
        full_number="312/PKT-KHCN",
        place="Quận 7",
        issued_on=date(2022, 10, 3),
        type_name="Công văn",
        subject="Về việc đề nghị báo cáo kết quả hoạt động khoa học năm 2022",
        signer_name="Đặng Văn Hùng",
        signer_position="Trưởng phòng",
        recipients=("Phòng Giáo dục và Đào tạo", "Ủy ban nhân dân 10 phường"),
    ),
    "LAW": LegalHeader(
        issuing_body="Quốc hội",
        code_number="46/2019",
        code_notation="QH14",
        full_number="46/2019/QH14",
        place="Hà Nội",
        issued_on=date(2019, 11, 21),
        type_name="Luật",
        subject="Thư viện",
        signer_name="Phạm Thị Hồng Gấm",
        signer_position="Chủ tịch Quốc hội",
        effective_on=date(2020, 7, 1),
    ),
    "RUNNING_TITLE": LegalHeader(
        issuing_body="Chính phủ",
        code_number="117/2003",
        code_notation="NĐ-CP",
        full_number="117/2003/NĐ-CP",
        issued_on=date(2003, 10, 10),
        type_name="Nghị định",
        type_code="NĐ",
        subject="Về việc tuyển dụng, sử dụng và quản lý cán bộ, công chức",
        signer_name="Lê Văn Tám",
        signer_position="Thủ tướng",
        signing_mode="TM.",
    ),
    "OCR_NOTICE": LegalHeader(
        issuing_body="Ủy ban nhân dân phường Chợ Mới",
        code_number="12",
        code_notation="TB-UBND",
        full_number="12/TB-UBND",
        place="Phường Chợ Mới",
        issued_on=date(2025, 8, 7),
        type_name="Thông báo",
        type_code="TB",
        subject="Về việc tiếp nhận hồ sơ đăng ký sáng kiến",
        signer_name="Nguyễn Hữu Lộc",
        signer_position="Chủ tịch",
        signing_mode="TM.",
    ),
    "OCR_LETTER": LegalHeader(
        issuing_body="Phòng Kinh tế",
        parent_body="Ủy ban nhân dân Quận 7",
        code_number="312",
        code_notation="PKT-KHCN",
        full_number="312/PKT-KHCN",
        place="Quận 7",
        issued_on=date(2022, 10, 3),
        type_name="Công văn",
        subject="Về việc đề nghị báo cáo kết quả hoạt động khoa học năm 2022",
        signer_name="Đặng Văn Hùng",
        signer_position="Trưởng phòng",
        recipients=("Ủy ban nhân dân 10 phường",),
    ),
    "CAPITAL_SUBJECT": LegalHeader(
        issuing_body="Bộ Tài chính",
        code_number="21/2001",
        code_notation="TT-BTC",
        full_number="21/2001/TT-BTC",
        place="Hà Nội",
        issued_on=date(2001, 4, 3),
        type_name="Thông tư",
        type_code="TT",
        subject=(
            "Hướng dẫn thi hành Nghị định số 54/2000/NĐ-CP của Chính phủ tại Thành phố Hồ Chí Minh và tỉnh An Giang, "
            "giai đoạn II"
        ),
        signer_name="Vũ Hải Đăng",
        signer_position="Thứ trưởng",
        signing_mode="KT.",
        recipients=("Văn phòng Quốc hội",),
    ),
    "OLD_FONT": LegalHeader(
        issuing_body="Bộ Tài chính",
        code_number="120/2002",
        code_notation="TT-BTC",
        full_number="120/2002/TT-BTC",
        place="Hà Nội",
        issued_on=date(2002, 12, 30),
        type_name="Thông tư",
        type_code="TT",
        subject="Hướng dẫn thi hành Nghị định số: 89/2002/NĐ-CP ngày 07/11/2002 của Chính phủ",
        signer_name="Trương Quốc An",
        signer_position="Thứ trưởng",
        signing_mode="KT.",
        recipients=("VP Quốc hội", "Các Bộ, cơ quan ngang Bộ, cơ quan thuộc Chính phủ"),
        effective_on=date(2003, 1, 14),
    ),
    "RESOLUTION_MARKDOWN": LegalHeader(
        issuing_body="Hội đồng nhân dân thành phố Thủ Đức",
        code_number="09",
        code_notation="NQ-HĐND",
        full_number="09/NQ-HĐND",
        place="Thành phố Thủ Đức",
        issued_on=date(2023, 12, 20),
        type_name="Nghị quyết",
        type_code="NQ",
        subject="Về nhiệm vụ phát triển kinh tế - xã hội của thành phố Thủ Đức năm 2024",
        signer_name="Bùi Thanh Tú",
        signer_position="Chủ tịch",
    ),
    "PARTY": LegalHeader(
        issuing_body="Quận ủy Quận 7",
        parent_body="Thành ủy Hồ Chí Minh",
        code_number="23",
        code_notation="CTr/QU",
        full_number="23-CTr/QU",
        place="Quận 7",
        issued_on=date(2021, 2, 15),
        type_name="Chương trình hành động",
        type_code="CTr",
        subject="Về phát triển khoa học và đổi mới sáng tạo",
        signer_name="Hoàng Gia Bảo",
        signer_position="Bí thư",
        signing_mode="TM.",
        recipients=("Thành ủy",),
    ),
    "ATTACHED": LegalHeader(
        issuing_body="Ủy ban nhân dân tỉnh Mẫu",
        code_number="05/2006",
        code_notation="QĐ-UBND",
        full_number="05/2006/QĐ-UBND",
        issued_on=date(2006, 1, 25),
        type_name="Quy định",
        type_code="QyĐ",
        subject="Về quản lý nhiệm vụ khoa học",
        signer_name="Võ Minh Đức",
        signer_position="Chủ tịch",
        signing_mode="TM.",
    ),
    "DRAFT": LegalHeader(
        issuing_body="Phòng Kinh tế",
        parent_body="Ủy ban nhân dân Quận 7",
        code_notation="BC-PKT",
        place="Quận 7",
        type_name="Báo cáo",
        type_code="BC",
        subject="Kết quả thực hiện nhiệm vụ khoa học quý I năm 2024",
        signer_name="Đặng Văn Hùng",
        signer_position="Trưởng phòng",
    ),
}


def parse(name: str) -> LegalHeader:
    header = parse_legal_header([getattr(samples, name)])
    assert header is not None, name
    return header


@pytest.mark.parametrize("name", EXPECTED)
def test_every_field_of_every_layout(name: str) -> None:
    header = parse(name)
    assert replace(header, legal_basis=(), relations=(), confidence={}) == EXPECTED[name]
    assert 0.0 < header.confidence["overall"] <= 1.0


@pytest.mark.parametrize("name", samples.NOT_OFFICIAL)
def test_other_texts_are_none(name: str) -> None:
    assert parse_legal_header([samples.NOT_OFFICIAL[name]]) is None


@pytest.mark.parametrize(
    ("name", "basis"),
    [
        ("PLAN_COLUMNS", ["29/2013/QH13", "13/2019/NĐ-CP", "76/2018/NĐ-CP"]),
        ("DECISION_SEQUENCE", ["12/2021/QĐ-UBND"]),  # not the one it amends
        ("CIRCULAR_INTERLEAVED", ["Luật Chuyển giao công nghệ"]),
        ("LETTER", ["45/KH-UBND"]),
        ("RESOLUTION_MARKDOWN", ["Luật Tổ chức chính quyền địa phương", "77/TTr-UBND"]),
        ("PARTY", ["52-NQ/TW"]),
        ("OCR_NOTICE", ["31/KH-UBND"]),
    ],
)
def test_what_it_is_based_on(name: str, basis: list[str]) -> None:
    cited = parse(name).legal_basis
    assert [citation.number or citation.title for citation in cited] == basis
    assert {citation.kind for citation in cited} == {RelationKind.BASED_ON}


@pytest.mark.parametrize(
    ("name", "relations"),
    [
        ("DECISION_SEQUENCE", [("replaces", "88/QĐ-SKHCN"), ("replaces", "90/QĐ-SKHCN")]),
        (
            "CIRCULAR_INTERLEAVED",
            [
                ("amends", "03/2019/TT-BKHCN"),
                ("repeals", "02/2015/TT-BKHCN"),
                ("repeals", "05/2016/TT-BKHCN"),
            ],
        ),
        ("LAW", [("repeals", "31/2000/PL-UBTVQH10")]),
        ("RUNNING_TITLE", [("replaces", "95/1998/NĐ-CP")]),
        ("OLD_FONT", [("guides", "89/2002/NĐ-CP")]),
        ("PLAN_COLUMNS", []),
        ("LETTER", []),
    ],
)
def test_what_it_does_to_others(name: str, relations: list[tuple[str, str]]) -> None:
    found = parse(name).relations
    assert [(citation.kind.value, citation.number) for citation in found] == relations
    assert all(citation.evidence for citation in found)


@pytest.mark.parametrize(
    ("clause", "effective", "expires"),
    [
        ("Quyết định này có hiệu lực thi hành kể từ ngày 01/7/2024.", date(2024, 7, 1), None),
        ("Quyết định này có hiệu lực từ ngày ký ban hành.", date(2024, 5, 6), None),
        ("Quyết định này có hiệu lực thi hành sau 10 ngày kể từ ngày ký.", date(2024, 5, 16), None),
        ("Quyết định này có hiệu lực sau 15 ngày kể từ ngày đăng Công báo.", None, None),
        ("Quyết định này có hiệu lực kể từ ngày 12 tháng 5\nnăm 2024.", date(2024, 5, 12), None),
        ("Quyết định này hết hiệu lực kể từ ngày 31/12/2026.", None, date(2026, 12, 31)),
        ("Luật An toàn có hiệu lực thi hành từ ngày 01/01/2020.", None, None),
        ("Quyết định này có hiệu lực kể từ ngày 31/02/2024.", None, None),
    ],
)
def test_validity(clause: str, effective: date | None, expires: date | None) -> None:
    page = (
        "ỦY BAN NHÂN DÂN QUẬN 7\nSố: 5/QĐ-UBND\nQuận 7, ngày 06 tháng 5 năm 2024\nQUYẾT ĐỊNH\nVề một việc\n"
        f"Căn cứ nhu cầu;\nĐiều 1. Nội dung.\nĐiều 2. {clause}\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\nLý Thu Hà"
    )
    header = parse_legal_header([page])
    assert header is not None
    assert (header.effective_on, header.expires_on) == (effective, expires)


def test_a_cover_page_before_it_and_a_signature_on_the_last_page() -> None:
    head, _, tail = samples.PLAN_COLUMNS.partition("I. MỤC ĐÍCH")
    header = parse_legal_header(["TÀI LIỆU HỘI NGHỊ", head, "Nội dung " * 300, tail])
    assert header is not None
    assert (header.full_number, header.signer_name) == ("45/KH-UBND", "Nguyễn Thị Minh Ánh")


@settings(max_examples=60)
@given(st.lists(st.text(), max_size=3), st.sampled_from(list(EXPECTED)), st.integers(0, 2000))
def test_broken_pages_never_raise(pages: list[str], name: str, cut: int) -> None:
    parse_legal_header(pages)
    parse_legal_header([getattr(samples, name)[cut:], *pages])

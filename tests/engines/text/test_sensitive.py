"""Secrecy stamps and personal data: what holds a document back, and what must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.text.sensitive import SensitiveKind, find_sensitive, looks_sensitive, mask

HEAD = "ỦY BAN NHÂN DÂN\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nQUẬN 5\tĐộc lập - Tự do - Hạnh phúc\n"


def kinds(*pages: str) -> dict[SensitiveKind, int]:
    found: dict[SensitiveKind, int] = {}
    for finding in find_sensitive(pages):
        found[finding.kind] = found.get(finding.kind, 0) + finding.count
    return found


@pytest.mark.parametrize(
    "text",
    [
        "MẬT",
        "TỐI MẬT\nBáo cáo",
        "Báo cáo\n  TUYỆT MẬT  \n",
        "T Ố I   M Ậ T",
        "M Ậ T",
        "| MẬT |",
        "**MẬT**",
        "[TỐI MẬT]",
        "Độ mật: Mật",
        "Độ mật: TỐI MẬT",
        "Do mat: Toi mat",
        "TOI MAT",
        "TÀI LIỆU MẬT",
        "CHỈ NGƯỜI CÓ TÊN MỚI ĐƯỢC BÓC BÌ",
        "Số: 05/BC-UBND (MẬT)",
        "Số: 05/BC-UBND MẬT",
        "MẬT Quận 5, ngày 12 tháng 4 năm 2021",
        HEAD + "Số: 5/BC-UBND\tMẬT",
        HEAD + "MAT\nBÁO CÁO",  # OCR without marks, in the letterhead
        HEAD + "MÂT\nBÁO CÁO",
    ],
)
def test_a_stamp_holds_the_document_back(text: str) -> None:
    findings = find_sensitive(["trang đầu", text])
    assert [(finding.page, finding.kind) for finding in findings if finding.kind is SensitiveKind.STAMP] == [
        (2, SensitiveKind.STAMP)
    ]
    assert looks_sensitive(findings)


@pytest.mark.parametrize(
    "text",
    [
        "Kỹ thuật lấy mật ong rừng U Minh",
        "Luật Bảo vệ bí mật nhà nước số 29/2018/QH14",
        "BẢO VỆ BÍ MẬT NHÀ NƯỚC",
        "An toàn, bảo mật thông tin; mật khẩu",
        "MẬT ONG",
        "Mật độ dân số: 20.000 người/km2",
        "MẮT\nCấu tạo của mắt người",
        "GIẢI MẬT",
        "Độ mật: Không",
        "Độ mật: mật khẩu",
        "Đổi mật\nkhẩu ngay",
        "ngọt như\nmật",
        "MAT",  # no letterhead on the page: an English word
    ],
)
def test_the_word_in_other_uses_is_no_stamp(text: str) -> None:
    assert SensitiveKind.STAMP not in kinds(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CCCD số 079085001234 cấp ngày 01/02/2021", {SensitiveKind.IDENTITY: 1}),
        ("079 085 001 234", {SensitiveKind.IDENTITY: 1}),
        ("099085001234", {}),  # no such province
        ("079585001234", {}),  # no such century
        ("CMND số: 024123456", {SensitiveKind.IDENTITY: 1}),
        ("STT Họ tên CMND\n1 A 024123456\n2 B 025 123 457", {SensitiveKind.IDENTITY: 2}),
        ("Kim ngạch 193180435 đô la", {}),
        ("Hộ chiếu B1234567", {SensitiveKind.IDENTITY: 1}),
        (
            "0903123456, 0903.123.457, +84 903 123 458, (0903) 123 459, 090-312-3460",
            {SensitiveKind.MOBILE: 5},
        ),
        ("0903123456 và +84903123456", {SensitiveKind.MOBILE: 1}),
        ("ĐT: (028) 3855 1234 - Fax: 028.38551235", {SensitiveKind.LANDLINE: 2}),
        ("Điện thoại: 08.8551234", {SensitiveKind.LANDLINE: 1}),
        ("Mã số thuế: 0312345678; MST 0900123456", {}),
        (
            "lan.nguyen@gmail.com; kinhte.q5@tphcm.gov.vn",
            {SensitiveKind.EMAIL: 1, SensitiveKind.OFFICE_EMAIL: 1},
        ),
        ("Số tài khoản: 0071 0012 34567 tại ngân hàng", {SensitiveKind.BANK: 1}),
        ("Hạch toán vào TK 111, TK 642", {}),
        ("Kinh phí 1.234.567.890 đồng; 500.000.000 đồng; 0,903123456", {}),
        ("Số 82/KH-UBND ngày 12/4/2021; 1691/SKHCN-KHCNCS; 91/2015/QĐ-UBND", {}),
        ("Tài liệu lưu hành nội bộ", {SensitiveKind.INTERNAL: 1}),
        ("STT Họ và tên Ngày sinh\n1 Nguyễn An 02/03/2011\n2 Lê Bình 5/6/2012", {SensitiveKind.BIRTH: 2}),
        ("Nghị định ban hành ngày 02/03/2011", {}),
    ],
)
def test_personal_data(text: str, found: dict[SensitiveKind, int]) -> None:
    assert kinds(text) == found


def test_excerpts_show_nothing() -> None:
    findings = find_sensitive(["CCCD 079085001234, lan.nguyen@gmail.com, 0903123456"])
    assert {finding.excerpt_masked for finding in findings} == {
        "07********34",
        "l***@gmail.com",
        "09******56",
    }
    assert mask("A1") == "A*"


def test_a_letterhead_repeated_on_every_page_counts_once() -> None:
    pages = [f"Đường dây nóng: 0903123456\nTrang {number}" for number in range(20)]
    assert kinds(*pages) == {SensitiveKind.MOBILE: 1}
    assert not looks_sensitive(find_sensitive(pages))


@pytest.mark.parametrize(
    ("pages", "sensitive"),
    [
        (["Điện thoại: 028 3855 1234. Email: q5@tphcm.gov.vn"], False),
        ([f"0903 123 {number}" for number in range(400, 404)], False),
        ([f"0903 123 {number}" for number in range(400, 405)], True),
        (["079085001234 079085001235"], False),
        (["079085001234 079085001235 079085001236"], True),
        (["1.200.000 đồng " * 50], False),
        (["Tài liệu lưu hành nội bộ"], False),
    ],
)
def test_the_rule(pages: list[str], sensitive: bool) -> None:
    assert looks_sensitive(find_sensitive(pages)) is sensitive


@given(st.lists(st.text(), max_size=3))
def test_no_text_breaks_it(pages: list[str]) -> None:
    find_sensitive(pages)

"""The quick look before the sensitive check must never spare a text in which something would be found."""

import pytest

from khcn.engines.text.sensitive import find_sensitive
from khcn.library.pipeline.checks import check_sensitive, guess_language

TEXTS = (
    "TỐI MẬT", "Độ mật: Mật", "MẬT", "TÀI LIỆU THU HỒI", "CHỈ NGƯỜI CÓ TÊN MỚI ĐƯỢC BÓC BÌ", "Lưu hành nội bộ",
    "Không phổ biến", "CCCD 079 190 123456", "CMND số 023456789", "Hộ chiếu C1234567", "Gọi 0903.123.456 nhé",
    "ĐT: (028) 3855 1234", "Điện thoại 08 3855123", "STK 0071 0012 3456 7", "an.nguyen@gmail.com",
    "Ngày sinh\nNguyễn Văn A 1/5/1990", "Điện thoại: 84-28-38551234", "+84 903 123 456",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_the_full_check_finds_the_quick_look_lets_through(text: str) -> None:
    page = f"Trang một.\n{text}\nHết trang."
    assert check_sensitive([page]) == find_sensitive([page])
    assert check_sensitive([page]), text


@pytest.mark.parametrize(
    "text", ["Giai đoạn 2010-2011, số 82/KH-UBND, 1.234,5 tỷ đồng.", "", "Mất điện, mặt trời."]
)
def test_ordinary_texts_hold_nothing(text: str) -> None:
    assert check_sensitive([text]) == find_sensitive([text]) == []


@pytest.mark.parametrize(
    ("pages", "title", "language"),
    [
        (["Khoa học và công nghệ phục vụ đời sống."], "", "vi"),
        (["The quick introduction of science and technology for the public."], "", "en"),
        (["", ""], "Kế hoạch năm 2021", "vi"),
        ([], "123", "vi"),
    ],
)
def test_language(pages: list[str], title: str, language: str) -> None:
    assert guess_language(pages, title) == language

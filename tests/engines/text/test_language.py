"""Vietnamese with or without marks, English, or neither."""

import pytest

from khcn.engines.text.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Quyết định về hoạt động khoa học và công nghệ trên địa bàn quận", "vi"),
        ("Quyet dinh ve hoat dong khoa hoc va cong nghe tren dia ban quan", "vi"),
        ("QUYẾT ĐỊNH", "vi"),
        ("quyê\u0301t đi\u0323nh", "vi"),
        ("The quick brown fox jumps over the lazy dog and runs to the river", "en"),
        ("A study of solar energy in the Mekong delta", "en"),
        ("Báo cáo về machine learning và deep learning cho học sinh", "vi"),
        ("Le gouvernement français présente une nouvelle politique énergétique à l'été", ""),
        ("1 2 3 4 5", ""),
        ("", ""),
        ("日本語の文章", ""),
        (
            "Nguyễn Văn An is the author of this report, written for the city of Hanoi and its people",
            "en",
        ),
    ],
)
def test_detect(text: str, language: str) -> None:
    assert detect_language(text) == language

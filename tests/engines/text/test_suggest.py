""" "Ý bạn là": marks restored and slips mended from a small vocabulary."""

from itertools import pairwise

import pytest

from khcn.engines.text.suggest import CompactBigrams, build_unigrams, correct, restore_marks
from khcn.engines.text.tokens import words

CORPUS = """
Quyết định về hoạt động khoa học và công nghệ của quận. Kế hoạch khoa học và công nghệ năm nay.
Hoạt động đổi mới sáng tạo. Quyết định ban hành quy chế. Ủy ban nhân dân quận ban hành kế hoạch.
Dinh dưỡng học đường. Hóa học và vật lý. Kệ sách, nghề nông, khoá cửa, họa mi. Cống nghe tiếng chuông.
Khoa học và công nghệ phục vụ hoạt động của nhân dân.
""".lower()

SYLLABLES = words(CORPUS)
UNIGRAMS = build_unigrams((syllable, 1.0) for syllable in SYLLABLES)
BIGRAMS = CompactBigrams((first, second, 1.0) for first, second in pairwise(SYLLABLES))


@pytest.mark.parametrize(
    ("query", "restored"),
    [
        ("quyet dinh ve hoat dong khoa hoc va cong nghe", "quyết định về hoạt động khoa học và công nghệ"),
        ("Ke hoach khoa hoc", "kế hoạch khoa học"),
        ("dinh duong hoc duong", "dinh dưỡng học đường"),
        ("hoa hoc", "hóa học"),
        ("khoa học va cong nghe", "khoa học và công nghệ"),
        ("zzz cong nghe", "zzz công nghệ"),
        ("khoa học", None),
        ("zzz", None),
        ("82/kh-ubnd", None),
        ("", None),
    ],
)
def test_restore_marks(query: str, restored: str | None) -> None:
    assert restore_marks(query, UNIGRAMS, BIGRAMS) == restored


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ("quyte dinh", "quyet dinh"),  # swapped
        ("khoaa hocc", "khoa hoc"),  # doubled
        ("cogn nghe", "cong nghe"),
        ("khoa hocj", "khoa hoc"),  # Telex keys
        ("quyeets ddinhj", "quyet dinh"),
        ("hoạt độnng", "hoạt dong"),
        ("khoa học", None),
        ("82/kh-ubnd", None),
        ("xylophone", None),
        ("2021", None),
    ],
)
def test_correct(query: str, corrected: str | None) -> None:
    assert correct(query, UNIGRAMS) == corrected


def test_a_mended_query_gets_its_marks() -> None:
    assert restore_marks(correct("quyte dinh", UNIGRAMS) or "", UNIGRAMS, BIGRAMS) == "quyết định"


def test_bigrams_are_compact_and_add_up() -> None:
    pairs = CompactBigrams([("khoa", "học", 2.0), ("khoa", "học", 3.0), ("công", "nghệ", 1.0)])
    assert pairs["khoa", "học"] == 5.0
    assert pairs.get(("không", "có"), 0.0) == 0.0
    assert len(pairs) == 2


def test_unigrams_keep_the_heaviest_form_first_and_drop_the_rare() -> None:
    unigrams = build_unigrams([("Học", 3.0), ("hộc", 5.0), ("học", 4.0), ("hóc", 0.5)])
    assert unigrams == {"hoc": [("học", 7.0), ("hộc", 5.0)]}

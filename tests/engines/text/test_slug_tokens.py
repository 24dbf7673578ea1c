"""Slugs and syllables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.text.slug import slugify_vi
from khcn.engines.text.tokens import has_marks, words


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Kế hoạch 82/KH-UBND năm 2021", "ke-hoach-82-kh-ubnd-nam-2021"),
        ("  Đổi mới – sáng tạo!  ", "doi-moi-sang-tao"),
        ("QÐ số 5 (ﬁnal)", "qd-so-5-final"),
        ("日本", ""),
        ("", ""),
    ],
)
def test_slug(text: str, slug: str) -> None:
    assert slugify_vi(text) == slug


def test_a_slug_is_cut_at_a_word() -> None:
    assert slugify_vi("khoa học và công nghệ", max_length=13) == "khoa-hoc-va"
    assert slugify_vi("khoa học và công nghệ", max_length=11) == "khoa-hoc-va"
    assert slugify_vi("khoahocvacongnghe", max_length=7) == "khoahoc"


@given(st.text(), st.integers(min_value=1, max_value=80))
def test_slugs_hold_only_what_an_address_may(text: str, limit: int) -> None:
    slug = slugify_vi(text, limit)
    assert len(slug) <= limit
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert "--" not in slug


def test_words() -> None:
    assert words("Số 82/KH-UBND, của_Quận 5.") == ["Số", "82", "KH", "UBND", "của", "Quận", "5"]
    assert words("quyê\u0301t") == ["quyết"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [("quyet dinh", False), ("quyết", True), ("đ", True), ("“x” – ½ Ω", False), ("", False)],
)
def test_has_marks(text: str, marked: bool) -> None:
    assert has_marks(text) is marked

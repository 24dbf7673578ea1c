"""The window of a page that a search result shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.text.fold import fold
from khcn.engines.text.snippets import make_snippet

FILLER = "Nội dung không liên quan được lặp lại nhiều lần để trang dài ra. " * 20


def marked(text: str, terms: list[str], **options: object) -> list[str]:
    snippet = make_snippet(text, terms, **options)  # type: ignore[arg-type]
    return [snippet.text[start:end] for start, end in snippet.highlights]


def test_the_window_holds_the_words_of_the_query_and_marks_them() -> None:
    text = f"{FILLER}Ủy ban nhân dân Quận 5 ban hành Kế hoạch khoa học và công nghệ.{FILLER}"
    snippet = make_snippet(text, ["ke", "hoach", "khoa", "hoc"])
    assert "Kế hoạch khoa học" in snippet.text
    assert [snippet.text[a:b] for a, b in snippet.highlights] == ["Kế", "hoạch", "khoa", "học"]
    assert snippet.text.startswith("…")
    assert snippet.text.endswith("…")
    assert len(snippet.text) <= 240


def test_most_distinct_words_win_over_many_of_one() -> None:
    text = f"quyết quyết quyết quyết. {FILLER} quyết định mới. {FILLER}"
    assert "quyết định mới" in make_snippet(text, ["quyet", "dinh"]).text


def test_marks_in_the_query_choose_between_equal_windows() -> None:
    text = f"quỹ đất thủ công. {FILLER} quy đạt thư cống. {FILLER}"
    terms = ["quy", "dat", "thu", "cong"]
    assert "thủ công" in make_snippet(text, terms).text
    assert "thư cống" in make_snippet(text, terms, terms_exact=["quy", "đạt", "thư", "cống"]).text


def test_only_whole_words_count() -> None:
    assert marked("nhanh an toàn anh", ["an"]) == ["an"]


def test_phrases_and_spaces() -> None:
    assert marked("về  khoa học\n\ncông nghệ", ["khoa hoc", "nghe"]) == ["khoa học", "nghệ"]
    assert make_snippet("về  khoa\n\thọc", ["hoc"]).text == "về khoa học"


@pytest.mark.parametrize("terms", [[], ["zzz"], [""]])
def test_without_a_hit_the_text_begins_it(terms: list[str]) -> None:
    snippet = make_snippet(FILLER, terms, max_chars=60)
    assert snippet.text.startswith("Nội dung không")
    assert snippet.text.endswith("…")
    assert snippet.highlights == ()


def test_empty_text() -> None:
    assert make_snippet("", ["a"]).text == ""


def test_a_long_word_is_cut_not_lost() -> None:
    snippet = make_snippet("a" * 5000, ["zz"], max_chars=50)
    assert 0 < len(snippet.text) <= 50


def test_a_page_of_five_megabytes_is_fine() -> None:
    text = "khoa học và công nghệ trên địa bàn " * 150_000 + "Kế hoạch riêng"
    assert "Kế hoạch riêng" in make_snippet(text, ["ke", "hoach", "khoa", "rieng"]).text


@given(
    st.text(alphabet="aăâ bđ\n.đếị", max_size=300), st.lists(st.text(alphabet="abde", min_size=1, max_size=3))
)
def test_a_snippet_always_fits_and_its_marks_are_the_terms(text: str, terms: list[str]) -> None:
    snippet = make_snippet(text, terms, max_chars=40)
    assert len(snippet.text) <= 40
    last = 0
    for start, end in snippet.highlights:
        assert last <= start < end <= len(snippet.text)
        assert fold(snippet.text[start:end]) in terms
        last = end

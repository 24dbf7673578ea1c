"""Questions and the works that should answer them, on every index."""

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest

from khcn.library.search.types import SearchQuery, Sort
from tests.library.search.shelf import NOW, Shelf, ask, complete, found, work

pytestmark = pytest.mark.django_db

FIRST = [
    # what a reader types -> the work that comes first
    ("quyết định", 2),
    ("quyet dinh", 2),
    ("QUYET DINH", 2),
    ("quyết dinh", 2),
    (unicodedata.normalize("NFD", "quyết định"), 2),
    ("khoa hoc cong nghe", 1),
    ("duong nguyen trai", 3),
    ("đường nguyễn trãi", 3),
    ("hoà giải", 4),
    ("hòa giải", 4),
    ("hoa giai", 4),
    ("thuỷ triều", 3),
    ("thuy trieu", 3),
    ("vat ly", 6),
    ("đủ chất", 5),
    ("du chat", 5),
    ("nhiệt kế", 6),
    ("82/KH-UBND", 1),
    ("82/kh-ubnd", 1),
    ("82 kh ubnd", 1),
    ("kế hoạch 82/KH-UBND", 1),
    ("kh-ubnd", 1),
    ("91/2015", 2),
    ("91/2015/QĐ-UBND", 2),
    ("91/2015/qd-ubnd", 2),
    ("quy chế quản lý đề tài nghiên cứu khoa học được ban hành theo quyết định nào?", 2),
    ("bua an cua hoc sinh can du nhung chat gi de khoe manh", 5),
    ('"hòa giải viên"', 4),
    ('"hoa giai vien"', 4),
    ('"hoà giải viên"', 4),
]


@pytest.mark.parametrize(("question", "expected"), FIRST)
def test_first_hit(library: Shelf, question: str, expected: int) -> None:
    assert found(question)[:1] == [expected]


def test_the_document_that_bears_a_number_comes_before_an_article_about_it(shelf: Shelf) -> None:
    shelf.put(
        work(
            1,
            "Kế hoạch 82/KH-UBND nhìn bằng con số: Kế hoạch 82/KH-UBND",
            "82/KH-UBND là kế hoạch 82/KH-UBND.",
        ),
        work(2, "Kế hoạch tổ chức hoạt động", "Nội dung khác.", number="82/KH-UBND"),
    )
    assert found("82/KH-UBND") == [2, 1]


def test_marks_add_weight_and_their_absence_costs_nothing(shelf: Shelf) -> None:
    shelf.put(
        work(1, "Một", "giá đường tăng mạnh ở chợ đầu mối"),
        work(2, "Hai", "giá dương tăng mạnh ở chợ đầu mối"),
        work(3, "Ba", "giá đương tăng mạnh ở chợ đầu mối"),
    )
    assert found("giá đường")[0] == 1
    assert found("giá dương")[0] == 2
    assert sorted(found("gia duong")) == [1, 2, 3]
    assert sorted(found("giá đường")) == [1, 2, 3]


PHRASES = [
    ('"độ dài của một vật"', [6]),
    ('"do dai cua mot vat"', [6]),
    ('"dài độ của"', []),
    ('"đo đồ dài"', []),  # typed with marks: they must be these
    ('"do dai" lớp 6', [6]),
    ("“kế hoạch ứng dụng”", [1]),
]


@pytest.mark.parametrize(("question", "expected"), PHRASES)
def test_phrases_are_exact(library: Shelf, question: str, expected: list[int]) -> None:
    assert found(question) == expected


def test_a_quote_that_does_not_occur_still_finds_the_rest(library: Shelf) -> None:
    assert found('sổ tay "hòa giải toàn quốc" ở cơ sở')[0] == 4


def test_short_questions_prefer_works_with_all_words(shelf: Shelf) -> None:
    shelf.put(
        *(work(number, f"Nước {number}", "nước nước nước nước sạch") for number in range(1, 15)),
        work(20, "Khác", "một đoạn dài nói nhiều chuyện khác rồi mới tới nước và sau đó nữa là mặn " * 3),
    )
    assert found("nước mặn")[0] == 20
    assert ask("nước mặn").total == 1


def test_a_short_question_that_no_work_holds_whole_still_finds_something(library: Shelf) -> None:
    assert found("khảo sát vũ trụ")[0] == 3
    assert found("xyzzy") == []
    assert ask("xyzzy").total == 0


def test_long_questions_are_ranked_by_how_many_words_match(shelf: Shelf) -> None:
    shelf.put(
        work(1, "A", "cây lúa trồng ở đồng bằng"),
        work(2, "B", "cây lúa trồng ở đồng bằng sông Cửu Long vào mùa mưa cần bón phân"),
        work(3, "C", "cây cảnh"),
    )
    question = "Cây lúa trồng ở đồng bằng sông Cửu Long vào mùa mưa thì cần bón phân gì cho tốt?"
    assert found(question) == [2, 1, 3]


def test_snippet_keeps_the_marks_and_links_to_the_page(library: Shelf) -> None:
    hit = ask("nhiet do nuoc soi").hits[0]
    assert (hit.work_id, hit.page) == (6, 3)
    assert hit.snippet is not None
    assert "nhiệt độ nước sôi" in hit.snippet.text
    marked = [hit.snippet.text[start:end] for start, end in hit.snippet.highlights]
    assert marked[-4:] == ["nhiệt", "độ", "nước", "sôi"]
    assert hit.external_id == "ext-6"


def test_best_page_of_a_long_work(shelf: Shelf) -> None:
    pages = [f"Trang thứ {number} nói về chuyện thường ngày của phường." for number in range(1, 301)]
    pages[211] = "Bảng giá điện mặt trời áp mái năm 2024."
    shelf.put(work(1, "Báo cáo rất dài", pages), work(2, "Ngắn", "điện"))
    hit = ask("dien mat troi ap mai").hits[0]
    assert (hit.work_id, hit.page) == (1, 212)
    inside = ask("dien mat troi", page_in_work=1)
    assert (inside.total, inside.hits[0].page) == (1, 212)
    assert ask("chuyện thường ngày", page_in_work=1).total == 299
    assert ask("điện", page_in_work=2).hits[0].page == 1
    assert ask("lúa", page_in_work=2).total == 0


def test_one_page_of_great_length_is_cut_for_the_snippet(shelf: Shelf) -> None:
    shelf.put(work(1, "Một trang", "lời nói đầu " * 3000 + " câu cần tìm ở cuối trang " + "lời cuối " * 500))
    hit = ask("câu cần tìm").hits[0]
    assert hit.page == 1
    assert hit.snippet is not None
    assert "câu cần tìm" in hit.snippet.text


def test_title_is_highlighted(library: Shelf) -> None:
    hit = ask("ke hoach 2021").hits[0]
    assert [hit.title[start:end] for start, end in hit.title_highlights] == ["Kế hoạch", "2021"]


def test_facets_count_works_once(library: Shelf) -> None:
    result = ask("")
    assert result.total == 6
    assert dict(result.facets["kind"]) == {"legal": 2, "learning": 2, "report": 1, "article": 1}
    assert dict(result.facets["audience"]) == {"public": 2, "pupils": 2, "officials": 1, "teachers": 1}
    assert result.facets["kind"][0][1] == 2


def test_filters_narrow_and_other_facets_follow(library: Shelf) -> None:
    result = ask("", filters={"audience": ("public", "teachers")})
    assert {hit.work_id for hit in result.hits} == {3, 4, 6}
    assert dict(result.facets["kind"]) == {"report": 1, "learning": 2}
    # A facet's own filter does not narrow its own counts, so that a second value can be added.
    assert dict(result.facets["audience"])["pupils"] == 2
    both = ask("", filters={"audience": ("public",), "year": ("2020",), "kind": ("learning",)})
    assert [hit.work_id for hit in both.hits] == [4]
    assert dict(both.facets["kind"]) == {"report": 1, "learning": 1}


def test_orders(library: Shelf) -> None:
    assert found("", sort=Sort.DATE)[:4] == [1, 4, 3, 2]
    assert found("", sort=Sort.DATE_ASC)[:4] == [2, 3, 4, 1]
    # Vietnamese order: Ă after A, Đ after D; H, K, Q, V.
    assert found("", sort=Sort.TITLE) == [5, 3, 4, 1, 2, 6]
    assert found("ban hành kế hoạch", sort=Sort.DATE) == [1, 2]
    assert found("ban hành kế hoạch", sort=Sort.DATE_ASC) == [2, 1]


def test_paging_is_stable_and_capped(shelf: Shelf) -> None:
    shelf.put(*(work(number, f"Tài liệu {number}", "nội dung giống nhau") for number in range(1, 31)))
    pages = [found("nội dung", offset=offset, limit=10) for offset in (0, 10, 20, 30)]
    assert sorted(pages[0] + pages[1] + pages[2]) == list(range(1, 31))
    assert pages[3] == []
    assert SearchQuery("x", NOW, offset=10**9, limit=10**9).offset == 2000


CLOSED = "Bí mật công thức mắm nêm"


def test_closed_works_never_show(shelf: Shelf) -> None:
    shelf.put(
        work(1, "Mắm nêm ngoài chợ", "giá mắm nêm bán ngoài chợ"),
        work(2, CLOSED, "công thức riêng của mắm nêm ủ chượp", access=("unit:5", "staff"),
             number="7/TB-UBND", subjects=("Ủ chượp",), facets={"kind": ("report",)}),
        work(3, "Cho người đăng nhập", "mắm nêm", access=("signed-in", "staff")),
    )  # fmt: skip
    public = ask("mắm nêm")
    assert (public.total, [hit.work_id for hit in public.hits]) == (1, [1])
    assert public.facets["kind"] == ()
    assert found("cong thuc rieng") == []
    assert ask("mam nem").suggestion == "mắm nêm"
    assert ask("u chuop").suggestion is None
    assert ask("chuopp").suggestion is None
    assert found("7/TB-UBND") == []
    assert complete("bi mat") == complete("7/TB") == complete("u ch") == []
    mine = frozenset({"public", "signed-in", "unit:5"})
    assert set(found("mắm nêm", access=mine)) == {1, 2, 3}
    assert complete("bi mat", access=mine) == [CLOSED]
    assert "Ủ chượp" in complete("u ch", access=mine)
    assert found("mắm nêm", access=frozenset()) == []
    assert ask("công thức", page_in_work=2).total == 0


def test_embargo_ends_by_itself(shelf: Shelf) -> None:
    opening = NOW + timedelta(hours=1)
    shelf.put(work(1, "Số liệu mới", "số liệu dân số", access=("public", "staff"), available_from=opening))
    assert found("số liệu") == []
    assert complete("so lieu") == []
    assert ask("").total == 0
    assert found("số liệu", now=opening) == [1]
    assert complete("so lieu", now=opening) == ["Số liệu mới"]
    assert found("số liệu", access=frozenset({"staff"})) == [1]


def test_autocomplete(library: Shelf) -> None:
    library.put(work(9, "Kế toán cho hộ kinh doanh", "sổ sách"), work(10, "Sổ kế hoạch", "sổ"))
    assert complete("ke ho")[:1] == ["Kế hoạch ứng dụng khoa học và công nghệ năm 2021"]
    assert set(complete("kế h")) >= {"Sổ kế hoạch"}
    assert complete("duong nguy") == ["Đường Nguyễn Trãi: khảo sát giao thông"]
    assert complete("82/kh")[:1] == ["82/KH-UBND"]
    assert complete("91/20")[:1] == ["91/2015/QĐ-UBND"]
    assert "Khoa học và công nghệ" in complete("khoa h")
    assert complete("zzz") == complete("") == complete("  ??? ") == []


def test_suggestion_restores_marks_and_mends_a_slip(library: Shelf) -> None:
    assert ask("hoa giai vien").suggestion == "hòa giải viên"
    assert ask("hoà giải viên").suggestion is None
    assert ask("khaoo sat giao thong").suggestion == "khảo sát giao thông"
    assert ask("82/KH-UBND").suggestion is None
    assert ask("").suggestion is None


ODD = ["", "   ", "?!…", '"', '""', '"""""', "a" * 5000, "x " * 3000, "đ", "AND OR NOT", "title:x*", "a\x00b", "\ud83d",
       "+-&&||!(){}[]^~*?:\\/", "١٢٣ 中文 קצת", "\u0301\u0323", "82/", "/", "-", "1" * 400]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_questions_are_answered(library: Shelf, text: str) -> None:
    ask(text)
    ask(text, page_in_work=6)
    complete(text)


def test_update_and_delete_are_visible_at_once(library: Shelf) -> None:
    library.put(replace(library.works[4], title="Nội dung mới", pages=((1, "chim bồ câu"),), signature="2"))
    assert found("chim bồ câu") == [4]
    assert found("hòa giải") == []
    library.take(4)
    assert found("chim bồ câu") == []
    assert ask("").total == 5


def test_suggestion_for_a_common_word_comes_from_the_vocabulary(
    library: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khcn.library.search.vocabulary._MANY_HITS", 0)
    assert ask("hoa giai vien").suggestion == "hòa giải viên"
    assert ask("hoa xanh").suggestion is None

"""What a text says that its document does to others, and since when it is in force."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.legal.effect import day_after_last
from khcn.engines.legal.model import Link
from khcn.engines.legal.proposals import read_document
from khcn.engines.text.fold import fold
from tests.engines.legal.scoring import expected_of, proposals_of, score
from tests.engines.legal.sentences import EFFECT, HELD, TUNED, Case


@pytest.mark.parametrize("case", [*TUNED, *HELD], ids=lambda case: case.text[:40])
def test_sentence(case: Case) -> None:
    wanted, got = expected_of(case), proposals_of(case)
    assert set(got) == set(wanted)
    assert {key: fold(got[key].part) for key in got} == {
        key: fold(part) for key, (part, _day) in wanted.items()
    }


def test_the_days_of_the_deeds() -> None:
    total = score([*TUNED, *HELD])
    assert total.days[0] == total.days[1] > 50


@pytest.mark.parametrize(("text", "effective", "expired"), EFFECT)
def test_own_force(text: str, effective: str, expired: str) -> None:
    effects = read_document([text], issued_on=date(2021, 6, 15)).effects
    begins = [str(one.on) for one in effects if not one.expires and one.on]
    ends = [str(one.on) for one in effects if one.expires and one.on]
    assert (begins[:1], ends[:1]) == ([effective] if effective else [], [expired] if expired else [])


def test_the_gazette_leaves_the_day_open() -> None:
    (only,) = read_document(["Nghị định này có hiệu lực sau 15 ngày kể từ ngày đăng Công báo."]).effects
    assert only.on is None and not only.expires


def test_without_the_day_of_issue_nothing_is_counted_from_it() -> None:
    (only,) = read_document(["Quyết định này có hiệu lực kể từ ngày ký."], issued_on=None).effects
    assert only.on is None


def test_page_and_sentence_of_a_deed_over_the_edge_of_a_page() -> None:
    pages = [
        "Căn cứ Luật Thư viện số 46/2019/QH14;\n\nQUYẾT ĐỊNH:\nĐiều 1. Ban hành Quy chế.",
        "2\n\nĐiều 2. Quyết định này có hiệu lực kể từ ngày ký và thay",
        "3\n\nthế Quyết định số 50/2015/QĐ-UBND ngày 05 tháng 10 năm 2015 về quản lý đề tài.\nNơi nhận:",
    ]
    base, replaced = read_document(pages, issued_on=date(2021, 6, 15)).proposals
    assert (base.kind, base.page, base.number, base.title) == (
        Link.BASED_ON,
        1,
        "46/2019/QH14",
        "Luật Thư viện",
    )
    assert (replaced.kind, replaced.page, replaced.on) == (Link.REPLACES, 2, date(2021, 6, 15))
    assert replaced.issued_on == date(2015, 10, 5)
    assert replaced.title == "Quyết định về quản lý đề tài"
    assert "thay thế Quyết định số 50/2015/QĐ-UBND" in replaced.sentence


def test_parts_of_one_document_are_joined_and_the_whole_swallows_them() -> None:
    amended = (
        "Sửa đổi khoản 1 Điều 7 Quyết định số 4/2016/QĐ-UBND.\nBổ sung Điều 9 Quyết định số 4/2016/QĐ-UBND."
    )
    (one,) = read_document([amended]).proposals
    assert one.part == "khoản 1 Điều 7; Điều 9"
    ended = "Bãi bỏ Điều 3 Quyết định số 4/2016/QĐ-UBND.\nBãi bỏ Quyết định số 4/2016/QĐ-UBND."
    (whole,) = read_document([ended]).proposals
    assert whole.part == ""


def test_the_subject_speaks_too_but_not_of_the_document_itself() -> None:
    read = read_document(
        ["Điều 1. Giao."],
        own_number="9/2020/QĐ-UBND",
        own_type="Quyết định",
        subject="Về việc bãi bỏ Quyết định số 3/2011/QĐ-UBND",
    )
    assert [(one.kind, one.number) for one in read.proposals] == [(Link.REPEALS, "3/2011/QĐ-UBND")]
    own = read_document(
        ["Quyết định này thay thế Quyết định số 9/2020/QĐ-UBND."], own_number="09/2020/QĐ-UBND"
    )
    assert own.proposals == ()


def test_new_wording_in_quotation_marks_speaks_for_another() -> None:
    text = (
        "1. Sửa đổi Điều 9 Nghị định số 1/2018/NĐ-CP như sau:\n“Điều 9. Hiệu lực\n1. Nghị định này có hiệu lực từ ngày 01"
        " tháng 3 năm 2018.\n2. Nghị định này thay thế Nghị định số 7/2010/NĐ-CP.”\n2. Bãi bỏ Nghị định số 8/2011/NĐ-CP."
    )
    read = read_document([text])
    assert {(one.kind, one.number) for one in read.proposals} == {
        (Link.AMENDS, "1/2018/NĐ-CP"),
        (Link.REPEALS, "8/2011/NĐ-CP"),
    }
    assert read.effects == ()


def test_the_last_day_of_a_suspension() -> None:
    assert day_after_last(fold("Ngưng hiệu lực đến hết ngày 31 tháng 12 năm 2021.")) == date(2022, 1, 1)
    assert day_after_last("khong co ngay nao") is None


@given(st.lists(st.text(max_size=400), max_size=4))
def test_any_text_is_read_without_fault(pages: list[str]) -> None:
    read = read_document(pages, issued_on=date(9999, 12, 31))
    assert all(1 <= one.page <= len(pages) for one in read.proposals)


WORDS = [
    "Quyết định này", "thay thế", "bãi bỏ", "Quyết định số 5/2015/QĐ-UBND", "khoản 2 Điều 5", "có hiệu lực", "từ ngày", ",",
    "ngày 01/02/2020", "được", "không", "sửa đổi, bổ sung", "“", "”", ".", ":\n", "\n", "Căn cứ", "Luật", "hết hiệu lực",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_legal_words_in_any_order_are_read_without_fault(text: str) -> None:
    for one in read_document([text], own_type="Văn bản hợp nhất").proposals:
        assert one.key and one.sentence

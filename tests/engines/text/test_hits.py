"""Places in a text that answer a question."""

import pytest

from khcn.engines.text.hits import find_hits, wanted

TEXT = "Kế hoạch số 82/KH-UBND về khoa học.\nHọc sinh nghiên cứu khoa-\nhọc, số 82 khác, QĐ-UBND."


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("khoa hoc", ["khoa học", "Học", "khoa-\nhọc"]),
        ("khoa học", ["khoa học", "Học", "khoa-\nhọc"]),
        ('"khoa học"', ["khoa học", "khoa-\nhọc"]),
        ("82/kh-ubnd", ["82/KH-UBND"]),
        ("82/KH-UBND khoa", ["82/KH-UBND", "khoa", "khoa"]),
        ('"hoc khoa"', ["khoa học", "Học", "khoa-\nhọc"]),  # not there: word by word
        ("hoạch", ["hoạch"]),
        ("khoahọc", ["khoa-\nhọc"]),
        ("ubnd kh ubnd", ["KH-UBND", "UBND"]),
        ("vắng", []),
        ('""', []),
        ("", []),
        ("///", []),
    ],
)
def test_hits(question: str, found: list[str]) -> None:
    hits = find_hits(TEXT, wanted(question))
    assert [TEXT[hit.start : hit.end] for hit in hits] == found
    assert hits == sorted(hits)


def test_a_hit_with_the_whole_question_is_told_from_parts() -> None:
    assert [hit.whole for hit in find_hits(TEXT, wanted("khoa hoc"))] == [True, False, True]


def test_each_word_of_a_run_has_its_own_span() -> None:
    (hit,) = find_hits("đo độ mặn nước giếng", wanted("do man nuoc gieng"))[:1]
    assert len(hit.spans) == 5


def test_what_is_written_in_one_piece_has_one_span() -> None:
    (hit,) = find_hits("số 82/KH-UBND", wanted("82/KH-UBND"))
    assert hit.spans == ((3, 13),)


def test_a_word_is_marked_once_only() -> None:
    hits = find_hits("a a a a", wanted('"a a" a'))
    spans = [span for hit in hits for span in hit.spans]
    assert spans == sorted(set(spans))


def test_the_question_twice_in_a_row_is_two_hits() -> None:
    text = "khoa học, khoa học và khoa"
    assert [text[hit.start : hit.end] for hit in find_hits(text, wanted("khoa hoc"))] == [
        "khoa học",
        "khoa học",
        "khoa",
    ]

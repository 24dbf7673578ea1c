"""Rules of the self-check: what a questionnaire may be, how answers count, which small numbers are hidden."""

import copy
import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.programmes.rules.readiness import SKIPPED, faults_of, open_dimension, scores_of, sheet_of
from khcn.programmes.rules.readiness_cells import batch, cells_shown, lines_shown
from khcn.programmes.services.readiness_questions import FIRST
from tests.programmes.readiness_factories import all_of

CONTENT = json.loads(FIRST.read_text(encoding="utf-8"))
SHEET = sheet_of(CONTENT)


def test_the_first_version_is_good_and_has_five_parts_of_three_or_four_questions() -> None:
    assert faults_of(CONTENT) == []
    assert len(SHEET.dimensions) == 5
    assert all(len(one.questions) in {3, 4} for one in SHEET.dimensions)
    assert f"{sum(len(one.questions) for one in SHEET.dimensions)} câu" in SHEET.intro


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: Any) -> None:
        for part in path[:-1]:
            content = content[part]
        content[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        (_set("title", value=""), "phần đầu", "title"),
        (_set("least_cell", value=4), "phần đầu", "từ 5 đến 50"),
        (_set("least_cell", value=True), "phần đầu", "số nguyên"),
        (_set("dimensions", value=[]), "phần đầu", "danh sách"),
        (_set("dimensions", 1, "questions", 2, "options", value=["a", "b"]), "nhóm 2, câu 3", "4 phương án"),
        (_set("dimensions", 1, "questions", 2, "options", value=["a", "a", "b", "c"]), "nhóm 2, câu 3", "trùng"),
        (_set("dimensions", 0, "questions", 0, "options", value=[[], {}, 1, None]), "nhóm 1, câu 1", "phương án"),
        (_set("dimensions", 0, "questions", 0, "text", value="a\x00b"), "nhóm 1, câu 1", "text"),
        (_set("dimensions", 0, "questions", 0, "key", value="Có dấu"), "câu 1", "key"),
        (_set("dimensions", 1, "questions", 0, "key", value="tim-thay"), "nhóm 2, câu 1", "nhóm khác"),
        (_set("dimensions", 2, "questions", 0, "may_skip", value="có"), "nhóm 3, câu 1", "may_skip"),
        (_set("dimensions", 2, "advice", value={}), "nhóm 3", "advice"),
        (_set("dimensions", 2, "advice", "tot", "audiences", value=[["smes"]]), "mức tot", "đối tượng"),
        (_set("dimensions", 2, "weight", value=0), "nhóm 3", "weight"),
        (_set("levels", 0, "from", value=5), "mức 1", "từ 0"),
        (_set("levels", 2, "from", value=20), "mức 3", "lớn hơn"),
        (_set("kinds", 0, "audience", value=[]), "loại hình 1", "audience"),
        (_set("kinds", 1, "key", value="sap-cho"), "loại hình 2", "trùng"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place(change: Callable[[Any], None], where: str, words: str) -> None:
    content = copy.deepcopy(CONTENT)
    change(content)

    found = faults_of(content)

    assert any(where in one.where and words in one.message for one in found), found


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(CONTENT)), JUNK)
def test_no_junk_breaks_the_reader(name: str, junk: Any) -> None:
    found = faults_of(CONTENT | {name: junk})
    if not found:
        sheet_of(CONTENT | {name: junk})


@given(st.sampled_from(sorted(CONTENT["dimensions"][0])), JUNK)
def test_no_junk_in_a_dimension_breaks_the_reader(name: str, junk: Any) -> None:
    content = copy.deepcopy(CONTENT)
    content["dimensions"][0][name] = junk
    if not faults_of(content):
        sheet_of(content)


@pytest.mark.parametrize(
    ("value", "points", "level"),
    [(0, 0, "bat-dau"), (1, 33, "co-ban"), (2, 67, "kha"), (3, 100, "tot")],
)
def test_the_same_answer_everywhere(value: int, points: int, level: str) -> None:
    found = scores_of(SHEET, all_of(SHEET, value))

    assert found is not None
    assert (found.overall, found.level) == (points, level)
    assert set(found.by_dimension.values()) == {points}


def test_what_does_not_apply_is_neither_points_nor_possible_points() -> None:
    answers = all_of(SHEET, 3)
    for one in SHEET.dimensions[0].questions:
        answers[one.key] = SKIPPED

    found = scores_of(SHEET, answers)

    assert found is not None
    assert found.by_dimension[SHEET.dimensions[0].key] is None
    assert found.overall == 100
    assert scores_of(SHEET, all_of(SHEET, SKIPPED)) is None


@pytest.mark.parametrize("value", [True, "2", 4, -2, None, 1.0])
def test_what_is_no_answer_leaves_the_question_open(value: Any) -> None:
    answers: dict[str, Any] = all_of(SHEET, 1)
    answers[SHEET.dimensions[3].questions[0].key] = value

    assert open_dimension(SHEET, answers) == 3


def test_weights_count() -> None:
    content = copy.deepcopy(CONTENT)
    content["dimensions"][0]["weight"] = 10
    sheet = sheet_of(content)
    answers = all_of(sheet, 0) | {one.key: 3 for one in sheet.dimensions[0].questions}

    found = scores_of(sheet, answers)

    assert found is not None
    assert found.overall == 71  # 1000 / 14


# Small cells

COUNTS = st.dictionaries(st.integers(0, 7), st.integers(0, 40), max_size=8)
LEAST = st.integers(2, 10)


@given(COUNTS, LEAST)
def test_lines_tell_whole_batches_and_small_ones_nothing(counts: dict[int, int], least: int) -> None:
    shown = lines_shown(counts, least)

    assert all(told >= least and told % least == 0 and told <= counts[key] for key, told in shown.items())
    assert not [key for key, count in counts.items() if count < least and key in shown]


@given(COUNTS, LEAST, st.integers(0, 7))
def test_one_check_more_changes_a_line_by_nothing_or_by_a_batch(
    counts: dict[int, int], least: int, key: int
) -> None:
    before = lines_shown(counts, least)
    after = lines_shown(counts | {key: counts.get(key, 0) + 1}, least)

    assert before.keys() <= after.keys()
    for one, told in after.items():
        assert told - before.get(one, 0) in {0, least}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), LEAST)
def test_cells_tell_whole_batches_and_small_ones_nothing(numbers: list[int], least: int) -> None:
    shown = cells_shown(dict(enumerate(numbers)), least)

    for place, told in shown.items():
        assert told is None or (told >= least and told == batch(numbers[place], least))


# least, number of cells, largest number that is tried
TABLES = [
    (2, 2, 24),
    (2, 3, 14),
    (2, 4, 9),
    (2, 5, 7),
    (3, 3, 17),
    (3, 4, 11),
    (3, 6, 6),
    (5, 2, 40),
    (5, 3, 26),
]


@pytest.mark.parametrize(("least", "size", "most"), TABLES)
def test_nobody_who_knows_the_rule_and_the_total_works_out_a_small_cell(
    least: int, size: int, most: int
) -> None:
    """All tables that publish the same are gathered; where cells are small (1 to least - 1), another number fits too."""
    published: dict[Any, list[tuple[int, ...]]] = {}
    for numbers in product(range(most), repeat=size):
        if sum(numbers) % least == 0:  # totals are whole batches
            shown = tuple(cells_shown(dict(enumerate(numbers)), least).values())
            published.setdefault((sum(numbers), shown), []).append(numbers)
    found = _worked_out(published, least, most)

    # fewer checks than a batch a cell: the page tells nothing, and who adds up knows no more than the total
    assert not [one for one in found if any(told is not None for told in one[1]) or one[0] >= least * size]


@pytest.mark.parametrize(("least", "size", "most"), TABLES)
def test_nobody_works_out_a_small_line_from_the_total_and_the_other_lines(
    least: int, size: int, most: int
) -> None:
    published: dict[Any, list[tuple[int, ...]]] = {}
    for numbers in product(range(most), repeat=size):
        shown = lines_shown(dict(enumerate(numbers)), least)
        key = (batch(sum(numbers), least), tuple(shown.get(place) for place in range(size)))
        published.setdefault(key, []).append(numbers)
    found = _worked_out(published, least, most)

    # the one exception that the module names: every line has least - 1 (left over)
    assert all({count % least for numbers in one[2] for count in numbers} == {least - 1} for one in found)


def _worked_out(published: dict[Any, list[tuple[int, ...]]], least: int, most: int) -> list[Any]:
    """Return what is published whose small cells have one value only; totals at the edge of the trial are left out."""
    return [
        (total, shown, behind)
        for (total, shown), behind in published.items()
        if total < most - least
        for place in range(len(shown))
        if 0 < behind[0][place] < least and len({one[place] for one in behind}) == 1
    ]

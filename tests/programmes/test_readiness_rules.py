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
def test_lines_tell_whole_batches_and_hidden_ones_are_never_alone(counts: dict[int, int], least: int) -> None:
    shown = lines_shown(counts, least)
    hidden = [key for key, count in counts.items() if count and key not in shown]

    for key, told in shown.items():
        assert told >= least
        assert told % least == 0
        assert told <= counts[key]
    assert all(key in hidden for key, count in counts.items() if 0 < count < least)
    assert len(hidden) != 1 or not shown


@given(COUNTS, LEAST, st.integers(0, 7))
def test_one_check_more_changes_a_line_by_nothing_or_by_a_batch(
    counts: dict[int, int], least: int, key: int
) -> None:
    before = lines_shown(counts, least)
    after = lines_shown(counts | {key: counts.get(key, 0) + 1}, least)

    for one in before.keys() & after.keys():
        assert after[one] - before[one] in {0, least}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), LEAST)
def test_hidden_cells_hold_enough_together(numbers: list[int], least: int) -> None:
    counts = dict(enumerate(numbers))
    shown = cells_shown(counts, least)
    hidden = [key for key, count in shown.items() if count is None]

    assert all(shown[key] is None for key, count in counts.items() if 0 < count < least)
    assert all(count == counts[key] for key, count in shown.items() if count is not None)
    if hidden and sum(numbers) >= least:
        assert len(hidden) >= 2
        assert sum(counts[key] for key in hidden) >= least


@pytest.mark.parametrize("least", [2, 3])
def test_nobody_who_knows_the_rule_and_the_total_works_out_a_hidden_cell(least: int) -> None:
    """Every table of three cells: all that publish the same are gathered; a hidden cell never has one value only."""
    published: dict[Any, list[tuple[int, ...]]] = {}
    for numbers in product(range(3 * least + 2), repeat=3):
        if sum(numbers) % least:  # totals are whole batches
            continue
        shown = tuple(cells_shown(dict(enumerate(numbers)), least).values())
        published.setdefault((sum(numbers), shown), []).append(numbers)
    for (total, shown), behind in published.items():
        if total < least:
            continue
        for place, told in enumerate(shown):
            if told is None:
                assert len({one[place] for one in behind}) >= 2, (total, shown, behind)


@pytest.mark.parametrize("least", [2, 3])
def test_nobody_works_out_a_hidden_line_from_the_total_and_the_other_lines(least: int) -> None:
    published: dict[Any, list[tuple[int, ...]]] = {}
    for numbers in product(range(3 * least + 2), repeat=3):
        shown = lines_shown(dict(enumerate(numbers)), least)
        key = (batch(sum(numbers), least), tuple(shown.get(place) for place in range(3)))
        published.setdefault(key, []).append(numbers)
    for (total, shown_lines), behind in published.items():
        if total:
            for place, told in enumerate(shown_lines):
                if told is None:
                    assert len({one[place] for one in behind}) >= 2 or {one[place] for one in behind} == {0}

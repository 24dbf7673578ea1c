"""What is other between two versions of a plan, and fan-out over odd groups."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.plans.compare import compare_plans, word_difference
from khcn.engines.plans.fanout import flatten
from khcn.engines.plans.yaml_file import read_yaml
from tests.engines.plans.samples import YAML

PLAN = read_yaml(YAML.encode())


def test_a_plan_does_not_differ_from_itself() -> None:
    assert compare_plans(PLAN, PLAN).is_empty
    assert compare_plans(PLAN, read_yaml(YAML.encode())).count == 0


def test_changes_are_told_field_by_field() -> None:
    first, second, third = PLAN.tasks
    new = replace(
        PLAN,
        tasks=(
            replace(third, code="II-c"),
            replace(first, title="Mở hai lớp tập huấn", cooperating=()),
            second,
        ),
        header=replace(PLAN.header, place="Nơi khác"),
        sections=PLAN.sections[:2],
    )
    difference = compare_plans(PLAN, new)
    assert [task.code for task in difference.added] == ["II-c"]
    assert [task.code for task in difference.removed] == ["II-b"]
    assert [(one.code, [field.name for field in one.fields]) for one in difference.changed] == [
        ("I.1-a", ["title", "cooperating"])
    ]
    assert difference.changed[0].fields[0].pieces == (
        ("same", "Mở"),
        ("new", "hai"),
        ("same", "lớp tập huấn"),
    )
    assert [field.name for field in difference.header] == ["place"]
    assert [one.ref for one in difference.sections_removed] == ["II"]


def test_order_of_cooperating_units_is_no_change_and_moved_tasks_are_named() -> None:
    first, second, third = PLAN.tasks
    new = replace(PLAN, tasks=(third, first, second))
    difference = compare_plans(PLAN, new)
    assert (difference.moved, difference.changed, difference.count) == (("II-b",), (), 0)


@given(
    st.lists(st.sampled_from(["một", "hai", "ba", "bốn"])),
    st.lists(st.sampled_from(["một", "hai", "ba", "năm"])),
)
def test_the_pieces_of_a_difference_give_both_texts_back(old: list[str], new: list[str]) -> None:
    pieces = word_difference(" ".join(old), " ".join(new))
    assert " ".join(text for side, text in pieces if side != "old").split() == new
    assert " ".join(text for side, text in pieces if side != "new").split() == old


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefxyz"), max_size=5), max_size=6)
)
def test_flattening_ends_and_gives_each_unit_once(members: dict[str, list[str]]) -> None:
    found = flatten("abcdef", members)
    assert len(found) == len(set(found))
    assert not set(found) & set(members)

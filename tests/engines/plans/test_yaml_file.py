"""Plans in YAML: what is read, and that every fault is named with its line and field."""

from datetime import date
from decimal import Decimal

import pytest

from khcn.engines.plans.fanout import plan_work
from khcn.engines.plans.messages import ANOMALIES, FAULTS, HANDLING, fault_sentence
from khcn.engines.plans.types import PlanFileError
from khcn.engines.plans.yaml_file import read_yaml
from tests.engines.plans.samples import YAML


def changed(*pairs: tuple[str, str]) -> bytes:
    text = YAML
    for old, new in pairs:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return text.encode()


def faults_of(data: bytes) -> list[tuple[str, str, str]]:
    with pytest.raises(PlanFileError) as caught:
        read_yaml(data)
    for fault in caught.value.faults:
        assert "%" not in fault_sentence(fault)
    return [(fault.code, fault.where, fault.item) for fault in caught.value.faults]


def line_of(text: bytes, part: str) -> str:
    return f"dòng {next(at for at, line in enumerate(text.decode().splitlines(), 1) if part in line)}"


def test_a_plan_is_read_whole() -> None:
    plan = read_yaml(YAML.encode())
    assert (plan.header.full_number, plan.header.date, plan.header.year) == (
        "15/KH-UBND",
        date(2024, 2, 3),
        2024,
    )
    assert [task.code for task in plan.tasks] == ["I.1-a", "II-a", "II-b"]
    task = plan.tasks[0]
    assert (task.amount_vnd, task.starts_on, task.deadline) == (
        Decimal(12_500_000),
        date(2024, 3, 1),
        date(2024, 11, 30),
    )
    assert not plan.proposed


def test_groups_give_one_item_to_every_member_once() -> None:
    work = plan_work(read_yaml(YAML.encode()))
    assert [(one.task, one.unit) for one in work.items] == [
        ("I.1-a", "phong-a"), ("II-a", "to-1"), ("II-a", "to-2"), ("II-b", "to-1"), ("II-b", "to-2"), ("II-b", "phong-b"),
    ]  # fmt: skip


def test_groups_inside_groups_are_said() -> None:
    codes = {one.code: one.where for one in read_yaml(YAML.encode()).anomalies}
    assert codes["group-in-group"] == "tat-ca"


@pytest.mark.parametrize(
    ("old", "new", "code", "item"),
    [
        ("lead_unit: phong-a", "lead_unit: phong-x", "unknown-unit", "nhiệm vụ I.1-a › lead_unit"),
        ("[phong-b]", "[phong-b, phong-y]", "unknown-unit", "nhiệm vụ I.1-a › cooperating_units"),
        ("section: I.1\n", "section: I.9\n", "unknown-section", "nhiệm vụ I.1-a › section"),
        (
            "deadline: 2024-11-30",
            "deadline: 2024-02-01",
            "deadline-before-start",
            "nhiệm vụ I.1-a › deadline",
        ),
        ("deadline: 2024-11-30", "deadline: 31/11/2024", "date-no-such-day", "nhiệm vụ I.1-a › deadline"),
        ("amount_vnd: 12.500.000", "amount_vnd: 12.50.000", "amount-groups", "nhiệm vụ I.1-a › amount_vnd"),
        ("amount_vnd: 12.500.000", "amount_vnd: -5", "amount-negative", "nhiệm vụ I.1-a › amount_vnd"),
        ("id: II-a", "id: I.1-a", "code-twice", "nhiệm vụ I.1-a › id"),
        ("level: report", "level: dream", "level", "nhiệm vụ II-b › level"),
        ("{id: phong-a, vi", "{id: phòng.a, vi", "bad-unit-code", "đơn vị phòng.a › id"),
        ("fan_out: true", "fan_out: maybe", "want-flag", "nhiệm vụ II-a › fan_out"),
        ("kind: training", "kind: training\n    kind: visit", "key-twice", "kind"),
        ("parent: I}", "parent: Z}", "unknown-section", "mục I.1 › parent"),
        ("date: 3/2/2024", "date: 2024-13-01", "date-no-such-day", "văn bản › date"),
        ("members: [to-1, to-2]", "members: [to-1, tat-ca]", "circle-members", "đơn vị cac-to › members"),
        (
            "type: people-committee}",
            "type: people-committee, parent: phong-a}",
            "circle-parent",
            "đơn vị uy-ban › parent",
        ),
        ("schema_version: 1", "schema_version: 2", "schema-version", "schema_version"),
        ("  title_vi: Hoạt động", "  tieu_de: Hoạt động", "missing", "văn bản › title_vi"),
        ("title_vi: Mở lớp tập huấn", "title_vi: [a, b]", "want-text", "nhiệm vụ I.1-a › title_vi"),
        ("signer: {name", "signer: !!python/object/apply:os.system {name", "tag", ""),
    ],
)
def test_a_fault_is_named_with_line_and_field(old: str, new: str, code: str, item: str) -> None:
    data = changed((old, new))
    found = faults_of(data)
    assert (code, item) in [(one[0], one[2]) for one in found]
    line = next(one[1] for one in found if one[0] == code)
    assert line == line_of(data, new.splitlines()[-1].strip()) or code in ("missing", "code-twice")


def test_all_faults_are_told_at_once_in_order_of_lines() -> None:
    data = changed(
        ("lead_unit: phong-a", "lead_unit: x"),
        ("deadline: 2024-11-30", "deadline: mai"),
        ("kind: report", "kind: [a]"),
    )
    found = faults_of(data)
    assert [one[0] for one in found] == ["unknown-unit", "date", "want-text"]
    lines = [int(one[1].split()[1]) for one in found]
    assert lines == sorted(lines)


def test_a_unit_known_elsewhere_need_not_stand_in_the_file() -> None:
    data = changed(("lead_unit: phong-a", "lead_unit: phong-x"))
    assert read_yaml(data, known_units={"phong-x"}).tasks[0].lead == "phong-x"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"), (b"   \n\n", "empty"), (b"- a\n- b\n", "not-mapping"), ("Số: 82".encode("utf-16"), "missing"),
        ("tên: ố".encode("cp1258", "replace") + b"\xff", "encoding"), (b"a: \x00b", "character"), (b"a:\n\tb: 1\n", "tab"),
        (b"a: [1, 2", "syntax"), (b"a: b: c", "syntax"), (b"a: *b", "alias"), (b"a: &a [*a]", "alias"), (b"a: 1\n---\nb: 2\n", "several-documents"),
        (b"a: " + b"[" * 100 + b"]" * 100, "too-deep"), (b"? [x]\n: y\n", "key"), (b"a: {b: 1}\nc: {<<: 1}\n", "merge"), (b"\x89PNG\r\n\x1a\n", "encoding"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_in_words(data: bytes, code: str) -> None:
    assert code in [one[0] for one in faults_of(data)]


def test_aliases_cannot_multiply() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert faults_of("\n".join(lines).encode())[0][0] == "too-many"


def test_a_comma_outside_quotes_is_joined_again_and_said() -> None:
    plan = read_yaml(changed(("text_vi: Phòng Kinh tế}", "text_vi: Các phòng, ban chuyên môn}")))
    assert plan.header.recipients[0].text == "Các phòng, ban chuyên môn"
    assert "comma-joined" in [one.code for one in plan.anomalies]


def test_oddities_are_found_and_kept_apart_from_those_of_the_file() -> None:
    own = "anomalies:\n  - {id: A1, where: I, issue: chữ mờ, handling: đọc lại}\n"
    plan = read_yaml(
        changed(("[phong-b]", "[phong-b, phong-a]"), ("deadline: 2024-06-01", "deadline: 2025-06-01"))
        + own.encode()
    )
    found = {one.code: one.where for one in plan.anomalies if one.found}
    assert (found["lead-cooperates"], found["deadline-outside-year"]) == ("I.1-a", "II-b")
    assert [one.code for one in plan.anomalies if not one.found] == ["A1"]
    assert plan.tasks[0].cooperating == ("phong-b",)


def test_two_thousand_tasks_are_read_in_seconds() -> None:
    rows = "".join(
        f"  - {{id: T{n}, section: II, title_vi: Việc {n}, lead_unit: phong-a, deadline: 2024-12-31}}\n"
        for n in range(2000)
    )
    assert len(read_yaml(YAML.encode() + rows.encode()).tasks) == 2003


def test_every_sentence_has_its_handling() -> None:
    assert set(ANOMALIES) == set(HANDLING)
    assert all(text[-1] in ".:)" for text in FAULTS.values())

"""What a person should look at in a plan, found by us whatever the file was: one anomaly for each sort of thing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from khcn.engines.plans.types import Anomaly, PlanFile, TaskSpec
from khcn.engines.text.fold import fold

_INFERRED: Final = ("default", "inferred", "derived", "guess")
_SHOWN: Final = 60


def with_findings(plan: PlanFile) -> PlanFile:
    """Return the plan with our anomalies after the file's own; what the file notes at a place is not said again.

    A lead that cooperates with itself is taken off the list of those who cooperate.
    """
    noted = " ".join(one.where for one in plan.anomalies)
    already = {(one.code, one.where) for one in plan.anomalies}
    found = [
        one
        for search in (_headings, _bullets, _header, _tasks, _vocabulary, _groups, _regime)
        for one in search(plan)
        if (one.code, one.where) not in already and not (one.code in _ONCE and _is_noted(one.where, noted))
    ]
    tasks = tuple(
        replace(task, cooperating=tuple(key for key in task.cooperating if key != task.lead))
        if task.lead in task.cooperating
        else task
        for task in plan.tasks
    )
    return replace(plan, tasks=tasks, anomalies=(*plan.anomalies, *found))


_ONCE: Final = frozenset({"duplicate-heading", "duplicate-bullet"})


def _is_noted(where: str, noted: str) -> bool:
    return any(ref in noted.replace("/", " ").split() for ref in where.split(", "))


def _found(code: str, where: Iterable[str], issue: str = "", handling: str = "") -> Anomaly:
    places = list(where)
    shown = [*places[:_SHOWN], f"+{len(places) - _SHOWN}"] if len(places) > _SHOWN else places
    return Anomaly(code, ", ".join(shown), issue, handling, found=True)


def _same(values: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Group (place, text) by the text as people compare it; only texts of several places are returned."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for place, text in values:
        groups[" ".join(fold(text).split()).strip(" .:;")].append((place, text))
    return [
        (rows[0][1], [place for place, _ in rows]) for key, rows in groups.items() if key and len(rows) > 1
    ]


def _headings(plan: PlanFile) -> list[Anomaly]:
    return [
        _found("duplicate-heading", refs, title)
        for title, refs in _same((one.ref, one.title) for one in plan.sections)
    ]


def _bullets(plan: PlanFile) -> list[Anomaly]:
    # Tasks made by splitting one sentence, or from one sentence about two periods, share their text by intent:
    # only the same title and text in one section is a line printed twice.
    rows = ((task.code, f"{task.section}\n{task.title}\n{task.text}") for task in plan.tasks)
    texts = {task.code: task.text or task.title for task in plan.tasks}
    return [_found("duplicate-bullet", codes, texts[codes[0]][:200]) for _, codes in _same(rows)]


def _header(plan: PlanFile) -> list[Anomaly]:
    head = plan.header
    lacks = (
        ("no-number", not head.full_number), ("no-date", head.date is None), ("no-signer", not head.signer.name),
        ("no-recipients", not head.recipients),
    )  # fmt: skip
    return [_found(code, ["phần đầu văn bản"]) for code, missing in lacks if missing]


def _tasks(plan: PlanFile) -> list[Anomaly]:
    year = plan.header.year
    tests: list[tuple[str, Callable[[TaskSpec], bool]]] = [
        ("task-without-lead", lambda task: not task.lead),
        ("task-without-deadline", lambda task: task.deadline is None),
        ("default-deadline", lambda task: task.deadline_basis == "plan_year_end"),
        ("inferred-lead", lambda task: task.lead_basis.startswith(_INFERRED)),
        ("inferred-cooperating", lambda task: task.coop_basis.startswith(_INFERRED)),
        ("lead-cooperates", lambda task: bool(task.lead) and task.lead in task.cooperating),
        ("deadline-outside-year", lambda task: bool(year and task.deadline and task.deadline.year != year)),
        ("fan-out-nobody", lambda task: task.fan_out and not task.cooperating),
    ]
    found = [
        _found(code, codes)
        for code, test in tests
        if (codes := [task.code for task in plan.tasks if test(task)])
    ]
    if plan.tasks and not any(task.amount_vnd for task in plan.tasks):
        found.append(_found("no-amounts", [plan.header.full_number or plan.key]))
    return found


def _vocabulary(plan: PlanFile) -> list[Anomaly]:
    return [
        *_unknown("unknown-kind", plan.kinds, ((task.code, (task.kind,)) for task in plan.tasks)),
        *_unknown("unknown-audience", plan.audiences, ((task.code, task.audience) for task in plan.tasks)),
    ]


def _unknown(code: str, words: Iterable[str], uses: Iterable[tuple[str, Sequence[str]]]) -> list[Anomaly]:
    known = set(words)
    places: dict[str, list[str]] = defaultdict(list)
    for place, values in uses:
        for value in values:
            if value and known and value not in known:
                places[value].append(place)
    return [_found(code, rows, value) for value, rows in places.items()]


def _groups(plan: PlanFile) -> list[Anomaly]:
    groups = {unit.key for unit in plan.units if unit.is_group}
    used = {key for task in plan.tasks for key in (task.lead, *task.cooperating)}
    nested = [unit.key for unit in plan.units if groups.intersection(unit.members)]
    hollow = [unit.key for unit in plan.units if unit.is_group and not unit.members and unit.key in used]
    partial = [
        unit.key
        for unit in plan.units
        if unit.is_group and unit.members and not unit.members_complete and unit.key in used
    ]
    rows = (("group-in-group", nested), ("group-empty", hollow), ("group-incomplete", partial))
    return [_found(code, keys) for code, keys in rows if keys]


def _regime(plan: PlanFile) -> list[Anomaly]:
    without = [period.code for period in plan.reporting.periods if period.cutoff is None]
    return [_found("no-cutoff", without)] if without else []

"""A plan in running text (Word, Markdown) by the decree's layout becomes a proposed :class:`PlanFile`.

Nothing here is certain: every task waits for a person (``proposed``), and what was guessed is said as an anomaly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from khcn.engines.plans.deadlines import find_rhythm
from khcn.engines.plans.fanout import flatten
from khcn.engines.plans.findings import with_findings
from khcn.engines.plans.layout_head import read_head
from khcn.engines.plans.layout_leads import Duties
from khcn.engines.plans.layout_tasks import Gathered, Place, TaskWriter, walk_assignments
from khcn.engines.plans.outline import Outline, read_outline
from khcn.engines.plans.paragraphs import Text
from khcn.engines.plans.types import (
    Anomaly,
    Fault,
    HeaderSpec,
    PeriodSpec,
    PlanFile,
    PlanFileError,
    ReportingSpec,
    TaskSpec,
    UnitSpec,
)
from khcn.engines.plans.unit_names import UnitNames, proposed_unit
from khcn.engines.plans.values import day_before
from khcn.engines.plans.words import AUDIENCES, KINDS
from khcn.engines.plans.yaml_file import short_title
from khcn.engines.text.slug import slugify_vi

MAX_TASKS: Final = 5_000


def read_layout(text: Text, *, known: Sequence[UnitSpec] = (), year: int | None = None) -> PlanFile:
    """Read a plan from running text.

    ``known``: units that have names already (the register's); ``year``: the plan's year when the text names none.

    :raises PlanFileError: when there is no text, no outline or no promise in it.
    """
    if not any(line.strip() for line in text.lines):
        raise PlanFileError([Fault("no-text")])
    outline = read_outline(text.blocks)
    if not outline.root.children and not outline.root.tables and not outline.annex:
        raise PlanFileError([Fault("no-outline")])
    header, legal, notes = read_head(text.lines, UnitNames(known), year)
    assignments = list(walk_assignments(outline.root))
    issuer = legal.issuing_body if legal is not None else ""
    units = _new_units(
        [*(name for names, _ in assignments for name in names), *([issuer] if issuer else [])], known
    )
    names = UnitNames([*known, *units])
    header = _completed(header, issuer, names)
    duties = Duties(names, [one.key for one in (*known, *units) if one.is_group])
    assigned = [
        ([key for name in listed if (key := names.one(name))], below) for listed, below in assignments
    ]
    reports = "\n".join(below for _, below in assignments)
    duties.choose_focal(assigned, "\n".join([reports, *text.lines[-80:]]))
    in_year = header.year or (header.date.year if header.date else None) or year or 2000
    writer = TaskWriter(duties, names, in_year)
    writer.walk(outline.root, Place())
    found = writer.found
    keys = dict.fromkeys(key for listed, _ in assigned for key in listed if key != duties.focal)
    regime = _Regime(_Reporters(tuple(keys), duties.focal, in_year))
    for section, sentence in found.reports:
        regime.add(section, sentence)
    found.tasks += regime.tasks
    writer.annex(outline.annex)
    tasks = tuple(found.tasks)
    if not tasks:
        raise PlanFileError([Fault("no-promise")])
    if len(tasks) >= MAX_TASKS:
        raise PlanFileError([Fault("too-many-tasks", params={"limit": MAX_TASKS})])
    sentences = "\n".join(sentence for _, sentence in found.reports)
    spec = regime.spec(header, sentences, names, [*known, *units])
    anomalies = [*notes, *found.notes, *regime.notes, *_guesses(found, outline, units)]
    if not header.year and not header.date:
        anomalies.append(Anomaly("no-year", "phần đầu văn bản", str(in_year), found=True))
    return with_findings(
        PlanFile(
            key=slugify_vi(f"{header.full_number or header.title} {in_year}", 70), header=header, sections=tuple(found.sections),
            tasks=tasks, units=tuple(units), purpose=tuple(found.purpose), requirement="\n".join(found.requirement),
            budget_text="\n".join(found.budget), reporting=spec, anomalies=tuple(anomalies),
            kinds=MappingProxyType(KINDS), audiences=MappingProxyType(AUDIENCES), proposed=True,
        )
    )  # fmt: skip


def _new_units(printed: Iterable[str], known: Sequence[UnitSpec]) -> list[UnitSpec]:
    """Units for names that no known unit has, each once; keys do not meet known ones."""
    names = UnitNames(known)
    taken = {unit.key for unit in known}
    found: list[UnitSpec] = []
    for name in printed:
        if names.one(name) or UnitNames(found).one(name):
            continue
        unit = proposed_unit(name)
        key, number = unit.key, 1
        while key in taken:
            number += 1
            key = f"{unit.key}-{number}"
        taken.add(key)
        found.append(
            UnitSpec(key=key, name=unit.name, kind=unit.kind, members_complete=unit.members_complete)
        )
    return found


def _completed(header: HeaderSpec, issuer: str, names: UnitNames) -> HeaderSpec:
    return replace(header, issuer=names.one(issuer)) if issuer and not header.issuer else header


def _guesses(found: Gathered, outline: Outline, units: Sequence[UnitSpec]) -> list[Anomaly]:
    notes = [Anomaly("joined-lines", f"dòng {line}", shown, found=True) for line, shown in outline.joined]
    notes += [Anomaly("unknown-name", unit.key, unit.name, found=True) for unit in units]
    if found.unclear:
        notes.append(Anomaly("unclear-kind", ", ".join(found.unclear[:60]), found=True, issue=""))
    return notes


@dataclass(frozen=True, slots=True)
class _Reporters:
    """Who reports (``keys``, groups as named), through whom and in which year."""

    keys: tuple[str, ...]
    focal: str
    year: int

    def task(self, section: str, code: str, text: str, number: int, deadline: date | None) -> TaskSpec:
        """Return the task of one report; ``number`` 0 is one without a day."""
        if code == "AH":
            title, cadence, basis = "Báo cáo đột xuất theo yêu cầu", "on-request", "per_request"
        elif number:
            title, cadence, basis = (
                f"Báo cáo kết quả thực hiện lần {number} năm {self.year}",
                "periodic",
                "explicit",
            )
        else:
            title, cadence, basis = short_title(text), "", "plan_year_end"
        return TaskSpec(
            code=f"{section}-{code.rpartition('-')[2]}", section=section, title=title, text=text, level="report", kind="report",
            audience=("units",), lead=self.focal, lead_basis="explicit" if self.focal else "", cooperating=self.keys,
            coop_basis="explicit" if self.keys else "", fan_out=bool(self.keys), cadence=cadence, deadline=deadline,
            deadline_basis=basis,
        )  # fmt: skip


@dataclass(slots=True)
class _Regime:
    """The regime of reports being put together."""

    reporters: _Reporters
    tasks: list[TaskSpec] = field(default_factory=list)
    notes: list[Anomaly] = field(default_factory=list)
    periods: list[PeriodSpec] = field(default_factory=list)
    per_year: int = 0

    def add(self, section: str, sentence: str) -> None:
        """Take in one sentence of the section on reports."""
        year = self.reporters.year
        own = find_rhythm(sentence, year)
        self.notes += [Anomaly("period-no-day", section, phrase, found=True) for phrase in own.no_day]
        for day in own.before:
            number = len(self.periods) + 1
            code = _period_code(year, number, len(own.before))
            task = self.reporters.task(section, code, sentence, number, day_before(day))
            self.tasks.append(task)
            self.periods.append(PeriodSpec(code, task.title, day_before(day), None, task.code))
        if own.ad_hoc and not any(task.deadline_basis == "per_request" for task in self.tasks):
            self.tasks.append(self.reporters.task(section, "AH", sentence, 0, None))
        if not own.before and not own.ad_hoc:
            code = f"R{len(self.tasks) + 1}"
            self.tasks.append(self.reporters.task(section, code, sentence, 0, date(year, 12, 31)))
        self.per_year = self.per_year or own.per_year

    def spec(
        self, header: HeaderSpec, reports: str, names: UnitNames, units: Sequence[UnitSpec]
    ) -> ReportingSpec:
        """Return the regime; what goes to the level above is the unit named that neither issues nor reports."""
        if not self.tasks:
            return ReportingSpec()
        keys, focal = self.reporters.keys, self.reporters.focal
        named = (one.key for one in names.find(reports))
        return ReportingSpec(
            reporters=flatten(keys, {unit.key: unit.members for unit in units if unit.is_group}), addressed_to=header.issuer,
            through=focal, consolidated_to=next((key for key in named if key not in (header.issuer, focal, *keys)), ""),
            per_year=self.per_year or len(self.periods), periods=tuple(self.periods),
        )  # fmt: skip


def _period_code(year: int, number: int, count: int) -> str:
    letter = {2: "H", 4: "Q", 12: "M"}.get(count, "P")
    return f"{year}-{letter}{number:02d}" if count > 9 else f"{year}-{letter}{number}"

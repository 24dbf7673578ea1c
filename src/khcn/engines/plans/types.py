"""A plan as plain data: what every reader of plan files gives, what the app takes in.

Words follow the plan's own vocabulary: a *task* is one promise or order of the plan, its *lead* answers for it,
*cooperating* units help; a *group* is a unit that stands for several. Text is NFC. Dates are whole days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

Level = Literal["programme", "assignment", "report"]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UnitSpec:
    """A unit as the file names it. ``key``: the file's id and the unit's key in the register; ``members``: of a group."""

    key: str
    name: str
    name_en: str = ""
    short_name: str = ""
    kind: str = ""
    level: str = ""
    parent: str = ""
    members: tuple[str, ...] = ()
    members_complete: bool = True
    gso_code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def is_group(self) -> bool:
        """Whether the unit stands for others."""
        return self.kind == "group"


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One heading of the plan. ``ref``: its number as in II.4.2.1, ``parent`` empty at the top."""

    ref: str
    title: str
    title_en: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One task. ``lead`` and ``cooperating`` are keys of units; an empty ``lead`` waits for a person.

    ``fan_out``: one work item for every member of the cooperating groups, instead of one for the lead.
    ``lead_basis``/``coop_basis``/``deadline_basis`` say whether the plan names it or somebody inferred it.
    ``extra``: what else the file says, kept as it stands (subkind, implements, topics ...).
    """

    code: str
    section: str
    title: str
    text: str = ""
    title_en: str = ""
    level: Level = "programme"
    kind: str = ""
    audience: tuple[str, ...] = ()
    lead: str = ""
    lead_basis: str = ""
    cooperating: tuple[str, ...] = ()
    coop_basis: str = ""
    fan_out: bool = False
    cadence: str = ""
    starts_on: date | None = None
    deadline: date | None = None
    deadline_basis: str = ""
    expected_result: str = ""
    indicators: tuple[str, ...] = ()
    amount_vnd: Decimal | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class SignerSpec:
    """Who signed. ``mode``: TM., KT., TL., TUQ. or empty."""

    name: str = ""
    position: str = ""
    mode: str = ""
    on_behalf: str = ""


@dataclass(frozen=True, slots=True)
class BasisSpec:
    """One document the plan rests on (căn cứ)."""

    number: str
    subject: str = ""
    kind: str = ""
    issuer: str = ""
    date: "date | None" = None


@dataclass(frozen=True, slots=True)
class RecipientSpec:
    """One line of "Nơi nhận"."""

    text: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class HeaderSpec:
    """The head and foot of the document by Decree 30. ``full_number`` like 82/KH-UBND; ``issuer``: key of a unit."""

    full_number: str
    title: str
    number: int | None = None
    symbol: str = ""
    type_code: str = "KH"
    title_en: str = ""
    issuer: str = ""
    place: str = ""
    date: "date | None" = None
    year: int | None = None
    signer: SignerSpec = field(default_factory=SignerSpec)
    basis: tuple[BasisSpec, ...] = ()
    recipients: tuple[RecipientSpec, ...] = ()
    archive_line: str = ""


@dataclass(frozen=True, slots=True)
class PeriodSpec:
    """One reporting period. ``due``: the last day that is in time; ``cutoff`` None: the plan names none."""

    code: str
    title: str
    due: date
    cutoff: date | None = None
    task: str = ""


@dataclass(frozen=True, slots=True)
class ReportingSpec:
    """The regime of reports that the plan lays down. Units by key."""

    reporters: tuple[str, ...] = ()
    to_confirm: tuple[str, ...] = ()
    addressed_to: str = ""
    through: str = ""
    consolidated_to: str = ""
    per_year: int = 0
    periods: tuple[PeriodSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something a person should look at. ``where``: place in the plan; ``found``: by us, not noted in the file."""

    code: str
    where: str
    issue: str
    handling: str = ""
    found: bool = False


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A whole plan. ``proposed``: read from running text, so every task has to be confirmed by a person."""

    key: str
    header: HeaderSpec
    sections: tuple[SectionSpec, ...]
    tasks: tuple[TaskSpec, ...]
    units: tuple[UnitSpec, ...] = ()
    purpose: tuple[str, ...] = ()
    requirement: str = ""
    budget_text: str = ""
    reporting: ReportingSpec = field(default_factory=ReportingSpec)
    anomalies: tuple[Anomaly, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    audiences: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file. ``where``: line or row as people count them ("dòng 12"), ``item``: the name of the field there.

    ``code`` and ``params`` choose the sentence (see ``messages.py``).
    """

    code: str
    where: str = ""
    item: str = ""
    params: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


class PlanFileError(Exception):
    """A file that cannot be taken in; nothing of it was. ``faults``: everything wrong that was found, first ones first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{one.where} {one.item}: {one.code}".strip() for one in faults))
        self.faults = tuple(faults)

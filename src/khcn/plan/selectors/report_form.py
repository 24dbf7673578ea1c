"""One report as its page needs it: figures with their sources, texts, files, moves; a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from khcn.core.dates import local_date
from khcn.core.numbers import NumberFormatError, number_vi
from khcn.core.references import Reference, Resolved, resolve_many
from khcn.orgs.models import Unit
from khcn.plan.enums import REPORT_WITH_FOCAL, RegimeContent, ReportState
from khcn.plan.models import (
    OutlineItem,
    ReportException,
    ReportFigure,
    ReportFile,
    ReportStep,
    ReportText,
    Task,
    TaskUnit,
    UnitReport,
)
from khcn.plan.rules.chasing import Timeliness
from khcn.plan.rules.numbers import read_figure
from khcn.plan.rules.regime_forms import meant_code
from khcn.plan.rules.standing import Window
from khcn.plan.selectors.report_rights import Rights, rights_on, window_of
from khcn.plan.selectors.reports import TONES, is_writable, report_stand


@dataclass(slots=True)
class FigureField:
    """One figure of the form. ``typed``/``reason``: what stands in its controls; ``other``: what somebody else saved."""

    code: str
    title: str
    unit: str
    decimals: int
    group: str
    required: bool
    computed: Decimal | None
    value: Decimal | None
    reason: str
    note: str
    completeness: float | None
    source_count: int
    typed: str = ""
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    other: str = ""

    @property
    def corrected(self) -> bool:
        """Whether the unit reports something else than what was recorded."""
        return self.computed is not None and self.value != self.computed

    @property
    def control(self) -> str:
        """Name of the control."""
        return f"f-{self.code}"

    def says(self, typed: str) -> bool:
        """Whether what somebody typed is the saved value, in whatever writing."""
        try:
            return read_figure(typed, decimals=self.decimals) == self.value
        except NumberFormatError:
            return False

    @property
    def computed_text(self) -> str:
        """The recorded value as the form hands it back, to know what the person saw."""
        return "" if self.computed is None else f"{self.computed:f}"


@dataclass(slots=True)
class TextField:
    """One heading of the form."""

    pk: int
    title: str
    hint: str
    required: bool
    text: str
    errors: list[str] = field(default_factory=list)
    other: str = ""

    @property
    def control(self) -> str:
        """Name of the control."""
        return f"t-{self.pk}"


@dataclass(frozen=True, slots=True)
class Group:
    """Figures under one heading."""

    title: str
    fields: Sequence[FigureField]


@dataclass(slots=True)
class ReportPage:
    """Everything about one report that its page shows."""

    report: UnitReport
    rights: Rights
    window: Window
    stand: Timeliness
    figures: list[FigureField]
    texts: list[TextField]
    files: Sequence[ReportFile]
    steps: Sequence[ReportStep]
    exceptions: Sequence[ReportException]
    own_codes: frozenset[str]
    is_open: bool

    @property
    def may_write(self) -> bool:
        """Whether the person may write in it now."""
        return self.rights.write and is_writable(self.report)

    @property
    def may_approve(self) -> bool:
        """Whether the person may approve it now."""
        return self.rights.approve and not self.rights.own and self.report.state == ReportState.SUBMITTED

    @property
    def filled(self) -> int:
        """How many figures have a value."""
        return sum(1 for one in self.figures if one.value is not None)

    @property
    def recorded(self) -> int:
        """How many figures the system filled in."""
        return sum(1 for one in self.figures if one.computed is not None)

    @property
    def own_groups(self) -> list[Group]:
        """The figures that belong to the unit's own tasks (all of them when that is not known)."""
        return _grouped([one for one in self.figures if self._is_own(one)])

    @property
    def other_groups(self) -> list[Group]:
        """The other figures of the form."""
        return _grouped([one for one in self.figures if not self._is_own(one)])

    @property
    def filled_groups(self) -> list[Group]:
        """The figures that say something, to read."""
        return _grouped(
            [one for one in self.figures if one.value is not None or one.computed is not None or one.other]
        )

    @property
    def empty_count(self) -> int:
        """How many figures of the form say nothing."""
        return sum(1 for one in self.figures if one.value is None and one.computed is None)

    @property
    def others_to_see(self) -> bool:
        """Whether one of the other figures holds something, so that they must not stay folded."""
        return any(one.value is not None or one.errors for group in self.other_groups for one in group.fields)

    def _is_own(self, one: FigureField) -> bool:
        return not self.own_codes or one.code in self.own_codes or one.required or one.computed is not None

    @property
    def tone(self) -> str:
        """The tone of the stand."""
        return TONES[self.stand]

    @property
    def receipt(self) -> bool:
        """Whether something was sent."""
        return bool(self.report.content_hash)

    @property
    def with_focal(self) -> bool:
        """Whether it lies with the focal unit."""
        return self.report.state in REPORT_WITH_FOCAL


def _grouped(fields: Sequence[FigureField]) -> list[Group]:
    groups: dict[str, list[FigureField]] = {}
    for one in fields:
        groups.setdefault(one.group, []).append(one)
    return [Group(title, members) for title, members in groups.items()]


def report_page(user: Any, report_id: int, now: datetime) -> ReportPage | None:
    """Return a report for its page, ``None`` when the person may not know of it."""
    today = local_date(now)
    report = (
        UnitReport.objects.select_related(
            "period__regime__receiver", "period__regime__plan", "period__previous", "unit", "written_by", "submitted_by",
            "approved_by", "accepted_by",
        )
        .filter(pk=report_id)
        .first()
    )  # fmt: skip
    if report is None:
        return None
    rights = rights_on(user, report, today)
    if not rights.read:
        return None
    found = window_of(report, now)
    return ReportPage(
        report=report,
        rights=rights,
        window=found,
        stand=report_stand(report, today),
        figures=_figures(report),
        texts=_texts(report),
        files=list(report.files.all()),
        steps=list(
            ReportStep.objects.filter(report=report)
            .select_related("by")
            .defer("content")
            .order_by("-at", "-pk")
        ),
        exceptions=list(report.exceptions.select_related("granted_by")),
        own_codes=own_codes(report),
        is_open=found.is_open(now),
    )


def _figures(report: UnitReport) -> list[FigureField]:
    regime = report.period.regime
    if regime.content == RegimeContent.TEXT:
        return []
    kept = {row.indicator_id: row for row in ReportFigure.objects.filter(report=report)}
    fields = []
    for one in regime.indicators.select_related("indicator"):
        indicator, row = one.indicator, kept.get(one.indicator_id)
        fields.append(
            FigureField(
                indicator.code, indicator.title, indicator.unit, indicator.decimals, one.group, one.is_required,
                _plain(row.computed if row else None), _plain(row.value if row else None), row.reason if row else "",
                row.note if row else "", row.completeness if row else None, len(row.sources) if row else 0,
            )
        )  # fmt: skip
        fields[-1].typed = number_vi(fields[-1].value)
    return fields


def _plain(value: Decimal | None) -> Decimal | None:
    """Return a number without the zeros of its column."""
    if value is None:
        return None
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short


def _texts(report: UnitReport) -> list[TextField]:
    regime = report.period.regime
    if regime.content == RegimeContent.NUMBERS:
        return []
    written = dict(ReportText.objects.filter(report=report).values_list("heading_id", "text"))
    return [
        TextField(one.pk, one.title, one.hint, one.is_required, written.get(one.pk, ""))
        for one in OutlineItem.objects.filter(regime=regime)
    ]


def own_codes(report: UnitReport) -> frozenset[str]:
    """Return the indicators of the tasks that name the report's unit (or a group of it) as lead or cooperating.

    Empty when the regime belongs to no plan, or none of its tasks names the unit.
    """
    plan_id = report.period.regime.plan_id
    if plan_id is None:
        return frozenset()
    names = {report.unit_id, *Unit.objects.filter(members=report.unit_id).values_list("pk", flat=True)}
    helping = TaskUnit.objects.filter(unit__in=names).values("task_id")
    newest = Task.objects.filter(version__plan=plan_id).order_by("-version__number").values("version_id")[:1]
    tasks = Task.objects.filter(Q(lead__in=names) | Q(pk__in=helping), version__in=newest).values_list(
        "kind", "indicators"
    )
    return frozenset(meant_code(str(code), kind) for kind, codes in tasks for code in codes)


@dataclass(frozen=True, slots=True)
class FigureSources:
    """Where one figure comes from. ``hidden``: records that this reader may not open; ``more``: beyond those kept."""

    field: FigureField
    shown: Sequence[Resolved]
    hidden: int


def figure_sources(user: Any, page: ReportPage, code: str) -> FigureSources | None:
    """Return the records behind a figure, as far as ``user`` may see them."""
    one = next((found for found in page.figures if found.code == code), None)
    if one is None:
        return None
    row = ReportFigure.objects.filter(report=page.report, indicator__code=code).first()
    references = _references(row.sources if row else ())
    resolved = resolve_many(references, user)
    shown = [resolved[reference] for reference in references if reference in resolved]
    return FigureSources(one, shown, len(references) - len(shown))


def _references(texts: Sequence[str]) -> list[Reference]:
    found = []
    for text in texts:
        try:
            found.append(Reference.parse(str(text)))
        except (
            ValueError
        ):  # a record of an app that named it otherwise: counted as hidden elsewhere, never a crash
            continue
    return found


def saved_by_others(page: ReportPage, figures: Mapping[str, str], texts: Mapping[int, str]) -> ReportPage:
    """Put what a person typed into the page, and beside it what stands saved where the two differ."""
    for one in page.figures:
        if one.code in figures:
            typed = figures[one.code]
            if not one.says(typed):
                one.other = one.typed or _("để trống")
            one.typed = typed
    for text in page.texts:
        if text.pk in texts:
            if texts[text.pk].strip() != text.text.strip():
                text.other = text.text or _("để trống")
            text.text = texts[text.pk]
    return page

"""A unit writes its report: saved as often as it likes, handed to its head once it is whole.

Two phones at once are settled by the revision: every write is one conditional UPDATE, and who comes second is shown both
versions. What is wrong with a report never stops its being saved, only its being handed on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, datetime_vi, local_date
from khcn.core.errors import PermissionDeniedError
from khcn.plan.enums import REPORT_EDITABLE, RegimeContent, ReportMove, ReportState
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import ReportFigure, ReportStep, ReportText, UnitReport
from khcn.plan.rules.checking import Problem, Row, TextRow, correction_problems, report_problems
from khcn.plan.rules.pasted import clean_pasted
from khcn.plan.selectors.report_rights import Rights, rights_on, window_of
from khcn.plan.services.regimes import regime_rules
from khcn.plan.services.report_mail import tell_heads

LONGEST_TEXT = 20_000


class ReportFaultsError(PlanError):
    """Things that cannot be saved. ``problems`` name figure or heading."""

    code = "report-faults"

    def __init__(self, problems: Sequence[Problem]) -> None:
        words = " ".join(f"{one.where}: {one.message}" for one in problems[:5])
        super().__init__(
            _("Chưa lưu được, có %(count)s chỗ cần sửa. %(words)s") % {"count": len(problems), "words": words}
        )
        self.problems = tuple(problems)


class ReportClosedError(PlanError):
    """The report cannot be handed in any more."""

    code = "report-closed"


@dataclass(frozen=True, slots=True)
class FigureInput:
    """What a person put for one figure. ``seen``: the recorded value that the form showed; ``has_seen``: it showed one."""

    value: Decimal | None
    reason: str = ""
    seen: Decimal | None = None
    has_seen: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What a person put: figures by code, texts by heading. What is left out stays as it was."""

    figures: Mapping[str, FigureInput] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save. ``problems``: why it was not handed on, or what deserves a look; ``notes``: what changed by itself."""

    report: UnitReport
    submitted: bool = False
    problems: Sequence[Problem] = ()
    notes: Sequence[str] = ()


def report_of(report_id: int) -> UnitReport:
    """Return a report with what the rules need. :raises StaleError: when it is gone."""
    found = (
        UnitReport.objects.select_related("period__regime", "unit", "written_by").filter(pk=report_id).first()
    )
    if found is None:
        raise StaleError(_("Báo cáo này không còn trong hệ thống. Hãy mở lại danh sách báo cáo."))
    return found


def report_save(
    *,
    actor: Actor,
    report_id: int,
    revision: int,
    content: Content,
    now: datetime,
    submit: bool = False,
    confirmed: bool = False,
) -> Saved:
    """Save a report; with ``submit`` hand it to the unit's head when nothing is wrong with it.

    :param revision: as the form showed it.
    :param confirmed: the person has read the warnings.
    :raises PermissionDeniedError: the report of another unit.
    :raises StaleError: somebody else saved or submitted it meanwhile; nothing of ``content`` was taken.
    :raises ReportFaultsError: a corrected figure without a reason; nothing was saved.
    """
    with transaction.atomic():
        report = report_of(report_id)
        writers_only(rights_on(actor, report, local_date(now)))
        _editable(report)
        rows = _figures_to_write(report, content)
        texts, notes = _texts_to_write(report, content)
        _take(report, revision, actor, now)
        _write(report, rows, texts)
        report.refresh_from_db()
        audit_record(
            actor=actor, action="plan.report.save", target=report, at=now,
            after={"revision": report.revision, "figures": len(rows), "texts": len(texts)},
        )  # fmt: skip
        if not submit:
            return Saved(report, notes=notes)
        problems = submit_problems(report, now)
        if [one for one in problems if not one.warning or not confirmed]:
            return Saved(report, problems=problems, notes=notes)
        _hand_on(report, actor, now)
    return Saved(report, submitted=True, problems=problems, notes=notes)


def writers_only(rights: Rights) -> None:
    """Raise :class:`PermissionDeniedError` unless the person writes for the unit."""
    if not rights.write:
        raise PermissionDeniedError(
            _("Báo cáo này do người báo cáo hoặc thủ trưởng của đơn vị lập. Vai trò của bạn chỉ xem.")
        )


def _editable(report: UnitReport) -> None:
    if report.excused:
        raise ReportClosedError(
            _("Đơn vị được miễn báo cáo kỳ này (%(reason)s) nên không cần lập báo cáo.")
            % {"reason": report.excused}
        )
    if report.state not in REPORT_EDITABLE:
        raise StaleError(_locked_words(report))


def _locked_words(report: UnitReport) -> str:
    return _(
        "Báo cáo đã được gửi (%(state)s, lúc %(when)s) nên không sửa được nữa. Nội dung bạn vừa nhập vẫn còn ở dưới; nếu "
        "cần sửa, đề nghị thủ trưởng hoặc đơn vị đầu mối trả lại."
    ) % {"state": report.get_state_display(), "when": datetime_vi(report.updated_at)}


def _figures_to_write(report: UnitReport, content: Content) -> list[ReportFigure]:
    """Return the rows to write. :raises ReportFaultsError: a correction without reason, or a code the form has not."""
    by_code = {
        row.indicator.code: row.indicator
        for row in report.period.regime.indicators.select_related("indicator")
    }
    unknown = sorted(set(content.figures) - set(by_code))
    if unknown:
        raise ReportFaultsError(
            [
                Problem(code, _("Biểu của kỳ này không có số liệu %(code)s.") % {"code": code})
                for code in unknown
            ]
        )
    have = {row.indicator_id: row for row in report.figures.all()}
    rows, checks = [], []
    for code, given in content.figures.items():
        indicator = by_code[code]
        row = have.get(indicator.pk) or ReportFigure(report=report, indicator=indicator)
        untouched = given.has_seen and given.value == given.seen and not given.reason.strip()
        value = row.computed if untouched and given.seen != row.computed else given.value
        same = value == row.computed
        row.value, row.reason = value, "" if same else given.reason.strip()[:500]
        rows.append(row)
        checks.append(Row(code, indicator.title, value, row.computed, row.reason))
    problems = correction_problems(checks)
    if problems:
        raise ReportFaultsError(problems)
    return rows


def _texts_to_write(report: UnitReport, content: Content) -> tuple[dict[int, str], list[str]]:
    """Return clean texts by heading, and sentences about what cleaning left out."""
    headings = {row.pk: row.title for row in report.period.regime.outline.all()}
    unknown = set(content.texts) - set(headings)
    if unknown:
        raise ReportFaultsError(
            [Problem(f"text-{pk}", _("Đề mục này không còn trong báo cáo.")) for pk in unknown]
        )
    texts, notes, problems = {}, [], []
    for pk, text in content.texts.items():
        cleaned = clean_pasted(text)
        if len(cleaned.text) > LONGEST_TEXT:
            words = {"most": LONGEST_TEXT, "length": len(cleaned.text)}
            problems.append(
                Problem(
                    f"text-{pk}",
                    _(
                        "Mục này dài %(length)s ký tự, tối đa %(most)s. Hãy rút gọn, hoặc gửi phần dài thành tệp kèm."
                    )
                    % words,
                )
            )
        texts[pk] = cleaned.text
        if cleaned.pictures:
            notes.append(
                _(
                    "Mục “%(title)s” có %(count)s hình dán từ Word; báo cáo chỉ giữ chữ. Hãy gửi hình ở phần tệp kèm."
                )
                % {"title": headings[pk], "count": cleaned.pictures}
            )
        elif cleaned.formatted:
            notes.append(
                _("Mục “%(title)s” dán từ Word: đã giữ toàn bộ chữ, bỏ định dạng.") % {"title": headings[pk]}
            )
    if problems:
        raise ReportFaultsError(problems)
    return texts, notes


def _take(report: UnitReport, revision: int, actor: Actor, now: datetime) -> None:
    """Make the next revision ours. :raises StaleError: somebody was quicker."""
    taken = UnitReport.objects.filter(pk=report.pk, revision=revision, state__in=REPORT_EDITABLE, excused="").update(
        revision=F("revision") + 1, state=ReportState.DRAFT, written_by=actor_id(actor), updated_at=now
    )  # fmt: skip
    if taken:
        return
    fresh = report_of(report.pk)
    if fresh.state not in REPORT_EDITABLE:
        raise StaleError(_locked_words(fresh))
    who = fresh.written_by.full_name if fresh.written_by else _("Hệ thống")
    raise StaleError(
        _(
            "%(who)s đã lưu báo cáo này lúc %(when)s, sau khi bạn mở. Chưa ghi đè gì: số của bạn vẫn ở dưới, bản đã lưu ghi "
            "bên cạnh chỗ khác nhau. Hãy chọn rồi lưu lại."
        )
        % {"who": who, "when": datetime_vi(fresh.updated_at)}
    )


def _write(report: UnitReport, rows: Sequence[ReportFigure], texts: Mapping[int, str]) -> None:
    ReportFigure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=("report", "indicator"), update_fields=("value", "reason")
    )
    ReportText.objects.bulk_create(
        [ReportText(report=report, heading_id=pk, text=text) for pk, text in texts.items()],
        update_conflicts=True, unique_fields=("report", "heading"), update_fields=("text",),
    )  # fmt: skip


def submit_problems(report: UnitReport, now: datetime) -> list[Problem]:
    """Return everything that stops a saved report from being handed on, and what deserves a second look."""
    problems = []
    found = window_of(report, now)
    if not found.is_open(now):
        problems.append(Problem("", closed_words(report)))
    rows, texts = saved_rows(report)
    return problems + report_problems(rows, texts, regime_rules(report.period.regime))


def closed_words(report: UnitReport) -> str:
    """Return why nobody can hand in, and what to do."""
    return _(
        "Kỳ %(period)s đã hết hạn nhận ngày %(due)s nên chưa gửi được. Bản nháp vẫn được giữ. Nếu cần nộp muộn, hãy đề nghị "
        "lãnh đạo đơn vị đầu mối cho phép, có lý do và ngày cuối."
    ) % {"period": report.period.code, "due": date_vi(report.period.due)}


def saved_rows(report: UnitReport) -> tuple[list[Row], list[TextRow]]:
    """Return figures and texts of a report as they are saved, in the order of its form."""
    regime = report.period.regime
    figures = {row.indicator_id: row for row in report.figures.all()}
    rows = []
    for one in regime.indicators.select_related("indicator") if regime.content != RegimeContent.TEXT else ():
        kept = figures.get(one.indicator_id)
        rows.append(
            Row(
                one.indicator.code, one.indicator.title, kept.value if kept else None, kept.computed if kept else None,
                kept.reason if kept else "", one.is_required,
            )
        )  # fmt: skip
    written = {row.heading_id: row.text for row in report.texts.all()}
    texts = [
        TextRow(one.pk, one.title, written.get(one.pk, ""), one.is_required)
        for one in (regime.outline.all() if regime.content != RegimeContent.NUMBERS else ())
    ]
    return rows, texts


def _hand_on(report: UnitReport, actor: Actor, now: datetime) -> None:
    fields: dict[str, Any] = {
        "state": ReportState.SUBMITTED,
        "submitted_by": actor_id(actor),
        "sent_to_head_at": now,
    }
    UnitReport.objects.filter(pk=report.pk).update(
        **fields, revision=F("revision") + 1, updated_at=now, comment=""
    )
    ReportStep.objects.create(report=report, move=ReportMove.SUBMITTED, by_id=actor_id(actor), at=now)
    report.refresh_from_db()
    audit_record(
        actor=actor, action="plan.report.submit", target=report, after={"state": report.state}, at=now
    )
    tell_heads(report, actor=actor, now=now)

"""Regimes of reports as data: made, changed, copied. Who may: the focal officer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.fold import nfc
from khcn.engines.text.slug import slugify_vi
from khcn.orgs.models import Unit
from khcn.plan.enums import Aggregate, Compare, RegimeContent, RegimeKind
from khcn.plan.errors import PlanError
from khcn.plan.models import OutlineItem, Plan, Regime, RegimeIndicator, RegimeRule, ReportText
from khcn.plan.permissions import acting, can_keep_regimes
from khcn.plan.rules.checking import Rule
from khcn.plan.rules.regime_forms import FigureRow, Form, Heading
from khcn.plan.services.regime_data import indicators_ensure

FIELDS: Final = (
    "key", "title", "kind", "content", "basis", "sent_by", "receiver", "addressed_to", "superior", "reporters",
    "is_template", "is_active",
)  # fmt: skip
MOST_FIGURES: Final = 200
MOST_HEADINGS: Final = 30


class RegimeError(PlanError):
    """A regime that does not hold together. ``item``: the field."""

    code = "regime"

    def __init__(self, message: str, item: str = "") -> None:
        super().__init__(message)
        self.item = item


@dataclass(frozen=True, slots=True)
class RegimeFacts:
    """What a regime says by itself (Decree 09, article 8), without its form and periods."""

    title: str
    receiver: Unit
    kind: str = RegimeKind.PERIODIC
    content: str = RegimeContent.BOTH
    basis: str = ""
    sent_by: str = ""
    addressed_to: Unit | None = None
    superior: Unit | None = None
    plan: Plan | None = None
    is_template: bool = False
    is_active: bool = True


def officers_only(actor: Actor, now: datetime) -> None:
    """Raise :class:`PermissionDeniedError` unless ``actor`` keeps the regimes."""
    if not can_keep_regimes(acting(actor, local_date(now))):
        raise PermissionDeniedError(
            _("Chế độ báo cáo do chuyên viên của đơn vị đầu mối lập và sửa. Hãy liên hệ đơn vị đầu mối.")
        )


def regime_create(
    *, actor: Actor, facts: RegimeFacts, form: Form, reporters: Sequence[Unit], now: datetime, key: str = ""
) -> Regime:
    """Make a regime with its outline, number form, rules and reporters.

    :raises PermissionDeniedError: the actor is no focal officer.
    :raises RegimeError: no title, no reporter, an unknown code in a rule ...
    """
    officers_only(actor, now)
    _check_facts(facts, reporters)
    with transaction.atomic():
        regime = Regime(key=key or _free_key(facts.title), created_by_id=actor_id(actor), created_at=now)
        _fill(regime, facts)
        try:
            with transaction.atomic():
                regime.save(force_insert=True)
        except IntegrityError as error:
            raise RegimeError(
                _("Đã có chế độ báo cáo mang mã này. Hãy mở chế độ đó thay vì lập lại."), "title"
            ) from error
        regime.reporters.set(reporters)
        _write_form(regime, form)
        audit_record(
            actor=actor, action="plan.regime.create", target=regime, after=snapshot(regime, FIELDS), at=now
        )
    return regime


def regime_update(
    *, actor: Actor, regime: Regime, facts: RegimeFacts, reporters: Sequence[Unit], now: datetime
) -> Regime:
    """Change what a regime says; periods that were opened keep their expected reports.

    :raises RegimeError: see :func:`regime_create`.
    """
    officers_only(actor, now)
    _check_facts(facts, reporters)
    with transaction.atomic():
        regime = Regime.objects.select_for_update().get(pk=regime.pk)
        before = snapshot(regime, FIELDS)
        _fill(regime, facts)
        regime.save()
        regime.reporters.set(reporters)
        audit_record(
            actor=actor, action="plan.regime.update", target=regime, before=before, after=snapshot(regime, FIELDS), at=now
        )  # fmt: skip
    return regime


def regime_form_set(*, actor: Actor, regime: Regime, form: Form, now: datetime) -> Regime:
    """Replace outline, number form and rules. Headings under which units wrote stay, whatever is asked.

    :raises RegimeError: when a heading with texts is left out, or a rule names a figure that the form has not.
    """
    officers_only(actor, now)
    with transaction.atomic():
        regime = Regime.objects.select_for_update().get(pk=regime.pk)
        before = _form_words(regime)
        _write_form(regime, form)
        audit_record(
            actor=actor, action="plan.regime.form", target=regime, before=before, after=_form_words(regime), at=now
        )  # fmt: skip
    return regime


def regime_form(regime: Regime) -> Form:
    """Return outline, number form and rules of a regime as data (to copy or to edit)."""
    return Form(
        [Heading(row.title, row.hint, row.is_required) for row in regime.outline.all()],
        [
            FigureRow(
                row.indicator.code, row.group, row.task_code, row.aggregate, row.is_required, row.numerator,
                row.denominator, row.target,
            )
            for row in regime.indicators.select_related("indicator")
        ],
        regime_rules(regime),
    )  # fmt: skip


def regime_rules(regime: Regime) -> list[Rule]:
    """Return the rules of a regime as data."""
    return [Rule(row.left, row.compare, row.right, row.message, row.is_warning) for row in regime.rules.all()]


def _check_facts(facts: RegimeFacts, reporters: Sequence[Unit]) -> None:
    if not facts.title.strip():
        raise RegimeError(_("Hãy đặt tên báo cáo, ví dụ “Báo cáo kết quả 6 tháng”."), "title")
    if not reporters:
        raise RegimeError(_("Hãy chọn ít nhất một đơn vị phải báo cáo."), "reporters")
    if facts.kind not in RegimeKind or facts.content not in RegimeContent:
        raise RegimeError(_("Loại hoặc nội dung báo cáo không có trong danh sách. Hãy chọn lại."), "kind")
    if facts.superior is not None and facts.superior == facts.receiver:
        raise RegimeError(_("Nơi báo cáo lên phải khác đơn vị tổng hợp. Hãy chọn lại."), "superior")


def _fill(regime: Regime, facts: RegimeFacts) -> None:
    regime.title = nfc(facts.title.strip())[:300]
    for name in (
        "kind", "content", "basis", "sent_by", "receiver", "addressed_to", "superior", "plan", "is_template", "is_active"
    ):  # fmt: skip
        setattr(regime, name, getattr(facts, name))


def _free_key(title: str) -> str:
    stem = slugify_vi(title, 60) or "che-do"
    taken = set(Regime.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(
        key for key in (stem, *(f"{stem}-{number}" for number in range(2, 10_000))) if key not in taken
    )


def _write_form(regime: Regime, form: Form) -> None:
    _check_form(form)
    _write_outline(regime, form.headings)
    found = indicators_ensure(row.code for row in form.figures)
    regime.indicators.all().delete()
    RegimeIndicator.objects.bulk_create(
        RegimeIndicator(
            regime=regime, indicator=found[row.code], order=order, group=row.group, task_code=row.task_code,
            aggregate=row.aggregate, numerator=row.numerator, denominator=row.denominator, is_required=row.required,
            target=row.target,
        )
        for order, row in enumerate(form.figures, start=1)
    )  # fmt: skip
    regime.rules.all().delete()
    RegimeRule.objects.bulk_create(
        RegimeRule(
            regime=regime, left=rule.left, compare=rule.compare, right=rule.right, message=rule.message,
            is_warning=rule.warning,
        )
        for rule in form.rules
    )  # fmt: skip


def _check_form(form: Form) -> None:
    codes = [row.code for row in form.figures]
    if len(codes) > MOST_FIGURES or len(form.headings) > MOST_HEADINGS:
        raise RegimeError(
            _(
                "Biểu có quá nhiều dòng: tối đa %(figures)s số liệu và %(headings)s đề mục. Hãy tách thành hai báo cáo."
            )
            % {"figures": MOST_FIGURES, "headings": MOST_HEADINGS}
        )
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        raise RegimeError(
            _("Số liệu %(codes)s có hai dòng. Hãy để mỗi số liệu một dòng.")
            % {"codes": ", ".join(sorted(twice))},
            "figures",
        )
    for row in form.figures:
        _check_row(row, codes)
    for rule in form.rules:
        _check_rule(rule, codes)


def _check_row(row: FigureRow, codes: Sequence[str]) -> None:
    if row.aggregate not in Aggregate:
        raise RegimeError(
            _("Cách tổng hợp của %(code)s không có trong danh sách.") % {"code": row.code}, "figures"
        )
    if row.aggregate == Aggregate.RATIO and not {row.numerator, row.denominator} <= set(codes):
        raise RegimeError(
            _("Tỷ lệ %(code)s cần tử số và mẫu số là hai số liệu có trong biểu.") % {"code": row.code},
            "figures",
        )


def _check_rule(rule: Rule, codes: Sequence[str]) -> None:
    if rule.compare not in Compare:
        raise RegimeError(_("Quan hệ của quy tắc không có trong danh sách. Hãy chọn lại."), "rules")
    number = rule.right.replace(".", "", 1).isdigit()
    unknown = [code for code in (rule.left, *(() if number else (rule.right,))) if code not in codes]
    if unknown:
        raise RegimeError(
            _("Quy tắc nhắc đến %(codes)s không có trong biểu số liệu. Hãy chọn số liệu có trong biểu.")
            % {"codes": ", ".join(unknown)},
            "rules",
        )


def _write_outline(regime: Regime, headings: Sequence[Heading]) -> None:
    """Headings keep their identity by title, so that texts already written stay with them."""
    have = {row.title: row for row in regime.outline.all()}
    wanted = list(dict.fromkeys(nfc(row.title.strip())[:300] for row in headings if row.title.strip()))
    gone = [row for title, row in have.items() if title not in wanted]
    used = set(
        ReportText.objects.filter(heading__in=gone).exclude(text="").values_list("heading_id", flat=True)
    )
    kept = [row.title for row in gone if row.pk in used]
    if kept:
        raise RegimeError(
            _("Đã có đơn vị viết dưới đề mục “%(titles)s” nên không bỏ được. Hãy giữ lại đề mục này.")
            % {"titles": "”, “".join(kept)},
            "headings",
        )
    ReportText.objects.filter(heading__in=gone).delete()
    regime.outline.filter(pk__in=[row.pk for row in gone]).delete()
    by_title = {nfc(row.title.strip())[:300]: row for row in headings}
    stay = [row for title, row in have.items() if title in wanted]
    for shift, row in enumerate(stay):  # out of the way first: an order stands once a regime
        OutlineItem.objects.filter(pk=row.pk).update(order=10_000 + shift)
    for order, title in enumerate(wanted, start=1):
        fields = _heading_fields(by_title[title], order)
        if title in have:
            OutlineItem.objects.filter(pk=have[title].pk).update(**fields)
        else:
            OutlineItem.objects.create(regime=regime, title=title, **fields)


def _heading_fields(heading: Heading, order: int) -> dict[str, Any]:
    return {"order": order, "hint": heading.hint[:500], "is_required": heading.required}


def _form_words(regime: Regime) -> dict[str, Any]:
    form = regime_form(Regime.objects.get(pk=regime.pk))
    return {
        "headings": [row.title for row in form.headings],
        "figures": [row.code for row in form.figures],
        "rules": [f"{rule.left} {rule.compare} {rule.right}" for rule in form.rules],
    }

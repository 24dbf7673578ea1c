"""Rubrics and sheets of a council, whatever it judges: criteria read, points checked and written, scores in frozen form."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.judging import CriterionFields
from khcn.programmes.rules.contest_scoring import CriterionRule, Rubric, juror_total
from khcn.programmes.rules.texts import kept_line

C = TypeVar("C", bound=CriterionFields)
MOST_TOTAL: Final = 99_999


def criteria_read(model: type[C], rows: Sequence[Mapping[str, Any]]) -> list[C]:
    """Return unsaved criteria from key, title, most, weight, least, anchors. Raises ProgrammeError (field criteria)."""
    found = [_criterion(model, number, one) for number, one in enumerate(rows)]
    keys = [one.key for one in found]
    if len(set(keys)) != len(keys):
        raise ProgrammeError(_("Hai tiêu chí trùng mã. Hãy đổi mã của một tiêu chí."), field="criteria")
    if sum((one.most * one.weight for one in found), Decimal(0)) > MOST_TOTAL:
        raise ProgrammeError(_("Tổng điểm quá lớn. Hãy giảm điểm tối đa hoặc hệ số."), field="criteria")
    return found


def _criterion(model: type[C], number: int, row: Mapping[str, Any]) -> C:
    one = model(
        key=str(row["key"])[:40], title=kept_line(row["title"], 200), most=Decimal(row["most"]),
        weight=Decimal(row.get("weight") or 1), least=row.get("least"), anchors=list(row.get("anchors") or []), order=number,
    )  # fmt: skip
    words = {"title": one.title}
    if one.most <= 0 or one.most > 999 or one.weight <= 0 or one.weight > 99:
        raise ProgrammeError(
            _("Tiêu chí “%(title)s”: điểm tối đa và hệ số phải lớn hơn 0.") % words, field="criteria"
        )
    if one.weight != one.weight.quantize(Decimal("0.1")):
        raise ProgrammeError(
            _("Tiêu chí “%(title)s”: hệ số có nhiều nhất một chữ số lẻ.") % words, field="criteria"
        )
    if one.least is not None and not 0 <= Decimal(one.least) <= one.most:
        raise ProgrammeError(
            _("Tiêu chí “%(title)s”: điểm tối thiểu phải từ 0 đến điểm tối đa.") % words, field="criteria"
        )
    return one


def anchors_check(rows: Iterable[CriterionFields]) -> None:
    """Refuse criteria that do not say what given points mean."""
    for one in rows:
        marks = [row for row in one.anchors if str(row.get("text", "")).strip()]
        if len(marks) < 2 or any(not 0 <= Decimal(str(row["points"])) <= one.most for row in marks):
            raise ProgrammeError(
                _("Tiêu chí “%(title)s” cần ít nhất hai mức điểm mẫu (từ 0 đến điểm tối đa), mỗi mức một câu.")
                % {"title": one.title}, field="criteria",
            )  # fmt: skip


def tie_break_clean(text: str) -> str:
    """Return keys of criteria with commas, as they are kept."""
    return ",".join(one for one in text.replace(" ", "").split(",") if one)[:200]


def rubric_of_rules(rules: Any, rows: Sequence[CriterionFields]) -> Rubric:
    """Return a version of rules (scoring, tie_break, pass_total) as data. :raises ValueError: they do not fit together."""
    return Rubric(
        tuple(CriterionRule(one.key, one.title, one.most, one.weight, one.least) for one in rows), rules.scoring,
        tuple(one for one in rules.tie_break.split(",") if one), rules.pass_total,
    )  # fmt: skip


def points_check(
    criteria: Mapping[str, CriterionFields], points: Mapping[str, Decimal], *, whole: bool
) -> None:
    """Refuse points out of range; ``whole``: every criterion needs some. Raises ProgrammeError with the criterion."""
    for key, value in points.items():
        one = criteria.get(key)
        if (
            one is None
            or not value.is_finite()
            or not 0 <= value <= one.most
            or value != value.quantize(Decimal("0.01"))
        ):
            raise ProgrammeError(_("Điểm phải từ 0 đến điểm tối đa, nhiều nhất hai chữ số lẻ."), field=key)
    if whole and set(points) != set(criteria):
        raise ProgrammeError(_("Hãy cho điểm mọi tiêu chí rồi nộp."), field=min(set(criteria) - set(points)))


def sheet_write(
    review: Any, rules: Any, criteria: Mapping[str, CriterionFields], points: Mapping[str, Decimal], *, comment: str,
    submit: bool, now: datetime, score: Any,
) -> None:  # fmt: skip
    """Keep the points of a locked sheet in rows of ``score``; with ``submit`` its total is written and it is closed."""
    points_check(criteria, points, whole=submit)
    review.scores.all().delete()
    score.objects.bulk_create(
        score(review=review, criterion=criteria[key], points=value) for key, value in points.items()
    )
    review.comment = comment.replace("\x00", "").strip()[:5000]
    review.revision += 1
    if submit:
        review.submitted_at = now
        review.total = juror_total(rubric_of_rules(rules, list(criteria.values())), points)


def frozen_rules(rules: Any, criteria: Iterable[CriterionFields]) -> dict[str, Any]:
    """Return a version of rules as it is frozen beside the scores."""
    return {
        "version": rules.version, "scoring": rules.scoring,
        "tie_break": [one for one in rules.tie_break.split(",") if one],
        "pass_total": None if rules.pass_total is None else str(rules.pass_total),
        "criteria": [
            {
                "key": one.key, "title": one.title, "most": str(one.most), "weight": str(one.weight),
                "least": None if one.least is None else str(one.least),
            }
            for one in criteria
        ],
    }  # fmt: skip


def frozen_sheet(review: Any, entry: str, juror: str) -> dict[str, Any]:
    """Return a submitted sheet as it is frozen; its scores are fetched with their criteria."""
    return {
        "entry": entry, "juror": juror,
        "points": {score.criterion.key: str(score.points) for score in review.scores.all()},
    }  # fmt: skip


def juror_names(jurors: Mapping[int, Any]) -> tuple[dict[int, str], list[dict[str, Any]]]:
    """Return a key of each juror for the frozen form, and who stands behind it."""
    names = {pk: f"GK-{number}" for number, pk in enumerate(sorted(jurors), 1)}
    people = [
        {
            "key": names[pk], "juror": pk, "seat": jurors[pk].seat,
            "name": str(jurors[pk].user.get_full_name() or jurors[pk].user.get_username()),
        }
        for pk in sorted(jurors)
    ]  # fmt: skip
    return names, people

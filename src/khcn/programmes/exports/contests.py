"""The score sheet: every point behind the ranking, with weights, so that anybody can work it out by hand."""

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.core.numbers import number_vi
from khcn.programmes.models.contests import ContestResult
from khcn.programmes.rules.contest_scoring import rubric_of
from khcn.programmes.selectors.contests_ranking import rank_rows


def score_sheet(kind: str, result: ContestResult) -> HttpResponseBase:
    """Return one row a sheet: points, the juror's total, then the entry's result, tie-break values and rank."""
    rubric = rubric_of(result.frozen["rules"])
    names = {row["key"]: f"{row['key']} {row['name']}" for row in result.frozen["jurors"]}
    columns = [Column(_("Hạng")), Column(_("Mã bài")), Column(_("Giám khảo"))]
    columns += [
        Column(_("%(title)s (hệ số %(weight)s)") % {"title": one.title, "weight": number_vi(one.weight)})
        for one in rubric.criteria
    ]
    columns += [Column(_("Tổng của giám khảo"), decimals=3), Column(_("Kết quả của bài"), decimals=3)]
    columns += [Column(_("%(title)s, của bài") % {"title": one.title}, decimals=3) for one in rubric.criteria]
    columns += [Column(_("Tổng thấp nhất"), decimals=3), Column(_("Không đạt"))]
    rows = (
        [
            row.rank, row.code, names.get(juror, juror), *points, total, row.result, *row.by_criterion, row.lowest,
            ", ".join(row.failed),
        ]
        for row in rank_rows(result) for juror, points, total in row.sheets
    )  # fmt: skip
    return table_response(kind, columns, rows, _("Bảng điểm %(title)s") % {"title": result.frozen["title"]})

"""The receipt of a report: who sent what when, with the hash of its content. Made from the kept step, the same each time."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.numbers import number_vi
from khcn.core.papers.blocks import Align, KeyValues, Paragraph, Table
from khcn.core.papers.parts import Metadata, NationalHeader, Paper
from khcn.core.papers.pdf import paper_pdf
from khcn.orgs.selectors import site_identity
from khcn.plan.enums import ReportMove
from khcn.plan.errors import PlanError
from khcn.plan.models import ReportStep, UnitReport
from khcn.plan.rules.chasing import Timeliness, timeliness
from khcn.plan.rules.standing import local_day

MOST_ROWS = 200


class NoReceiptError(PlanError):
    """Nothing was sent yet."""

    code = "no-receipt"
    status = 404


def receipt_step(report: UnitReport) -> ReportStep | None:
    """Return the newest sending of a report, ``None`` before the first."""
    steps = report.moves.filter(move=ReportMove.APPROVED).select_related("by")
    return steps.order_by("-at", "-pk").first()


def receipt_pdf(report: UnitReport) -> bytes:
    """Return the receipt as PDF; drawn once for each sending, then taken from the data folder.

    :raises NoReceiptError: nothing was sent yet.
    :raises khcn.core.papers.pdf.OfficeMissingError: without LibreOffice.
    """
    step = receipt_step(report)
    if step is None:
        raise NoReceiptError(_("Báo cáo chưa được gửi nên chưa có biên nhận."))
    path = _path(report, step)
    if path.is_file():
        return path.read_bytes()
    content = paper_pdf(receipt_paper(report, step))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(content)
    draft.replace(path)
    return content


def _path(report: UnitReport, step: ReportStep) -> Path:
    folder: Path = settings.KHCN.data_dir / "reports" / "plan-receipts"
    accepted = (
        int(report.accepted_at.timestamp()) if report.accepted_at else 0
    )  # the receipt names that moment too
    return folder / f"{report.pk}-{step.pk}-{accepted}.pdf"


def receipt_paper(report: UnitReport, step: ReportStep) -> Paper:
    """Return the receipt as a paper: facts, figures as sent, files, and the hash that proves them."""
    content, site = step.content, site_identity()
    sent_on = local_day(step.at)
    figures = [
        [
            row["title"],
            row["unit"],
            number_vi(row["value"]) if row["value"] is not None else "",
            row["reason"],
        ]
        for row in content.get("figures", ())
        if row["value"] is not None or row["reason"]
    ]
    blocks = [
        KeyValues(_facts(report, step)),
        Paragraph(_("Số liệu đã gửi"), indent=False) if figures else None,
        Table(
            [_("Chỉ tiêu"), _("Đơn vị tính"), _("Số báo cáo"), _("Lý do sửa số")], figures[:MOST_ROWS],
            widths_mm=(75, 25, 25, 40), aligns=(Align.LEFT, Align.LEFT, Align.RIGHT, Align.LEFT),
        ) if figures else None,
        Paragraph(
            _(
                "Mã băm SHA-256 ở trên được tính từ toàn bộ số liệu, lời báo cáo và tệp kèm đúng như lúc gửi; nội dung đổi "
                "một ký tự thì mã này đổi. Đơn vị tổng hợp giữ bản gốc cùng mã."
            )
        ),
    ]  # fmt: skip
    return Paper(
        title=_("BIÊN NHẬN"),
        subtitle=_("Báo cáo %(period)s của %(unit)s")
        % {"period": report.period.title or report.period.code, "unit": report.unit_name},
        blocks=[block for block in blocks if block is not None],
        header=NationalHeader(
            agency=report.period.regime.receiver.name,
            place=site.terms.get("place", "") or site.site_name,
            day=sent_on,
        ),
        metadata=Metadata(
            author=report.period.regime.receiver.name, subject=_("Biên nhận báo cáo"), created=step.at
        ),
    )


def _facts(report: UnitReport, step: ReportStep) -> list[tuple[str, str]]:
    period = report.period
    first = report.submitted_at or step.at
    stand = timeliness(
        sent_on=local_day(first), with_focal=True, excused=False, due=period.due, on=local_day(step.at)
    )
    facts = [
        (_("Đơn vị báo cáo"), report.unit_name),
        (_("Báo cáo"), period.regime.title),
        (
            _("Số liệu"),
            _("từ %(a)s đến hết %(b)s") % {"a": date_vi(period.starts_on), "b": date_vi(period.cutoff)},
        ),
        (_("Hạn"), date_vi(period.due)),
        (_("Người gửi"), report.submitted_by.full_name if report.submitted_by else ""),
        (_("Người duyệt"), step.by.full_name if step.by else ""),
        (_("Gửi lúc"), _moment(step.at)),
        (_("Gửi lần đầu lúc"), _moment(first) if first != step.at else ""),
        (_("Đánh giá"), str(Timeliness(stand).label)),
        (_("Tiếp nhận lúc"), _moment(report.accepted_at) if report.accepted_at else ""),
        (_("Số tệp kèm"), number_vi(len(step.content.get("files", ())))),
        ("SHA-256", step.content_hash),
    ]
    return [(name, value) for name, value in facts if value]


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S %d/%m/%Y}"

"""The council's minutes and the decision on the result as documents of Decree 30."""

from typing import cast

from django.db.models import QuerySet

from khcn.core.dates import date_vi
from khcn.core.numbers import money_vi, number_vi
from khcn.core.papers.blocks import Article, Items, Paragraph, PlainBlock, Table
from khcn.core.papers.doctypes import abbreviation_of
from khcn.core.papers.kinds import Issuer, decision, minutes
from khcn.core.papers.parts import Paper, Signatory, Signature
from khcn.orgs.models import Unit
from khcn.orgs.site import site_identity
from khcn.programmes.enums import JurorSeat, Scoring
from khcn.programmes.models.contests import Award, ContestResult
from khcn.programmes.models.programmes import Programme

# Texts of official documents are Vietnamese whatever language the pages have.


def agency_of(programme: Programme) -> Unit:
    """Return in whose name the result is issued: the unit's parent, else the unit itself."""
    return programme.unit.parent or programme.unit


def _issuer(result: ContestResult) -> Issuer:
    agency, site = agency_of(result.programme), site_identity()
    return Issuer(
        name=agency.name,
        abbreviation=abbreviation_of(agency.name),
        place=site.terms.get("place", "") or site.site_name or "......",
    )


def _awards(result: ContestResult) -> list[Award]:
    rows = result.awards.select_related("entry__team").order_by("order", "entry__code")
    return list(cast("QuerySet[Award]", rows))


def _awards_table(result: ContestResult) -> Table:
    rows = [
        (
            one.title,
            one.entry.code,
            one.entry.title,
            one.entry.team.name,
            money_vi(one.prize_vnd) if one.prize_vnd else "",
        )
        for one in _awards(result)
    ]
    return Table(header=["Giải", "Mã bài", "Tên bài", "Đội", "Tiền thưởng"], rows=rows)


def minutes_paper(result: ContestResult) -> Paper:
    """Return the minutes of the council: who sat, how it was scored, the ranking, the awards with their reasons."""
    programme, data = result.programme, result.frozen
    contest = programme.contest
    scoring = "trung vị" if data["rules"]["scoring"] == Scoring.MEDIAN else "trung bình cộng"
    ranks = [
        (
            str(row["rank"] or "Không xếp hạng"),
            row["entry"],
            number_vi(row["result"], 3) if row["result"] else "",
        )
        for row in data["ranking"]
    ]
    jurors = list(programme.jurors.filter(removed_at=None).select_related("user").order_by("seat", "pk"))
    chair = next((str(one.user.get_full_name()) for one in jurors if one.seat == JurorSeat.CHAIR), "")
    secretary = next((str(one.user.get_full_name()) for one in jurors if one.seat == JurorSeat.SECRETARY), "")
    changed = [f"{one.entry.code}: {one.title}. Lý do: {one.reason}" for one in _awards(result) if one.reason]
    changes: list[PlainBlock] = (
        [Paragraph("Giải thay đổi so với xếp hạng:"), Items(changed)] if changed else []
    )
    blocks: list[PlainBlock] = [
        Paragraph(
            f"Hội đồng giám khảo {programme.title} thành lập theo {contest.council_decision or 'quyết định'}"
            f"{' ngày ' + date_vi(contest.council_date) if contest.council_date else ''} đã họp để xét kết quả."
        ),
        Paragraph("1. Thành phần hội đồng"),
        Items([f"{one.user.get_full_name()}, {one.get_seat_display().lower()}" for one in jurors] or ["......"]),
        Paragraph(
            f"2. Cách chấm: theo thể lệ bản {data['rules']['version']}, kết quả của mỗi bài là {scoring} tổng điểm của các giám "
            f"khảo, chấm độc lập trên bài đã ẩn danh. Điểm chốt có mã kiểm tra SHA-256: {result.sha256}."
        ),
        *([Paragraph(f"Phiếu không có: {len(data['missing'])}. Lý do: {data['reason']}")] if data["missing"] else []),
        Paragraph("3. Xếp hạng"),
        Table(header=["Hạng", "Mã bài", "Điểm"], rows=ranks),
        Paragraph("4. Đề nghị giải thưởng"),
        _awards_table(result),
        *changes,
    ]  # fmt: skip
    return minutes(
        issuer=_issuer(result), day=None, about=f"Họp hội đồng giám khảo {programme.title}", blocks=blocks,
        secretary=Signatory("THƯ KÝ", secretary), chair=Signatory("CHỦ TỊCH HỘI ĐỒNG", chair),
    )  # fmt: skip


def decision_paper(result: ContestResult) -> Paper:
    """Return the decision on the result."""
    programme, agency = result.programme, agency_of(result.programme)
    return decision(
        issuer=_issuer(result), day=None, about=f"Công nhận kết quả {programme.title}",
        authority=f"Chủ tịch {agency.name}",
        bases=[f"Biên bản họp Hội đồng giám khảo {programme.title}", f"Đề nghị của {programme.unit.name}"],
        blocks=[
            Article(1, f"Công nhận kết quả và trao giải {programme.title} như sau:"),
            _awards_table(result),
            Article(2, f"{programme.unit.name} tổ chức trao giải theo quy định."),
            Article(3, "Quyết định này có hiệu lực kể từ ngày ký."),
        ],
        signature=Signature(position="Chủ tịch", recipients=[programme.unit.name]),
    )  # fmt: skip

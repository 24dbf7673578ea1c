"""The minutes of a council of topics and of a liquidation as documents of Decree 30."""

from khcn.core.dates import date_vi
from khcn.core.numbers import money_vi, number_vi
from khcn.core.papers.blocks import Items, Paragraph, PlainBlock, Table
from khcn.core.papers.kinds import Issuer, minutes
from khcn.core.papers.parts import Paper, Signatory
from khcn.orgs.models import Unit
from khcn.orgs.site import site_identity
from khcn.programmes.enums import Scoring
from khcn.programmes.enums_topics import CouncilSeat
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicLiquidation
from khcn.programmes.models.topics_council import TopicCouncil, TopicCouncilResult

# Texts of official documents are Vietnamese whatever language the pages have.


def agency_of(council: TopicCouncil) -> Unit:
    """Return in whose name the minutes are written: the parent of the unit that called, else that unit."""
    case = council.cases.filter(closed_at=None).select_related("topic__call__unit__parent").first()
    if case is None:
        raise ProgrammeError("Hội đồng chưa có đề tài nào.")
    return agency_of_topic(case.topic)


def agency_of_topic(topic: Topic) -> Unit:
    """Return in whose name papers about a topic are written."""
    unit = topic.call.unit
    return unit.parent or unit


def _issuer(agency: Unit) -> Issuer:
    site = site_identity()
    place = site.terms.get("place", "") or site.site_name or "......"
    return Issuer(name=agency.name, abbreviation="UBND", place=place)


def council_minutes(result: TopicCouncilResult) -> Paper:
    """Return the minutes: who sat, how it was scored, the results, what was concluded about each topic."""
    council, data = result.council, result.frozen
    scoring = "trung vị" if data["rules"]["scoring"] == Scoring.MEDIAN else "trung bình cộng"
    cases = {one.code: one for one in council.cases.filter(closed_at=None).select_related("topic")}
    jurors = list(council.jurors.filter(removed_at=None).select_related("user").order_by("seat", "pk"))
    chair = next((str(one.user.get_full_name()) for one in jurors if one.seat == CouncilSeat.CHAIR), "")
    secretary = next(
        (str(one.user.get_full_name()) for one in jurors if one.seat == CouncilSeat.SECRETARY), ""
    )
    rows = []
    for row in data["ranking"]:
        case = cases[row["entry"]]
        sheets = sum(one["entry"] == row["entry"] for one in data["sheets"])
        rows.append(
            (row["entry"], case.topic.title, case.topic.organisation, str(sheets),
             number_vi(row["result"], 3) if row["result"] else "", "Đạt" if not row["failed"] else "Không đạt")
        )  # fmt: skip
    conclusions: list[PlainBlock] = [
        Paragraph(f"{code}. {case.topic.title}: {case.conclusion or '......'}")
        for code, case in cases.items()
    ]
    met = f" họp ngày {date_vi(council.met_on)}" if council.met_on else " họp"
    place = f" tại {council.place}" if council.place else ""
    blocks: list[PlainBlock] = [
        Paragraph(
            f"{council.title}, thành lập theo Quyết định số {council.decision_number} ngày {date_vi(council.decision_date)},"
            f"{met}{place}."
        ),
        Paragraph("1. Thành phần hội đồng"),
        Items([f"{one.user.get_full_name()}, {one.get_seat_display().lower()}" for one in jurors] or ["......"]),
        Paragraph(
            f"2. Cách đánh giá: theo bộ tiêu chí “{council.rubric.title}” bản {data['rules']['version']}; các thành viên chấm độc "
            f"lập, kết quả là {scoring} tổng điểm. Người có xung đột lợi ích không xem và không chấm đề tài đó. Điểm chốt có mã kiểm "
            f"tra SHA-256: {result.sha256}."
        ),
        *([Paragraph(f"Phiếu không có: {len(data['missing'])}. Lý do: {data['reason']}")] if data["missing"] else []),
        Paragraph("3. Kết quả"),
        Table(header=["Mã", "Đề tài", "Tổ chức chủ trì", "Số phiếu", "Điểm", "Kết quả"], rows=rows),
        Paragraph("4. Kết luận của hội đồng"),
        *conclusions,
    ]  # fmt: skip
    return minutes(
        issuer=_issuer(agency_of(council)), day=None, about=f"Họp {council.title}"[:200], blocks=blocks,
        secretary=Signatory("THƯ KÝ", secretary), chair=Signatory("CHỦ TỊCH HỘI ĐỒNG", chair),
    )  # fmt: skip


def liquidation_minutes(row: TopicLiquidation) -> Paper:
    """Return the minutes of a liquidation: the two sides, the money, what is owed."""
    topic, contract = row.topic, row.topic.contract
    money = [
        ("Giá trị hợp đồng", money_vi(row.value)), ("Đã thanh toán", money_vi(row.paid)),
        ("Không sử dụng, giải tỏa", money_vi(row.released)), ("Bên B phải hoàn trả", money_vi(row.owed)),
    ]  # fmt: skip
    grade = topic.accepted_class_title or "chưa nghiệm thu"
    blocks: list[PlainBlock] = [
        Paragraph(
            f"Căn cứ Hợp đồng số {contract.number} ngày {date_vi(contract.dated)} về đề tài “{topic.title}”."
        ),
        Paragraph(f"1. Bên A: {contract.side_a}. Bên B: {contract.side_b}."),
        Paragraph(f"2. Kết quả nghiệm thu: {grade}."),
        Paragraph("3. Kinh phí"),
        Table(header=["Nội dung", "Số tiền"], rows=money),
        Paragraph(f"4. Kết luận: {row.conclusion or 'Hai bên thống nhất thanh lý hợp đồng.'}"),
    ]
    return minutes(
        issuer=_issuer(agency_of_topic(topic)), day=row.dated, about=f"Thanh lý hợp đồng đề tài {topic.title}"[:200],
        blocks=blocks, secretary=Signatory("ĐẠI DIỆN BÊN B", ""), chair=Signatory("ĐẠI DIỆN BÊN A", ""),
    )  # fmt: skip

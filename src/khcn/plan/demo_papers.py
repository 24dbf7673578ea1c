"""The demo's register: a few documents of the committee at different steps of their way. Nothing here is signed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from khcn.core.papers.blocks import Paragraph
from khcn.core.papers.kinds import Issuer, invitation, letter, notice, report
from khcn.core.papers.parts import Authority, Paper, Signature
from khcn.core.papers.writer import paper_docx
from khcn.plan.demo_cast import COMMITTEE, FOCAL, Stage
from khcn.plan.models import Document
from khcn.plan.services.register import Draft, document_attach_signed, document_draft
from khcn.plan.services.register_flow import (
    document_content_check,
    document_format_check,
    document_issue,
    document_sign,
)
from khcn.plan.services.register_numbers import document_number

_STEPS: Final = ("draft", "content", "format", "sign", "number", "issue")
# type, symbol, about, how far it got
_DOCUMENTS: Final = (
    ("TB", "TB-UBND", "Lịch tuyên truyền khoa học và công nghệ tại các phường (văn bản minh họa)", "issue"),
    ("GM", "GM-UBND", "Dự buổi giới thiệu sản phẩm khoa học và công nghệ (văn bản minh họa)", "number"),
    ("BC", "BC-UBND", "Kết quả khảo sát nhu cầu tập huấn của hộ kinh doanh (văn bản minh họa)", "sign"),
    ("CV", "UBND-KT", "Phối hợp cử giáo viên dự lớp đổi mới sáng tạo (văn bản minh họa)", "content"),
    ("TB", "TB-UBND", "Kết quả chọn dự án thực nghiệm của học sinh (văn bản minh họa)", "draft"),
)  # fmt: skip
_TEXT: Final = (
    "Thực hiện kế hoạch khoa học và công nghệ trong năm, cơ quan ban hành gửi đến các đơn vị nội dung dưới đây để phối hợp thực hiện.",
    "Các đơn vị bố trí người phụ trách, chuẩn bị nội dung theo phần việc được giao và phản hồi về đơn vị đầu mối trước thời hạn đã nêu.",
    "Trong quá trình thực hiện, nếu có khó khăn, đề nghị các đơn vị báo đơn vị đầu mối để cùng giải quyết.",
)  # fmt: skip
_RECIPIENTS: Final = ("Các phòng, ban chuyên môn", "Ủy ban nhân dân các phường", "Lưu: VT, PKT")


@dataclass(frozen=True, slots=True)
class _Scan:
    """A file as a form gives it."""

    name: str
    data: bytes

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes."""
        yield self.data


def papers_fill(stage: Stage) -> None:
    """Draft the documents and carry each as far as it is to get."""
    for type_code, symbol, about, reached in _DOCUMENTS:
        agency = stage.units[COMMITTEE]
        document = document_draft(
            actor=stage.people["daumoi"], now=stage.now,
            draft=Draft(
                agency=agency, type_code=type_code, subject=about, symbol=symbol, title=about,
                docx=paper_docx(_paper(type_code, about, agency.name)), drafting_unit=stage.units[FOCAL],
                signer_position="Phó Chủ tịch", signing_mode="KT.", recipients=_RECIPIENTS, copies=30,
            ),
        )  # fmt: skip
        _carry(stage, document, _STEPS[1 : _STEPS.index(reached) + 1])


def _carry(stage: Stage, document: Document, steps: Sequence[str]) -> None:
    clerk, leader = stage.people["vanthu"], stage.people["lanhdao"]
    for step in steps:
        if step == "content":
            document_content_check(actor=stage.people["truongdaumoi"], document=document, now=stage.now)
        elif step == "format":
            document_format_check(
                actor=clerk, document=document, reason="Văn bản minh họa của bản dùng thử", now=stage.now
            )
        elif step == "sign":
            document_sign(actor=clerk, document=document, signer=leader, now=stage.now)
        elif step == "number":
            document_number(actor=clerk, document=document, now=stage.now)
        else:
            scan = _Scan("ban-minh-hoa-khong-co-chu-ky.pdf", _unsigned())
            document_attach_signed(actor=clerk, document=document, upload=scan, now=stage.now)
            document_issue(actor=clerk, document=document, now=stage.now)
        document.refresh_from_db()


def _paper(type_code: str, about: str, agency: str) -> Paper:
    signature = Signature(
        "Phó Chủ tịch", list(_RECIPIENTS), "",
        [(Authority.FOR_COLLECTIVE, "Ủy ban nhân dân"), (Authority.FOR_HEAD, "Chủ tịch")],
    )  # fmt: skip
    issuer = Issuer(agency, "UBND", agency.removeprefix("Ủy ban nhân dân "))
    blocks = [Paragraph(text) for text in _TEXT]
    if type_code == "CV":
        to = ["Phòng Giáo dục và Đào tạo"]
        return letter(
            issuer=issuer, day=None, about=about, blocks=blocks, signature=signature, to=to, unit="KT"
        )
    build = {"TB": notice, "GM": invitation, "BC": report}[type_code]
    return build(issuer=issuer, day=None, about=about, blocks=blocks, signature=signature)


def _unsigned() -> bytes:
    """Return a PDF of one page that says that it is an illustration without a signature."""
    words = b"BT /F1 16 Tf 60 760 Td (BAN MINH HOA - KHONG CO CHU KY) Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(words), words),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
    return data + head + rows + tail

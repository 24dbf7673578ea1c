"""Stories of the register begin here: people, a draft, and each step of its way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from khcn.core.papers.blocks import Paragraph
from khcn.core.papers.kinds import Extras, Issuer, report
from khcn.core.papers.parts import Authority, Paper, Signature
from khcn.core.papers.writer import paper_docx
from khcn.orgs.models import User
from khcn.plan.models import Document
from khcn.plan.services.register import Draft, document_attach_signed, document_draft
from khcn.plan.services.register_flow import document_content_check, document_format_check, document_sign
from khcn.plan.services.register_numbers import document_number
from tests.plan.factories import NOW, People

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
TEXT = (
    "Các đơn vị đã tổ chức tuyên truyền, phổ biến chủ trương, chính sách, pháp luật về khoa học và công nghệ."
)


@dataclass
class Upload:
    """What a form gives."""

    name: str
    data: bytes

    def chunks(self) -> Iterator[bytes]:
        yield self.data


def paper(about: str = "Kết quả thực hiện nhiệm vụ 6 tháng đầu năm", number: int | None = None) -> Paper:
    """Return a sound report."""
    signature = Signature(
        "Phó Chủ tịch", ["Như trên", "Lưu: VT, VHXH"], "Nguyễn Văn An",
        [(Authority.FOR_COLLECTIVE, "Ủy ban nhân dân"), (Authority.FOR_HEAD, "Chủ tịch")],
    )  # fmt: skip
    return report(
        issuer=Issuer("Ủy ban nhân dân phường thử", "UBND", "Phường thử"), day=None if number is None else date(2026, 5, 20),
        about=about, blocks=[Paragraph(TEXT)] * 3, signature=signature, extras=Extras(number=number),
    )  # fmt: skip


class Register:
    """One deployment with its people; documents of the committee."""

    def __init__(self) -> None:
        self.people = People()
        self.agency = self.people.committee

    def draft(self, actor: User | None = None, **values: Any) -> Document:
        """Return a draft of the reporting unit's person."""
        values.setdefault("docx", paper_docx(paper()))
        values.setdefault("agency", self.agency)
        values.setdefault("drafting_unit", self.people.unit)
        values.setdefault("type_code", "BC")
        values.setdefault("symbol", "BC-UBND")
        values.setdefault("subject", "Kết quả thực hiện nhiệm vụ 6 tháng đầu năm")
        return document_draft(actor=actor or self.people.reporter, draft=Draft(**values), now=NOW)

    def content(self, document: Document) -> Document:
        document_content_check(actor=self.people.head, document=document, now=NOW)
        return again(document)

    def format(self, document: Document) -> Document:
        document_format_check(actor=self.people.clerk, document=document, now=NOW)
        return again(document)

    def sign(self, document: Document) -> Document:
        document_sign(actor=self.people.leader, document=document, signer=self.people.leader, now=NOW)
        return again(document)

    def signed(self, actor: User | None = None, **values: Any) -> Document:
        """Return a document that is signed and waits for its number."""
        return self.sign(self.format(self.content(self.draft(actor, **values))))

    def number(self, document: Document, **values: Any) -> Document:
        return document_number(actor=self.people.clerk, document=document, now=NOW, **values)

    def attach(self, document: Document, data: bytes = PDF) -> Any:
        return document_attach_signed(
            actor=self.people.clerk, document=document, upload=Upload("ban-ky.pdf", data), now=NOW
        )


def again(document: Document) -> Document:
    """Return a document as it is now."""
    return Document.objects.get(pk=document.pk)

"""The official letter that sends the gathered list of people to the organiser: a draft of Decree 30 in the register."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi
from khcn.core.document_port import DocumentWanted, document_desk
from khcn.core.numbers import money_vi
from khcn.core.papers.blocks import Align, Paragraph, Table
from khcn.core.papers.kinds import Issuer, letter
from khcn.core.papers.parts import Paper, Signature
from khcn.core.references import reference_to
from khcn.orgs.models import Unit
from khcn.orgs.selectors import site_identity
from khcn.programmes.enums_training import Outcome
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.training_more import CourseBatch, ProposedPerson
from khcn.programmes.services.training_setup import officer_only

WIDTHS: Final = [10, 36, 34, 36, 30, 18]

# Texts of official documents are Vietnamese whatever language the pages have.


def batch_document(*, actor: Actor, batch_id: int, now: datetime) -> CourseBatch:
    """Draft the letter in the register; twice is once. :raises PermissionDeniedError, PortMissingError, ProgrammeError:"""
    officer_only(actor, now)
    with transaction.atomic():
        batch = CourseBatch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
        if batch is None:
            raise ProgrammeError(_("Không thấy đợt này. Hãy tải lại trang."))
        if batch.document_id is None:
            agency = Unit.objects.filter(pk=site_identity().operator_id or 0).first()
            if agency is None:
                raise ProgrammeError(
                    _("Chưa rõ cơ quan gửi văn bản. Hãy khai đơn vị vận hành trong hồ sơ trang.")
                )
            document = document_desk.get().draft(
                actor=actor, now=now,
                wanted=DocumentWanted(
                    agency_id=agency.pk, type_code="CV", source=str(reference_to(batch)), symbol="",
                    subject=f"Cử người tham gia {batch.title}"[:200], paper=batch_paper(batch, agency),
                ),
            )  # fmt: skip
            batch.document_id = document.id
            batch.save(update_fields=["document_id"])
            audit_record(actor=actor, action="programmes.training.letter", target=batch, at=now)
    return batch


def batch_paper(batch: CourseBatch, agency: Unit) -> Paper:
    """Return the letter: who is sent to which course, from which unit, with the cost."""
    site = site_identity()
    rows = (
        ProposedPerson.objects.filter(proposal__batch=batch).exclude(outcome=Outcome.REFUSED)
        .select_related("person", "proposal__unit")
        .order_by("proposal__starts_on", "proposal__course", "proposal__unit__sort_key", "person__sort_key", "pk")
    )  # fmt: skip
    lines, total = [], 0
    for number, one in enumerate(rows, start=1):
        course = one.proposal
        total += int(course.cost_vnd)
        when = f"{date_vi(course.starts_on)} – {date_vi(course.ends_on)}"
        lines.append(
            [str(number), one.person.name, course.unit.name, course.course, when, money_vi(course.cost_vnd)]
        )
    name = agency.name
    return letter(
        issuer=Issuer(name=name, abbreviation=_abbreviation(agency), place=site.terms.get("place", "") or site.site_name or "......"),
        day=None,
        about=f"cử người tham gia {batch.title}",
        to=[batch.addressee],
        blocks=[
            Paragraph(f"Trên cơ sở đề nghị của các đơn vị, {name} cử {len(lines)} người tham gia các khóa đào tạo, bồi dưỡng như sau:"),
            Table(
                header=["TT", "Họ và tên", "Đơn vị", "Khóa học", "Thời gian", "Kinh phí"], rows=lines, widths_mm=WIDTHS,
                aligns=[Align.CENTRE, Align.LEFT, Align.LEFT, Align.LEFT, Align.LEFT, Align.RIGHT],
            ),
            Paragraph(f"Tổng kinh phí dự kiến: {money_vi(total)}."),
            Paragraph(f"{name} đề nghị {batch.addressee} xem xét, tiếp nhận và thông báo kết quả."),
        ],
        signature=Signature(position="Thủ trưởng cơ quan", recipients=["Như trên"]),
    )  # fmt: skip


def _abbreviation(agency: Unit) -> str:
    words = (agency.short_name or agency.name).split()
    first = words[0] if words else ""
    if first.isupper() and len(first) > 1:
        return first
    return "".join(word[0] for word in words if word[0].isalpha()).upper()

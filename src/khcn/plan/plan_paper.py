"""A version of a plan as a document of Decree 30: parts, sections, tasks and signature as :mod:`khcn.core.papers` has them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.numbers import money_vi
from khcn.core.papers.blocks import Align, Items, Paragraph, PlainBlock, Run, Table
from khcn.core.papers.kinds import Extras, Issuer
from khcn.core.papers.kinds import plan as plan_kind
from khcn.core.papers.parts import Annex, Authority, Metadata, Paper, Signature
from khcn.engines.plans.types import BasisSpec, PlanFile, SectionSpec, TaskSpec
from khcn.orgs.models import Unit
from khcn.plan.models import PlanVersion
from khcn.plan.selectors.plans import version_file

_KINDS: Final = {
    "cong-van": "Công văn", "ke-hoach": "Kế hoạch", "quyet-dinh": "Quyết định", "nghi-quyet": "Nghị quyết",
    "chi-thi": "Chỉ thị", "nghi-dinh": "Nghị định", "thong-tu": "Thông tư", "luat": "Luật", "chuong-trinh": "Chương trình",
    "huong-dan": "Hướng dẫn",
}  # fmt: skip
_MODES: Final = {one.value: one for one in Authority}


def plan_paper(version: PlanVersion) -> Paper:
    """Return a version as a paper. The register gives the number of an issued plan; here it is the one it carries."""
    found = version_file(version)
    head = found.header
    names = dict(Unit.objects.values_list("key", "name"))
    issuer = version.plan.issuer
    parent = issuer.parent.name if issuer and issuer.parent else ""
    symbol = head.symbol or "KH-UBND"
    return plan_kind(
        issuer=Issuer(
            name=issuer.name if issuer else names.get(head.issuer, "") or _("Cơ quan ban hành"),
            abbreviation=symbol.partition("-")[2] or "UBND", place=head.place or "......", parent=parent,
        ),
        day=head.date, about=head.title, blocks=list(_body(found)),
        bases=[_basis(one) for one in head.basis], signature=_signature(found),
        extras=Extras(
            number=head.number, annexes=[_annex(found.tasks, names)] if found.tasks else [],
            metadata=Metadata(subject=head.title),
        ),
    )  # fmt: skip


def _basis(one: BasisSpec) -> str:
    day = f" ngày {one.date.day:02d} tháng {_month(one.date)} năm {one.date.year}" if one.date else ""
    kind = _KINDS.get(one.kind, "")
    named = f"{kind} số {one.number}" if kind and one.number[:1].isdigit() else f"{kind} {one.number}".strip()
    return " ".join(part for part in (f"Căn cứ {named}{day}", one.subject) if part)


def _month(day: date) -> str:
    return f"{day.month:02d}" if day.month <= 2 else str(day.month)


def _signature(found: PlanFile) -> Signature:
    signer, head = found.header.signer, found.header
    mode = _MODES.get(signer.mode)
    chain = [(mode, signer.on_behalf or _("Thủ trưởng cơ quan"))] if mode is not None else []
    recipients = [f"{one.text} ({one.note})" if one.note else one.text for one in head.recipients]
    archive = [head.archive_line.rstrip(".")] if head.archive_line else []
    return Signature(
        position=signer.position or _("Thủ trưởng cơ quan"), name=signer.name, chain=chain, recipients=[*recipients, *archive]
    )  # fmt: skip


def _body(found: PlanFile) -> Iterator[PlainBlock]:
    """Yield the body by the plan's own numbering; a section's tasks stand under it as they were written."""
    by_section: dict[str, list[TaskSpec]] = {}
    for task in found.tasks:
        by_section.setdefault(task.section, []).append(task)
    purpose_done = False
    for section in found.sections:
        yield _heading(section)
        if not purpose_done and "." not in section.ref:
            purpose_done = True
            yield from _purpose(found)
        if found.budget_text and "KINH PHÍ" in section.title.upper():
            yield Paragraph(found.budget_text)
        yield from _tasks(by_section.pop(section.ref, []))
    if not found.sections:
        yield from _purpose(found)
    for rest in by_section.values():
        yield from _tasks(rest)


def _heading(section: SectionSpec) -> PlainBlock:
    label = section.ref.partition(".")[2] or section.ref
    return Paragraph([Run(f"{label}. {section.title}", bold=True)])


def _purpose(found: PlanFile) -> Iterator[PlainBlock]:
    if found.purpose:
        yield Paragraph([Run(_("Mục đích"), bold=True)])
        yield Items(list(found.purpose))
    if found.requirement:
        yield Paragraph([Run(_("Yêu cầu"), bold=True)])
        yield Paragraph(found.requirement)


def _tasks(tasks: Sequence[TaskSpec]) -> Iterator[PlainBlock]:
    texts = list(dict.fromkeys(task.text or task.title for task in tasks))
    if len(texts) == 1:
        yield Paragraph(texts[0])
    elif texts:
        yield Items(texts)


def _annex(tasks: Sequence[TaskSpec], names: Mapping[str, str]) -> Annex:
    """Return the table of who does what by when."""
    rows = [
        (
            str(number), task.title, names.get(task.lead, ""), ", ".join(names.get(key, key) for key in task.cooperating),
            date_vi(task.deadline), money_vi(task.amount_vnd) if task.amount_vnd else "",
        )
        for number, task in enumerate(tasks, 1)
    ]  # fmt: skip
    table = Table(
        header=[_("TT"), _("Nhiệm vụ"), _("Chủ trì"), _("Phối hợp"), _("Hạn"), _("Kinh phí")], rows=rows,
        widths_mm=[12, 92, 42, 54, 24, 28], aligns=[Align.CENTRE, Align.LEFT, Align.LEFT, Align.LEFT, Align.CENTRE, Align.RIGHT],
    )  # fmt: skip
    return Annex(title=_("Phân công thực hiện"), blocks=[table], landscape=True)

"""Proposals read from the texts of legal documents, and what an editor makes of them. Nothing follows by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.engines.legal.proposals import RULES, Reading, read_document
from khcn.engines.text.fold import fold
from khcn.engines.text.numbers import number_key
from khcn.library import permissions
from khcn.library.enums import (
    CHECKED_SOURCES,
    DATE_PROPOSALS,
    ProposalKind,
    ProposalState,
    RelationKind,
    RelationSource,
    WorkKind,
)
from khcn.library.errors import InvalidFieldError, LibraryPermissionError, StateChangedError
from khcn.library.models import LegalProposal, LegalRecord, LegalScan, Work, WorkRelation
from khcn.library.search.changes import index_enqueue
from khcn.library.services.relations import relation_target, relations_resolve

AT_ONCE = 200  # documents that one tick reads
ENDING_KINDS = frozenset({RelationKind.REPLACES, RelationKind.REPEALS})
_Key = tuple[str, bool, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an editor says of a proposal: the dates and the part as they are right, and whether the other one ends.

    ``effective_date``: from when it holds (for a date of the document itself: that date). ``until_date``: first day after
    a suspension. ``part``: "" for the whole. ``end_target``: note in the replaced document that it has ended.
    """

    effective_date: date | None = None
    until_date: date | None = None
    part: str = ""
    end_target: bool = False


# --- reading ---


def proposals_scan_due(now: datetime) -> int:
    """Read the legal documents whose text is new, was changed, or was read by older rules; return how many."""
    fresh = (
        Q(legal_scan__isnull=True) | ~Q(legal_scan__text_hash=F("text_hash")) | ~Q(legal_scan__rules=RULES)
    )
    legal = Q(kind=WorkKind.LEGAL) | Q(legal__isnull=False)
    due = Work.objects.filter(legal, fresh).exclude(text_hash="").order_by("pk")
    ids = list(due.values_list("pk", flat=True)[:AT_ONCE])
    for work_id in ids:
        proposals_scan(work_id=work_id, now=now)
    return len(ids)


def proposals_scan(*, work_id: int, now: datetime) -> int:
    """Read one document and keep what its text says as proposals; return how many wait. Safe to run twice.

    What was decided stays decided; what the text no longer says and nobody looked at goes away.
    """
    work = Work.objects.select_related("legal").filter(pk=work_id).first()
    if work is None:
        return 0
    legal = getattr(work, "legal", None)
    pages = list(work.pages.order_by("number").values_list("number", "text"))
    reading = read_document(
        [text for _number, text in pages],
        own_number=legal.number if legal else "",
        own_type=legal.type_name if legal else "",
        subject=work.title,
        issued_on=work.issued_date,
        effective_on=legal.effective_date if legal else None,
    )
    numbers = [number for number, _text in pages]
    with transaction.atomic():
        if not Work.objects.select_for_update().filter(pk=work_id, text_hash=work.text_hash).exists():
            return 0  # changed meanwhile: the next tick reads it anew
        wanted: dict[_Key, LegalProposal] = {}
        for row in _rows(work, legal, reading, numbers, now):
            wanted.setdefault(_key(row), row)
        _keep(work_id, wanted)
        LegalScan.objects.update_or_create(
            work_id=work_id, defaults={"text_hash": work.text_hash, "rules": RULES, "scanned_at": now}
        )
        return LegalProposal.objects.filter(work_id=work_id).waiting().count()


def _rows(
    work: Work, legal: LegalRecord | None, reading: Reading, numbers: list[int], now: datetime
) -> Iterable[LegalProposal]:
    known = {
        (row.kind, row.cited_key or _title_key(row.cited_title)): row
        for row in work.relations.filter(source__in=CHECKED_SOURCES)
    }
    for one in reading.proposals:
        held = None if one.passive else known.get((str(one.kind), one.key))
        if held and one.part in {"", held.part} and one.on in {None, held.effective_date}:
            continue  # recorded already, and the text adds nothing
        yield LegalProposal(
            work=work, kind=str(one.kind), passive=one.passive, number=one.number[:60], title=one.title[:500],
            cited_key=one.key[:210], issued_date=one.issued_on, effective_date=one.on, part=one.part[:500],
            sentence=one.sentence[:700], page=_number(numbers, one.page), made_at=now,
        )  # fmt: skip
    for effect in reading.effects:
        kind = ProposalKind.EXPIRED if effect.expires else ProposalKind.EFFECTIVE
        recorded = (legal.expired_date if effect.expires else legal.effective_date) if legal else None
        if effect.on is not None and effect.on != recorded:
            yield LegalProposal(
                work=work, kind=kind, effective_date=effect.on, sentence=effect.sentence[:700],
                page=_number(numbers, effect.page), made_at=now,
            )  # fmt: skip


def _number(numbers: list[int], place: int) -> int | None:
    return numbers[place - 1] if place <= len(numbers) else None


def _key(row: LegalProposal) -> _Key:
    return row.kind, row.passive, row.cited_key


def _title_key(title: str) -> str:
    return " ".join(fold(title).split())[:200]


def _keep(work_id: int, wanted: dict[_Key, LegalProposal]) -> None:
    for held in list(LegalProposal.objects.filter(work_id=work_id)):
        fresh = wanted.pop(_key(held), None)
        if held.state != ProposalState.WAITING:
            continue
        if fresh is None:
            held.delete()
            continue
        fields = ("number", "title", "issued_date", "effective_date", "part", "sentence", "page")
        for name in fields:
            setattr(held, name, getattr(fresh, name))
        held.save(update_fields=fields)
    LegalProposal.objects.bulk_create(wanted.values())


# --- deciding ---


@transaction.atomic
def proposal_accept(*, actor: Actor, proposal_id: int, decision: Decision, now: datetime) -> LegalProposal:
    """Make a proposal a relation (or a date of the document), as the editor puts it.

    :raises StateChangedError: when somebody decided before.
    :raises InvalidFieldError: when a date is missing or cannot be, or the other document cannot be found.
    """
    proposal = _open(actor, proposal_id)
    if proposal.kind in DATE_PROPOSALS:
        _set_own_date(actor, proposal, decision, now)
    else:
        proposal.relation = _relate(actor, proposal, decision)
        if decision.end_target:
            _end_target(actor, proposal.relation, decision, now)
    _decided(actor, proposal, ProposalState.ACCEPTED, now)
    work = proposal.work
    Work.objects.filter(pk=work.pk).update(updated_at=now)
    audit_record(
        actor=actor,
        action="library.legal.accept",
        target=work,
        after={
            "proposal": str(proposal),
            "effective_date": str(decision.effective_date or ""),
            "part": decision.part,
            "sentence": proposal.sentence[:200],
        },
        at=now,
    )
    index_enqueue([work.pk])
    return proposal


@transaction.atomic
def proposal_refuse(*, actor: Actor, proposal_id: int, now: datetime) -> LegalProposal:
    """Set a proposal aside; the same words in the same document do not bring it back.

    :raises StateChangedError: when somebody decided before.
    """
    proposal = _open(actor, proposal_id)
    _decided(actor, proposal, ProposalState.REFUSED, now)
    audit_record(
        actor=actor,
        action="library.legal.refuse",
        target=proposal.work,
        after={"proposal": str(proposal)},
        at=now,
    )
    return proposal


@transaction.atomic
def proposals_accept_all(
    *, actor: Actor, work: Work, end_targets: bool, now: datetime
) -> tuple[int, list[str]]:
    """Accept every waiting proposal of a work as it was read; return how many, and why others still wait."""
    done, faults = 0, []
    for proposal in list(work.proposals.filter(state=ProposalState.WAITING)):
        ends = end_targets and proposal.kind in ENDING_KINDS and not proposal.part and proposal.effective_date
        decision = Decision(proposal.effective_date, None, proposal.part, end_target=bool(ends))
        try:
            with transaction.atomic():
                proposal_accept(actor=actor, proposal_id=proposal.pk, decision=decision, now=now)
        except InvalidFieldError as error:
            faults.append(f"{proposal}: {error.message}")
        else:
            done += 1
    return done, faults


@transaction.atomic
def proposals_refuse_all(*, actor: Actor, work: Work, now: datetime) -> int:
    """Set every waiting proposal of a work aside; return how many."""
    waiting = list(work.proposals.filter(state=ProposalState.WAITING).values_list("pk", flat=True))
    for pk in waiting:
        proposal_refuse(actor=actor, proposal_id=pk, now=now)
    return len(waiting)


def _open(actor: Actor, proposal_id: int) -> LegalProposal:
    proposal = (
        LegalProposal.objects.select_for_update(of=("self",)).select_related("work").get(pk=proposal_id)
    )
    if not permissions.can_decide_relations(actor, proposal.work):
        raise LibraryPermissionError(_("quyết định quan hệ giữa các văn bản"))
    if proposal.state != ProposalState.WAITING:
        raise StateChangedError(proposal.get_state_display())
    return proposal


def _decided(actor: Actor, proposal: LegalProposal, state: ProposalState, now: datetime) -> None:
    proposal.state, proposal.decided_at, proposal.decided_by_id = state, now, actor_id(actor)
    changed = LegalProposal.objects.filter(pk=proposal.pk, state=ProposalState.WAITING).update(
        state=state, decided_at=now, decided_by_id=proposal.decided_by_id, relation=proposal.relation
    )
    if not changed:
        raise StateChangedError(proposal.get_state_display())


def _relate(actor: Actor, proposal: LegalProposal, decision: Decision) -> WorkRelation:
    """Write the relation, or complete the one that is there."""
    if decision.until_date and decision.effective_date and decision.until_date <= decision.effective_date:
        raise InvalidFieldError("until_date", _("Ngày kết thúc phải sau ngày bắt đầu."))
    work, target_id = proposal.work, None
    if proposal.passive:
        other = _holder(actor, proposal)
        work, target_id = other, proposal.work_id
    number = "" if proposal.passive else proposal.number
    row = WorkRelation(
        work=work,
        kind=proposal.kind,
        target_id=target_id,
        cited_number=number,
        cited_key=number_key(number)[:60] if number else "",
        cited_title=proposal.title,
    )
    row.target_id = target_id or (relation_target(row) if row.cited_key else None)
    held = _held(row)
    row = held or row
    row.effective_date, row.until_date = decision.effective_date, decision.until_date
    row.part, row.source = decision.part[:500], RelationSource.ACCEPTED
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise InvalidFieldError("number", _("Quan hệ này đã có. Hãy tải lại trang để xem.")) from error
    relations_resolve([work.pk])
    row.refresh_from_db()
    return row


def _held(row: WorkRelation) -> WorkRelation | None:
    """Return the row that says the same already, however it names the other document."""
    same = WorkRelation.objects.select_for_update().filter(work_id=row.work_id, kind=row.kind)
    named = Q(pk__in=[])
    if row.target_id:
        named |= Q(target_id=row.target_id)
    if row.cited_key:
        named |= Q(cited_key=row.cited_key)
    found = same.filter(named).order_by(F("target_id").asc(nulls_last=True), "pk").first()
    if found is None and not row.cited_key and row.cited_title:
        wanted = _title_key(row.cited_title)
        found = next(
            (one for one in same.filter(cited_key="") if _title_key(one.cited_title) == wanted), None
        )
    return found


def _holder(actor: Actor, proposal: LegalProposal) -> Work:
    """Return the document that does it to ours: it must be held, and the editor must be allowed to speak for it."""
    key = number_key(proposal.number)
    found = list(Work.objects.filter(legal__number_key=key).exclude(pk=proposal.work_id)[:2])
    if len(found) != 1:
        raise InvalidFieldError(
            "number",
            _("Thư viện chưa có (hoặc có nhiều) văn bản %(number)s. Hãy thêm văn bản đó rồi chấp nhận lại.")
            % {"number": proposal.number},
        )
    if not permissions.can_decide_relations(actor, found[0]):
        raise LibraryPermissionError(_("sửa quan hệ của văn bản kia"))
    return found[0]


def _end_target(actor: Actor, relation: WorkRelation, decision: Decision, now: datetime) -> None:
    """Note in the document that was replaced since when it has ended."""
    if relation.kind not in ENDING_KINDS or decision.part:
        raise InvalidFieldError(
            "end_target", _("Chỉ ghi hết hiệu lực khi cả văn bản bị thay thế hoặc bãi bỏ.")
        )
    if decision.effective_date is None:
        raise InvalidFieldError(
            "effective_date", _("Hãy ghi ngày thay thế để biết văn bản kia hết hiệu lực từ ngày nào.")
        )
    record = LegalRecord.objects.select_for_update().filter(work_id=relation.target_id or 0).first()
    if record is None:
        raise InvalidFieldError(
            "end_target", _("Thư viện chưa có văn bản bị thay thế nên chưa ghi được ngày hết hiệu lực.")
        )
    if not permissions.can_decide_relations(actor, record.work):
        raise LibraryPermissionError(_("ghi ngày hết hiệu lực của văn bản kia"))
    if record.expired_date not in {None, decision.effective_date}:
        raise InvalidFieldError(
            "end_target",
            _(
                "Văn bản kia đã được ghi hết hiệu lực từ ngày %(day)s. Hãy mở văn bản đó để sửa nếu ngày ấy sai."
            )
            % {"day": f"{record.expired_date:%d/%m/%Y}"},
        )
    _write_date(actor, record, "expired_date", decision.effective_date, now)


def _set_own_date(actor: Actor, proposal: LegalProposal, decision: Decision, now: datetime) -> None:
    if decision.effective_date is None:
        raise InvalidFieldError("effective_date", _("Hãy ghi ngày."))
    record, _new = LegalRecord.objects.select_for_update().get_or_create(work_id=proposal.work_id)
    name = "expired_date" if proposal.kind == ProposalKind.EXPIRED else "effective_date"
    _write_date(actor, record, name, decision.effective_date, now)


def _write_date(actor: Actor, record: LegalRecord, name: str, day: date, now: datetime) -> None:
    before = getattr(record, name)
    if before == day:
        return
    setattr(record, name, day)
    if record.effective_date and record.expired_date and record.expired_date < record.effective_date:
        raise InvalidFieldError(
            "effective_date", _("Ngày hết hiệu lực không thể trước ngày có hiệu lực. Hãy kiểm tra lại ngày.")
        )
    record.save(update_fields=[name])
    Work.objects.filter(pk=record.work_id).update(updated_at=now)
    audit_record(
        actor=actor,
        action="library.legal.date",
        target=record.work,
        before={name: str(before or "")},
        after={name: str(day)},
        at=now,
    )
    index_enqueue([record.work_id])

"""From sheets to a result: frozen with a hash, thawed with a reason, awards, minutes and decision, the leader's approval."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.document_port import DocumentWanted, document_desk
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.papers.parts import Paper
from khcn.programmes.contest_papers import agency_of, decision_paper, minutes_paper
from khcn.programmes.enums import EntryState, PhaseKind
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.contests import Award, ContestResult, Review
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting, can_approve_result, can_freeze_contest, can_keep_contest
from khcn.programmes.rules.contest_scoring import digest_of, ranking_of, standing_json
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.selectors.contests import current_rules, standing_result
from khcn.programmes.services.contests_conflicts import conflicts_find, entries_judged
from khcn.programmes.services.contests_setup import held, keeper_only, phase_set
from khcn.programmes.services.entries_teams import contact_tell
from khcn.programmes.services.sheets import frozen_rules, frozen_sheet, juror_names

SOURCE = "programmes.contestresult"


@transaction.atomic
def result_freeze(*, actor: Actor, programme: Programme, now: datetime, reason: str = "") -> ContestResult:
    """Freeze the scores; nobody saw them before. Sheets that miss are left out only with a reason.

    :raises ProgrammeError: not in judging, sheets open and no reason, an entry without any sheet.
    """
    if not can_freeze_contest(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Điểm do chuyên viên hoặc trưởng đơn vị đầu mối chốt."))
    contest = held(programme)
    if contest.phase != PhaseKind.JUDGING:
        raise ProgrammeError(_("Chỉ chốt điểm khi đang ở giai đoạn chấm."))
    rules = current_rules(programme)
    conflicts_find(programme=programme, now=now)
    entries = sorted(entries_judged(programme.pk), key=lambda one: one.code)
    rows = list(
        Review.objects.filter(programme=programme, void_at=None, entry__in=entries)
        .select_related("juror__user", "entry").prefetch_related("scores__criterion").order_by("entry__code", "juror_id")
    )  # fmt: skip
    missing, why = [one for one in rows if one.submitted_at is None], reason.strip()[:500]
    done = [one for one in rows if one.submitted_at is not None]
    if rules is None or not entries or {one.pk for one in entries} - {one.entry_id for one in done}:
        raise ProgrammeError(_("Còn bài chưa có phiếu chấm nào được nộp."))
    if missing and not why:
        text = _("Còn %(n)s phiếu chưa nộp. Hãy đợi, hoặc ghi lý do chốt điểm mà không có các phiếu đó.")
        raise ProgrammeError(text % {"n": len(missing)}, field="reason")
    jurors = {one.juror_id: one.juror for one in rows}
    names, people = juror_names(jurors)
    frozen: dict[str, Any] = {
        "contest": programme.key, "title": programme.title, "frozen_at": now.isoformat(), "reason": why,
        "rules": frozen_rules(rules, rules.criteria.all()),
        "jurors": people,
        "entries": [{"code": one.code, "entry": one.pk} for one in entries],
        "sheets": [frozen_sheet(one, one.entry.code, names[one.juror_id]) for one in done],
        "missing": [{"entry": one.entry.code, "juror": names[one.juror_id]} for one in missing],
    }  # fmt: skip
    frozen["ranking"] = [standing_json(one) for one in ranking_of(frozen)]
    result = ContestResult.objects.create(
        programme=programme,
        rules=rules,
        frozen=frozen,
        sha256=digest_of(frozen),
        frozen_at=now,
        frozen_by_id=actor_id(actor),
    )
    phase_set(contest, PhaseKind.COUNCIL, actor=actor, now=now)
    audit_record(
        actor=actor, action="programmes.result.freeze", target=result, reason=why,
        after={"sha256": result.sha256, "sheets": len(done), "missing": len(missing)}, at=now,
    )  # fmt: skip
    awards_propose(actor=actor, result=result, now=now)
    return result


@transaction.atomic
def result_thaw(*, actor: Actor, programme: Programme, reason: str, now: datetime) -> None:
    """Open the judging again: the frozen scores stay on record, a new freeze makes new ones."""
    if not acting(actor, local_date(now)).focal_head:
        raise PermissionDeniedError(_("Chỉ trưởng đơn vị đầu mối mở lại việc chấm."))
    contest = held(programme)
    result = _open_result(programme)
    why = reason.strip()[:500]
    if not why:
        raise ProgrammeError(_("Hãy ghi lý do mở lại việc chấm."), field="reason")
    ContestResult.objects.filter(pk=result.pk, thawed_at=None).update(thawed_at=now, thaw_reason=why)
    phase_set(contest, PhaseKind.JUDGING, actor=actor, now=now, reason=why)
    audit_record(actor=actor, action="programmes.result.thaw", target=result, reason=why, at=now)


def _open_result(programme: Programme) -> ContestResult:
    result = standing_result(programme)
    if result is None:
        raise ProgrammeError(_("Điểm chưa được chốt."))
    if result.published_at is not None:
        raise ProgrammeError(_("Kết quả đã công bố nên không đổi được nữa."))
    return result


def award_slots(result: ContestResult) -> list[tuple[str, Any]]:
    """Return the awards of the rules one by one, best first: title and prize."""
    return [
        (str(row["title"]), row.get("prize_vnd"))
        for row in result.rules.awards
        for _one in range(int(row.get("count") or 1))
    ]


@transaction.atomic
def awards_propose(*, actor: Actor, result: ContestResult, now: datetime) -> int:
    """Make the awards anew by rank: who shares a rank shares the award of that rank."""
    keeper_or_freezer = acting(actor, local_date(now))
    if not can_freeze_contest(keeper_or_freezer):
        raise PermissionDeniedError(_("Giải thưởng do chuyên viên đầu mối ghi theo hội đồng."))
    result.awards.all().delete()
    slots = award_slots(result)
    ids = {row["code"]: row["entry"] for row in result.frozen["entries"]}
    rows = [
        Award(
            programme_id=result.programme_id, result=result, entry_id=ids[row["entry"]], title=slots[row["rank"] - 1][0],
            prize_vnd=slots[row["rank"] - 1][1], order=row["rank"],
        )
        for row in result.frozen["ranking"] if row["rank"] and row["rank"] <= len(slots)
    ]  # fmt: skip
    Award.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def award_change(
    *, actor: Actor, programme: Programme, entry: Entry, title: str, reason: str, now: datetime
) -> None:
    """Enter what the council decided against the ranking: another award, or none (empty title), with its reason."""
    keeper_only(actor, now)
    held(programme)
    result = _open_result(programme)
    if result.proposed_at is not None:
        raise ProgrammeError(_("Kết quả đã trình lãnh đạo. Hãy rút trình trước khi đổi giải."))
    slots, why = award_slots(result), kept_text(reason, 500)
    prizes = dict(slots)
    if not why:
        raise ProgrammeError(_("Hãy ghi lý do của hội đồng."), field="reason")
    if entry.pk not in {row["entry"] for row in result.frozen["entries"]} or (title and title not in prizes):
        raise ProgrammeError(_("Thể lệ không có giải này cho bài này."), field="title")
    before = result.awards.filter(entry=entry).values_list("title", flat=True).first() or ""
    result.awards.filter(entry=entry).delete()
    if title:
        order = 1 + [one for one, _prize in slots].index(title)
        Award.objects.create(
            programme=programme,
            result=result,
            entry=entry,
            title=title,
            prize_vnd=prizes[title],
            order=order,
            reason=why,
        )
    audit_record(
        actor=actor, action="programmes.award.change", target=result, before={"title": before},
        after={"title": title, "entry": entry.code}, reason=why, at=now,
    )  # fmt: skip


@transaction.atomic
def result_propose(*, actor: Actor, programme: Programme, now: datetime) -> ContestResult:
    """Draft the minutes and the decision in the register and put the result before the leader. Twice is once."""
    keeper_only(actor, now)
    held(programme)
    result = _open_result(programme)
    if digest_of(result.frozen) != result.sha256:
        raise ProgrammeError(
            _("Điểm đã chốt không còn nguyên vẹn. Hãy báo quản trị; đừng trình kết quả này.")
        )
    if result.proposed_at is not None:
        return result
    if document_desk.available:
        result.minutes = _draft(actor, result, "BB", minutes_paper(result), result.minutes, now=now)
        result.decision = _draft(actor, result, "QĐ", decision_paper(result), result.decision, now=now)
    result.proposed_at, result.proposed_by_id = now, actor_id(actor)
    result.save(update_fields=["minutes", "decision", "proposed_at", "proposed_by"])
    audit_record(actor=actor, action="programmes.result.propose", target=result, at=now)
    return result


def _draft(
    actor: Actor, result: ContestResult, code: str, paper: Paper, known: int | None, *, now: datetime
) -> int:
    """Enter a draft; one that was made for an earlier proposal gets the new text while the register lets it."""
    if known is not None:
        try:
            with transaction.atomic():
                return document_desk.get().redraft(actor=actor, document_id=known, paper=paper, now=now).id
        except KhcnError:  # checked or issued meanwhile: a new one is drafted
            pass
    wanted = DocumentWanted(
        agency_id=agency_of(result.programme).pk, type_code=code, subject=paper.subtitle, paper=paper,
        source=f"{SOURCE}:{result.pk}", drafting_unit_id=result.programme.unit_id,
    )  # fmt: skip
    return document_desk.get().draft(actor=actor, wanted=wanted, now=now).id


@transaction.atomic
def result_return(*, actor: Actor, programme: Programme, reason: str, now: datetime) -> None:
    """Take a proposal back: the leader sends it back, or the officer withdraws it, with a reason."""
    reach = acting(actor, local_date(now))
    if not (can_approve_result(reach) or can_keep_contest(reach)):
        raise PermissionDeniedError(_("Kết quả do lãnh đạo trả lại hoặc chuyên viên đầu mối rút trình."))
    held(programme)
    result, why = _open_result(programme), reason.strip()[:500]
    if result.proposed_at is None:
        raise ProgrammeError(_("Kết quả chưa được trình."))
    if not why:
        raise ProgrammeError(_("Hãy ghi lý do trả lại hoặc rút trình."), field="reason")
    ContestResult.objects.filter(pk=result.pk).update(proposed_at=None, proposed_by=None)
    audit_record(actor=actor, action="programmes.result.return", target=result, reason=why, at=now)


@transaction.atomic
def result_approve(*, actor: Actor, programme: Programme, now: datetime) -> ContestResult:
    """The leader approves: the result is public and the contest is over. Never by who proposed it."""
    if not can_approve_result(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Kết quả do lãnh đạo phê duyệt."))
    contest = held(programme)
    result = _open_result(programme)
    if result.proposed_at is None:
        raise ProgrammeError(_("Kết quả chưa được trình."))
    if actor is not None and actor_id(actor) in (result.proposed_by_id, result.frozen_by_id):
        raise PermissionDeniedError(_("Người trình kết quả không tự phê duyệt. Hãy nhờ lãnh đạo khác."))
    result.published_at, result.approved_by_id = now, actor_id(actor)
    result.save(update_fields=["published_at", "approved_by"])
    phase_set(contest, PhaseKind.DONE, actor=actor, now=now)
    audit_record(
        actor=actor,
        action="programmes.result.approve",
        target=result,
        after={"sha256": result.sha256},
        at=now,
    )
    _teams_tell(result, now)
    return result


def _teams_tell(result: ContestResult, now: datetime) -> None:
    """Write to the contact of every judged entry that the result is out; who won is told the award."""
    programme = result.programme
    awards = {one.entry_id: one.title for one in result.awards.all()}
    for entry in programme.entries.filter(state=EntryState.ACCEPTED).select_related("team__programme"):
        award = awards.get(entry.pk)
        body = (
            _("Chúc mừng! Bài “%(title)s” đạt %(award)s. Ban tổ chức sẽ báo lịch trao giải. Muốn tên và bài được giới thiệu công khai, hãy ghi đồng ý công bố ở trang riêng của đội.")
            if award
            else _("Kết quả cuộc thi đã được công bố. Bài “%(title)s” lần này chưa đạt giải. Cảm ơn đội đã dự thi, hẹn gặp lại ở lần sau.")
        ) % {"title": entry.title, "award": award or ""}  # fmt: skip
        contact_tell(
            entry.team, subject=_("Kết quả: %(title)s") % {"title": programme.title}, body=body, now=now,
            key=f"programmes.result:{result.pk}:{entry.team_id}",
        )  # fmt: skip

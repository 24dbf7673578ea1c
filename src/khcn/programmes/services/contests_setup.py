"""Setting a contest up: its row, versions of rules and rubric, the council, the phases."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import local_date
from khcn.core.enums import Channel
from khcn.core.errors import PermissionDeniedError
from khcn.core.outbox.services import message_send
from khcn.engines.text.fold import fold
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, Party, User
from khcn.programmes.enums import JUDGED, EntryState, JurorSeat, PhaseKind, ProgrammeKind, Scoring
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.contests import Contest, ContestRules, Criterion, Juror, Review
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting, can_keep_contest, can_read_entries, reach_of
from khcn.programmes.rules.contest_phases import before_judging, is_step
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.selectors.contests import current_rules, declared_jurors
from khcn.programmes.services.contests_conflicts import conflicts_find
from khcn.programmes.services.sheets import (
    anchors_check,
    criteria_read,
    rubric_of_rules,
    tie_break_clean,
)

FIELDS: Final = (
    "deadline",
    "team_least",
    "team_most",
    "reviews_wanted",
    "show_own_total",
    "judge_by",
    "council_decision",
    "council_date",
)


def contest_ensure(programme: Programme) -> Contest:
    """Return the contest of a programme of kind contest, made when missing. :raises ProgrammeError: another kind."""
    if programme.kind != ProgrammeKind.CONTEST:
        raise ProgrammeError(_("Chương trình này không phải là cuộc thi."))
    return Contest.objects.get_or_create(programme=programme)[0]


def keeper_only(actor: Actor, now: datetime) -> None:
    """Refuse everybody but the focal officer."""
    if not can_keep_contest(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Cuộc thi do chuyên viên của đơn vị đầu mối tổ chức."))


def held(programme: Programme) -> Contest:
    """Return the contest under lock."""
    contest_ensure(programme)
    return Contest.objects.select_for_update().get(programme=programme)


@transaction.atomic
def contest_update(
    *, actor: Actor, programme: Programme, values: Mapping[str, Any], now: datetime
) -> Contest:
    """Change deadline, team sizes, number of jurors an entry, and whether teams see their total."""
    keeper_only(actor, now)
    contest = held(programme)
    before = snapshot(contest, FIELDS)
    for name, value in values.items():
        if name in FIELDS:
            setattr(contest, name, value)
    if contest.team_least < 1 or contest.team_most < contest.team_least:
        raise ProgrammeError(_("Số người nhiều nhất phải từ số ít nhất trở lên."), field="team_most")
    if not 1 <= contest.reviews_wanted <= 15:
        raise ProgrammeError(_("Mỗi bài cần từ 1 đến 15 giám khảo."), field="reviews_wanted")
    contest.revision += 1
    contest.save()
    audit_record(
        actor=actor, action="programmes.contest.update", target=contest, before=before, after=snapshot(contest, FIELDS), at=now
    )  # fmt: skip
    return contest


# Rules and rubric


@transaction.atomic
def rules_save(*, actor: Actor, programme: Programme, values: Mapping[str, Any], criteria: Sequence[Mapping[str, Any]], now: datetime) -> ContestRules:  # fmt: skip
    """Write the draft of the next version; a published one is never touched.

    ``criteria``: key, title, most, weight, least, anchors. :raises ProgrammeError: judging has begun, numbers do not fit.
    """
    keeper_only(actor, now)
    contest = held(programme)
    if not before_judging(contest.phase):
        raise ProgrammeError(_("Giám khảo đã bắt đầu chấm nên thể lệ không đổi được nữa."))
    rows = criteria_read(Criterion, criteria)
    keys = [one.key for one in rows]
    draft = programme.rules.select_for_update().filter(published_at=None).first()
    if draft is None:
        last = programme.rules.aggregate(last=Max("version"))["last"] or 0
        draft = ContestRules(programme=programme, version=last + 1, created_at=now)
    draft.text = kept_text(values.get("text", ""), 50_000)
    draft.scoring = Scoring(values.get("scoring") or Scoring.MEDIAN)
    draft.tie_break = tie_break_clean(values.get("tie_break", ""))
    draft.pass_total = values.get("pass_total")
    draft.awards = list(values.get("awards") or [])
    draft.change_note = kept_text(values.get("change_note", ""), 500)
    draft.save()
    draft.criteria.all().delete()
    for one in rows:
        one.rules = draft
    Criterion.objects.bulk_create(rows)
    audit_record(
        actor=actor, action="programmes.rules.save", target=draft, after={"version": draft.version, "criteria": keys}, at=now
    )  # fmt: skip
    return draft


@transaction.atomic
def rules_publish(*, actor: Actor, programme: Programme, now: datetime) -> ContestRules:
    """Publish the draft: from now on this version never changes.

    :raises ProgrammeError: no text, no criteria, criteria without anchors, a tie-break of unknown criteria, no change note.
    """
    keeper_only(actor, now)
    contest = held(programme)
    draft = programme.rules.select_for_update().filter(published_at=None).first()
    if draft is None:
        raise ProgrammeError(_("Không có bản thảo thể lệ nào để công bố."))
    if not before_judging(contest.phase):
        raise ProgrammeError(_("Giám khảo đã bắt đầu chấm nên thể lệ không đổi được nữa."))
    rows = list(draft.criteria.all())
    if not draft.text or not rows:
        raise ProgrammeError(_("Thể lệ cần phần chữ và ít nhất một tiêu chí."), field="text")
    anchors_check(rows)
    try:
        rubric_of_rules(draft, rows)
    except ValueError as error:
        raise ProgrammeError(
            _("Thứ tự phân định khi bằng điểm phải gồm mã của các tiêu chí."), field="tie_break"
        ) from error
    if draft.version > 1 and not draft.change_note:
        raise ProgrammeError(_("Hãy ghi thể lệ này thay đổi gì so với bản trước."), field="change_note")
    draft.published_at = now
    draft.save(update_fields=["published_at"])
    audit_record(
        actor=actor, action="programmes.rules.publish", target=draft, after={"version": draft.version}, at=now
    )
    return draft


# Council


@transaction.atomic
def council_decide(
    *, actor: Actor, programme: Programme, number: str, day: date | None, now: datetime
) -> Contest:
    """Enter the decision that sets up the council."""
    values = {"council_decision": kept_text(number, 120), "council_date": day}
    return contest_update(actor=actor, programme=programme, values=values, now=now)


def juror_choices(on: date) -> list[User]:
    """Return the people who may sit in a council: they hold the role and read no names."""
    rows = (
        Membership.objects.in_force(on).filter(role=Role.JUROR, user__is_active=True).select_related("user")
    )
    people = {row.user_id: row.user for row in rows.order_by("user__person_key", "user_id")}
    return [one for one in people.values() if not can_read_entries(reach_of(one, on))]


@transaction.atomic
def juror_add(*, actor: Actor, programme: Programme, user: User, now: datetime, seat: str = JurorSeat.MEMBER, organisation: str = "", party: Party | None = None) -> Juror:  # fmt: skip
    """Seat a juror; conflicts with the own school or unit are found at once. :raises ProgrammeError: sees names, sits already."""
    keeper_only(actor, now)
    contest = held(programme)
    _unfrozen(contest)
    if can_read_entries(reach_of(user, local_date(now))):
        raise ProgrammeError(
            _("Người này xem được tên thí sinh nên không chấm ẩn danh được. Hãy chọn người khác."),
            field="user",
        )
    if seat == JurorSeat.CHAIR and programme.jurors.filter(removed_at=None, seat=seat).exists():
        raise ProgrammeError(_("Hội đồng đã có chủ tịch."), field="seat")
    place = kept_text(organisation, 200)
    try:
        with transaction.atomic():
            row = Juror.objects.create(
                programme=programme, user=user, seat=seat, party=party, organisation=place,
                folded_organisation=fold(" ".join(place.split()))[:200], added_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise ProgrammeError(_("Người này đã ở trong hội đồng."), field="user") from None
    conflicts_find(programme=programme, now=now)
    audit_record(
        actor=actor, action="programmes.juror.add", target=row, after={"user": user.pk, "seat": seat}, at=now
    )
    if contest.phase in (PhaseKind.DECLARING, PhaseKind.JUDGING):
        tell_juror(row, contest.phase, now)
    return row


def _unfrozen(contest: Contest) -> None:
    if contest.phase in (PhaseKind.COUNCIL, PhaseKind.DONE):
        raise ProgrammeError(_("Điểm đã chốt nên hội đồng không đổi được. Hãy mở lại việc chấm trước."))


@transaction.atomic
def juror_remove(*, actor: Actor, juror: Juror, reason: str, keep_submitted: bool, now: datetime) -> int:
    """Take a juror out, also in the middle; return how many sheets were voided.

    Open sheets are void and shared out anew; submitted ones stay or go as the officer chooses, with the reason.
    """
    keeper_only(actor, now)
    contest = held(juror.programme)
    _unfrozen(contest)
    why = kept_text(reason, 500)
    if not why:
        raise ProgrammeError(_("Hãy ghi lý do đưa giám khảo ra khỏi hội đồng."), field="reason")
    if not Juror.objects.filter(pk=juror.pk, removed_at=None).update(removed_at=now, remove_reason=why):
        return 0
    rows = Review.objects.filter(juror=juror, void_at=None)
    gone = (rows.filter(submitted_at=None) if keep_submitted else rows).update(void_at=now, void_reason=why)
    audit_record(
        actor=actor, action="programmes.juror.remove", target=juror, reason=why,
        after={"keep_submitted": keep_submitted, "voided": gone}, at=now,
    )  # fmt: skip
    if contest.phase == PhaseKind.JUDGING:
        from khcn.programmes.services.contests_reviews import reviews_assign  # noqa: PLC0415  # it uses this module

        reviews_assign(actor=actor, programme=juror.programme, now=now)
    return gone


# Phases


@transaction.atomic
def phase_move(*, actor: Actor, programme: Programme, to: str, now: datetime, reason: str = "", revision: int | None = None) -> Contest:  # fmt: skip
    """Move one step on, or one step back with a reason. :raises ProgrammeError: what must be done before."""
    keeper_only(actor, now)
    contest = held(programme)
    if revision is not None and revision != contest.revision:
        raise StaleError(_("Người khác vừa đổi cuộc thi này. Hãy tải lại trang rồi làm lại."))
    if to not in PhaseKind.values or not is_step(contest.phase, to):
        raise ProgrammeError(_("Không chuyển thẳng sang giai đoạn này được. Hãy đi từng bước."))
    order = list(PhaseKind)
    back = order.index(PhaseKind(to)) < order.index(PhaseKind(contest.phase))
    if back and not reason.strip():
        raise ProgrammeError(_("Hãy ghi lý do quay lại giai đoạn trước."), field="reason")
    if not back and (missing := phase_missing(contest, to, now)):
        raise ProgrammeError(" ".join(missing))
    if to == PhaseKind.DECLARING and not back:
        codes_give(programme)
        conflicts_find(programme=programme, now=now)
    phase_set(contest, to, actor=actor, now=now, reason=kept_text(reason, 500))
    if not back:
        for juror in programme.jurors.filter(removed_at=None).select_related("user", "programme"):
            tell_juror(juror, to, now)
    return contest


def phase_set(contest: Contest, to: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Write the phase with its row in the trail; the caller holds the lock and has judged it."""
    before = contest.phase
    contest.phase = to
    Contest.objects.filter(pk=contest.pk).update(phase=to, revision=F("revision") + 1)
    contest.refresh_from_db()
    audit_record(
        actor=actor, action="programmes.contest.phase", target=contest, before={"phase": before}, after={"phase": to},
        reason=reason, at=now,
    )  # fmt: skip


def phase_missing(contest: Contest, to: str, now: datetime) -> list[str]:
    """Return what must be done before a step on; empty when nothing."""
    programme = contest.programme
    jurors = list(programme.jurors.filter(removed_at=None))
    found = []
    if to == PhaseKind.OPEN:
        if current_rules(programme) is None:
            found.append(_("Hãy công bố thể lệ."))
        if contest.deadline is None or contest.deadline <= now:
            found.append(_("Hãy đặt hạn nộp bài còn ở phía trước."))
    elif to == PhaseKind.CHECKING and (contest.deadline is None or now < contest.deadline):
        found.append(_("Chưa hết hạn nộp bài. Hãy đợi đến hạn, hoặc đổi hạn."))
    elif to == PhaseKind.DECLARING:
        if programme.entries.filter(state=EntryState.SUBMITTED).exists():
            found.append(_("Còn bài chưa được kiểm tra hợp lệ."))
        if not programme.entries.filter(state__in=JUDGED).exists():
            found.append(_("Chưa có bài hợp lệ nào."))
        if not contest.council_decision:
            found.append(_("Hãy ghi quyết định thành lập hội đồng."))
        if not any(one.seat == JurorSeat.CHAIR for one in jurors):
            found.append(_("Hội đồng chưa có chủ tịch."))
    elif to == PhaseKind.JUDGING:
        if len(declared_jurors(programme)) < len(jurors):
            found.append(_("Còn giám khảo chưa khai xung đột lợi ích."))
        judged = Review.objects.filter(programme=programme, void_at=None).values("entry")
        if programme.entries.filter(state__in=JUDGED).exclude(pk__in=judged).exists():
            found.append(_("Còn bài chưa phân cho giám khảo nào."))
    return found


def codes_give(programme: Programme) -> int:
    """Give every accepted entry without one a code, in random order; codes once given stay."""
    rows = list(Entry.objects.select_for_update().filter(programme=programme, state__in=JUDGED, code=""))
    used = set(programme.entries.exclude(code="").values_list("code", flat=True))
    secrets.SystemRandom().shuffle(rows)
    number = 0
    for row in rows:
        while (code := f"BT-{number + 1:02d}") in used:
            number += 1
        used.add(code)
        Entry.objects.filter(pk=row.pk).update(code=code)
    return len(rows)


def tell_juror(juror: Juror, phase: str, now: datetime) -> None:
    """Write to a juror what the new phase asks of them."""
    subject = {
        PhaseKind.DECLARING: _("Mời khai xung đột lợi ích: %(title)s"), PhaseKind.JUDGING: _("Mời chấm bài: %(title)s"),
    }.get(PhaseKind(phase))  # fmt: skip
    if subject is None:
        return
    message_send(
        channel=Channel.DESK, user=juror.user, now=now, link=reverse("programmes-desk:jury"),
        subject=subject % {"title": juror.programme.title}, body=_("Mở trang Chấm thi để xem việc tiếp theo của bạn."),
        dedupe_key=f"programmes.juror:{juror.pk}:{phase}",
    )  # fmt: skip

"""Teams: made by a contact whose address is proven, changed by secret link until the deadline, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import datetime_vi
from khcn.core.outbox.services import message_send
from khcn.engines.text.fold import fold
from khcn.programmes.enums import (
    ConsentBy,
    ConsentForm,
    ConsentPurpose,
    EntryState,
    MemberPart,
    PhaseKind,
    Sex,
    TeamState,
)
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.contests import Contest
from khcn.programmes.models.entries import Entry, Team, TeamMember
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.entries import identity_of, is_child
from khcn.programmes.rules.texts import kept_line
from khcn.programmes.selectors.entries import closed_because, contest_of, member_subject, team_subject
from khcn.programmes.services.codes import clean_address, code_check
from khcn.programmes.services.consents import consent_give
from khcn.programmes.tokens import link_token

MOST_MENTORS: Final = 3
OLDEST: Final = 1920
BY_LINK_UNTIL: Final = frozenset({PhaseKind.OPEN, PhaseKind.CHECKING, PhaseKind.DECLARING})


@dataclass(frozen=True, slots=True)
class Person:
    """A member or a mentor as the form gives it. ``agreed``: who let the data be kept was asked and agreed."""

    name: str
    birth_year: int | None = None
    part: str = MemberPart.MEMBER
    class_name: str = ""
    sex: str = ""
    guardian_name: str = ""
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class TeamWish:
    """A team as the form gives it. ``address``: mail address or phone of the contact."""

    name: str
    organisation: str
    contact_name: str
    address: str
    client_key: str = ""
    people: Sequence[Person] = field(default_factory=tuple)


def code_purpose(programme: Programme) -> str:
    """Return for what a contact's code is good."""
    return f"team:{programme.pk}"


def team_link(team: Team) -> str:
    """Return the secret address of a team."""
    return reverse("programmes:entries-team", args=[team.programme.key, team.token])


def wish_check(programme: Programme, wish: TeamWish, now: datetime) -> TeamWish:
    """Return a wish with clean texts; asked before a code is sent. :raises ProgrammeError: by field."""
    _open(programme, now)
    name, contact = kept_line(wish.name, 200), kept_line(wish.contact_name, 150)
    if not fold(name):
        raise ProgrammeError(_("Hãy ghi tên đội."), field="name")
    if not fold(contact):
        raise ProgrammeError(_("Hãy ghi họ tên người phụ trách đội."), field="contact_name")
    clean_address(wish.address)
    return TeamWish(
        name, kept_line(wish.organisation, 200), contact, wish.address.strip(), kept_line(wish.client_key, 40), tuple(wish.people)
    )  # fmt: skip


def team_create(
    *,
    actor: Actor,
    programme: Programme,
    wish: TeamWish,
    now: datetime,
    digits: str | None = None,
    proven: bool = False,
) -> Team:
    """Register a team; the same form sent twice gives the same team.

    The contact proves the address with the code ``digits``; ``proven``: it was proven before (a school's further teams,
    the demo). :raises ProgrammeError, CodeError:
    """
    wish = wish_check(programme, wish, now)
    held = Team.objects.filter(programme=programme, client_key=wish.client_key) if wish.client_key else None
    _channel, address = clean_address(wish.address)
    if held is not None and (row := held.first()) is not None:
        if row.contact_address != address:
            raise ProgrammeError(_("Biểu mẫu này đã gửi rồi. Hãy tải lại trang để đăng ký đội khác."))
        return row
    if not proven:
        code_check(address=wish.address, purpose=code_purpose(programme), digits=digits or "", now=now)
    try:
        return _create(actor, programme, wish, address, now)
    except IntegrityError:
        if held is not None and (row := held.first()) is not None:
            return row
        raise


@transaction.atomic
def _create(actor: Actor, programme: Programme, wish: TeamWish, address: str, now: datetime) -> Team:
    contest = _open(programme, now)
    team = Team.objects.create(
        programme=programme, name=wish.name, folded_name=fold(wish.name)[:200], organisation=wish.organisation,
        folded_organisation=fold(wish.organisation)[:200], contact_name=wish.contact_name, contact_address=address,
        token=link_token(), client_key=wish.client_key, created_at=now,
    )  # fmt: skip
    for person in wish.people:
        _add(actor, team, contest, person, now)
    consent_give(
        actor=actor, programme=programme, subject=team_subject(team.pk), subject_name=wish.contact_name,
        purpose=ConsentPurpose.PROCESSING, by=ConsentBy.SELF, by_name=wish.contact_name, now=now,
    )  # fmt: skip
    audit_record(
        actor=actor, action="programmes.team.create", target=team, after={"members": len(wish.people)}, at=now
    )
    contact_tell(
        team, now=now, subject=_("Đã đăng ký đội dự thi"), key=f"programmes.team:{team.pk}:new",
        body=_(
            "Đội đã đăng ký %(contest)s. Mở liên kết này để thêm thành viên, gửi bài và nộp trước %(deadline)s. Hãy giữ kín: ai có liên kết đều sửa được."
        ) % {"contest": programme.title[:150], "deadline": datetime_vi(contest.deadline) or _("hạn của thể lệ")},
    )  # fmt: skip
    return team


@transaction.atomic
def team_update(
    *, actor: Actor, team: Team, name: str, organisation: str, contact_name: str, now: datetime
) -> Team:
    """Change what a team is called and where it comes from. Who is in two teams is asked anew."""
    _open(team.programme, now)
    row = _locked(team)
    wish = wish_check(team.programme, TeamWish(name, organisation, contact_name, row.contact_address), now)
    row.name, row.folded_name = wish.name, fold(wish.name)[:200]
    row.organisation, row.folded_organisation = wish.organisation, fold(wish.organisation)[:200]
    row.contact_name = wish.contact_name
    row.revision += 1
    row.save()
    for one in TeamMember.objects.filter(team=row, removed_at=None):
        one.identity = identity_of(one.name, one.birth_year, row.organisation)
        _saved(one)
    audit_record(actor=actor, action="programmes.team.update", target=row, at=now)
    return row


@transaction.atomic
def member_save(
    *, actor: Actor, team: Team, person: Person, now: datetime, member_id: int | None = None
) -> TeamMember:
    """Add a person to a team, or put one right. :raises ProgrammeError: by field; in two teams; the team is full."""
    contest = _open(team.programme, now)
    row = _locked(team)
    Team.objects.filter(pk=row.pk).update(revision=F("revision") + 1)
    if member_id is None:
        return _add(actor, row, contest, person, now)
    held = TeamMember.objects.filter(team=row, pk=member_id, removed_at=None).first()
    if held is None:
        raise ProgrammeError(_("Người này không còn trong đội. Hãy tải lại trang."))
    _fill(held, row, contest, person, now)
    _saved(held)
    audit_record(actor=actor, action="programmes.teammember.update", target=row, at=now)
    return held


@transaction.atomic
def member_remove(*, actor: Actor, team: Team, member_id: int, now: datetime) -> bool:
    """Take somebody out of a team: free for another team. Return whether that changed anything."""
    _open(team.programme, now)
    row = _locked(team)
    gone = TeamMember.objects.filter(team=row, pk=member_id, removed_at=None).update(removed_at=now)
    if gone:
        audit_record(actor=actor, action="programmes.teammember.remove", target=row, at=now)
    return bool(gone)


@transaction.atomic
def team_withdraw(*, actor: Actor, team: Team, now: datetime) -> bool:
    """Leave the contest, until judging begins; the members are free for other teams. Again changes nothing."""
    row = Team.objects.select_for_update().get(pk=team.pk)
    contest = contest_of(team.programme)
    if row.state == TeamState.WITHDRAWN:
        return False
    if contest is None or contest.phase not in BY_LINK_UNTIL:
        raise ProgrammeError(_("Ban giám khảo đã bắt đầu chấm. Muốn rút, hãy liên hệ ban tổ chức."))
    Team.objects.filter(pk=row.pk).update(state=TeamState.WITHDRAWN, revision=F("revision") + 1)
    Entry.objects.filter(team=row).update(
        state=EntryState.WITHDRAWN, updated_at=now, revision=F("revision") + 1
    )
    TeamMember.objects.filter(team=row, removed_at=None).update(removed_at=now)
    audit_record(actor=actor, action="programmes.team.withdraw", target=row, at=now)
    return True


def contact_tell(team: Team, *, subject: str, body: str, now: datetime, key: str) -> None:
    """Write to the contact of a team, with its secret link; nothing where no address is left."""
    if not team.contact_address:
        return
    channel, address = clean_address(team.contact_address)
    message_send(
        channel=channel, recipient=address, subject=subject, body=body, link=team_link(team), now=now, dedupe_key=key
    )  # fmt: skip


def _open(programme: Programme, now: datetime) -> Contest:
    contest = contest_of(programme)
    refused = closed_because(programme, contest, now)
    if refused or contest is None:
        raise ProgrammeError(refused, code="contest-closed")
    return contest


def _locked(team: Team) -> Team:
    row = Team.objects.select_for_update().get(pk=team.pk)
    if row.state != TeamState.ACTIVE or row.erased_at is not None:
        raise ProgrammeError(
            _("Đội này đã rút khỏi cuộc thi nên không sửa được. Muốn dự thi lại, hãy đăng ký đội mới.")
        )
    return row


def _add(actor: Actor, team: Team, contest: Contest, person: Person, now: datetime) -> TeamMember:
    row = TeamMember(programme_id=team.programme_id, team=team)
    _fill(row, team, contest, person, now)
    if not person.agreed:
        raise ProgrammeError(
            _("Hãy hỏi ý kiến người này (với học sinh: cả cha mẹ hoặc người giám hộ) rồi đánh dấu ô đồng ý."),
            field="agreed",
        )
    _saved(row)
    givers = (
        [(ConsentBy.CHILD, row.name), (ConsentBy.GUARDIAN, row.guardian_name)]
        if row.is_minor
        else [(ConsentBy.SELF, row.name)]
    )
    for by, by_name in givers:
        consent_give(
            actor=actor, programme=team.programme, subject=member_subject(row.pk), subject_name=row.name,
            purpose=ConsentPurpose.PROCESSING, by=by, by_name=by_name, form=ConsentForm.WEB, now=now,
        )  # fmt: skip
    audit_record(
        actor=actor, action="programmes.teammember.add", target=team, after={"part": row.part}, at=now
    )
    return row


def _fill(row: TeamMember, team: Team, contest: Contest, person: Person, now: datetime) -> None:
    name = kept_line(person.name, 150)
    if not fold(name) or not any(char.isalpha() for char in name):
        raise ProgrammeError(_("Hãy ghi họ và tên."), field="name")
    part = MemberPart(person.part) if person.part in MemberPart.values else MemberPart.MEMBER
    if part == MemberPart.MEMBER and person.birth_year is None:
        raise ProgrammeError(_("Hãy ghi năm sinh của thành viên."), field="birth_year")
    if person.birth_year is not None and not OLDEST <= person.birth_year <= now.year - 3:
        raise ProgrammeError(_("Năm sinh không hợp lý. Hãy ghi bốn chữ số, ví dụ 2011."), field="birth_year")
    minor = is_child(person.birth_year, now)
    guardian = kept_line(person.guardian_name, 150)
    if minor and not fold(guardian):
        raise ProgrammeError(_("Hãy ghi tên cha mẹ hoặc người giám hộ của học sinh."), field="guardian_name")
    others = TeamMember.objects.filter(team=team, removed_at=None, part=part).exclude(pk=row.pk).count()
    most = contest.team_most if part == MemberPart.MEMBER else MOST_MENTORS
    if others >= most:
        words = {"most": most}
        full = (
            _("Đội đã đủ %(most)s thành viên theo thể lệ. Hãy bỏ bớt một người trước.")
            if part == MemberPart.MEMBER
            else _("Đội đã đủ %(most)s người hướng dẫn. Hãy bỏ bớt một người trước.")
        )
        raise ProgrammeError(full % words, code="team-full")
    row.name, row.folded_name, row.part = name, fold(name)[:150], part
    row.birth_year, row.is_minor, row.guardian_name = person.birth_year, minor, guardian if minor else ""
    row.class_name = kept_line(person.class_name, 60)
    row.sex = person.sex if person.sex in Sex.values else ""
    row.identity = identity_of(name, person.birth_year, team.organisation)


def _saved(row: TeamMember) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ProgrammeError(
            _(
                "%(name)s (sinh năm %(year)s) đã có trong một đội của cuộc thi này; mỗi người chỉ dự một đội. Nếu là hai người trùng họ tên, hãy ghi thêm tên đệm hoặc lớp vào họ tên."
            ) % {"name": row.name, "year": row.birth_year or "?"},
            field="name", code="member-twice",
        ) from error  # fmt: skip

"""Publication consents of team members, what follows when one is taken back, and forgetting people."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.library_port import work_maker
from khcn.core.private_files import Upload
from khcn.core.references import Reference
from khcn.programmes.enums import ConsentBy, ConsentForm, ConsentPurpose, EntryState, TeamState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.entries import Entry, EntryFile, EntryReceipt, Team, TeamMember
from khcn.programmes.rules.texts import kept_line
from khcn.programmes.selectors.entries import KIND, contest_of, member_subject, team_subject
from khcn.programmes.services.consents import consent_give, consent_withdraw
from khcn.programmes.services.entries_files import CONSENT_PAPERS, files_drop, files_keep
from khcn.programmes.services.entries_teams import BY_LINK_UNTIL
from khcn.programmes.tokens import link_token


def member_publish(
    *,
    actor: Actor,
    team: Team,
    member_id: int,
    now: datetime,
    by_self: bool,
    by_guardian: bool = False,
    guardian_name: str = "",
    paper: Upload | None = None,
) -> int:
    """Enter who agrees to publication: the member (a child or an adult) and a child's guardian; return how many rows.

    ``paper``: the signed form, scanned; it is kept with every row of this call.
    """
    member = TeamMember.objects.filter(team=team, pk=member_id, removed_at=None).first()
    if member is None:
        raise ProgrammeError(_("Người này không còn trong đội. Hãy tải lại trang."))
    guardian = kept_line(guardian_name, 150) or member.guardian_name
    givers = [(ConsentBy.CHILD if member.is_minor else ConsentBy.SELF, member.name)] if by_self else []
    if member.is_minor and by_guardian:
        if not guardian:
            raise ProgrammeError(_("Hãy ghi tên cha mẹ hoặc người giám hộ đã đồng ý."), field="guardian_name")
        givers.append((ConsentBy.GUARDIAN, guardian))
    if not givers:
        raise ProgrammeError(
            _("Hãy đánh dấu ai đồng ý. Không đồng ý thì để nguyên: bài vẫn dự thi bình thường.")
        )
    kept = files_keep([paper], drawer=CONSENT_PAPERS, field="paper") if paper else []
    try:
        with transaction.atomic():
            for by, name in givers:
                consent_give(
                    actor=actor, programme=team.programme, subject=member_subject(member.pk), subject_name=member.name,
                    purpose=ConsentPurpose.PUBLICATION, by=by, by_name=name, now=now,
                    form=ConsentForm.PAPER if kept else ConsentForm.WEB, paper=kept[0].name if kept else "",
                )  # fmt: skip
    except BaseException:
        files_drop([one.name for one in kept], drawer=CONSENT_PAPERS)
        raise
    return len(givers)


def member_unpublish(*, actor: Actor, team: Team, member_id: int, now: datetime) -> int:
    """Take back what was agreed about publication: names and works vanish from every page at once."""
    if not TeamMember.objects.filter(team=team, pk=member_id).exists():
        raise ProgrammeError(_("Người này không có trong đội. Hãy tải lại trang."))
    return consent_withdraw(
        actor=actor,
        subject=member_subject(member_id),
        purpose=ConsentPurpose.PUBLICATION,
        now=now,
        how="link",
    )


def publication_follow(subject: str, purpose: str, now: datetime) -> None:
    """Take the library's work down when a member's publication consent is withdrawn (called by the ledger)."""
    kind, _colon, ident = subject.partition(":")
    if kind != KIND or purpose != ConsentPurpose.PUBLICATION or not ident.isdigit():
        return
    for entry in Entry.objects.filter(team__members=int(ident)).exclude(record=""):
        _take_down(entry, now)


def team_erase(*, actor: Actor, team: Team, now: datetime) -> bool:
    """Forget a team: names, address, files and words go; what was counted and judged stays as a number."""
    names: list[str] = []
    papers: list[str] = []
    with transaction.atomic():
        row = Team.objects.select_for_update().get(pk=team.pk)
        if row.erased_at is not None:
            return False
        contest = contest_of(team.programme)
        leaves = contest is None or contest.phase in BY_LINK_UNTIL
        for member in TeamMember.objects.filter(team=row):
            papers += _member_forget(actor, member, now)
        papers += _consents_forget(actor, team_subject(row.pk), now)
        for entry in Entry.objects.filter(team=row):
            names += _entry_forget(entry, leaves=leaves, now=now)
        Team.objects.filter(pk=row.pk).update(
            name=_("Đội đã xóa thông tin"), folded_name="", organisation="", folded_organisation="", party=None,
            contact_name="", contact_address="", token=link_token(), erased_at=now, revision=F("revision") + 1,
            state=TeamState.WITHDRAWN if leaves else row.state,
        )  # fmt: skip
        audit_record(actor=actor, action="programmes.team.erase", target=Team.objects.get(pk=row.pk), at=now)
        transaction.on_commit(lambda: files_drop(names))
        transaction.on_commit(lambda: files_drop(papers, drawer=CONSENT_PAPERS))
    return True


def subject_erase(subject: str, now: datetime) -> None:
    """Forget a member or a whole team (called for :data:`khcn.programmes.areas.erasers`)."""
    kind, _colon, ident = subject.partition(":")
    if not ident.isdigit():
        return
    if kind == "programmes.team" and (
        team := Team.objects.filter(pk=int(ident)).select_related("programme").first()
    ):
        team_erase(actor=None, team=team, now=now)
    elif kind == KIND and (member := TeamMember.objects.filter(pk=int(ident)).first()):
        with transaction.atomic():
            papers = _member_forget(None, member, now)
            transaction.on_commit(lambda: files_drop(papers, drawer=CONSENT_PAPERS))


def _member_forget(actor: Actor, member: TeamMember, now: datetime) -> list[str]:
    papers = _consents_forget(actor, member_subject(member.pk), now)
    TeamMember.objects.filter(pk=member.pk).update(
        name=_("Đã xóa"), folded_name="", birth_year=None, class_name="", guardian_name="", identity=f"x{member.pk}",
        removed_at=member.removed_at or now,
    )  # fmt: skip
    return papers


def _consents_forget(actor: Actor, subject: str, now: datetime) -> list[str]:
    for purpose in ConsentPurpose.values:
        consent_withdraw(actor=actor, subject=subject, purpose=purpose, now=now, how="erase")
    rows = Consent.objects.filter(subject=subject)
    papers = [one for one in rows.values_list("paper", flat=True) if one]
    rows.update(subject_name="", by_name="", paper="")
    return papers


def _entry_forget(entry: Entry, *, leaves: bool, now: datetime) -> list[str]:
    names = list(EntryFile.objects.filter(entry=entry).values_list("name", flat=True))
    EntryFile.objects.filter(entry=entry).delete()
    EntryReceipt.objects.filter(entry=entry).delete()
    _take_down(entry, now)
    Entry.objects.filter(pk=entry.pk).update(
        title=_("Bài đã xóa theo yêu cầu"), summary="", video_link="", anonymous_title="", anonymous_summary="",
        state=EntryState.WITHDRAWN if leaves else entry.state, updated_at=now, revision=F("revision") + 1,
    )  # fmt: skip
    return names


def _take_down(entry: Entry, now: datetime) -> None:
    if not entry.record or not work_maker.available:
        return
    reason = _("Người dự thi rút đồng ý công bố.")
    work_maker.get().withdraw(reference=Reference.parse(entry.record), reason=reason, now=now)
    Entry.objects.filter(pk=entry.pk).update(record="")
    audit_record(actor=None, action="programmes.entry.library_withdraw", target=entry, at=now)

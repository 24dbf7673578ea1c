"""What participants and the officer read of teams and entries."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from khcn.core.dates import datetime_vi
from khcn.engines.text.fold import fold
from khcn.programmes.enums import (
    OPEN_STATES,
    EntryState,
    MemberPart,
    PhaseKind,
    TeamState,
)
from khcn.programmes.errors import GoneError
from khcn.programmes.models.contests import Contest, ContestResult, ContestRules
from khcn.programmes.models.entries import Entry, Team, TeamMember
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting, can_read_entries
from khcn.programmes.rules.entries import traces

KIND = "programmes.teammember"


def member_subject(member_id: int) -> str:
    """Return the reference under which consents of a member stand."""
    return f"{KIND}:{member_id}"


def team_subject(team_id: int) -> str:
    """Return the reference under which the contact's consent stands."""
    return f"programmes.team:{team_id}"


def contest_of(programme: Programme) -> Contest | None:
    """Return the contest of a programme; ``None`` when it is none or was not set up."""
    return Contest.objects.filter(programme=programme).first()


def closed_because(programme: Programme, contest: Contest | None, now: datetime) -> str:
    """Return why nobody may enter or change anything now, as a sentence; empty while entries are taken."""
    if contest is None or contest.phase == PhaseKind.PREPARING:
        return _("Cuộc thi chưa mở nhận bài. Hãy xem lịch trên trang thể lệ.")
    if programme.state not in OPEN_STATES:
        return _("Cuộc thi đã kết thúc hoặc đã hủy nên không nhận thay đổi nữa.")
    if contest.deadline is not None and now >= contest.deadline:
        return _(
            "Đã hết hạn lúc %(deadline)s theo giờ máy chủ. Bài nộp trước hạn vẫn được giữ nguyên; nếu có trở ngại, hãy liên hệ ban tổ chức."
        ) % {"deadline": datetime_vi(contest.deadline)}
    if contest.phase != PhaseKind.OPEN:
        return _("Cuộc thi đã ngừng nhận bài. Cần sửa điều gì, hãy liên hệ ban tổ chức.")
    return ""


def team_by_token(programme: Programme, token: str) -> Team:
    """Return the team of a secret link. :raises GoneError: no such link, or the team was erased."""
    team = Team.objects.filter(programme=programme, token=token, erased_at=None).first() if token else None
    if team is None:
        raise GoneError(
            _(
                "Liên kết này không mở được đội nào. Hãy mở lại đúng liên kết trong tin nhắn hoặc thư đã nhận; nếu thông tin đội đã được xóa theo yêu cầu thì liên kết cũng thôi dùng."
            )
        )
    team.programme = programme
    return team


def people_of(team: Team) -> list[TeamMember]:
    """Return who stands in a team, members first."""
    rows = list(TeamMember.objects.filter(team=team, removed_at=None).order_by("pk"))
    return sorted(rows, key=lambda row: row.part != MemberPart.MEMBER)


def entry_of(team: Team) -> Entry | None:
    """Return the entry of a team that was not withdrawn, with its files."""
    rows = Entry.objects.filter(team=team).exclude(state=EntryState.WITHDRAWN)
    return rows.prefetch_related("files").order_by("pk").first()


def missing_of(team: Team, entry: Entry | None, contest: Contest) -> list[str]:
    """Return what a team still has to do before it may hand in, one sentence each."""
    members = TeamMember.objects.filter(team=team, removed_at=None, part=MemberPart.MEMBER).count()
    found = []
    if members < contest.team_least:
        words = {"least": contest.team_least, "have": members}
        found.append(
            _("Đội cần ít nhất %(least)s thành viên; hiện có %(have)s. Hãy thêm thành viên.") % words
        )
    if members > contest.team_most:
        words = {"most": contest.team_most, "have": members}
        found.append(
            _("Đội có nhiều nhất %(most)s thành viên; hiện có %(have)s. Hãy bớt thành viên.") % words
        )
    if entry is None or not entry.title:
        found.append(_("Chưa có tên bài dự thi."))
    if entry is None or not entry.summary:
        found.append(_("Chưa có phần tóm tắt bài dự thi."))
    if entry is None or not (entry.files.all() or entry.video_link):
        found.append(_("Chưa có tệp nào và cũng chưa có đường dẫn phim."))
    return found


def result_of(programme: Programme) -> ContestResult | None:
    """Return the published result; ``None`` before it is published, whoever asks."""
    if not programme.is_public:
        return None
    return (
        ContestResult.objects.filter(programme=programme, thawed_at=None, published_at__isnull=False)
        .select_related("rules")
        .first()
    )


def rules_versions(programme: Programme) -> list[ContestRules]:
    """Return every published version of the rules with its criteria, newest first."""
    rows = ContestRules.objects.filter(programme=programme, published_at__isnull=False)
    return list(rows.prefetch_related("criteria").order_by("-version"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the officer's list was asked for."""

    state: str = ""
    words: str = ""


def teams_for(
    user: Any, programme: Programme, asked: Asked = Asked(), on: date | None = None
) -> QuerySet[Team]:  # frozen
    """Return the teams of a contest with entries and people, for those who read names; nothing for others."""
    if not can_read_entries(acting(user, on)):
        return Team.objects.none()
    people = TeamMember.objects.filter(removed_at=None).order_by("part", "pk")
    entries: QuerySet[Entry] = Entry.objects.prefetch_related("files")
    rows: QuerySet[Team] = Team.objects.filter(programme=programme).prefetch_related(
        Prefetch("members", queryset=people), Prefetch("entries", queryset=entries)
    )
    if asked.state == "none":
        rows = rows.filter(entries=None)
    elif asked.state in EntryState.values:
        rows = rows.filter(entries__state=asked.state).distinct()
    if asked.words:
        words = fold(asked.words)
        rows = rows.filter(
            Q(folded_name__contains=words)
            | Q(folded_organisation__contains=words)
            | Q(entries__title__icontains=asked.words)
        ).distinct()
    return rows.order_by("folded_organisation", "folded_name", "pk")


def entry_for(user: Any, programme: Programme, entry_id: int) -> Entry | None:
    """Return one entry with its team for those who read names; ``None`` for others."""
    if not can_read_entries(acting(user)):
        return None
    rows = Entry.objects.select_related("team", "programme").prefetch_related("files", "receipts")
    return rows.filter(programme=programme, pk=entry_id).first()


def entries_to_check() -> QuerySet[Entry]:
    """Return submitted entries of contests whose deadline is over: they wait for the officer."""
    return Entry.objects.filter(
        state=EntryState.SUBMITTED, programme__contest__phase=PhaseKind.CHECKING
    ).exclude(team__state=TeamState.WITHDRAWN)


def names_to_hide(entry: Entry) -> list[str]:
    """Return every name by which a juror could tell who made an entry."""
    people = TeamMember.objects.filter(team_id=entry.team_id, removed_at=None).order_by("pk")
    return [
        name
        for name in (
            entry.team.name,
            entry.team.organisation,
            entry.team.contact_name,
            *[one.name for one in people],
        )
        if name
    ]


def traces_in(entry: Entry) -> list[tuple[str, list[str]]]:
    """Return where names stand in what jurors read: (place, names); places without any are left out."""
    names = names_to_hide(entry)
    places = [
        (_("Tên bài"), entry.anonymous_title or entry.title),
        (_("Tóm tắt"), entry.anonymous_summary or entry.summary),
    ]
    return [(place, found) for place, text in places if (found := traces(names, text))]

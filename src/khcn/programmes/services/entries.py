"""Entries: drafted, handed in, changed again until the deadline by the server's clock, withdrawn.

An upload that began before the deadline and ended within the grace counts, and says by how much it was late. What is
refused changes nothing: new files are kept first, old ones go only when the change is committed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import datetime_vi
from khcn.core.private_files import Kept, Upload
from khcn.programmes.enums import EDITABLE_ENTRIES, OPEN_STATES, EntryState, PhaseKind, TeamState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.contests import Contest
from khcn.programmes.models.entries import Entry, EntryFile, EntryReceipt, Team
from khcn.programmes.rules.entries import GRACE, MOST_FILES, in_time, late_by
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.selectors.entries import closed_because, contest_of, entry_of, missing_of
from khcn.programmes.services.entries_files import files_drop, files_keep
from khcn.programmes.services.entries_teams import contact_tell

LATE_PHASES = frozenset({PhaseKind.OPEN, PhaseKind.CHECKING})


@dataclass(frozen=True, slots=True)
class EntryText:
    """What a team writes about its work. ``revision``: of the entry as the form showed it; ``None`` asks nothing."""

    title: str
    summary: str = ""
    video_link: str = ""
    revision: int | None = None


def entry_save(
    *,
    actor: Actor,
    team: Team,
    values: EntryText,
    now: datetime,
    begun: datetime | None = None,
    files: Sequence[Upload] = (),
    drop: Collection[int] = (),
    submit: bool = False,
) -> Entry:
    """Save the entry of a team, and hand it in when ``submit``; a handed-in one stays so and gets a new receipt.

    :param begun: when the request began to arrive; with ``now`` it decides about the deadline.
    :param drop: ids of files that go. :raises ProgrammeError, StaleError: nothing was changed then.
    """
    _timely(team, begun or now, now)
    kept = files_keep(files)
    try:
        with transaction.atomic():
            return _write(actor, team, values, kept, drop, submit=submit, begun=begun or now, now=now)
    except BaseException:
        files_drop([one.name for one in kept])
        raise


def entry_submit(*, actor: Actor, team: Team, now: datetime) -> Entry:
    """Hand in what is saved; twice in a row gives one receipt."""
    entry = entry_of(team)
    if entry is None:
        raise ProgrammeError(_("Chưa có bài nào để nộp. Hãy ghi tên bài, tóm tắt và gửi tệp trước."))
    values = EntryText(entry.title, entry.summary, entry.video_link)
    return entry_save(actor=actor, team=team, values=values, now=now, submit=True)


@transaction.atomic
def entry_withdraw(*, actor: Actor, team: Team, now: datetime) -> bool:
    """Take the entry back into the draft until the deadline; the files stay. Return whether that changed anything."""
    refused = closed_because(team.programme, contest_of(team.programme), now)
    if refused:
        raise ProgrammeError(refused, code="contest-closed")
    Team.objects.select_for_update().get(pk=team.pk)
    entry = entry_of(team)
    if entry is None or entry.state != EntryState.SUBMITTED:
        return False
    entry.state, entry.submitted_at, entry.late_by_s = EntryState.DRAFT, None, 0
    entry.updated_at, entry.revision = now, entry.revision + 1
    entry.save()
    audit_record(actor=actor, action="programmes.entry.withdraw", target=entry, at=now)
    return True


def _timely(team: Team, begun: datetime, now: datetime) -> Contest:
    contest = contest_of(team.programme)
    refused = closed_because(team.programme, contest, now)
    if not refused and contest is not None:
        return contest
    late = contest is not None and contest.phase in LATE_PHASES and team.programme.state in OPEN_STATES
    if contest is None or not late or contest.deadline is None or now < contest.deadline:
        raise ProgrammeError(refused, code="contest-closed")
    if in_time(contest.deadline, begun=begun, now=now):
        return contest
    if begun < contest.deadline:
        raise ProgrammeError(
            _(
                "Lần gửi này bắt đầu trước hạn nhưng đến nơi trễ hơn %(minutes)s phút nên không nhận. Bản đã lưu trước đó vẫn được giữ nguyên; hãy liên hệ ban tổ chức nếu đường truyền gặp sự cố."
            ) % {"minutes": int(GRACE.total_seconds() // 60)},
            code="contest-closed",
        )  # fmt: skip
    raise ProgrammeError(refused, code="contest-closed")


def _write(
    actor: Actor, team: Team, values: EntryText, kept: Sequence[Kept], drop: Collection[int], *, submit: bool,
    begun: datetime, now: datetime,
) -> Entry:  # fmt: skip
    row = Team.objects.select_for_update().get(pk=team.pk)
    if row.state != TeamState.ACTIVE or row.erased_at is not None:
        raise ProgrammeError(_("Đội này đã rút khỏi cuộc thi. Muốn dự thi lại, hãy đăng ký đội mới."))
    contest = _timely(team, begun, now)
    entry = entry_of(team) or Entry(
        programme_id=team.programme_id, team=row, code="", created_at=now, updated_at=now
    )
    if entry.state not in EDITABLE_ENTRIES:
        raise ProgrammeError(
            _("Bài đã được kiểm tra nên không sửa nữa. Cần sửa điều gì, hãy liên hệ ban tổ chức.")
        )
    if values.revision is not None and entry.pk and values.revision != entry.revision:
        raise StaleError(
            _("Người khác trong đội vừa lưu bài này. Hãy tải lại trang để thấy bản mới rồi sửa tiếp.")
        )
    before = (entry.title, entry.summary, entry.video_link)
    entry.title = kept_line(values.title, 300)
    entry.summary = kept_text(values.summary, 5000)
    entry.video_link = _link(values.video_link)
    changed = bool(kept or drop) or not entry.pk or before != (entry.title, entry.summary, entry.video_link)
    if changed:
        entry.updated_at, entry.revision = now, entry.revision + 1
        entry.save()
        _files(entry, kept, drop, now)
    if submit or (changed and entry.state == EntryState.SUBMITTED):
        _hand_in(actor, row, entry, contest, changed=changed, now=now)
    elif changed:
        audit_record(
            actor=actor, action="programmes.entry.save", target=entry, after={"files": len(kept)}, at=now
        )
    return entry


def _files(entry: Entry, kept: Sequence[Kept], drop: Collection[int], now: datetime) -> None:
    gone = list(EntryFile.objects.filter(entry=entry, pk__in=list(drop)))
    held = EntryFile.objects.filter(entry=entry).exclude(pk__in=[one.pk for one in gone])
    known = set(held.values_list("sha256", flat=True))
    new = [one for one in kept if one.sha256 not in known]
    if len(known) + len(new) > MOST_FILES:
        raise ProgrammeError(
            _("Mỗi bài có nhiều nhất %(most)s tệp. Hãy bỏ bớt tệp cũ hoặc gộp lại rồi gửi.")
            % {"most": MOST_FILES},
            field="files",
        )
    EntryFile.objects.filter(pk__in=[one.pk for one in gone]).delete()
    EntryFile.objects.bulk_create(
        EntryFile(
            entry=entry, name=one.name, title=kept_line(one.title, 200) or one.name, size=one.size, sha256=one.sha256,
            mime=one.mime, kept_at=now,
        )
        for one in new
    )  # fmt: skip
    doubles = [one.name for one in kept if one.sha256 in known]
    transaction.on_commit(lambda: files_drop([one.name for one in gone] + doubles))


def _hand_in(
    actor: Actor, team: Team, entry: Entry, contest: Contest, *, changed: bool, now: datetime
) -> None:
    entry = Entry.objects.prefetch_related("files").get(pk=entry.pk) if entry.pk else entry
    missing = missing_of(team, entry if entry.pk else None, contest)
    if missing:
        raise ProgrammeError(" ".join(missing), code="entry-incomplete")
    if entry.state == EntryState.SUBMITTED and not changed:
        return
    late = late_by(contest.deadline, now)
    Entry.objects.filter(pk=entry.pk).update(
        state=EntryState.SUBMITTED, submitted_at=now, late_by_s=late, updated_at=now
    )
    files = [{"title": one.title, "size": one.size, "sha256": one.sha256} for one in entry.files.all()]
    number = entry.receipts.count() + 1
    EntryReceipt.objects.create(
        entry=entry, number=number, submitted_at=now, late_by_s=late,
        content={"title": entry.title, "video_link": entry.video_link, "files": files},
    )  # fmt: skip
    audit_record(
        actor=actor, action="programmes.entry.submit", target=entry, after={"files": len(files), "late_by_s": late}, at=now
    )  # fmt: skip
    contact_tell(
        team, now=now, key=f"programmes.entry:{entry.pk}:receipt:{number}", subject=_("Đã nhận bài dự thi"),
        body=_("Ban tổ chức đã nhận bài lúc %(at)s (%(files)s tệp). Trang của đội có giấy báo nhận để in.")
        % {"at": datetime_vi(now), "files": len(files)},
    )  # fmt: skip


def _link(text: str) -> str:
    link = text.strip()[:500]
    if not link:
        return ""
    try:
        URLValidator(schemes=["https", "http"])(link)
    except ValidationError:
        raise ProgrammeError(
            _("Đường dẫn phim chưa đúng. Hãy chép nguyên địa chỉ, bắt đầu bằng https://"), field="video_link"
        ) from None
    return link

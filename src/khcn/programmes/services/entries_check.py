"""Checking by the officer: accept, reject with a reason, take traces of names out of what jurors read, hand to the library."""

from collections.abc import Collection
from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.library_port import WorkFile, WorkWanted, work_maker
from khcn.core.references import reference_to
from khcn.engines.documents.sandbox import extract_file
from khcn.engines.documents.types import ExtractionError, Limits, OcrOptions
from khcn.programmes.enums import EntryState, PhaseKind, TeamState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.contests import Award
from khcn.programmes.models.entries import Entry, EntryFile, TeamMember
from khcn.programmes.permissions import acting, can_keep_contest
from khcn.programmes.rules.entries import traces
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.selectors.entries import contest_of, names_to_hide, result_of
from khcn.programmes.selectors.entries_public import all_agreed
from khcn.programmes.services.entries_files import ENTRIES
from khcn.programmes.services.entries_teams import contact_tell

CHECKED = frozenset({EntryState.SUBMITTED, EntryState.ACCEPTED, EntryState.REJECTED})
READ = Limits(max_bytes=60 * 2**20, max_pages=60, max_seconds=20)
READABLE = frozenset({"pdf", "docx", "odt", "pptx", "txt", "doc"})


def _keeper(actor: Actor, now: datetime) -> None:
    if not can_keep_contest(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Kiểm tra bài dự thi là việc của chuyên viên đơn vị đầu mối."))


def _checking(entry: Entry) -> None:
    contest = contest_of(entry.programme)
    if contest is None or contest.phase != PhaseKind.CHECKING:
        raise ProgrammeError(
            _(
                "Chỉ nhận hoặc loại bài ở bước “Kiểm tra hợp lệ, ẩn danh”. Hãy chuyển cuộc thi sang bước đó trước."
            ),
            code="phase",
        )


@transaction.atomic
def entry_accept(*, actor: Actor, entry: Entry, now: datetime) -> Entry:
    """Let an entry take part in judging. Again changes nothing. :raises ProgrammeError: not the phase for it."""
    return _decide(actor, entry, EntryState.ACCEPTED, "", now)


@transaction.atomic
def entry_reject(*, actor: Actor, entry: Entry, reason: str, now: datetime) -> Entry:
    """Leave an entry out of judging, with a reason that goes to its contact."""
    text = kept_line(reason, 500)
    if not text:
        raise ProgrammeError(_("Hãy ghi lý do: đội nhận được đúng câu này."), field="reason")
    return _decide(actor, entry, EntryState.REJECTED, text, now)


def _decide(actor: Actor, entry: Entry, state: EntryState, reason: str, now: datetime) -> Entry:
    _keeper(actor, now)
    _checking(entry)
    row = Entry.objects.select_for_update().select_related("team", "programme").get(pk=entry.pk)
    if row.state == state and row.reject_reason == reason:
        return row
    if row.state not in CHECKED:
        raise StaleError(_("Bài này chưa nộp hoặc đã rút. Hãy tải lại trang."))
    before = row.state
    row.state, row.reject_reason, row.updated_at, row.revision = state, reason, now, row.revision + 1
    row.save()
    action = "programmes.entry.accept" if state == EntryState.ACCEPTED else "programmes.entry.reject"
    audit_record(
        actor=actor,
        action=action,
        target=row,
        before={"state": before},
        after={"state": state},
        reason=reason,
        at=now,
    )
    body = (
        _("Bài dự thi của đội hợp lệ và được đưa vào vòng chấm.")
        if state == EntryState.ACCEPTED
        else _(
            "Bài dự thi của đội chưa hợp lệ. Lý do: %(reason)s Có điều cần trao đổi, hãy liên hệ ban tổ chức."
        )
        % {"reason": reason}
    )
    contact_tell(
        row.team, now=now, subject=_("Kết quả kiểm tra bài dự thi"), body=body,
        key=f"programmes.entry:{row.pk}:check:{row.revision}",
    )  # fmt: skip
    return row


@transaction.atomic
def entry_anonymise(
    *, actor: Actor, entry: Entry, title: str, summary: str, shown: Collection[int], now: datetime
) -> Entry:
    """Set what jurors read: title and summary without names, and which files they may open."""
    _keeper(actor, now)
    row = Entry.objects.select_for_update().get(pk=entry.pk)
    contest = contest_of(entry.programme)
    if contest is None or contest.phase not in {PhaseKind.OPEN, PhaseKind.CHECKING}:
        raise ProgrammeError(_("Giám khảo đã được xem bài nên không đổi phần ẩn danh nữa."), code="phase")
    row.anonymous_title, row.anonymous_summary = kept_line(title, 300), kept_text(summary, 5000)
    row.updated_at, row.revision = now, row.revision + 1
    row.save()
    EntryFile.objects.filter(entry=row, pk__in=list(shown)).update(shown_to_jurors=True)
    EntryFile.objects.filter(entry=row).exclude(pk__in=list(shown)).update(shown_to_jurors=False)
    audit_record(
        actor=actor, action="programmes.entry.anonymise", target=row, after={"files": len(shown)}, at=now
    )
    return row


def files_traced(*, actor: Actor, entry: Entry, now: datetime) -> list[tuple[EntryFile, list[str] | None]]:
    """Return by file which names its text (read in the sandbox) and its file name hold; ``None``: could not be read."""
    _keeper(actor, now)
    names = names_to_hide(entry)
    return [(one, _traced(one, names)) for one in EntryFile.objects.filter(entry=entry)]


def _traced(file: EntryFile, names: list[str]) -> list[str] | None:
    if PurePath(file.name).suffix.lstrip(".") not in READABLE:
        return None
    try:
        text = extract_file(
            ENTRIES.path(file.name), name=file.name, limits=READ, ocr=OcrOptions(enabled=False)
        ).text
    except (ExtractionError, OSError, ValueError):
        return None
    return traces(names, text)


def entry_to_library(*, actor: Actor, entry: Entry, now: datetime) -> str:
    """Hand a winner's work to the library, where a librarian reviews it; return the reference. Again changes nothing.

    :raises ProgrammeError: no award yet, or not every member lets the work be shown.
    """
    _keeper(actor, now)
    with transaction.atomic():
        row = Entry.objects.select_for_update().select_related("team", "programme").get(pk=entry.pk)
        if row.record:
            return row.record
        result = result_of(row.programme)
        if result is None or not Award.objects.filter(result=result, entry=row).exists():
            raise ProgrammeError(_("Chỉ đưa vào thư viện bài đạt giải, sau khi kết quả được công bố."))
        members = list(TeamMember.objects.filter(team=row.team, removed_at=None).order_by("pk"))
        if row.team.state != TeamState.ACTIVE or not all_agreed(row.team, members):
            raise ProgrammeError(
                _("Chưa đủ đồng ý công bố của mọi thành viên (với học sinh: cả cha mẹ hoặc người giám hộ).")
            )
        reference = work_maker.get().deposit(
            actor=actor,
            wanted=WorkWanted(
                title=row.title, summary=row.summary, unit_id=row.programme.unit_id, year=row.programme.year,
                creators=tuple(one.name for one in members if one.part == "member"), publisher=row.team.organisation,
                files=tuple(WorkFile(ENTRIES.path(one.name), one.title) for one in row.files.all()),
                url=row.video_link, source=str(reference_to(row)), source_title=row.programme.title,
            ),
            now=now,
        )  # fmt: skip
        row.record = str(reference)
        row.save(update_fields=["record"])
        audit_record(
            actor=actor, action="programmes.entry.library", target=row, after={"record": row.record}, at=now
        )
        return row.record

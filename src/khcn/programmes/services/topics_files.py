"""Files of a topic: kept whole or not at all, and only while their time is open: also when they took long to arrive."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.private_files import PAPERS, PICTURES, SLIDES, Drawer, Kept, Upload
from khcn.programmes.enums_topics import MILESTONE_OPEN, TOPIC_WITH_CONTRACT, TopicFileKind, TopicState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_parts import TopicFile
from khcn.programmes.permissions_topics import can_check
from khcn.programmes.rules.texts import kept_line
from khcn.programmes.services.entries_files import files_keep
from khcn.programmes.services.topics_base import Door, door_open, must, topic_locked
from khcn.programmes.services.topics_proposals import editable

DRAWER: Final = Drawer("programmes/topics", PAPERS | PICTURES | SLIDES, limit=50 * 2**20)
MOST_FILES: Final = 60
BY_SIDE: Final = frozenset(
    {TopicFileKind.PROPOSAL, TopicFileKind.REPORT, TopicFileKind.FINAL, TopicFileKind.DATA}
)
_RUNS: Final = TOPIC_WITH_CONTRACT - {TopicState.LIQUIDATED, TopicState.STOPPED}


def _side_may(topic: Topic, kind: TopicFileKind, milestone: int | None, now: datetime) -> None:
    if kind == TopicFileKind.PROPOSAL:
        editable(topic, now)
    elif kind not in BY_SIDE or topic.state not in _RUNS:
        raise ProgrammeError(
            _("Lúc này đề tài không nhận loại tệp này. Hãy xem trang đề tài về việc phải làm.")
        )
    if (
        milestone is not None
        and not topic.milestones.filter(number=milestone, state__in=MILESTONE_OPEN).exists()
    ):
        raise ProgrammeError(_("Mốc này không còn nhận tệp. Hãy tải lại trang."))


def file_add(
    *, door: Door, kind: str, file: Upload, now: datetime, clock: Callable[[], datetime] | None = None,
    milestone: int | None = None,
) -> TopicFile:  # fmt: skip
    """Keep a file of the side that carries the topic out; the same file again is the first.

    :param clock: what time it is once the file has arrived; a file that came in after the deadline is refused, whenever its
        sending began. :raises GoneError, PermissionDeniedError, ProgrammeError:
    """
    wanted = TopicFileKind(kind)
    with transaction.atomic():
        _side_may(door_open(door, now), wanted, milestone, now)
    kept = files_keep([file], drawer=DRAWER, field="file")[0]
    made = False
    try:
        with transaction.atomic():
            at = clock() if clock is not None else now
            topic = door_open(door, at)
            _side_may(topic, wanted, milestone, at)
            found, made = _put(topic, wanted, kept, actor=door.person, now=at, milestone=milestone)
    finally:
        if not made:
            DRAWER.drop(kept.name)
    return found


def file_add_officer(*, actor: Actor, topic_id: int, kind: str, file: Upload, now: datetime) -> TopicFile:
    """Keep a paper of the officer: the signed contract, minutes, anything else."""
    must(actor, can_check, _("Tệp của cơ quan do chuyên viên của đơn vị đầu mối đính kèm."), now)
    kept = files_keep([file], drawer=DRAWER, field="file")[0]
    made = False
    try:
        with transaction.atomic():
            topic = topic_locked(topic_id)
            found, made = _put(topic, TopicFileKind(kind), kept, actor=actor, now=now, milestone=None)
    finally:
        if not made:
            DRAWER.drop(kept.name)
    return found


def _put(
    topic: Topic, kind: TopicFileKind, kept: Kept, *, actor: Actor, now: datetime, milestone: int | None
) -> tuple[TopicFile, bool]:  # fmt: skip
    if topic.files.count() >= MOST_FILES:
        raise ProgrammeError(
            _("Mỗi đề tài có nhiều nhất %(most)s tệp. Hãy gộp các tệp nhỏ lại.") % {"most": MOST_FILES},
            field="file",
        )
    row = topic.milestones.filter(number=milestone).first() if milestone is not None else None
    found, made = TopicFile.objects.get_or_create(
        topic=topic, kind=kind, milestone=row, sha256=kept.sha256,
        defaults={
            "title": kept_line(kept.title, 200), "file": kept.name, "size": kept.size,
            "added_at": now, "added_by_id": actor_id(actor),
        },
    )  # fmt: skip
    if made:
        audit_record(
            actor=actor,
            action="programmes.topic.file",
            target=topic,
            after={"kind": kind, "milestone": milestone},
            at=now,
        )
    return found, made


@transaction.atomic
def file_remove(*, door: Door, file_id: int, now: datetime) -> None:
    """Take a file out again: of a proposal that may be edited, of a milestone that is not reported."""
    topic = door_open(door, now)
    row = topic.files.select_related("milestone").filter(pk=file_id, kind__in=BY_SIDE).first()
    if row is None:
        return
    if row.milestone is None and row.kind != TopicFileKind.PROPOSAL and row.deposits.exists():
        raise ProgrammeError(_("Tệp này đã đưa vào thư viện nên không gỡ được ở đây."))
    _side_may(topic, TopicFileKind(row.kind), row.milestone.number if row.milestone else None, now)
    name = row.file
    row.delete()
    audit_record(
        actor=door.person, action="programmes.topic.file", target=topic, after={"removed": row.kind}, at=now
    )
    transaction.on_commit(lambda: DRAWER.drop(name))

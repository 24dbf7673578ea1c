"""The library as the port of core offers it to other apps: works handed in, and taken away again."""

from contextlib import ExitStack
from datetime import datetime
from typing import Final

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.library_port import WorkFile, WorkWanted
from khcn.core.references import Reference, reference_to
from khcn.library.enums import (
    OPEN_STATES,
    REVIEWABLE_STATES,
    WITHDRAWABLE_STATES,
    NoteKind,
    Rights,
    WorkKind,
    WorkState,
)
from khcn.library.models import Work, WorkNote
from khcn.library.search.changes import index_enqueue
from khcn.library.services.deposits import deposit_start
from khcn.library.services.notices import tell_librarians
from khcn.library.services.review import work_withdraw
from khcn.library.services.works import External, work_create

SOURCE: Final = "khcn.programmes"


class LibraryWorks:
    """Fulfils :class:`khcn.core.library_port.WorkMaker`."""

    @transaction.atomic
    def deposit(self, *, actor: Actor, wanted: WorkWanted, now: datetime) -> Reference:
        """Make a work, have its files read like any deposit, and put it before the librarians."""
        held = Work.objects.filter(
            external_source=SOURCE, external_id=wanted.source, withdrawn_at=None
        ).first()
        if wanted.source and held is not None:
            return reference_to(held)
        work = work_create(
            actor=None, kind=WorkKind.RESEARCH, title=wanted.title, unit_id=wanted.unit_id, now=now,
            values={
                "abstract": wanted.summary, "creators": [{"name": name} for name in wanted.creators],
                "publisher": wanted.publisher[:200], "issued_year": wanted.year, "url": wanted.url,
                "source": wanted.source_title[:500], "rights": Rights.RESERVED,
            },
            external=External(SOURCE, wanted.source, ""),
        )  # fmt: skip
        if wanted.subjects:
            text = _("Từ khóa: %(words)s") % {"words": ", ".join(wanted.subjects)}
            WorkNote.objects.create(work=work, author=None, kind=NoteKind.COMMENT, text=text, written_at=now)
        if wanted.files:
            self._files(work, wanted.files, now)
        Work.objects.filter(pk=work.pk).update(state=WorkState.SUBMITTED, submitted_at=now)
        audit_record(
            actor=actor,
            action="library.work.submit",
            target=work,
            after={"state": WorkState.SUBMITTED},
            at=now,
        )
        work.refresh_from_db()
        index_enqueue([work.pk])
        tell_librarians(work, now=now)
        return reference_to(work)

    @staticmethod
    def _files(work: Work, files: tuple[WorkFile, ...], now: datetime) -> None:
        with ExitStack() as stack:
            uploads = [File(stack.enter_context(one.path.open("rb")), name=one.title) for one in files]
            deposit_start(actor=None, unit_id=work.owner_unit_id, files=uploads, now=now, work=work)

    @transaction.atomic
    def withdraw(self, *, reference: Reference, reason: str, now: datetime) -> bool:
        """Withdraw a work that readers find; one that still waits is withdrawn before they ever do."""
        work = Work.objects.select_for_update().filter(pk=reference.id).first()
        if work is None or work.state == WorkState.WITHDRAWN:
            return False
        if work.state in WITHDRAWABLE_STATES:
            work_withdraw(actor=None, work=work, reason=reason, now=now)
            return True
        changed = Work.objects.filter(pk=work.pk, state__in=OPEN_STATES | REVIEWABLE_STATES).update(
            state=WorkState.WITHDRAWN,
            tombstone_reason=reason[:500],
            withdrawn_at=now,
            publish_at=None,
            updated_at=now,
        )
        if changed:
            audit_record(
                actor=None, action="library.work.withdraw", target=work, before={"state": work.state},
                after={"state": WorkState.WITHDRAWN}, reason=reason, at=now,
            )  # fmt: skip
            index_enqueue([work.pk])
        return bool(changed)

"""Reading a source: page by page, each page one transaction together with the token of the next.

A run that is cut (kill -9, a lost network, a stop) goes on with the stored token; when the source has forgotten the
token, the list starts again from where this run started, and what was taken already is found unchanged.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.enums import JobState
from khcn.core.errors import KhcnError
from khcn.core.jobs import (
    JobStoppedError,
    job_begin,
    job_fail,
    job_finish,
    job_heartbeat,
    job_progress,
    job_start,
)
from khcn.core.models.jobs import Job
from khcn.core.tasks import enqueue_on_commit
from khcn.engines.oai.client import Client, Endless, granular
from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.limits import MIB
from khcn.engines.oai.types import HarvestedRecord, ListPage
from khcn.library import permissions
from khcn.library.errors import LibraryPermissionError
from khcn.library.harvest_enums import OPEN_RUNS, RunState, SourceState
from khcn.library.harvest_errors import SourceAsksError, error_text
from khcn.library.harvest_tasks import harvest_task
from khcn.library.harvest_words import enough_text, summary
from khcn.library.models import HarvestRun, HarvestSource
from khcn.library.rules_harvest import due_whole, next_run
from khcn.library.services.harvest_deletions import gone_items_note, gone_items_withdraw, too_many_gone
from khcn.library.services.harvest_lease import (
    LEASE,
    LeaseLostError,
    lease_give_back,
    lease_renew,
    lease_take,
)
from khcn.library.services.harvest_match import Matcher
from khcn.library.services.harvest_net import RUN_LIMITS, source_client
from khcn.library.services.harvest_take import Counts, page_take

logger = logging.getLogger("khcn.library")

JOB_KIND: Final = "library.harvest"
SLICE_S: Final = 60.0  # so long one source may keep a worker while others wait
_RESTARTS: Final = 3
_MAX_PAGES: Final = 200_000
_RENEW_S: Final = 60.0
# A list that can never be read to its end is begun anew next time.
_HOPELESS: Final = frozenset({"token_loop", "empty_pages", "too_many"})

Clock = Callable[[], datetime]
ClientMaker = Callable[..., Client]


@transaction.atomic
def harvest_start(
    *, actor: Actor, source: HarvestSource, now: datetime, full: bool = False, enqueue: bool = True
) -> tuple[HarvestRun, str]:
    """Begin to read a source, or go on with a list that was cut; return the run and the token of its lease.

    :param full: read everything anew, also to find what has silently vanished.
    :param enqueue: leave the reading to a worker; otherwise the caller calls :func:`harvest_slice`.
    :raises SourceBusyError: when it is being read. :raises SourceAsksError: when it waits for a decision.
    """
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("thu thập từ nguồn khác"))
    source.refresh_from_db()
    if source.state == SourceState.ASKING:
        raise SourceAsksError
    token = lease_take(source.pk, now=now)
    run = None if full else _cut_run(source)
    if run is None:
        whole = full or not source.since or due_whole(source.deleted_records, source.last_full_at, now)
        HarvestSource.objects.filter(pk=source.pk).update(token="")
        HarvestRun.objects.filter(source=source, state__in=OPEN_RUNS).update(
            state=RunState.STOPPED, finished_at=now
        )
        run = HarvestRun.objects.create(
            source=source,
            actor_id=actor_id(actor),
            full=whole,
            since="" if whole else source.since,
            started_at=now,
        )
    else:
        HarvestRun.objects.filter(pk=run.pk).update(
            state=RunState.QUEUED, finished_at=None, error="", resumed=F("resumed") + 1
        )
    job = job_start(
        kind=JOB_KIND, title=_("Thu thập từ %(source)s") % {"source": source.name}, actor=actor,
        arguments={"source": source.pk}, queued=True, now=now,
    )  # fmt: skip
    stop_at = run.new + run.changed + source.most_works if source.most_works else None
    HarvestRun.objects.filter(pk=run.pk).update(job_id=job.pk, stop_at=stop_at)
    if actor is not None:
        audit_record(
            actor=actor, action="library.harvest.run", target=source, after={"full": run.full}, at=now
        )
    if enqueue:
        enqueue_on_commit(harvest_task, source.pk, token)
    run.refresh_from_db()
    return run, token


def _cut_run(source: HarvestSource) -> HarvestRun | None:
    """Return the last run when it did not come to its end and its list can go on."""
    last = source.runs.order_by("-pk").first()
    if last is None or last.state == RunState.DONE:
        return None
    return last if source.token or last.listed or last.state in OPEN_RUNS else None


def harvest_slice(
    *,
    source_id: int,
    token: str,
    seconds: float = SLICE_S,
    clock: Clock = timezone.now,
    client_of: ClientMaker = source_client,
    requeue: bool = True,
) -> bool:
    """Read for ``seconds``; return whether the run is over. With ``requeue`` the rest is put back into the queue."""
    source = HarvestSource.objects.select_related("collection", "unit").get(pk=source_id)
    run = source.runs.filter(state__in=OPEN_RUNS).order_by("-pk").first()
    if run is None or source.busy_by != token:
        return True
    reading = _Reading(source, run, token, clock, time.monotonic() + seconds, _job_of(run))
    try:
        return reading.go(client_of, requeue=requeue)
    except LeaseLostError:
        return True
    except JobStoppedError:
        reading.end(RunState.STOPPED, "")
    except HarvestError as error:
        reading.fail(error)
    except KhcnError as error:
        reading.fail_with(error.message)
    except Exception as error:
        text = _(
            "Việc thu thập dừng vì một lỗi của hệ thống (%(reason)s). Hãy chạy lại; nếu vẫn lỗi, báo quản trị."
        )
        logger.exception("harvest of source %s failed", source_id)
        reading.fail_with(text % {"reason": type(error).__name__})
    return True


def _job_of(run: HarvestRun) -> Job:
    """Return the job that people see, running; a new one when the last died with its worker."""
    job = Job.objects.filter(pk=run.job_id or 0).first()
    if job is not None and job.state == JobState.QUEUED:
        return job_begin(job)
    if job is not None and job.state in {JobState.RUNNING, JobState.CANCELLED}:
        return job  # a cancelled one says so at its next heartbeat
    title = _("Thu thập từ %(source)s") % {"source": run.source.name}
    job = job_start(kind=JOB_KIND, title=title, actor=run.actor, arguments={"source": run.source_id})
    HarvestRun.objects.filter(pk=run.pk).update(job_id=job.pk)
    return job


@dataclass(slots=True)
class _Reading:
    """One worker's turn at one run."""

    source: HarvestSource
    run: HarvestRun
    token: str
    clock: Clock
    until: float
    job: Job
    matcher: Matcher = field(default_factory=Matcher)
    guard: Endless = field(default_factory=lambda: Endless(RUN_LIMITS.empty_pages, RUN_LIMITS.max_records))
    restarts: int = 0
    renewed: float = 0.0

    def go(self, client_of: ClientMaker, *, requeue: bool) -> bool:
        """Read pages, then carry out deletions, until done or the time is up."""
        job_heartbeat(self.job)
        HarvestRun.objects.filter(pk=self.run.pk).update(state=RunState.RUNNING)
        client = client_of(
            self.source.base_url,
            private_network=self.source.private_network,
            limits=replace(RUN_LIMITS, max_bytes=self.source.answer_mb * MIB),
            told=self.alive,
        )
        self.guard = self.new_guard()
        while not self.run.listed:
            self.page(client)
            if self.run.enough and not self.run.listed:
                return self.rest()
            if time.monotonic() >= self.until and not self.run.listed:
                return self.hand_over(requeue=requeue)
        return self.settle(requeue=requeue)

    def alive(self) -> None:
        """Keep lease and job while the source makes us wait."""
        if time.monotonic() - self.renewed < _RENEW_S:
            return
        self.renewed = time.monotonic()
        lease_renew(self.source.pk, self.token, now=self.clock())
        job_heartbeat(self.job)

    def new_guard(self) -> Endless:
        """Return a watch over a list that begins, or goes on with the present token."""
        guard = Endless(RUN_LIMITS.empty_pages, RUN_LIMITS.max_records, records=self.run.records)
        guard.note_token(self.source.token)
        return guard

    def page(self, client: Client) -> None:
        """Fetch one page and take it in, together with the place where the next begins."""
        found = self.fetch(client)
        if found is None:
            return
        now = self.clock()
        self.guard.note_page(found)
        self.note_circle(found.token)
        with transaction.atomic():
            counts = self.take(found, now)
            values = {name: F(name) + value for name, value in asdict(counts).items() if value}
            self.run.next_since = self.run.next_since or self.begun(found, now)
            self.run.listed, self.run.pages = not found.token, self.run.pages + 1
            if found.size is not None:
                self.run.total = found.size
            HarvestRun.objects.filter(pk=self.run.pk).update(
                listed=self.run.listed, pages=self.run.pages, next_since=self.run.next_since, total=self.run.total,
                mark=self.run.mark, **values,
            )  # fmt: skip
            if self.run.listed and self.run.full:
                gone_items_note(source=self.source, run=self.run)
            lease_renew(self.source.pk, self.token, now=now, token=found.token)
        self.source.token = found.token
        self.run.records += counts.records
        self.run.new += counts.new
        self.run.changed += counts.changed
        total = max(self.run.total or 0, self.run.records) or None
        said = _("Đã nhận %(records)s biểu ghi") % {"records": self.run.records}
        job_progress(self.job, done=self.run.records, total=total if found.token else None, message=said)

    def take(self, found: ListPage, now: datetime) -> Counts:
        """Take a page in; when a record of it breaks something, take them one by one and leave that one out."""
        try:
            with transaction.atomic():
                return self.take_these(found.records, now)
        except (OperationalError, KhcnError):
            raise
        except Exception:
            logger.exception("a page of source %s breaks something; its records one by one", self.source.pk)
        counts = Counts(records=len(found.records))
        for record in found.records:
            try:
                with transaction.atomic():
                    one = self.take_these([record], now)
            except OperationalError:
                raise
            except Exception:
                logger.exception("record %r of source %s was left out", record.identifier, self.source.pk)
                counts.skipped += 1
                continue
            for name in ("new", "changed", "unchanged", "skipped"):
                setattr(counts, name, getattr(counts, name) + getattr(one, name))
        return counts

    def take_these(self, records: Sequence[HarvestedRecord], now: datetime) -> Counts:
        """Take records in, all or none."""
        return page_take(source=self.source, run=self.run, records=records, now=now, matcher=self.matcher)

    def fetch(self, client: Client) -> ListPage | None:
        """Return the next page; ``None`` when the source has forgotten the token and the list starts again."""
        try:
            return client.page(
                prefix=self.source.prefix,
                set_spec=self.source.set_spec,
                since=self.run.since,
                token=self.source.token,
            )
        except HarvestError as error:
            forgotten = error.oai_code == "badResumptionToken" or (
                bool(self.source.token) and error.params.get("status") in {400, 404, 410, 422}
            )
            if not (self.source.token and forgotten) or self.restarts >= _RESTARTS:
                raise
        self.restarts += 1
        self.source.token, self.run.mark = "", ""
        self.guard = self.new_guard()
        lease_renew(self.source.pk, self.token, now=self.clock(), token="")
        return None

    def begun(self, found: ListPage, now: datetime) -> str:
        """Return the moment from which the next run asks: the source's own clock when this list began."""
        said = granular(found.response_date, self.source.granularity)
        latest = granular((now + timedelta(days=1)).astimezone(UTC).isoformat(), self.source.granularity)
        here = granular(self.run.started_at.astimezone(UTC).isoformat(), self.source.granularity)
        return said if said and said <= latest else here

    def note_circle(self, token: str) -> None:
        """Find circles of tokens over any number of turns, keeping one token only (Brent's algorithm)."""
        if not token:
            return
        mark = blake2b(token.encode("utf-8", "replace"), digest_size=12).hexdigest()
        if mark == self.run.mark or self.run.pages >= _MAX_PAGES:
            raise HarvestError("token_loop")
        pages = self.run.pages + 1
        if pages & (pages - 1) == 0:
            self.run.mark = mark

    def settle(self, *, requeue: bool) -> bool:
        """Carry out deletions, or ask about them, and end the run well."""
        question = too_many_gone(self.source)
        more = not question
        while more:
            done, more = gone_items_withdraw(source=self.source, actor=None, now=self.clock())
            HarvestRun.objects.filter(pk=self.run.pk).update(deleted=F("deleted") + done)
            self.alive()
            if more and time.monotonic() >= self.until:
                return self.hand_over(requeue=requeue)
        now = self.clock()
        values: dict[str, Any] = {"last_full_at": now} if self.run.full else {}
        state = SourceState.ASKING if question else self.state_after()
        with transaction.atomic():
            HarvestRun.objects.filter(pk=self.run.pk).update(state=RunState.DONE, finished_at=now, error="")
            kept = lease_give_back(
                self.source.pk, self.token, since=self.run.next_since or self.run.since, token="", failures=0,
                last_success_at=now, last_error=question, state=state, next_run_at=self.next_run(now), **values,
            )  # fmt: skip
            if not kept:
                raise LeaseLostError("")
        self.run.refresh_from_db()
        job_finish(self.job, message=summary(self.run))
        return True

    def state_after(self) -> str:
        """Return the state after success; a pause that was ordered meanwhile stays."""
        self.source.refresh_from_db(fields=["state"])
        return self.source.state if self.source.state == SourceState.PAUSED else SourceState.ACTIVE

    def next_run(self, now: datetime, hours: float | None = None) -> datetime | None:
        """Return when the clock starts the next run (after ``hours``), ``None`` when only people start it."""
        if not self.source.every_hours or hours is None:
            return next_run(self.source.every_hours, self.source.at_hour, now)
        return now + timedelta(hours=hours)

    def rest(self) -> bool:
        """End this turn because it took as much as its operator allows; the list goes on with the next one."""
        now, said = self.clock(), enough_text(self.run)
        values = {"failures": 0, "last_success_at": now, "last_error": "", "next_run_at": self.next_run(now)}
        self.end(RunState.STOPPED, said, state=self.state_after(), **values)
        job_finish(self.job, message=said)
        return True

    def hand_over(self, *, requeue: bool) -> bool:
        """Put the rest behind the others in the queue; the lease goes with the task."""
        with transaction.atomic():
            lease_renew(self.source.pk, self.token, now=self.clock(), length=LEASE * 3)
            if requeue:
                enqueue_on_commit(harvest_task, self.source.pk, self.token)
        return False

    def fail(self, error: HarvestError) -> None:
        """End the run with the sentence of an error of the source."""
        self.fail_with(
            error_text(error), wait_s=error.wait_s, **({"token": ""} if error.code in _HOPELESS else {})
        )

    def fail_with(self, text: str, *, wait_s: float | None = None, **values: Any) -> None:
        """End the run with an error; the clock tries again later and later."""
        failures = self.source.failures + 1
        hours = min(24.0, 2.0 ** (failures - 1), float(self.source.every_hours or 24))
        hours = max(hours, (wait_s or 0.0) / 3600)
        now = self.clock()
        state = self.state_after()
        self.end(
            RunState.FAILED, text, failures=failures, last_error=text, next_run_at=self.next_run(now, hours),
            state=state if state == SourceState.PAUSED else SourceState.FAILING, **values,
        )  # fmt: skip
        job_fail(self.job, error=text)

    def end(self, outcome: RunState, error: str, **values: Any) -> None:
        """Write the end of the run; its position stays, so that the next one goes on from here."""
        with transaction.atomic():
            if lease_give_back(self.source.pk, self.token, **values):
                HarvestRun.objects.filter(pk=self.run.pk).update(
                    state=outcome, error=error, finished_at=self.clock()
                )

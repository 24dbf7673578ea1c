"""Sources: adding, changing, pausing; looking at one before it is added; the clock that starts runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.tasks import enqueue_on_commit
from khcn.engines.oai.client import Client
from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.fetch import check_address
from khcn.engines.oai.formats import PREFERRED, READERS
from khcn.engines.oai.types import Choice, HarvestedRecord, Identity
from khcn.engines.text.slug import slugify_vi
from khcn.library import permissions
from khcn.library.enums import Rights
from khcn.library.errors import LibraryPermissionError
from khcn.library.harvest_enums import (
    DECIDABLE,
    HARVESTED_STATES,
    Every,
    ItemProblem,
    SourceState,
)
from khcn.library.harvest_errors import (
    AlreadyDecidedError,
    NoSuchSourceError,
    SourceBusyError,
    SourceFieldError,
    SourceUnreadableError,
    error_text,
)
from khcn.library.harvest_tasks import harvest_deletions_task
from khcn.library.imports.drafts import BadLineError, RecordDraft
from khcn.library.imports.harvested import draft_of, external_key, plain_values
from khcn.library.models import HarvestItem, HarvestSource, Work
from khcn.library.rules_harvest import next_run
from khcn.library.search.changes import index_enqueue
from khcn.library.services.harvest_deletions import gone_items_keep, work_close
from khcn.library.services.harvest_match import Matcher
from khcn.library.services.harvest_net import PAGE_LIMITS, source_client, stands_in_private_network
from khcn.library.services.harvest_take import held_take

SOURCE_FIELDS: Final = (
    "name", "set_spec", "set_name", "prefix", "every_hours", "collection_id", "unit_id", "rights", "publish",
    "offer_again", "delete_percent", "most_works", "answer_mb", "at_hour",
)  # fmt: skip
_AUDITED: Final = (
    "name", "base_url", "set_spec", "prefix", "every_hours", "collection", "unit", "rights", "publish", "offer_again",
    "delete_percent", "most_works", "answer_mb", "at_hour",
)  # fmt: skip
_READS_ANEW: Final = ("set_spec", "prefix")
_WATCHED: Final = ("every_hours", "at_hour", "offer_again", "name")
PREVIEW_RECORDS: Final = 10
MOST_WORKS: Final = 1_000_000
MOST_ANSWER_MB: Final = 256


@dataclass(frozen=True)
class Probe:
    """What a repository says of itself, to choose from. ``notes``: what is missing, in words."""

    identity: Identity
    sets: list[Choice]
    formats: list[Choice]
    private_network: bool
    notes: list[str] = field(default_factory=list)

    @property
    def best_format(self) -> str:
        """The format that says most about works."""
        offered = {one.key for one in self.formats}
        return next((one for one in PREFERRED if one in offered), "oai_dc")


@dataclass(frozen=True)
class PreviewLine:
    """One record as readers would see it. ``missing``: what it lacks, in words; ``problem``: why it stays out, or ""."""

    identifier: str
    title: str = ""
    draft: RecordDraft | None = None
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str = ""
    twin_id: int | None = None
    deleted: bool = False


def _check(actor: Actor) -> None:
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("thu thập từ nguồn khác"))


def source_probe(*, actor: Actor, base_url: str, client: Client | None = None) -> Probe:
    """Ask a repository who it is, what sets and formats it has. One try each; a person waits.

    :raises SourceUnreadableError: with the sentence that says why.
    """
    _check(actor)
    try:
        inside = stands_in_private_network(base_url)
        client = client or source_client(base_url, private_network=inside, limits=PAGE_LIMITS)
        identity = client.identify()
        formats, notes = client.formats(), []
        try:
            sets = client.sets()
        except HarvestError as error:
            sets = []
            notes.append(_("Chưa đọc được danh sách bộ: %(why)s") % {"why": error_text(error)})
    except HarvestError as error:
        raise SourceUnreadableError(error) from error
    if not formats:
        notes.append(
            _("Nguồn không nói rõ định dạng nào đọc được; sẽ dùng oai_dc, định dạng mà mọi nguồn phải có.")
        )
        formats = [Choice("oai_dc")]
    return Probe(identity, sets, formats, inside, notes)


def source_preview(
    *,
    actor: Actor,
    base_url: str,
    prefix: str,
    set_spec: str = "",
    rights: str = Rights.UNKNOWN,
    client: Client | None = None,
) -> list[PreviewLine]:
    """Return the first records as readers would see them. Nothing is written.

    :raises SourceUnreadableError: with the sentence that says why.
    """
    _check(actor)
    try:
        inside = stands_in_private_network(base_url)
        client = client or source_client(base_url, private_network=inside, limits=PAGE_LIMITS)
        page = client.page(prefix=prefix, set_spec=set_spec)
    except HarvestError as error:
        raise SourceUnreadableError(error) from error
    lines = [_preview(record, rights, base_url) for record in page.records[:PREVIEW_RECORDS]]
    twins = Matcher().twins([line.draft for line in lines if line.draft is not None])
    return [
        PreviewLine(
            line.identifier, line.title, line.draft, line.missing, line.warnings, line.problem,
            twins.get(line.draft.external_id) if line.draft else None, line.deleted,
        )
        for line in lines
    ]  # fmt: skip


def _preview(record: HarvestedRecord, rights: str, base_url: str) -> PreviewLine:
    if record.deleted:
        return PreviewLine(record.identifier, deleted=True)
    if record.problem:
        text = error_text(HarvestError(record.problem))
        return PreviewLine(record.identifier, record.title[:300], problem=text)
    values = plain_values(
        record, external_id=external_key(record.identifier), rights=rights, fallback=base_url
    )
    try:
        draft = draft_of(values)
    except BadLineError as error:
        return PreviewLine(record.identifier, problem=error.message)
    lacks = {
        _("tác giả"): not record.creators and not (record.legal and record.legal.organ_name),
        _("năm"): not record.issued,
        _("tóm tắt"): not record.abstract,
        _("địa chỉ ở nguồn"): not record.address,
        _("quyền sử dụng"): draft.fields.get("rights") in {None, Rights.UNKNOWN},
    }
    return PreviewLine(
        record.identifier, draft.title, draft, tuple(name for name, missing in lacks.items() if missing),
        tuple(draft.warnings),
    )  # fmt: skip


@transaction.atomic
def source_add(
    *, actor: Actor, base_url: str, probe: Probe, values: Mapping[str, Any], now: datetime
) -> HarvestSource:
    """Add a source. ``values``: ``SOURCE_FIELDS``; the first run starts with the next tick of the clock.

    :raises SourceFieldError: naming the field.
    """
    _check(actor)
    source = HarvestSource(
        base_url=_address(base_url), private_network=probe.private_network, granularity=probe.identity.granularity,
        deleted_records=probe.identity.deleted, created_by_id=actor_id(actor), created_at=now, updated_at=now,
    )  # fmt: skip
    _fill(source, {"name": probe.identity.name, "prefix": probe.best_format, **values})
    same = HarvestSource.objects.filter(base_url=source.base_url, set_spec=source.set_spec)
    if same.exists():
        raise SourceFieldError(
            "set_spec", _("Bộ này của nguồn đã được thu thập rồi. Hãy chọn bộ khác hoặc sửa nguồn cũ.")
        )
    source.key = _free_key(source.name)
    source.next_run_at = now if source.every_hours else None
    source.save()
    audit_record(
        actor=actor, action="library.harvest.add", target=source, after=snapshot(source, _AUDITED), at=now
    )
    return source


@transaction.atomic
def source_update(
    *, actor: Actor, source: HarvestSource, values: Mapping[str, Any], now: datetime
) -> HarvestSource:
    """Change settings. Another set or format means that everything is read anew.

    :raises SourceFieldError: naming the field. :raises SourceBusyError: while it is being read.
    """
    _check(actor)
    source = HarvestSource.objects.select_for_update().get(pk=source.pk)
    before = snapshot(source, _AUDITED)
    kept = {name: getattr(source, name) for name in (*_READS_ANEW, *_WATCHED)}
    _fill(source, values)
    if any(getattr(source, name) != kept[name] for name in _READS_ANEW):
        if source.busy_until is not None and source.busy_until > now:
            raise SourceBusyError
        source.since, source.token, source.last_full_at = "", "", None
    if (source.every_hours, source.at_hour) != (kept["every_hours"], kept["at_hour"]):
        source.next_run_at = next_run(source.every_hours, source.at_hour, now)
    source.updated_at = now
    source.save(update_fields=[*SOURCE_FIELDS, "since", "token", "last_full_at", "next_run_at", "updated_at"])
    if (source.offer_again, source.name) != (
        kept["offer_again"],
        kept["name"],
    ):  # what others read of its works changes
        works = Work.objects.filter(external_source=source.external_source)
        index_enqueue(list(works.values_list("pk", flat=True)))
    after = snapshot(source, _AUDITED)
    if before != after:
        audit_record(
            actor=actor, action="library.harvest.update", target=source, before=before, after=after, at=now
        )
    return source


def _fill(source: HarvestSource, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(SOURCE_FIELDS)
    if unknown:
        raise ValueError(f"not fields of a source: {sorted(unknown)}")
    for name, value in values.items():
        setattr(source, name, value)
    source.name = " ".join(source.name.split())[:200]
    if not source.name:
        raise SourceFieldError("name", _("Hãy ghi tên nguồn để người đọc biết tài liệu từ đâu đến."))
    if source.prefix not in READERS:
        raise SourceFieldError(
            "prefix", _("Chưa đọc được định dạng này. Hãy chọn một định dạng trong danh sách.")
        )
    if str(source.every_hours) not in Every.values:
        raise SourceFieldError("every_hours", _("Hãy chọn lịch thu thập trong danh sách."))
    if not 1 <= source.delete_percent <= 100:
        raise SourceFieldError("delete_percent", _("Ngưỡng xoá là số từ 1 đến 100."))
    _check_limits(source)


def _check_limits(source: HarvestSource) -> None:
    if source.most_works is not None and not 1 <= source.most_works <= MOST_WORKS:
        raise SourceFieldError("most_works", _("Hãy ghi số tài liệu từ 1 đến 1.000.000, hoặc để trống."))
    if not 1 <= source.answer_mb <= MOST_ANSWER_MB:
        raise SourceFieldError("answer_mb", _("Cỡ câu trả lời là số từ 1 đến 256 MB."))
    if source.at_hour is not None and not 0 <= source.at_hour <= 23:
        raise SourceFieldError("at_hour", _("Hãy chọn giờ bắt đầu trong danh sách."))


def _address(base_url: str) -> str:
    """Return the address without its question. :raises SourceFieldError: when it cannot be used."""
    try:
        check_address(base_url)
    except HarvestError as error:
        raise SourceFieldError("base_url", error_text(error)) from error
    address, _mark, query = base_url.strip().partition("#")[0].partition("?")
    return f"{address}?{query}" if query and "verb=" not in query else address


def _free_key(name: str) -> str:
    start = slugify_vi(name, 30) or "nguon"
    taken = set(HarvestSource.objects.filter(key__startswith=start).values_list("key", flat=True))
    return next(
        key for key in (start, *(f"{start}-{number}" for number in range(2, 10_000))) if key not in taken
    )


@transaction.atomic
def source_pause(*, actor: Actor, source: HarvestSource, now: datetime) -> None:
    """Stop the clock for a source; a run that is under way goes to its end."""
    _move(actor, source, "pause", now=now, allowed=HARVESTED_STATES, state=SourceState.PAUSED)


@transaction.atomic
def source_resume(*, actor: Actor, source: HarvestSource, now: datetime) -> None:
    """Let the clock start runs again, the first one soon."""
    values = {"next_run_at": now} if source.every_hours else {}
    _move(actor, source, "resume", now=now, allowed={SourceState.PAUSED}, state=SourceState.ACTIVE, **values)


def _move(
    actor: Actor,
    source: HarvestSource,
    action: str,
    *,
    now: datetime,
    allowed: Any,
    state: str,
    **values: Any,
) -> None:
    _check(actor)
    moved = HarvestSource.objects.filter(pk=source.pk, state__in=list(allowed)).update(
        state=state, updated_at=now, **values
    )
    if not moved:
        raise AlreadyDecidedError
    audit_record(
        actor=actor, action=f"library.harvest.{action}", target=source, before={"state": source.state},
        after={"state": state}, at=now,
    )  # fmt: skip
    source.refresh_from_db()


@transaction.atomic
def source_decide_deletions(*, actor: Actor, source: HarvestSource, withdraw: bool, now: datetime) -> None:
    """Answer the question about many deletions: follow the source, or keep everything."""
    values = {"last_error": "", "next_run_at": now + timedelta(hours=1) if source.every_hours else None}
    deed = "withdraw_gone" if withdraw else "keep_gone"
    _move(actor, source, deed, now=now, allowed={SourceState.ASKING}, state=SourceState.ACTIVE, **values)
    if withdraw:
        enqueue_on_commit(harvest_deletions_task, source.pk)
    else:
        gone_items_keep(source=source, now=now)


@transaction.atomic
def item_decide(*, actor: Actor, item: HarvestItem, follow: bool, now: datetime) -> None:
    """Settle one record: ``follow`` the source (take its version, or its deletion), or leave things as they are here.

    :raises AlreadyDecidedError: when somebody was faster.
    """
    _check(actor)
    item = (
        HarvestItem.objects.select_for_update(of=("self",))
        .select_related("source", "source__collection", "work")
        .get(pk=item.pk)
    )
    problem = item.problem
    if problem not in DECIDABLE:
        raise AlreadyDecidedError
    if problem == ItemProblem.GONE_EDITED:
        if follow and item.work is not None:
            work_close(work=item.work, actor=actor, now=now, source=item.source)
        item.deleted, item.problem = follow, "" if follow else ItemProblem.KEPT
    elif follow:
        held_take(actor=actor, item=item, now=now)
        item.refresh_from_db()
    else:
        item.problem, item.held = "", None
    item.updated_at = now
    item.save(update_fields=["deleted", "problem", "held", "updated_at"])
    audit_record(
        actor=actor, action="library.harvest.decide", target=item.work or item.source, before={"problem": problem},
        after={"follow": follow, "record": item.identifier[:300]}, at=now,
    )  # fmt: skip


def source_by_key(key: str) -> HarvestSource:
    """Return a source by its key. :raises NoSuchSourceError: when there is none."""
    found = HarvestSource.objects.filter(key=key).first()
    if found is None:
        raise NoSuchSourceError(key)
    return found

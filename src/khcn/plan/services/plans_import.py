"""Take a plan file in: units, a draft, its tasks. The same file again changes nothing; nothing is half taken in."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.plans.messages import FAULTS, anomaly_sentence, handling_sentence
from khcn.engines.plans.reading import read_plan
from khcn.engines.plans.types import Anomaly, Fault, PlanFile, PlanFileError, TaskSpec
from khcn.engines.text.fold import fold
from khcn.engines.text.slug import slugify_vi
from khcn.orgs.models import Unit
from khcn.plan.enums import VERSION_WAITING, VersionState
from khcn.plan.errors import PlanError, RowFault, RowsError, StaleError
from khcn.plan.models import Plan, PlanVersion, Task
from khcn.plan.permissions import acting, can_edit_plans
from khcn.plan.rules.plan_content import (
    SOURCE,
    frame_hash,
    header_json,
    plan_hash,
    reporting_json,
    settled,
    task_hash,
)
from khcn.plan.selectors.plans import IN_WORK, known_units, task_spec, version_file, version_tasks
from khcn.plan.selectors.plans_items import owed_items, plan_day
from khcn.plan.services.plans_regime import regime_with_draft
from khcn.plan.services.plans_store import Store, copy_version
from khcn.plan.services.plans_units import units_bring


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What taking a file in did. ``changed``: tasks, parts of the frame and units that are other than before."""

    plan: Plan
    version: PlanVersion
    tasks: int
    units: int
    work_items: int
    anomalies: tuple[dict[str, Any], ...]
    changed: int
    added: int = 0
    updated: int = 0
    removed: int = 0
    new_units: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the result as ``khcn plan import --json`` prints it."""
        return {
            "plan": self.plan.full_number or self.plan.key, "version": self.version.number, "state": self.version.state,
            "tasks": self.tasks, "units": self.units, "work_items": self.work_items, "changed": self.changed,
            "added": self.added, "updated": self.updated, "removed": self.removed, "new_units": list(self.new_units),
            "anomalies": list(self.anomalies),
        }  # fmt: skip


@dataclass(slots=True)
class _Sum:
    added: int = 0
    updated: int = 0
    removed: int = 0
    frame: int = 0
    new_units: list[str] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return self.added + self.updated + self.removed + self.frame + len(self.new_units)


def anomaly_json(anomaly: Anomaly) -> dict[str, Any]:
    """Return an anomaly as it is kept and printed; ``found``: by us, not noted in the file."""
    return {
        "code": anomaly.code, "where": anomaly.where, "issue": anomaly_sentence(anomaly),
        "handling": handling_sentence(anomaly), "found": anomaly.found,
    }  # fmt: skip


def faults_error(error: PlanFileError, name: str = "") -> RowsError:
    """Return the error for people: every fault with its line and field."""
    faults = [RowFault(one.where, one.item, _fault_text(one)) for one in error.faults]
    first = "; ".join(_shown(one) for one in faults[:3])
    more = _(" và %(count)s lỗi khác") % {"count": len(faults) - 3} if len(faults) > 3 else ""
    return RowsError(
        _("Chưa nhập được %(name)s, chưa có gì thay đổi. %(first)s%(more)s")
        % {"name": name or _("kế hoạch"), "first": first, "more": more},
        faults,
    )


def _shown(fault: RowFault) -> str:
    head = ", ".join(part for part in (fault.where, fault.item) if part)
    return f"{head}: {fault.message}" if head else fault.message


def _fault_text(fault: Fault) -> str:
    return _(FAULTS[fault.code]) % dict(fault.params)


def plan_read(*, name: str, data: bytes, today: date) -> PlanFile:
    """Read a plan file with the names and keys of the register. :raises RowsError: with every fault."""
    try:
        return settled(read_plan(name, data, known=known_units(), year=today.year))
    except PlanFileError as error:
        raise faults_error(error, name) from None


def plan_import(*, actor: Actor, plan_file: PlanFile, now: datetime, bulk: bool = False) -> ImportResult:
    """Take a plan in as a draft, or bring the draft up to the file.

    A file that says what was taken in before changes nothing, whatever people have edited since. A changed file changes
    what it says otherwise; on a plan in force it opens a new version.

    :param bulk: many plans are filled in: leave no audit row, the caller leaves one for the batch.
    :raises PlanError: the plan waits for approval, so it must be returned or withdrawn first.
    :raises RowsError: for units nobody knows.
    :raises StaleError: somebody else took the same plan in at this moment.
    """
    if not can_edit_plans(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Chỉ chuyên viên của đơn vị đầu mối nhập và soạn kế hoạch."))
    given = settled(plan_file)
    try:
        with transaction.atomic():
            return _take_in(actor, given, now, bulk)
    except IntegrityError as error:
        raise StaleError(
            _("Có người vừa nhập hoặc sửa kế hoạch này cùng lúc. Hãy mở lại danh sách kế hoạch rồi thử lại.")
        ) from error


def _take_in(actor: Actor, given: PlanFile, now: datetime, bulk: bool) -> ImportResult:
    done = _Sum()
    units, done.new_units = units_bring(given, local_date(now))
    plan = _existing(given, units)
    version = _latest(plan) if plan is not None else None
    if plan is not None and version is not None and version.content_hash == plan_hash(given):
        return _result(plan, version, given, done, now)
    if plan is None:
        plan = _new_plan(given, units, now)
    version = _draft(actor, plan, version, now)
    _bring(version, given, units, done)
    if version.number == 1:
        plan_facts(plan, given, units)
    if not bulk:
        regime_with_draft(version, now)
        audit_record(
            actor=actor, action="plan.import", target=version,
            after={"plan": plan.full_number or plan.title, "version": version.number, "added": done.added,
                   "updated": done.updated, "removed": done.removed, "new_units": done.new_units}, at=now,
        )  # fmt: skip
    return _result(plan, version, given, done, now)


def _existing(given: PlanFile, units: dict[str, Unit]) -> Plan | None:
    """Find the plan of the file by its key, or by number, issuer and year."""
    rows = Plan.objects.select_for_update()
    found = rows.filter(key=_key(given)).first()
    head = given.header
    if found is not None or not head.full_number:
        return found
    rows = rows.filter(full_number=head.full_number, year=head.year)
    return rows.filter(issuer=units.get(head.issuer)).first() if head.issuer else rows.first()


def _key(given: PlanFile) -> str:
    return slugify_vi(given.key, 80) or slugify_vi(f"kh {given.header.full_number} {given.header.title}", 80)


def _latest(plan: Plan) -> PlanVersion | None:
    rows = PlanVersion.objects.select_for_update().filter(plan=plan)
    return rows.filter(state__in=IN_WORK).first() or rows.order_by("-number").first()


def _new_plan(given: PlanFile, units: dict[str, Unit], now: datetime) -> Plan:
    plan = Plan(key=_key(given), title=given.header.title, created_at=now)
    _facts(plan, given, units)
    plan.save()
    return plan


def plan_facts(plan: Plan, given: PlanFile, units: dict[str, Unit]) -> None:
    """Write what a plan is called by from the content of its version."""
    _facts(plan, given, units)
    plan.save()


def _facts(plan: Plan, given: PlanFile, units: dict[str, Unit]) -> None:
    head = given.header
    plan.full_number, plan.title, plan.year = head.full_number, head.title, head.year
    plan.folded_title = " ".join(fold(head.title).split())[:500]
    plan.issuer = units.get(head.issuer) if head.issuer else None
    leads = [task.lead for task in given.tasks if task.lead]
    focal = given.reporting.through or (max(leads, key=leads.count) if leads else "")
    plan.focal_unit = units.get(focal)
    plan.kinds, plan.audiences = dict(given.kinds) or plan.kinds, dict(given.audiences) or plan.audiences
    if head.year:
        end = date(head.year, 12, 31)
        start = head.date if head.date and head.date <= end else date(head.year, 1, 1)
        plan.starts_on, plan.ends_on = start, end


def _draft(actor: Actor, plan: Plan, latest: PlanVersion | None, now: datetime) -> PlanVersion:
    """Return the draft to write into: the one there is, or a new one that starts from the version in force."""
    if latest is not None and latest.state in VERSION_WAITING:
        raise PlanError(
            _(
                "Kế hoạch %(plan)s đang chờ duyệt nên chưa sửa được. Hãy trả lại hoặc rút về bản nháp rồi nhập lại."
            )
            % {"plan": plan},
            code="plan-waiting",
        )
    if latest is not None and latest.state == VersionState.DRAFT:
        return latest
    version = PlanVersion(
        plan=plan, number=latest.number + 1 if latest else 1, title=plan.title, created_at=now,
        drafted_by_id=actor_id(actor),
    )  # fmt: skip
    if latest is not None:
        version.header, version.reporting = latest.header, latest.reporting
    version.save()
    if latest is not None:
        copy_version(latest, version)
    return version


def _bring(version: PlanVersion, given: PlanFile, units: dict[str, Unit], done: _Sum) -> None:
    """Bring a draft up to the file. What the file says as it did before keeps what people made of it."""
    frame = frame_hash(given)
    if version.header.get(SOURCE) != frame:
        done.frame = 0 if _is_empty(version) else 1
        version.header = {**header_json(given), SOURCE: frame}
        version.reporting = reporting_json(given.reporting)
        version.title = given.header.title
    store = Store(version, units, {one.task: one.code for one in given.reporting.periods if one.task})
    sections = store.sections(given.sections)
    rows = {task.code: task for task in version_tasks(version)}
    new: list[tuple[Task, TaskSpec]] = []
    changed: list[tuple[Task, TaskSpec]] = []
    for order, spec in enumerate(given.tasks):
        source, row = task_hash(spec), rows.get(spec.code)
        section = sections.get(spec.section)
        marks = {"source": source, "needs_confirming": given.proposed or not spec.lead}
        if row is None:
            new.append(
                (store.fill(Task(version=version, code=spec.code), spec, section, order, **marks), spec)
            )
        elif row.extra.get(SOURCE) != source and task_hash(task_spec(row)) != source:
            changed.append((store.fill(row, spec, section, order, **marks), spec))
        elif row.order != order or row.section_id != (section.pk if section else None):
            Task.objects.filter(pk=row.pk).update(order=order, section=section)
    store.create(new)
    store.update(changed)
    gone = [task.pk for code, task in rows.items() if code not in {spec.code for spec in given.tasks}]
    Task.objects.filter(pk__in=gone).delete()
    store.tidy(given.sections)
    done.added, done.updated, done.removed = len(new), len(changed), len(gone)
    version.content_hash = plan_hash(given)
    version.anomalies = [anomaly_json(one) for one in given.anomalies]
    version.save()


def _is_empty(version: PlanVersion) -> bool:
    return not version.header and not version.tasks.exists()


def _result(plan: Plan, version: PlanVersion, given: PlanFile, done: _Sum, now: datetime) -> ImportResult:
    items = owed_items(version, plan_day(version, local_date(now)))
    return ImportResult(
        plan=plan, version=version, tasks=version.tasks.count(), units=len(named_units(given)), work_items=len(items),
        anomalies=tuple(anomaly_json(one) for one in given.anomalies), changed=done.changed, added=done.added,
        updated=done.updated, removed=done.removed, new_units=tuple(done.new_units),
    )  # fmt: skip


def named_units(given: PlanFile) -> Sequence[str]:
    """Return the keys of the units a file describes; of running text, those that its tasks name."""
    if given.units and not given.proposed:
        return [one.key for one in given.units]
    keys = (key for task in given.tasks for key in (task.lead, *task.cooperating))
    return list(dict.fromkeys(key for key in (*keys, given.header.issuer) if key))


def version_refresh(version: PlanVersion) -> None:
    """Write plan-wide facts from a version's own content (at publication)."""
    given = version_file(version)
    units = {unit.key: unit for unit in Unit.objects.all()}
    plan_facts(
        version.plan, replace(given, kinds=version.plan.kinds, audiences=version.plan.audiences), units
    )

"""Rooftop projects from survey to operation: stages with their dates, documents, and the system that comes out of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import date_vi
from khcn.core.references import Reference, resolve
from khcn.energy import permissions
from khcn.energy.enums import GridKind, Stage
from khcn.energy.models import Project, ProjectDocument, ProjectStep, RoofPlan, Site, System
from khcn.energy.services.sites import fill, system_save
from khcn.energy.setup_errors import RegisterError, require

PROJECT_FIELDS: Final = ("title", "kwp", "budget_vnd", "due_on")
ORDER: Final = (
    Stage.SURVEY, Stage.PLANNING, Stage.PROCUREMENT, Stage.INSTALLATION, Stage.COMMISSIONING, Stage.OPERATION,
)  # fmt: skip
MOST_DOCUMENTS: Final = 60
_DEED = "sửa dự án của công trình này"


def _locked(project: Project) -> Project:
    return (
        Project.objects.select_for_update(no_key=True, of=("self",))
        .select_related("site", "plan")
        .get(pk=project.pk)
    )


def _plan_of(site: Site, plan: RoofPlan | None) -> RoofPlan | None:
    if plan is not None and plan.site_id != site.pk:
        raise RegisterError("plan", _("Phương án được chọn thuộc công trình khác."))
    return plan


@transaction.atomic
def project_create(
    *, actor: Actor, site: Site, values: Mapping[str, Any], now: datetime, plan: RoofPlan | None = None
) -> Project:
    """Open a project at the stage "survey". ``values``: by :data:`PROJECT_FIELDS`.

    :raises PermissionDeniedError, RegisterError:
    """
    require(permissions.can_manage_site(actor, site), _(_DEED))
    project = Project(site=site, plan=_plan_of(site, plan))
    fill(project, values, PROJECT_FIELDS)
    if not project.title:
        raise RegisterError("title", _("Hãy ghi tên dự án."))
    project.save()
    ProjectStep.objects.create(project=project, stage=Stage.SURVEY, reached_on=timezone.localdate(now))
    audit_record(
        actor=actor, action="energy.project.create", target=project, after=snapshot(project, ["site", "plan", *PROJECT_FIELDS]),
        at=now,
    )  # fmt: skip
    return project


@transaction.atomic
def project_update(
    *, actor: Actor, project: Project, values: Mapping[str, Any], plan: RoofPlan | None, now: datetime
) -> Project:
    """Change a project. Raises PermissionDeniedError, RegisterError."""
    row = _locked(project)
    require(permissions.can_manage_site(actor, row.site), _(_DEED))
    before = snapshot(row, ["plan", *PROJECT_FIELDS])
    fill(row, values, PROJECT_FIELDS)
    row.plan = _plan_of(row.site, plan)
    row.save()
    after = snapshot(row, ["plan", *PROJECT_FIELDS])
    if before != after:
        audit_record(
            actor=actor, action="energy.project.update", target=row, before=before, after=after, at=now
        )
    return row


@transaction.atomic
def project_move(
    *, actor: Actor, project: Project, stage: str, reached_on: date, now: datetime, note: str = ""
) -> ProjectStep:
    """Note that a project reached a stage on a day. Back is allowed (a tender that failed), with a note.

    Operation needs the system that was built. Raises PermissionDeniedError, RegisterError.
    """
    row = _locked(project)
    require(permissions.can_manage_site(actor, row.site), _(_DEED))
    if stage not in Stage.values or stage == row.stage:
        raise RegisterError("stage", _("Hãy chọn một giai đoạn khác giai đoạn hiện tại."))
    if reached_on > timezone.localdate(now) + timedelta(days=1):
        raise RegisterError("reached_on", _("Ngày này ở tương lai. Hãy ghi ngày đã xong."))
    last = row.steps.order_by("-reached_on", "-pk").first()
    if last is not None and reached_on < last.reached_on:
        raise RegisterError(
            "reached_on",
            _("Bước trước ghi ngày %(day)s. Bước này phải từ ngày đó.") % {"day": date_vi(last.reached_on)},
        )
    if stage == Stage.OPERATION and row.system_id is None:
        raise RegisterError("stage", _("Hãy ghi hệ thống đã lắp trước khi chuyển sang vận hành."))
    text = " ".join(note.split())[:500]
    if _is_back(row.stage, stage) and not text:
        raise RegisterError("note", _("Quay lại hoặc dừng thì hãy ghi lý do."))
    before, row.stage = row.stage, stage
    row.save(update_fields=["stage"])
    step = ProjectStep.objects.create(project=row, stage=stage, reached_on=reached_on, note=text)
    audit_record(
        actor=actor, action="energy.project.move", target=row, before={"stage": before}, after={"stage": stage}, reason=text,
        at=now,
    )  # fmt: skip
    return step


def _is_back(before: str, after: str) -> bool:
    if after == Stage.STOPPED:
        return True
    if before == Stage.STOPPED:
        return False
    return ORDER.index(Stage(after)) < ORDER.index(Stage(before))


@transaction.atomic
def project_build(
    *,
    actor: Actor,
    project: Project,
    name: str,
    kwp: Decimal,
    ac_kw: Decimal,
    valid_from: date,
    now: datetime,
    price_vnd: int | None = None,
) -> System:
    """Make the system that a project built; its arrays follow the plan's roofs, scaled to what was installed.

    :raises PermissionDeniedError, RegisterError:
    """
    row = _locked(project)
    require(permissions.can_manage_site(actor, row.site), _(_DEED))
    if row.system_id is not None:
        raise RegisterError("", _("Dự án này đã có hệ thống."))
    system = system_save(
        actor=actor,
        site=row.site,
        values={
            "name": name, "kwp": kwp, "ac_kw": ac_kw, "valid_from": valid_from, "price_vnd": price_vnd,
            "grid": GridKind.WITHOUT_SALE,
        },
        arrays=_arrays(row.plan, kwp),
        now=now,
    )  # fmt: skip
    row.system = system
    row.save(update_fields=["system"])
    audit_record(actor=actor, action="energy.project.build", target=row, after={"system": system.pk}, at=now)
    return system


def _arrays(plan: RoofPlan | None, kwp: Decimal) -> list[dict[str, Any]]:
    roofs = (plan.spec.get("roofs") if plan else None) or [{"kwp": 1}]
    whole = sum(float(roof.get("kwp") or 0) for roof in roofs) or 1.0
    arrays: list[dict[str, Any]] = [
        {
            "kwp": (kwp * Decimal(str(round(float(roof.get("kwp") or 0) / whole, 9)))).quantize(
                Decimal("0.001")
            ),
            "tilt_deg": float(roof.get("tilt_deg", 10)),
            "azimuth_deg": float(roof.get("azimuth_deg", 180)) % 360,
            "mounting": roof.get("mounting") or "roof",
        }
        for roof in roofs
    ]
    rest = kwp - sum((one["kwp"] for one in arrays), Decimal(0))
    arrays[0]["kwp"] += rest
    return arrays


@transaction.atomic
def document_add(*, actor: Actor, project: Project, reference: str, now: datetime) -> ProjectDocument:
    """Hang a document on a project: ``kind:id`` of a record that the actor may see. Raises RegisterError."""
    row = _locked(project)
    require(permissions.can_manage_site(actor, row.site), _(_DEED))
    try:
        wanted = Reference.parse(reference)
    except ValueError:
        wanted = None
    found = resolve(wanted, actor) if wanted is not None else None
    if found is None or len(reference) > 120:
        raise RegisterError("reference", _("Không thấy tài liệu này trong thư viện, hoặc bạn chưa được xem."))
    if row.documents.count() >= MOST_DOCUMENTS:
        raise RegisterError("reference", _("Dự án đã có quá nhiều tài liệu."))
    made, fresh = ProjectDocument.objects.get_or_create(
        project=row, reference=str(found.reference), defaults={"title": found.title[:300], "added_at": now}
    )
    if fresh:
        audit_record(
            actor=actor,
            action="energy.project.document_add",
            target=row,
            after={"reference": str(found.reference)},
            at=now,
        )
    return made


@transaction.atomic
def document_remove(*, actor: Actor, document: ProjectDocument, now: datetime) -> None:
    """Take a document off a project; in the library it stays. Raises PermissionDeniedError."""
    require(permissions.can_manage_site(actor, document.project.site), _(_DEED))
    audit_record(
        actor=actor, action="energy.project.document_remove", target=document.project,
        before={"reference": document.reference}, at=now,
    )  # fmt: skip
    document.delete()

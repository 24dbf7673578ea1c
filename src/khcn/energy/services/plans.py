"""Plans of roofs: asked for on a page, computed in the worker, kept with everything that went in."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.tasks import enqueue_on_commit
from khcn.energy import permissions, setup_store
from khcn.energy.enums import RunState
from khcn.energy.models import Project, RoofPlan, Site
from khcn.energy.selectors.plan_spec import plan_spec
from khcn.energy.setup_errors import BusyError, RegisterError, engine_sentence, require
from khcn.energy.setup_store import Upload
from khcn.energy.setup_tasks import plan_task

logger = logging.getLogger("khcn.energy")
MOST_WAITING: Final = 5  # plans of one person that wait at once
SIZES: Final = (0.5, 0.75, 1.25, 1.5)  # other sizes of the same roof that are reckoned beside it
UPLOADED: Final = "upload:"


@transaction.atomic
def plan_request(
    *,
    actor: Actor,
    site: Site,
    title: str,
    asked: Mapping[str, Any],
    now: datetime,
    weather: Upload | None = None,
) -> RoofPlan:
    """Note a plan and have it computed. ``asked``: what the form gives (:func:`plan_spec`).

    :raises PermissionDeniedError, BusyError, RegisterError:
    """
    require(permissions.can_plan(actor, site), _("lập phương án cho công trình này"))
    waiting = RoofPlan.objects.filter(made_by_id=actor_id(actor), state=RunState.WAITING)
    if actor is not None and waiting.count() >= MOST_WAITING:
        raise BusyError(_("Bạn đang có nhiều phương án chờ tính. Hãy đợi vài giây rồi thử lại."))
    spec = plan_spec(site, asked, timezone.localdate(now))
    if weather is not None:
        name = setup_store.keep(setup_store.WEATHER, actor_id(actor), weather)
        spec["weather"] = f"{UPLOADED}{name}"
        spec["asked"]["weather_name"] = (weather.name or "").replace("\x00", "")[:100]
    plan = RoofPlan.objects.create(
        site=site,
        title=" ".join(title.split())[:150] or _("Phương án"),
        spec=spec,
        made_by_id=actor_id(actor),
        made_at=now,
    )
    audit_record(
        actor=actor,
        action="energy.plan.request",
        target=plan,
        after={"site": site.key, "kwp": sum(roof["kwp"] for roof in spec["roofs"])},
        at=now,
    )
    enqueue_on_commit(plan_task, plan.pk)
    return plan


def plan_run(plan_id: int) -> None:
    """Compute a waiting plan (worker). What cannot be computed leaves a sentence; a second run changes nothing."""
    plan = RoofPlan.objects.filter(pk=plan_id, state=RunState.WAITING).first()
    if plan is None:
        return
    try:
        result = _computed(plan.spec)
    except RegisterError as error:
        _close(plan, RunState.FAILED, problem=error.message)
    except Exception:
        logger.exception("plan %s could not be computed", plan_id)
        _close(plan, RunState.FAILED, problem=_("Việc tính bị dừng vì một lỗi của hệ thống. Hãy tính lại."))
    else:
        _close(plan, RunState.DONE, result=result)


def _close(plan: RoofPlan, state: RunState, **values: Any) -> None:
    rows = RoofPlan.objects.filter(pk=plan.pk, state=RunState.WAITING)
    values["problem"] = values.get("problem", "")[:500]
    rows.update(state=state, done_at=timezone.now(), **values)


def _computed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the engine's answer with other sizes beside it. Raises RegisterError."""
    from khcn.engines.energy.errors import EnergyError  # noqa: PLC0415  # loads pvlib: worker only
    from khcn.engines.energy.pv.plan import plan  # noqa: PLC0415

    weather = _weather(spec)
    wanted = {name: value for name, value in spec.items() if name != "asked"}
    if weather is not None:
        wanted["weather"] = weather[0]
    try:
        result = plan(wanted, weather_file=weather)
        result["sizes"] = [_size(plan(_resized(wanted, factor), weather_file=weather)) for factor in SIZES]
    except EnergyError as error:
        raise RegisterError("", engine_sentence(error.code, error.params)) from error
    return result


def _weather(spec: Mapping[str, Any]) -> tuple[str, bytes] | None:
    name = str(spec.get("weather") or "")
    if not name.startswith(UPLOADED):
        return None
    path = setup_store.path_of(setup_store.WEATHER, name.removeprefix(UPLOADED))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RegisterError("", _("Tệp thời tiết đã gửi không còn nữa. Hãy gửi lại rồi tính.")) from error
    return str(spec.get("asked", {}).get("weather_name") or path.name), content


def _resized(spec: Mapping[str, Any], factor: float) -> dict[str, Any]:
    roofs = [{**roof, "kwp": roof["kwp"] * factor} for roof in spec["roofs"]]
    return {**spec, "roofs": roofs, "price_vnd": float(spec.get("price_vnd") or 0) * factor}


def _size(result: Mapping[str, Any]) -> dict[str, Any]:
    names = ("kwp", "annual_kwh", "self_consumption", "savings_vnd_year", "payback_years", "npv_vnd")
    return {name: result.get(name) for name in names}


@transaction.atomic
def plan_rename(*, actor: Actor, plan: RoofPlan, title: str, now: datetime) -> None:
    """Give a plan another name. Raises PermissionDeniedError, RegisterError."""
    require(permissions.can_plan(actor, plan.site), _("sửa phương án của công trình này"))
    fresh = " ".join(title.replace("\x00", "").split())[:150]
    if not fresh:
        raise RegisterError("title", _("Hãy ghi tên phương án."))
    before, plan.title = plan.title, fresh
    plan.save(update_fields=["title"])
    audit_record(
        actor=actor,
        action="energy.plan.rename",
        target=plan,
        before={"title": before},
        after={"title": fresh},
        at=now,
    )


@transaction.atomic
def plan_remove(*, actor: Actor, plan: RoofPlan, now: datetime) -> None:
    """Delete a plan that no project uses, with its weather file when no other plan has it.

    :raises PermissionDeniedError, RegisterError:
    """
    require(permissions.can_plan(actor, plan.site), _("xóa phương án của công trình này"))
    if Project.objects.filter(plan=plan).exists():
        raise RegisterError("", _("Phương án đang gắn với một dự án nên không xóa được."))
    weather = str(plan.spec.get("weather") or "")
    audit_record(actor=actor, action="energy.plan.remove", target=plan, before={"title": plan.title}, at=now)
    plan.delete()
    if weather.startswith(UPLOADED) and not RoofPlan.objects.filter(spec__weather=weather).exists():
        name = weather.removeprefix(UPLOADED)
        transaction.on_commit(lambda: setup_store.drop(setup_store.WEATHER, name))


def plans_revive(now: datetime) -> int:
    """Enqueue again what waits for more than two minutes (a worker died); return how many."""
    from datetime import timedelta  # noqa: PLC0415  # beside its only use

    old = RoofPlan.objects.filter(state=RunState.WAITING, made_at__lt=now - timedelta(minutes=2))
    ids = list(old.values_list("pk", flat=True)[:50])
    for pk in ids:
        enqueue_on_commit(plan_task, pk)
    return len(ids)

"""Units that a plan file names and the register lacks: made from the file's own words, through the services of orgs."""

import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.engines.plans.types import PlanFile, UnitSpec
from khcn.engines.text.slug import slugify_vi
from khcn.orgs.enums import CodeScheme
from khcn.orgs.models import Unit, UnitKind
from khcn.orgs.services.units import UnitCodeTakenError, unit_code_set, unit_create, unit_members_set
from khcn.plan.errors import RowFault, RowsError

DATA: Final = Path(__file__).resolve().parent.parent / "data" / "unit_kinds.toml"


@cache
def _kinds() -> list[dict[str, Any]]:
    return list(tomllib.loads(DATA.read_text(encoding="utf-8"))["kind"])


def _kind_row(spec: UnitSpec) -> dict[str, Any]:
    """Return the kind that the file's type and level mean: the narrowest that fits."""
    rows = _kinds()
    for level in (spec.level, None):
        for row in rows:
            if row["type"] == spec.kind and row.get("level") == level:
                return row
    return (
        {"code": slugify_vi(spec.kind, 40) or "don-vi-khac", "label": spec.kind, "order": 150}
        if spec.kind
        else rows[-1]
    )


def _kind(spec: UnitSpec) -> UnitKind:
    row = _kind_row(spec)
    values: dict[str, Any] = {
        key: row[key] for key in ("label", "label_en", "order", "is_group") if key in row
    }
    return UnitKind.objects.get_or_create(code=row["code"], defaults=values)[0]


def missing_units(plan: PlanFile) -> list[UnitSpec]:
    """Return the file's units that the register lacks."""
    known = set(Unit.objects.filter(key__in=[one.key for one in plan.units]).values_list("key", flat=True))
    return [one for one in plan.units if one.key not in known]


def units_bring(plan: PlanFile, today: date) -> tuple[dict[str, Unit], list[str]]:
    """Make the file's missing units and return every unit the plan names, by key, with the keys of the new ones.

    The register decides about units it has: nothing of theirs is changed. Called inside a transaction, as the system:
    the plan's own list of units is what its approval is about; the trail names each of them.

    :raises RowsError: when the plan names a unit that is neither in the file nor in the register.
    """
    new = missing_units(plan)
    units = {unit.key: unit for unit in Unit.objects.select_related("kind")}
    for spec in _parents_first(new):
        units[spec.key] = unit_create(
            actor=None, today=today, name=spec.name, kind=_kind(spec), parent=units.get(spec.parent), key=spec.key,
            name_en=spec.name_en, short_name=spec.short_name, members_complete=spec.members_complete,
            valid_from=spec.valid_from, valid_to=spec.valid_to,
        )  # fmt: skip
        _code(units[spec.key], spec, today)
    for spec in new:
        if spec.members:
            members = [units[key] for key in spec.members if key in units]
            unit_members_set(actor=None, today=today, unit=units[spec.key], members=members)
    _check_known(plan, units)
    return units, [spec.key for spec in new]


def _parents_first(specs: Sequence[UnitSpec]) -> list[UnitSpec]:
    """Order units so that a parent stands before its children; the reader has refused circles."""
    by_key = {one.key: one for one in specs}
    found: dict[str, UnitSpec] = {}

    def visit(spec: UnitSpec, depth: int) -> None:
        parent = by_key.get(spec.parent)
        if parent is not None and parent.key not in found and depth < len(by_key):
            visit(parent, depth + 1)
        found.setdefault(spec.key, spec)

    for spec in specs:
        visit(spec, 0)
    return list(found.values())


def _code(unit: Unit, spec: UnitSpec, today: date) -> None:
    """Record the code of the statistics office; one that another unit holds on those days is left to a person."""
    if not spec.gso_code:
        return
    try:
        unit_code_set(
            actor=None, today=today, unit=unit, scheme=CodeScheme.GSO, code=spec.gso_code, valid_from=spec.valid_from,
            valid_to=spec.valid_to,
        )  # fmt: skip
    except UnitCodeTakenError:
        return


def _check_known(plan: PlanFile, units: dict[str, Unit]) -> None:
    faults = [
        RowFault(
            task.code,
            field,
            _("Đơn vị “%(key)s” không có trong tệp và trong danh mục đơn vị.") % {"key": key},
        )
        for task in plan.tasks
        for field, keys in (("lead_unit", [task.lead]), ("cooperating_units", task.cooperating))
        for key in keys
        if key and key not in units
    ]
    if faults:
        raise RowsError(_("Kế hoạch nêu đơn vị chưa có trong danh mục."), faults)

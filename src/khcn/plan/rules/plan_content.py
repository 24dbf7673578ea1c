"""A plan's content between file, database and hash: plain JSON out of the engine's types and back. Knows no database."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from khcn.engines.plans.frozen import content_hash
from khcn.engines.plans.types import (
    BasisSpec,
    HeaderSpec,
    PeriodSpec,
    PlanFile,
    RecipientSpec,
    ReportingSpec,
    SectionSpec,
    SignerSpec,
    TaskSpec,
)
from khcn.plan.enums import Basis

SOURCE: Final = "_source"  # hash of what the file said, beside what people made of it since
_PLACE: Final = "line"  # where in its file a task stood: another line is no other task
_BASES: Final = {
    "default": Basis.DEFAULT, "derived": Basis.DERIVED, "inferred": Basis.DERIVED, "explicit": Basis.EXPLICIT,
    "subject": Basis.SUBJECT, "confirmed": Basis.CONFIRMED,
}  # fmt: skip


def basis_of(text: str) -> str:
    """Return the basis that a file's word stands for ("default_IV.1" is a default)."""
    return next((basis.value for word, basis in _BASES.items() if text.startswith(word)), Basis.UNKNOWN.value)


def settled(plan: PlanFile) -> PlanFile:
    """Return the plan in the words of the database, so that what was taken in compares equal to what is kept."""
    return replace(
        plan,
        tasks=tuple(
            replace(one, lead_basis=basis_of(one.lead_basis), coop_basis=basis_of(one.coop_basis))
            for one in plan.tasks
        ),
    )


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def task_json(task: TaskSpec) -> dict[str, Any]:
    """Return a task as JSON, without marks of our own."""
    found = {field.name: _json(getattr(task, field.name)) for field in fields(task)}
    found["extra"] = {key: one for key, one in found["extra"].items() if key not in (SOURCE, _PLACE)}
    found["cooperating"] = sorted(found["cooperating"])
    return found


def task_hash(task: TaskSpec) -> str:
    """Return the hash of what a task says."""
    return content_hash(task_json(task))


def header_json(plan: PlanFile) -> dict[str, Any]:
    """Return head, foot, purpose and money text as one JSON object."""
    found: dict[str, Any] = _json(asdict(plan.header))
    return {
        **found, "purpose": list(plan.purpose), "requirement": plan.requirement, "budget_text": plan.budget_text
    }  # fmt: skip


def reporting_json(regime: ReportingSpec) -> dict[str, Any]:
    """Return the regime of reports as JSON."""
    found: dict[str, Any] = _json(asdict(regime))
    return found


def section_json(section: SectionSpec) -> dict[str, Any]:
    """Return a section as JSON."""
    found: dict[str, Any] = _json(asdict(section))
    return found


def frame_hash(plan: PlanFile) -> str:
    """Return the hash of everything but the tasks: head, sections, regime."""
    sections = [section_json(one) for one in plan.sections]
    return content_hash([header_json(plan), sections, reporting_json(plan.reporting)])


def plan_hash(plan: PlanFile) -> str:
    """Return the hash of a whole plan."""
    return content_hash([frame_hash(plan), *(task_hash(one) for one in plan.tasks)])


def header_from(found: Mapping[str, Any]) -> HeaderSpec:
    """Return the header kept as JSON."""
    known = {field.name for field in fields(HeaderSpec)}
    values = {key: value for key, value in found.items() if key in known}
    return HeaderSpec(
        **{
            "full_number": "",
            "title": "",
            **values,
            "date": _day(values.get("date")),
            "signer": SignerSpec(**values.get("signer", {})),
            "basis": tuple(
                BasisSpec(**{**one, "date": _day(one.get("date"))}) for one in values.get("basis", ())
            ),
            "recipients": tuple(RecipientSpec(**one) for one in values.get("recipients", ())),
        }
    )


def reporting_from(found: Mapping[str, Any]) -> ReportingSpec:
    """Return the regime of reports kept as JSON."""
    if not found:
        return ReportingSpec()
    periods = tuple(
        PeriodSpec(**{**one, "due": date.fromisoformat(one["due"]), "cutoff": _day(one.get("cutoff"))})
        for one in found.get("periods", ())
    )
    return ReportingSpec(
        reporters=tuple(found.get("reporters", ())), to_confirm=tuple(found.get("to_confirm", ())),
        addressed_to=found.get("addressed_to", ""), through=found.get("through", ""),
        consolidated_to=found.get("consolidated_to", ""), per_year=found.get("per_year", 0), periods=periods,
    )  # fmt: skip


def kept_extra(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what else a file said of a task, without marks of our own."""
    return MappingProxyType({key: value for key, value in found.items() if key != SOURCE})

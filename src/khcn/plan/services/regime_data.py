"""What a regime is made of, as plain data: headings, figures, rules. The usual ones lie in ``data/indicators.toml``."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.plan.enums import Aggregate
from khcn.plan.models import PlanIndicator
from khcn.plan.rules.checking import Rule

DATA: Final = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading of an outline."""

    title: str
    hint: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row of a number form. ``code``: of the register of indicators."""

    code: str
    group: str = ""
    task_code: str = ""
    aggregate: str = Aggregate.SUM
    required: bool = False
    numerator: str = ""
    denominator: str = ""
    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Outline, number form and rules of a regime."""

    headings: Sequence[Heading] = ()
    figures: Sequence[FigureRow] = ()
    rules: Sequence[Rule] = field(default_factory=tuple)


@cache
def _register() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "indicators.toml").read_text(encoding="utf-8"))


def usual_headings() -> list[Heading]:
    """Return the usual outline of a report."""
    return [
        Heading(row["title"], row.get("hint", ""), row.get("required", False))
        for row in _register()["heading"]
    ]


def usual_rules(codes: Iterable[str]) -> list[Rule]:
    """Return the usual rules between figures that a form has both of."""
    known = set(codes)
    return [
        Rule(row["left"], row["compare"], row["right"], row.get("message", ""), row.get("warning", False))
        for row in _register()["rule"]
        if row["left"] in known and row["right"] in known
    ]


def meant_code(code: str, kind: str) -> str:
    """Return which indicator a task of some kind means by a code: one word may stand for two figures."""
    for row in _register()["alias"]:
        if row["code"] == code and row["kind"] == kind:
            return str(row["means"])
    return code


def indicators_ensure(codes: Iterable[str]) -> dict[str, PlanIndicator]:
    """Return indicators by code, made when missing: from the register, else named by their code for a person to name.

    What an officer changed stays as it is.
    """
    wanted = list(dict.fromkeys(codes))
    known = {row["code"]: (order, row) for order, row in enumerate(_register()["indicator"], start=1)}
    have = set(PlanIndicator.objects.filter(code__in=wanted).values_list("code", flat=True))
    PlanIndicator.objects.bulk_create(
        [_made(code, *known.get(code, (900, {}))) for code in wanted if code not in have],
        ignore_conflicts=True,
    )
    return {row.code: row for row in PlanIndicator.objects.filter(code__in=wanted)}


def indicators_seed() -> int:
    """Put the whole register into the database; return how many were missing."""
    before = PlanIndicator.objects.count()
    indicators_ensure(row["code"] for row in _register()["indicator"])
    return PlanIndicator.objects.count() - before


def _made(code: str, order: int, row: Mapping[str, Any]) -> PlanIndicator:
    return PlanIndicator(
        code=code,
        title=row.get("title", _("Chỉ tiêu %(code)s (chưa đặt tên)") % {"code": code}),
        title_en=row.get("title_en", ""),
        unit=row.get("unit", ""),
        source=row.get("source", ""),
        decimals=row.get("decimals", 0),
        order=order,
    )

"""What a regime is made of, as plain data: headings, figures, rules. The usual ones lie in ``data/indicators.toml``."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from khcn.plan.enums import Aggregate
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
def register() -> Mapping[str, Any]:
    """Return the data file: ``indicator``, ``alias``, ``rule`` and ``heading`` tables."""
    return tomllib.loads((DATA / "indicators.toml").read_text(encoding="utf-8"))


def usual_headings() -> list[Heading]:
    """Return the usual outline of a report."""
    return [
        Heading(row["title"], row.get("hint", ""), row.get("required", False))
        for row in register()["heading"]
    ]


def usual_rules(codes: Iterable[str]) -> list[Rule]:
    """Return the usual rules between figures that a form has both of."""
    known = set(codes)
    return [
        Rule(row["left"], row["compare"], row["right"], row.get("message", ""), row.get("warning", False))
        for row in register()["rule"]
        if row["left"] in known and row["right"] in known
    ]


def meant_code(code: str, kind: str) -> str:
    """Return which indicator a task of some kind means by a code: one word may stand for two figures."""
    for row in register()["alias"]:
        if row["code"] == code and row["kind"] == kind:
            return str(row["means"])
    return code

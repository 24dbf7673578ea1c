"""The register of indicators in the database, filled from ``data/indicators.toml``."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from khcn.plan.models import PlanIndicator
from khcn.plan.rules.regime_forms import register


def indicators_ensure(codes: Iterable[str]) -> dict[str, PlanIndicator]:
    """Return indicators by code, made when missing: from the register, else named by their code for a person to name.

    What an officer changed stays as it is.
    """
    wanted = list(dict.fromkeys(codes))
    known = {row["code"]: (order, row) for order, row in enumerate(register()["indicator"], start=1)}
    have = set(PlanIndicator.objects.filter(code__in=wanted).values_list("code", flat=True))
    PlanIndicator.objects.bulk_create(
        [_made(code, *known.get(code, (900, {}))) for code in wanted if code not in have],
        ignore_conflicts=True,
    )
    return {row.code: row for row in PlanIndicator.objects.filter(code__in=wanted)}


def indicators_seed() -> int:
    """Put the whole register into the database; return how many were missing."""
    before = PlanIndicator.objects.count()
    indicators_ensure(row["code"] for row in register()["indicator"])
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

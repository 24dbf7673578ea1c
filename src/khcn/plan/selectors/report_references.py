"""How other rooms link to a unit's report."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from khcn.core.references import Reference, Resolved
from khcn.plan.models import UnitReport

REPORT_REFERENCE = UnitReport._meta.label_lower


def resolve_reports(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these reports."""
    wanted = [int(ident) for ident in ids if ident.isascii() and ident.isdigit() and len(ident) < 19]
    rows = UnitReport.objects.visible_to(user).filter(pk__in=wanted).select_related("period")
    return {
        str(row.pk): Resolved(
            Reference(REPORT_REFERENCE, str(row.pk)), f"{row.unit_name}: {row.period.title or row.period.code}",
            reverse("plan-desk:report", args=[row.pk]),
        )
        for row in rows
    }  # fmt: skip

"""What self-checks give to reports: how many were made. Of no ward: a ward's two stall trader checks are nobody's business.

They count for the focal unit, which keeps the check.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from khcn.core.indicators import Figure, Period
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership
from khcn.programmes.indicators import ProgrammeIndicator
from khcn.programmes.models.readiness import Check
from khcn.programmes.selectors.figures import Row, within


def checks(period: Period) -> Iterator[Row]:
    """Checks finished in the period, all for the focal unit."""
    count = within(Check.objects.finished(), "finished_at", period).count()
    units = Membership.objects.in_force(period.end).filter(role=Role.FOCAL_OFFICER)
    unit = units.order_by("unit_id").values_list("unit_id", flat=True).first()
    if unit is not None:
        yield Row(unit, 0, Decimal(count))


@dataclass(frozen=True, slots=True)
class CheckIndicator(ProgrammeIndicator):
    """A count whose single rows nobody follows."""

    def _figure(self, rows: Sequence[Row]) -> Figure:
        return Figure(sum((row.amount for row in rows), Decimal(0)))


INDICATORS: Final = {
    "programmes.readiness_checks": CheckIndicator(_("Số lượt tự chấm mức độ số"), _("lượt"), checks)
}

"""Income from surplus: capped at a share of the output, and none for public units unless the rule's row allows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.money.bills import rounded
from khcn.engines.energy.money.tables import SurplusRow, in_force

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class SurplusIncome:
    """Money for surplus (VND without VAT, whole dong). ``sold_kwh`` was paid for, ``unpaid_kwh`` was not."""

    sold_kwh: Decimal
    unpaid_kwh: Decimal
    vnd: Decimal
    rule: SurplusRow | None
    note: Note


def surplus_income(
    exported_kwh: Decimal,
    output_kwh: Decimal,
    *,
    on: date,
    rows: Sequence[SurplusRow],
    public: bool,
    contract: bool = True,
) -> SurplusIncome:
    """Return the income of a period by the rule in force on ``on``.

    ``public``: the system is a public asset; ``contract``: a sales contract exists. The cap is a share of the output
    of the same period, so give a whole settlement period (a year, or a month where contracts settle by month).
    """
    rule = in_force(rows, on)
    if rule is None:
        note = Note("money-surplus-none", {"day": f"{on:%d/%m/%Y}"})
        return SurplusIncome(_ZERO, exported_kwh, _ZERO, None, note)
    said: dict[str, object] = {"document": rule.document}
    if public and not rule.public_allowed:
        return SurplusIncome(_ZERO, exported_kwh, _ZERO, rule, Note("money-surplus-public", said))
    if not contract:
        return SurplusIncome(_ZERO, exported_kwh, _ZERO, rule, Note("money-surplus-no-contract", said))
    if rule.vnd_per_kwh is None:
        return SurplusIncome(_ZERO, exported_kwh, _ZERO, rule, Note("money-surplus-no-price", said))
    most = output_kwh * rule.most_percent / 100
    sold = min(exported_kwh, most)
    vnd = rounded(sold * rule.vnd_per_kwh)
    if sold < exported_kwh:
        said |= {"percent": f"{rule.most_percent.normalize():f}", "over": f"{exported_kwh - sold:.1f}"}
        return SurplusIncome(sold, exported_kwh - sold, vnd, rule, Note("money-surplus-capped", said))
    said |= {"kwh": f"{sold:.1f}", "price": f"{rule.vnd_per_kwh.normalize():f}"}
    return SurplusIncome(sold, _ZERO, vnd, rule, Note("money-surplus-sold", said))

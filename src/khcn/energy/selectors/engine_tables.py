"""The five tables as the money engine takes them."""

from khcn.energy.models import EmissionFactor, Price, PriceDecision, SurplusRule, TariffHours, VatRate
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.money.tables import (
    Band,
    DecisionRow,
    FactorRow,
    Group,
    HoursRow,
    PriceRow,
    SurplusRow,
    Tables,
    VatRow,
    hours_row,
)


def engine_tables() -> Tables:
    """Return every row of the tables (six queries); prices carry the days of their decision."""
    decisions = {row.pk: row for row in PriceDecision.objects.all()}
    prices = []
    for price in Price.objects.all():
        owner = decisions[price.decision_id]
        prices.append(
            PriceRow(
                owner.document, Group(price.group), price.voltage, Band(price.band), price.vnd_per_kwh,
                owner.valid_from, owner.valid_to, price.certainty, price.ratio, price.up_to_kwh,
            )
        )  # fmt: skip
    return Tables(
        decisions=tuple(
            DecisionRow(row.document, row.average_vnd, row.valid_from, row.valid_to, row.certainty)
            for row in decisions.values()
        ),
        prices=tuple(prices),
        hours=tuple(found for row in TariffHours.objects.all() if (found := _hours(row)) is not None),
        vat=tuple(
            VatRow(row.document, row.percent, row.valid_from, row.valid_to, row.certainty)
            for row in VatRate.objects.all()
        ),
        factors=tuple(
            FactorRow(row.document, row.data_year, row.t_per_mwh, row.used_from_year, row.used_to_year, row.certainty)
            for row in EmissionFactor.objects.all()
        ),
        surplus=tuple(
            SurplusRow(
                row.document, row.most_percent, row.vnd_per_kwh, row.public_allowed, row.valid_from, row.valid_to,
                row.certainty,
            )
            for row in SurplusRule.objects.all()
        ),
    )  # fmt: skip


def _hours(row: TariffHours) -> HoursRow | None:
    try:
        return hours_row(row.document, row.spans, valid_from=row.valid_from, valid_to=row.valid_to)
    except SpecError:  # a row that came in by another way than the form: as if it were not there
        return None
